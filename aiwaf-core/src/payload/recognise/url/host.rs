//! Hosts: names and addresses in any spelling.

use std::net::Ipv4Addr;

use smallvec::SmallVec;

use super::super::find;

/// Hosts whose purpose is to report who contacted them. No longer name begins with one of these
/// names.
pub(in crate::payload) static LISTENERS: [&str; 18] = [
    ".burpcollaborator.net",
    ".oastify.com",
    ".oast.pro",
    ".oast.me",
    ".oast.fun",
    ".oast.live",
    ".oast.site",
    ".oast.online",
    ".dnslog.cn",
    ".bxss.me",
    ".ceye.io",
    ".interactsh.com",
    ".requestrepo.com",
    ".dnslog.pw",
    ".canarytokens.com",
    ".rebind.it",
    ".rbndr.us",
    ".rebind.network",
];

/// The full stop of Chinese texts.
pub(super) const STOP: &[u8] = "\u{3002}".as_bytes();
/// The same character at half width.
const NARROW_STOP: &[u8] = "\u{ff61}".as_bytes();

/// The meaning of a host for the server that opens it.
pub(super) enum Host {
    Internal,
    Address,
    Name,
}

/// Whether a host is a name below `suffix`, or the suffix itself: `oast.pro`.
fn listens(host: &[u8], suffix: &str) -> bool {
    host.ends_with(suffix.as_bytes()) || suffix.as_bytes().strip_prefix(b".") == Some(host)
}

/// Whether a host gives cloud machines their secrets.
pub(super) fn is_metadata(host: &[u8]) -> bool {
    matches!(
        host,
        b"169.254.169.254" | b"metadata.google.internal" | b"169.254.170.2" | b"100.100.100.200"
    )
}

/// Whether a lower-case host is neither an address nor a name in the server's own network.
pub(in crate::payload) fn is_public_name(name: &[u8]) -> bool {
    matches!(host(name), Host::Name)
}

/// Whether a host has circled digits or letters, which are converted to plain ones, and otherwise
/// only ASCII and full stops: in a Chinese text, a list may follow an address.
fn is_encircled(host: &[u8]) -> bool {
    let circle = |letter: char| matches!(letter, '\u{2460}'..='\u{24ff}');
    let has_any = host
        .array_windows()
        .any(|pair| matches!(pair, [0xe2, 0x91..=0x93]));
    has_any
        && host.utf8_chunks().all(|chunk| {
            let mut letters = chunk.valid().chars();
            letters.all(|letter| {
                letter.is_ascii() || circle(letter) || matches!(letter, '\u{3002}' | '\u{ff61}')
            })
        })
}

/// Suffixes of internal names, and of services that resolve to internal addresses.
const INSIDE: [&[u8]; 21] = [
    b".interact.sh",
    b".xss.ht",
    b"metadata.packet.net",
    b"metadata.azure.com",
    b"localhost",
    b".internal",
    b".nip.io",
    b".xip.io",
    b".sslip.io",
    b".localtest.me",
    b"localtest.me",
    b"lacolhost.com",
    b"fuf.me",
    b".lvh.me",
    b"lvh.me",
    b".localdomain",
    b".svc",
    b".cluster.local",
    b".consul",
    b".vcap.me",
    b"metadata.tencentyun.com",
];

/// Classifies a lower-case host.
pub(super) fn host(host: &[u8]) -> Host {
    if is_encircled(host) {
        return Host::Internal;
    }
    // URL readers take the full stop of Chinese texts for a dot.
    if find(host, STOP).is_some() || find(host, NARROW_STOP).is_some() {
        return spelt_plainly(&with_dots(host));
    }
    spelt_plainly(host)
}

/// A host with dots for the full stops of Chinese texts, and with every letter beyond ASCII
/// replaced by one that no address has.
fn with_dots(host: &[u8]) -> SmallVec<[u8; 64]> {
    let letters = host.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    letters
        .map(|letter| match letter {
            '\u{3002}' | '\u{ff61}' => b'.',
            letter => u8::try_from(letter).unwrap_or(b'x'),
        })
        .collect()
}

/// Classifies a host whose characters stand for themselves.
fn spelt_plainly(host: &[u8]) -> Host {
    let host = host.strip_suffix(b".").unwrap_or(host);
    if let Some(inner) = host.strip_prefix(b"[") {
        let inner = inner.strip_suffix(b"]").unwrap_or(inner);
        return match is_inside_v6(inner) {
            true => Host::Internal,
            false => Host::Address,
        };
    }
    if is_inside_name(host) {
        return Host::Internal;
    }
    match address(host) {
        Some((ip, odd)) if odd || is_inside_v4(ip) => Host::Internal,
        Some(_) => Host::Address,
        None => Host::Name,
    }
}

fn is_inside_name(host: &[u8]) -> bool {
    INSIDE.iter().any(|suffix| host.ends_with(suffix))
        || LISTENERS.iter().any(|suffix| listens(host, suffix))
        || host.starts_with(b"169.254.169.254.")
        || host.starts_with(b"127.0.0.1.")
        || matches!(
            host,
            b"metadata"
                | b"metadata.google"
                | b"interact.sh"
                | b"kubernetes.default"
                | b"loopback"
                | b"rancher-metadata"
                | b"localhost6"
                | b"instance-data"
        )
}

/// Whether an IPv6 address, without its brackets, is internal or stands for an IPv4 address.
fn is_inside_v6(address: &[u8]) -> bool {
    const INSIDE: [&[u8]; 4] = [b"::", b"0:0:0", b"0000:", b"f"];
    INSIDE.iter().any(|head| address.starts_with(head)) || find(address, b"ffff:").is_some()
}

fn is_inside_v4(ip: Ipv4Addr) -> bool {
    ip.is_loopback()
        || ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_private()
        || matches!(ip.octets(), [0, ..] | [100, 100, 100, 200])
}

/// An IPv4 address in any spelling that the C library accepts, and whether the spelling is odd.
fn address(host: &[u8]) -> Option<(Ipv4Addr, bool)> {
    let mut parts = [0u64; 4];
    let mut count = 0;
    let mut odd = false;
    for part in host.split(|&b| b == b'.') {
        let (value, strange) = number(part)?;
        *parts.get_mut(count)? = value;
        count += 1;
        odd |= strange;
    }
    let last = parts.get(count.checked_sub(1)?).copied()?;
    let mut bits: u64 = 0;
    for index in 0..count - 1 {
        let part = parts.get(index).copied()?;
        odd |= part > 255;
        bits |= (part & 255) << (24 - 8 * index);
    }
    odd |= count != 4;
    bits |= last & 0xffff_ffff;
    Some((Ipv4Addr::from(bits as u32), odd))
}

fn number(part: &[u8]) -> Option<(u64, bool)> {
    let (digits, radix, odd) = match part {
        [b'0', b'x', rest @ ..] => (rest, 16, true),
        [b'0', rest @ ..] if !rest.is_empty() => (rest, 8, true),
        _ => (part, 10, false),
    };
    if digits.is_empty() || digits.len() > 20 {
        return None;
    }
    digits
        .iter()
        .try_fold(0u64, |sum, &b| {
            let digit = char::from(b).to_digit(radix)?;
            Some(
                sum.wrapping_mul(u64::from(radix))
                    .wrapping_add(u64::from(digit)),
            )
        })
        .map(|value| (value, odd))
}
