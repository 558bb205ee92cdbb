//! Replaces escapes and look-alikes with the character that they stand for.

use super::{hex, push_char};

/// Folds `src` into `out`. Returns whether the result differs. If not, the content of `out` is
/// unspecified.
pub(super) fn fold(src: &[u8], out: &mut Vec<u8>) -> bool {
    if src.len() >= LONG && !may_fold(src) {
        return false;
    }
    out.clear();
    let mut changed = false;
    let mut rest = src;
    // Text between two sequences is copied in one step.
    while let Some(at) = next_start(rest) {
        let (text, sequence) = rest.split_at_checked(at).unwrap_or((rest, b""));
        out.extend_from_slice(text);
        let len = step(sequence, out);
        changed |= len.is_some();
        if len.is_none() {
            out.extend(sequence.first());
        }
        rest = sequence.get(len.unwrap_or(1)..).unwrap_or_default();
    }
    if changed {
        out.extend_from_slice(rest);
    }
    changed
}

/// From this length on, a text is first checked as a whole.
const LONG: usize = 64;

/// Whether a sequence may begin anywhere in the text. Many bytes are checked at once.
fn may_fold(text: &[u8]) -> bool {
    let least = text.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    let is_number = |at: usize| at > 0 && text.get(at - 1) == Some(&b'0');
    least < b' '
        || !text.is_ascii()
        || memchr::memchr3(b'%', b'&', b'\\', text).is_some()
        || memchr::memchr2_iter(b'x', b'X', text).any(is_number)
}

/// Where the next sequence may begin. A zero only counts if it begins a hexadecimal number, because
/// identifiers are full of zeros.
fn next_start(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|&byte| may_start(byte))?;
        if !matches!(text.get(at..), Some([b'0', next, ..]) if next | 0x20 != b'x') {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Whether a foldable sequence may begin with `byte`.
fn may_start(byte: u8) -> bool {
    STARTS.get(usize::from(byte)).copied().unwrap_or_default()
}

// The loop ends where the table does.
#[allow(clippy::indexing_slicing)]
static STARTS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, 0..=8 | 14..=31 | b'%' | b'&' | b'\\' | b'0' | 0xc0 | 0xc1 | 0xca | 0xe0 | 0xe2 | 0xee | 0xef | 0xf0 | 0xf8 | 0xfc);
        byte += 1;
    }
    table
};

/// Folds the sequence at the start of `src` and returns its length, or `None` if there is none.
fn step(src: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    match src {
        [0..=8 | 14..=31, ..] => Some(1),
        [b'%', ..] => lone_percent(src, out),
        [b'&', ..] => entity(src, out),
        [b'\\', ..] => escape(src, out),
        [b'0', b'x' | b'X', b'2', b'e' | b'E', ..] => emit(out, b'.', 4),
        [b'0', b'x' | b'X', b'2', b'f' | b'F', ..] => emit(out, b'/', 4),
        [b'0', b'x' | b'X', b'5', b'c' | b'C', ..] => emit(out, b'\\', 4),
        [b'0', ..] => None,
        _ => foreign(src, out),
    }
}

/// A percent sign that begins no escape. Some servers drop it: `%S%E%L%E%C%T %1`.
fn lone_percent(src: &[u8], out: &[u8]) -> Option<usize> {
    let within = out.last().is_some_and(u8::is_ascii_alphabetic);
    match src {
        [_, sign, b'%', ..] | [_, sign, b' ', b'%', ..]
            if sign.is_ascii_graphic() && *sign != b'%' =>
        {
            Some(1)
        }
        [_, letter, ..] if within && letter.is_ascii_alphabetic() => Some(1),
        _ => None,
    }
}

#[allow(clippy::unnecessary_wraps)] // same signature as `step`
fn emit(out: &mut Vec<u8>, byte: u8, len: usize) -> Option<usize> {
    out.push(byte);
    Some(len)
}

/// Overlong UTF-8, full-width and mathematical letters, zero-width characters.
fn foreign(src: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    match *src {
        // No valid character uses C0 or C1. Servers that accept them see one ASCII byte. Some
        // accept any second byte, so this does too, as long as the result is a character that
        // attacks are made of.
        [lead @ (0xc0 | 0xc1), second, ..] => {
            let byte = (lead & 1) << 6 | second & 0x3f;
            if second.is_ascii() && !byte.is_ascii_graphic() {
                // The lead byte is dropped, and the next byte stands for itself.
                return Some(1);
            }
            overlong(out, byte, 2)
        }
        [0xe0, second @ (0x80 | 0x81), third, ..] => {
            overlong(out, (second & 1) << 6 | third & 0x3f, 3)
        }
        [0xf8, 0x80, 0x80, 0x80, last, ..] => overlong(out, last & 0x3f, 5),
        [0xfc, 0x80, 0x80, 0x80, 0x80, last, ..] => overlong(out, last & 0x3f, 6),
        [0xf0, 0x80, third @ (0x80 | 0x81), fourth, ..] => {
            overlong(out, (third & 1) << 6 | fourth & 0x3f, 4)
        }
        // Private-use code points that IIS maps to a slash.
        [0xef, 0x80, 0xa5, ..] => emit(out, b'/', 3),
        [0xee, 0xbf, 0x88, ..] => emit(out, b'/', 3),
        [0xef, 0xbb, 0xbf, ..] => Some(3),
        [0xef, 0xbc, low @ 0x81..=0xbf, ..] => emit(out, low - 0x81 + b'!', 3),
        [0xef, 0xbd, low @ 0x80..=0x9e, ..] => emit(out, low - 0x80 + b'`', 3),
        [0xca, 0xbc, ..] => emit(out, b'\'', 2),
        [0xe2, 0x80, 0x8b..=0x8d, ..] => Some(3),
        [0xe2, 0x88, 0x95, ..] => emit(out, b'/', 3),
        [0xe2, 0x88, 0x96, ..] => emit(out, b'\\', 3),
        [0xf0, 0x9d, third @ 0x90..=0x9f, fourth @ 0x80..=0xbf, ..] => {
            let index = (u32::from(third) - 0x90) * 64 + u32::from(fourth) - 0x80;
            mathematical(out, index)
        }
        _ => None,
    }
}

