//! Text hidden in base64.

/// Shorter values are judged as they are: the shortest attacks have six bytes, and shorter words
/// decode to text by chance too often.
pub(crate) const MIN_LEN: usize = 8;

/// A shorter value is unwrapped only if its content has a sign that no word has: one in five
/// hundred ids of eight letters decodes to text by chance.
const LONG: usize = 16;

/// The longest value that is decoded.
pub(super) const MAX_LEN: usize = 64 * 1024;

/// Decodes `src` if all of it is base64 (either alphabet, padded or not) and its content is ASCII
/// text. Returns whether `out` contains that text.
///
/// A random token fails after a few bytes, because most bytes are not text, so identifiers and
/// signatures cost almost nothing.
pub(super) fn decode_text(src: &[u8], out: &mut Vec<u8>) -> bool {
    // PHP writes NULs around the names of a class's own fields.
    let may_stand = |byte: u8, out: &[u8]| is_text(byte) || byte == 0 && is_serialised(out);
    let body = trim(src);
    decode_by(body, out, may_stand) && (body.len() >= LONG || out.iter().copied().any(is_sign))
}

/// Decodes base64 as long as each byte may stand behind those before it. Returns whether all do.
pub(super) fn decode_by(
    body: &[u8],
    out: &mut Vec<u8>,
    may_stand: impl Fn(u8, &[u8]) -> bool,
) -> bool {
    if body.len() < MIN_LEN || body.len() > MAX_LEN {
        return false;
    }
    out.clear();
    let mut bits = 0u32;
    let mut count = 0u32;
    for &byte in body {
        let Some(six) = sextet(byte) else {
            if matches!(byte, b'\r' | b'\n') {
                continue;
            }
            return false;
        };
        bits = bits << 6 | six;
        count += 6;
        if count >= 8 {
            count -= 8;
            let decoded = (bits >> count & 0xff) as u8;
            if !may_stand(decoded, out) {
                return false;
            }
            out.push(decoded);
        }
    }
    true
}

/// Whether the content decoded so far begins like a serialised PHP array or object: `a:2:{`,
/// `O:8:"`.
fn is_serialised(text: &[u8]) -> bool {
    matches!(text, [b'a' | b'O' | b'C', b':', b'0'..=b'9', ..])
}

/// Whether [`decode_text`] may find text in `src`: its first bytes decode to text, and all of it is
/// base64.
#[inline]
pub(crate) fn may_hold_text(src: &[u8]) -> bool {
    let may_begin = |byte: &u8| BEGINS.get(usize::from(*byte)).copied().unwrap_or_default();
    src.first().is_some_and(may_begin) && holds_text(src)
}

fn holds_text(src: &[u8]) -> bool {
    if src.first_chunk::<4>().is_some_and(|head| is_other(*head)) {
        return false;
    }
    let mut bits = 0u32;
    let mut count = 0u32;
    let mut speaks = src.len() >= LONG;
    for &byte in src.iter().take(24) {
        let Some(six) = sextet(byte) else {
            if matches!(byte, b'\r' | b'\n' | b'=') {
                continue;
            }
            return false;
        };
        bits = bits << 6 | six;
        count += 6;
        if count >= 8 {
            count -= 8;
            let decoded = (bits >> count & 0xff) as u8;
            if !is_text(decoded) {
                return false;
            }
            speaks |= is_sign(decoded);
        }
    }
    speaks
        && src
            .iter()
            .all(|&byte| sextet(byte).is_some() || matches!(byte, b'\r' | b'\n' | b'='))
}

/// Whether the first four bytes alone show that this is not base64 with text in it. They do for
/// most values.
#[inline]
fn is_other(head: [u8; 4]) -> bool {
    let [a, b, c, d] = head.map(|byte| SEXTETS.get(usize::from(byte)).copied().unwrap_or(NONE));
    if (a | b | c | d) & !0x3f != 0 {
        // Bytes that may occur between sextets leave the question open.
        return !head.iter().any(|byte| matches!(byte, b'\r' | b'\n' | b'='));
    }
    !(is_text(a << 2 | b >> 4) && is_text(b << 4 | c >> 2) && is_text(c << 6 | d))
}

fn trim(src: &[u8]) -> &[u8] {
    let mut body = src;
    while let [rest @ .., b'=' | b'\r' | b'\n'] = body {
        body = rest;
    }
    body
}

/// Whether `byte` is used in attacks and not in words.
const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
        || byte.is_ascii_punctuation()
            && !matches!(byte, b'.' | b'-' | b'_' | b',' | b':' | b'@' | b'~')
}

pub(super) const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)
}

/// The six bits that a byte stands for in either alphabet.
#[inline]
pub(super) fn sextet(byte: u8) -> Option<u32> {
    let six = SEXTETS.get(usize::from(byte)).copied().unwrap_or(NONE);
    (six != NONE).then_some(u32::from(six))
}

/// Whether base64 that contains text may begin with a byte: one that encodes six of the eight bits
/// of a text's first letter, or one that may occur between sextets. Most values are ruled out here.
static BEGINS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    // Indexed by a byte, so in bounds. `get_mut` is not available in const code.
    #[allow(clippy::indexing_slicing)]
    while byte < 256 {
        let high = SEXTETS[byte] as usize * 4;
        let mut low = 0;
        while low < 4 && high < 256 {
            table[byte] |= is_text((high + low) as u8);
            low += 1;
        }
        table[byte] |= matches!(byte as u8, b'\r' | b'\n' | b'=');
        byte += 1;
    }
    table
};

/// Not a sextet.
const NONE: u8 = 0xff;

/// The value of each byte of either alphabet.
static SEXTETS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut byte = 0u8;
    loop {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            // Form decoding turns a plus sign into a space.
            b'+' | b'-' | b' ' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        // Indexed by a byte, so in bounds. `get_mut` is not available in const code.
        #[allow(clippy::indexing_slicing)]
        {
            table[byte as usize] = six;
        }
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};
