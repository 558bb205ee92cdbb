//! The parts of a user agent that nearly every browser sends and that need no search for names.
//!
//! Two thirds of a browser's user agent are the same in all browsers. Skipping that part makes the
//! search for names several times faster for nearly every request.

use memchr::memchr;

/// Platforms as current browsers report them, without further detail.
const PLATFORMS: [&[u8]; 4] = [
    b"(Windows NT 10.0; Win64; x64)",
    b"(Macintosh; Intel Mac OS X 10_15_7)",
    b"(X11; Linux x86_64)",
    b"(Linux; Android 10; K)",
];

/// Every skipped text, to check that no name occurs in one.
pub(super) const TEXTS: &[u8] = b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) (Macintosh; Intel Mac OS X 10_15_7) \
    (X11; Linux x86_64) (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1 Version/1 Mobile \
    Safari/1 Gecko/1 Firefox/1 Edg/1 OPR/1";

/// The two parts of a user agent that are specific to it: the platform, and what follows the known
/// products.
pub(super) fn unfamiliar(agent: &[u8]) -> [&[u8]; 2] {
    let split = agent
        .strip_prefix(b"Mozilla/5.0 ")
        .and_then(|rest| rest.split_at_checked(memchr(b')', rest)? + 1));
    let Some((platform, products)) = split else {
        return [agent, b""];
    };
    let platform = if PLATFORMS.contains(&platform) {
        b""
    } else {
        platform
    };
    [platform, without_products(products)]
}

/// The rest after a browser's known products and their versions are stripped from the front.
fn without_products(mut rest: &[u8]) -> &[u8] {
    loop {
        let product: &[u8] = match rest {
            [b' ', b'A', ..] => b" AppleWebKit/",
            [b' ', b'(', ..] => b" (KHTML, like Gecko)",
            [b' ', b'C', ..] => b" Chrome/",
            [b' ', b'V', ..] => b" Version/",
            [b' ', b'M', ..] => b" Mobile",
            [b' ', b'S', ..] => b" Safari/",
            [b' ', b'G', ..] => b" Gecko/",
            [b' ', b'F', ..] => b" Firefox/",
            [b' ', b'E', ..] => b" Edg/",
            [b' ', b'O', ..] => b" OPR/",
            _ => return rest,
        };
        let Some(after) = rest.strip_prefix(product) else {
            return rest;
        };
        let version = after
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
            .count();
        match after.get(version..) {
            // If the word continues, it is a different product.
            Some(next) if matches!(next.first(), None | Some(b' ')) => rest = next,
            _ => return rest,
        }
    }
}
