//! Classes of bytes. The bytes of a class raise the same signals.

/// Number of classes, rounded up to a power of two so that a shift computes the index of a pair.
pub(super) const STRIDE: usize = 128;

pub(super) const SPACE: u8 = 0;
pub(super) const LINE: u8 = 1;
pub(super) const CONTROL: u8 = 2;
pub(super) const DIGIT: u8 = 3;
pub(super) const HIGH: u8 = 4;
/// The start or the end of a value.
pub(super) const EDGE: u8 = 5;
pub(super) const OVERLONG: u8 = 6;
pub(super) const HIGH_80: u8 = 7;
pub(super) const HIGH_BC: u8 = 8;
pub(super) const HIGH_EF: u8 = 9;
pub(super) const HIGH_E0: u8 = 10;
pub(super) const HIGH_F0: u8 = 11;
pub(super) const HIGH_9D: u8 = 12;
pub(super) const HIGH_LETTER: u8 = 13;
pub(super) const HIGH_ZERO_WIDTH: u8 = 14;
pub(super) const HIGH_CA: u8 = 15;
pub(super) const HIGH_88: u8 = 16;
pub(super) const ZERO: u8 = 17;
pub(super) const HIGH_E2: u8 = 18;
/// From here on, ASCII punctuation (32) and letters (26) each have a class of their own.
pub(super) const GRAPHIC: u8 = 24;

/// The class of a byte.
pub(super) const fn class(byte: u8) -> u8 {
    match byte {
        b' ' => SPACE,
        // The last one is a blank in Latin-1, which databases read as a blank.
        b'\t' | 0x0b | 0x0c | 0xa0 => SPACE,
        b'\r' | b'\n' => LINE,
        0..=0x1f | 0x7f => CONTROL,
        b'0' => ZERO,
        b'1'..=b'9' => DIGIT,
        b'!'..=b'/' => GRAPHIC + (byte - b'!'),
        b':'..=b'@' => GRAPHIC + 15 + (byte - b':'),
        b'['..=b'`' => GRAPHIC + 22 + (byte - b'['),
        b'{'..=b'~' => GRAPHIC + 28 + (byte - b'{'),
        b'a'..=b'z' => GRAPHIC + 32 + (byte - b'a'),
        b'A'..=b'Z' => GRAPHIC + 32 + (byte - b'A'),
        0xc0 | 0xc1 | 0xee | 0xf8..=0xff => OVERLONG,
        0x80 | 0x81 => HIGH_80,
        0xbc => HIGH_BC,
        0xef => HIGH_EF,
        0xe2 => HIGH_E2,
        0xe0 => HIGH_E0,
        0xf0 => HIGH_F0,
        0x9d => HIGH_9D,
        0xca => HIGH_CA,
        0x88 => HIGH_88,
        0x82 | 0x84 | 0x87 | 0x8f | 0x9c | 0x9e | 0xa1..=0xba => HIGH_LETTER,
        0x8b..=0x8d => HIGH_ZERO_WIDTH,
        0x80..=0xff => HIGH,
    }
}

/// Number of pairs of classes.
pub(super) const PAIRS: usize = STRIDE * STRIDE;

/// The most usual byte of each class; `None` for the edge of a value and for classes without bytes.
pub(super) fn representatives() -> [Option<u8>; STRIDE] {
    let mut bytes = [None; STRIDE];
    let usual = [b' ', b'\n', b'1'];
    for byte in (0..=u8::MAX).rev().chain(usual) {
        if let Some(slot) = bytes.get_mut(usize::from(class(byte))) {
            *slot = Some(byte.to_ascii_lowercase());
        }
    }
    bytes
}

pub(super) const fn index(first: u8, second: u8) -> usize {
    ((first as usize) << 7 | second as usize) & (PAIRS - 1)
}