fn overlong(out: &mut Vec<u8>, byte: u8, len: usize) -> Option<usize> {
    if byte.is_ascii_graphic() || byte == b' ' {
        out.push(byte);
        return Some(len);
    }
    None
}

/// Letters and digits of the block "Mathematical Alphanumeric Symbols", by their index in it.
fn mathematical(out: &mut Vec<u8>, index: u32) -> Option<usize> {
    let byte = match index {
        0..676 => match u8::try_from(index % 52).ok()? {
            upper @ 0..26 => b'A' + upper,
            lower => b'a' + lower - 26,
        },
        974..1024 => b'0' + u8::try_from((index - 974) % 10).ok()?,
        _ => return None,
    };
    emit(out, byte, 4)
}

/// A backslash escape of JavaScript, C or SQL: `\x3c`, `\u003c`, `\u{3c}`, `\74`.
fn escape(src: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    match src {
        [_, b'x', a, b, ..] => {
            let code = u32::from(hex(*a)?) << 4 | u32::from(hex(*b)?);
            push_char(out, code);
            Some(4)
        }
        [_, b'u', b'{', digits @ ..] => {
            let len = digits.iter().take(7).position(|&b| b == b'}')?;
            push_char(out, number(digits.get(..len)?, 16)?);
            Some(len + 4)
        }
        [_, b'u', digits @ ..] => {
            push_char(out, number(digits.get(..4)?, 16)?);
            Some(6)
        }
        [_, digits @ ..] => {
            let len = digits
                .iter()
                .take(3)
                .take_while(|b| (b'0'..=b'7').contains(b))
                .count();
            if len < 2 {
                return None;
            }
            let code = number(digits.get(..len)?, 8)?;
            if !(0x20..0x7f).contains(&code) {
                return None;
            }
            push_char(out, code);
            Some(len + 1)
        }
        [] => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u32, |sum, &digit| {
        let value = char::from(digit).to_digit(radix)?;
        sum.checked_mul(radix)?.checked_add(value)
    })
}

/// Named entities for characters that attacks are made of. Browsers accept the first ones without
/// the semicolon too.
static ENTITIES: [(&[u8], u8); 31] = [
    (b"lt", b'<'),
    (b"LT", b'<'),
    (b"gt", b'>'),
    (b"GT", b'>'),
    (b"amp", b'&'),
    (b"quot", b'"'),
    (b"QUOT", b'"'),
    (b"apos;", b'\''),
    (b"colon;", b':'),
    (b"lpar;", b'('),
    (b"rpar;", b')'),
    (b"lbrace;", b'{'),
    (b"lcub;", b'{'),
    (b"rcub;", b'}'),
    (b"lbrack;", b'['),
    (b"lsqb;", b'['),
    (b"rsqb;", b']'),
    (b"sol;", b'/'),
    (b"bsol;", b'\\'),
    (b"semi;", b';'),
    (b"num;", b'#'),
    (b"comma;", b','),
    (b"equals;", b'='),
    (b"grave;", b'`'),
    (b"period;", b'.'),
    (b"excl;", b'!'),
    (b"dollar;", b'$'),
    (b"Tab;", b'\t'),
    (b"NewLine;", b'\n'),
    (b"tab;", b'\t'),
    (b"newline;", b'\n'),
];

/// Whether a named entity begins somewhere in `src`.
pub(crate) fn has_named_entity(src: &[u8]) -> bool {
    memchr::memchr_iter(b'&', src).any(|at| {
        let body = src.get(at + 1..).unwrap_or_default();
        named_entity(body).is_some()
    })
}

/// The entity whose name stands at the start of `body`. The first byte rules out most `&` signs.
fn named_entity(body: &[u8]) -> Option<(&'static [u8], u8)> {
    let first = body.first().filter(|byte| byte.is_ascii_alphabetic());
    let named = |(name, _): &&(&[u8], u8)| name.first() == first && body.starts_with(name);
    first.and_then(|_| ENTITIES.iter().find(named)).copied()
}

/// The longest number of an entity, and how many leading zeros it may have. Browsers accept any
/// number.
const MAX_DIGITS: usize = 12;
const MAX_ZEROS: usize = 64;

fn entity(src: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let (_, body) = src.split_first()?;
    if let [b'#', digits @ ..] = body {
        let (radix, prefix, digits) = match digits {
            [b'x' | b'X', hex @ ..] => (16, 3, hex),
            _ => (10, 2, digits),
        };
        let zeros = digits
            .iter()
            .take(MAX_ZEROS)
            .take_while(|&&b| b == b'0')
            .count();
        let len = zeros
            + digits
                .iter()
                .skip(zeros)
                .take(MAX_DIGITS)
                .take_while(|&&b| char::from(b).is_digit(radix))
                .count();
        let code = number(digits.get(..len)?, radix)?;
        push_char(out, code);
        let semicolon = usize::from(digits.get(len) == Some(&b';'));
        return Some(prefix + len + semicolon);
    }
    let (name, byte) = named_entity(body)?;
    out.push(byte);
    let semicolon = usize::from(!name.ends_with(b";") && body.get(name.len()) == Some(&b';'));
    // A parser does not take `&lt` in `&ltimes` for an entity in an attribute, but does in text.
    Some(1 + name.len() + semicolon)
}
