//! Text hidden in base64.

/// A value shorter than this is judged as it is: six bytes are the shortest attacks, and shorter words too often
/// happen to hold text.
pub(crate) const MIN_LEN: usize = 8;

/// A value shorter than this is unwrapped only if what it holds has a sign that no word has: ids of eight letters hold text
/// by chance, one in five hundred.
const LONG: usize = 16;

/// How much of a value is decoded at most.
const MAX_LEN: usize = 64 * 1024;

/// Decodes `src` where the whole of it is base64 (either alphabet, padded or not) and what it holds
/// is ASCII text. Returns whether `out` holds that text.
///
/// A random token fails after a few bytes, because most bytes are no text, so this costs next to
/// nothing on identifiers and signatures.
pub(super) fn decode_text(src: &[u8], out: &mut Vec<u8>) -> bool {
    let body = trim(src);
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
            // PHP writes NULs around the names of a class's own fields.
            let is_known = is_text(decoded) || decoded == 0 && is_serialised(out);
            if !is_known {
                return false;
            }
            out.push(decoded);
        }
    }
    body.len() >= LONG || out.iter().copied().any(is_sign)
}

/// Whether what is decoded so far begins as an array or an object of PHP does: `a:2:{`, `O:8:"`.
fn is_serialised(text: &[u8]) -> bool {
    matches!(text, [b'a' | b'O' | b'C', b':', b'0'..=b'9', ..])
}

/// Whether [`decode_text`] may find text in `src`: its first bytes are, and all of it is base64.
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

/// Whether the first four bytes alone say that this is no base64 with text in it, as they do of most values.
#[inline]
fn is_other(head: [u8; 4]) -> bool {
    let [a, b, c, d] = head.map(|byte| SEXTETS.get(usize::from(byte)).copied().unwrap_or(NONE));
    if (a | b | c | d) & !0x3f != 0 {
        // What may stand between sextets leaves the question open.
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

/// Whether attacks are written with `byte`, and words are not.
const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
        || byte.is_ascii_punctuation()
            && !matches!(byte, b'.' | b'-' | b'_' | b',' | b':' | b'@' | b'~')
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)
}

#[inline]
fn sextet(byte: u8) -> Option<u32> {
    let six = SEXTETS.get(usize::from(byte)).copied().unwrap_or(NONE);
    (six != NONE).then_some(u32::from(six))
}

/// Whether text that is hidden may begin with a byte: with six of the eight bits of its first letter, or with what may stand
/// between sextets. Most values end here.
static BEGINS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    // Indexed by a byte, so in bounds; const code has no `get_mut`.
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

/// No sextet.
const NONE: u8 = 0xff;

/// What each byte of either alphabet stands for.
static SEXTETS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut byte = 0u8;
    loop {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            // A plus sign that was read as that of a form is a blank by now.
            b'+' | b'-' | b' ' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        // Indexed by a byte, so in bounds; const code has no `get_mut`.
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
