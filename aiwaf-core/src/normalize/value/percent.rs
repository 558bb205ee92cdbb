//! One round of percent-decoding, as lenient as the most lenient server.

use super::{hex, push_char};

/// Decodes `%hh` and `%uhhhh` of `src` into `out`. Malformed sequences stay as they are.
///
/// Returns whether anything was decoded. If not, the content of `out` is unspecified.
pub(super) fn decode(src: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(first) = memchr::memchr(b'%', src) else {
        return false;
    };
    out.clear();
    let mut changed = false;
    let mut sprinkled = None;
    let (head, mut rest) = src.split_at(first);
    out.extend_from_slice(head);
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        match tail {
            [b'u' | b'U', a, b, c, d, after @ ..] => {
                if let (Some(a), Some(b), Some(c), Some(d)) = (hex(*a), hex(*b), hex(*c), hex(*d)) {
                    let code =
                        u32::from(a) << 12 | u32::from(b) << 8 | u32::from(c) << 4 | u32::from(d);
                    push_char(out, code);
                    changed = true;
                    rest = after;
                    continue;
                }
            }
            // The result of one round on `%%35%%63`, where each digit is escaped by itself.
            [a, b'%', b, after @ ..]
                if hex(*a).is_some()
                    && hex(*b).is_some()
                    && !*sprinkled.get_or_insert_with(|| is_sprinkled(src)) =>
            {
                if let (Some(a), Some(b)) = (hex(*a), hex(*b)) {
                    out.push(a << 4 | b);
                    changed = true;
                    rest = after;
                    continue;
                }
            }
            [a, b, after @ ..] => {
                if let (Some(a), Some(b)) = (hex(*a), hex(*b)) {
                    out.push(a << 4 | b);
                    changed = true;
                    rest = after;
                    continue;
                }
            }
            _ => {}
        }
        out.push(byte);
    }
    changed
}

/// Whether percent signs stand before letters that are not digits of an escape, as in
/// `%S%E%L%E%C%T`. They then stand before the digits too.
fn is_sprinkled(src: &[u8]) -> bool {
    let lone = src.windows(3).filter(|window| {
        matches!(window, [b'%', sign, b'%']
            if sign.is_ascii_graphic() && *sign != b'%' && hex(*sign).is_none())
    });
    lone.take(2).count() == 2
}
