//! Lookups that loggers resolve.

use super::{JNDI, NESTED, Report, cut, find};

/// Resolves nested lookups as Log4j does, and judges the result.
pub(super) fn lookups(text: &[u8], plain: &mut Vec<u8>, report: &mut Report<'_>) {
    plain.clear();
    let mut starts: [usize; 16] = [0; 16];
    let mut depth = 0usize;
    let mut nested = false;
    let mut index = 0;
    while let Some(&byte) = text.get(index) {
        if byte == b'$' && text.get(index + 1) == Some(&b'{') {
            if let Some(slot) = starts.get_mut(depth) {
                *slot = plain.len();
            }
            depth += 1;
            nested |= depth > 1;
            plain.extend_from_slice(b"${");
            index += 2;
            continue;
        }
        if byte == b'}' && depth > 0 {
            depth -= 1;
            let start = starts
                .get(depth)
                .copied()
                .unwrap_or(plain.len())
                .min(plain.len());
            if jndi(plain, start) {
                report(&JNDI, cut(text, 0, 64));
                return;
            }
            resolve(plain, start, depth > 0);
        } else {
            plain.push(byte);
        }
        index += 1;
    }
    if jndi(plain, 0) {
        report(&JNDI, cut(text, 0, 64));
        return;
    }
    let resolves = [
        b"${env:".as_slice(),
        b"${sys:",
        b"${java:",
        b"${lower:",
        b"${upper:",
        b"${ctx:",
        b"${hostname}",
        b"${main:",
        b"${web:",
        b"${docker:",
        b"${k8s:",
        b"${bundle:",
        b"${date:",
        b"${base64:",
        b"${script:",
        b"${const:",
        b"${properties:",
        b"${resourcebundle:",
        b"${kubernetes:",
        b"${xml:",
        b"${file:utf",
        b"${url:",
        b"${dns:",
    ];
    let known = resolves.iter().any(|lookup| find(text, lookup).is_some());
    if known || nested && find(text, b":-").is_some() {
        report(&NESTED, cut(text, 0, 64));
    }
}

fn jndi(plain: &[u8], start: usize) -> bool {
    let tail = plain.get(start..).unwrap_or_default();
    tail.get(..64)
        .unwrap_or(tail)
        .windows(7)
        .any(|w| w == b"${jndi:")
}

/// Replaces the lookup that begins at `start` with its value.
fn resolve(plain: &mut Vec<u8>, start: usize, inner: bool) {
    if !inner {
        plain.push(b'}');
        return;
    }
    let body = plain.get(start + 2..).unwrap_or_default();
    let value = match find(body, b":-") {
        Some(at) => body.get(at + 2..).unwrap_or_default(),
        None => body.rsplit(|&b| b == b':').next().unwrap_or_default(),
    };
    let from = plain.len() - value.len();
    plain.copy_within(from.., start);
    let len = start + (plain.len() - from);
    plain.truncate(len);
}
