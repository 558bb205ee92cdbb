//! Paths that leave the directory that they belong to, or name something that no client should
//! request.

mod rules;
mod system;

pub(super) use self::rules::RULES;
use self::rules::{
    ALIAS, CLIMB, CUT_OFF, JOINED, NESTED, NUL, SELF, SERVED_DIR, SYSTEM, TRAVERSAL,
};
use self::system::is_system;
use super::{Input, Report, cut};
use crate::payload::field::Carrier;
use crate::payload::mention::is_shown_as_code;
use crate::payload::squeeze::Bytes;

/// Judges `input` as a path.
pub(super) fn judge(input: &Input<'_>, path: &mut Vec<u8>, report: &mut Report<'_>) {
    if !input.bytes.any(
        Bytes::SLASH
            .or(Bytes::BACKSLASH)
            .or(Bytes::DOT)
            .or(Bytes::PERCENT),
    ) {
        return;
    }
    if input.view.contains(&0) {
        nul(input, report);
    }
    joined(input, report);
    if !input.bytes.any(Bytes::SLASH.or(Bytes::BACKSLASH)) {
        return;
    }
    path.clear();
    path.extend(
        input
            .squeezed
            .iter()
            .map(|&b| if b == b'\\' { b'/' } else { b }),
    );
    traversal(input, path, report);
    system(input, path, report);
}

fn nul(input: &Input<'_>, report: &mut Report<'_>) {
    let textual = input
        .view
        .iter()
        .filter(|b| **b < b' ' && !matches!(b, b'\t' | b'\r' | b'\n'))
        .count()
        <= 2;
    // `x.php\0.png`: the NUL cuts off the part that a check looks at.
    let cuts_off = |at: &[u8]| matches!(at, [0, b'.', a, b] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric());
    if textual && input.view.windows(4).any(cuts_off) {
        report(&CUT_OFF, b"");
    } else if textual && input.view.iter().any(|b| matches!(b, b'.' | b'/')) {
        report(&NUL, b"");
    }
}

/// Two dots, each in two bytes instead of one, and a slash.
const OVERLONG: &[u8] = b"\xc0\xae\xc0\xae/";

/// Counts the segments that climb and those that stay.
fn traversal(input: &Input<'_>, path: &[u8], report: &mut Report<'_>) {
    let mut climbs = 0usize;
    // The most that climb in one path of a text. Between two paths, a blank stands before dots.
    let (mut climbing, mut steepest) = (0usize, 0usize);
    let mut stays = 0usize;
    let mut first = 0usize;
    let mut at = 0usize;
    let mut depth = 0i32;
    let mut escaped = false;
    for segment in path.split(|&b| b == b'/') {
        let end = at + segment.len();
        // A host that was left out: `https://.../a.html`.
        let is_host = segment == b"..." && matches!(path.get(..at), Some(b"http://" | b"https://"));
        match kind(segment, end < path.len()) {
            _ if is_host => {}
            Segment::Climb => {
                let begins_another = segment.trim_ascii().contains(&b' ');
                climbing = 1 + if begins_another { 0 } else { climbing };
                steepest = steepest.max(climbing);
                if climbs == 0 {
                    first = at;
                }
                climbs += 1;
                depth -= 1;
                escaped |= depth < 0;
            }
            Segment::Stay => stays += 1,
            Segment::Empty => {}
            Segment::Name => {
                climbing = climbing.saturating_sub(1);
                depth = depth.saturating_add(1);
            }
        }
        at = end + 1;
    }
    let text = cut(path, first, 64);
    let in_path = input.field.carrier == Carrier::Path;
    // A path is no text, even if the name of a file has a blank.
    let spaced = input.bytes.any(Bytes::SPACE) && !in_path;
    let at_start = climbs >= 1 && first == 0 && !spaced && names_a_file(input.field.carrier);
    // `/..;/`: a parameter of a segment, which only the server behind a proxy removes.
    let has_parameter = in_path && super::find(path, b"/..;").is_some();
    // Dots from which `../` remains once a filter has removed `../`, and dots in a form that no
    // encoder produces.
    let is_masked =
        super::find(path, b"/....//").is_some() || super::find(input.view, OVERLONG).is_some();
    if in_path && escaped
        || has_parameter
        || is_masked && (in_path || !spaced)
        || at_start
        || climbs >= 2 && !spaced
        || steepest >= 4
        || climbs >= 4 && !is_long_text(input)
    {
        report(&TRAVERSAL, text);
    } else if climbs >= 1 && (escaped || !spaced) && !(steepest < 3 && is_long_text(input)) {
        report(&CLIMB, text);
    }
    if stays >= 3 {
        report(&SELF, cut(path, 0, 64));
    }
}

/// Whether a view is a long text of several lines, whose links to its neighbours and lists of paths
/// are no attempt. One that begins with a path is none.
pub(in crate::payload) fn is_long_text(input: &Input<'_>) -> bool {
    const SHORTEST: usize = 256;
    let text = input.squeezed;
    let begins_with_a_path = match text {
        [b'/', b'/' | b'*', ..] => false,
        [b'/' | b'\\', ..] | [b'.', b'.', b'/' | b'\\', ..] => true,
        _ => false,
    };
    input.bytes.any(Bytes::LINE)
        && input.bytes.any(Bytes::SPACE)
        && text.len() >= SHORTEST
        && !begins_with_a_path
}

/// `etc` and a file in it, joined by something that only some servers take for a slash.
fn joined(input: &Input<'_>, report: &mut Report<'_>) {
    if input.bytes.any(Bytes::SPACE) && input.field.carrier != Carrier::Path {
        return;
    }
    let text = input.squeezed;
    if super::find(text, b"etc").is_none() && super::find(text, b"windows").is_none() {
        return;
    }
    for file in [
        b"passwd".as_slice(),
        b"shadow",
        b"issue",
        b"hosts",
        b"system32",
    ] {
        let Some(at) = super::find(text, file) else {
            continue;
        };
        let head = text.get(at.saturating_sub(10)..at).unwrap_or_default();
        let before = if file == b"system32" {
            b"windows".as_slice()
        } else {
            b"etc"
        };
        let Some(etc) = super::find(head, before) else {
            continue;
        };
        let start = etc.checked_sub(1).and_then(|i| head.get(i));
        let between = head.get(etc + before.len()..).unwrap_or_default();
        let joins = |b: &u8| matches!(b, b'\\' | b'/' | b'%' | 0xc0 | 0xc1 | 0xee | 0xf8..=0xff);
        // `fetch/hosts` is a different path. The other separators do not follow a word by chance.
        let within_word =
            between.first() == Some(&b'/') && start.is_some_and(u8::is_ascii_alphabetic);
        // After a slash, anything but separators and dots is another name. `etc/passwd` and
        // `etc/./passwd` have none.
        let is_name = between.first() == Some(&b'/')
            && !between.iter().all(|byte| joins(byte) || *byte == b'.');
        if between.first().is_some_and(joins) && !within_word && !is_name {
            report(&JOINED, cut(text, at.saturating_sub(10), 24));
            return;
        }
    }
}

/// Carriers in which a relative path is not a link in a text.
const fn names_a_file(carrier: Carrier) -> bool {
    matches!(
        carrier,
        Carrier::QueryValue
            | Carrier::QueryFlag
            | Carrier::FormValue
            | Carrier::FormFlag
            | Carrier::CookieValue
            | Carrier::FileName
            | Carrier::PartValue
    )
}

enum Segment {
    Climb,
    Stay,
    Empty,
    Name,
}

/// The most dots in a segment that climbs.
const MAX_DOTS: usize = 4;

/// The effect of a segment. Servers strip parameters, blanks and repeated dots in various ways.
fn kind(segment: &[u8], slash_follows: bool) -> Segment {
    let base = segment.split(|&b| b == b';').next().unwrap_or_default();
    let trimmed = base.trim_ascii();
    let dots = trimmed.iter().rev().take_while(|b| **b == b'.').count();
    match trimmed.len() {
        0 => Segment::Empty,
        1 if dots == 1 && slash_follows => Segment::Stay,
        // A filter that removes `../` leaves the second half of four dots. More dots are a
        // decorative line.
        len if dots == len && (2..=MAX_DOTS).contains(&dots) && slash_follows => Segment::Climb,
        // A prefix that closes something (`x=..`, `"..`, `file:..`), but not an ellipsis after a
        // word.
        len if dots == 2
            && slash_follows
            && !trimmed.get(len - 3).is_some_and(u8::is_ascii_alphanumeric) =>
        {
            Segment::Climb
        }
        2 if dots == 2 => Segment::Climb,
        _ => Segment::Name,
    }
}

fn system(input: &Input<'_>, path: &[u8], report: &mut Report<'_>) {
    let start = path
        .iter()
        .take_while(|b| matches!(b, b'/' | b'"' | b'\'' | b'.' | b'|'))
        .count();
    let rest = path.get(start..).unwrap_or_default();
    let absolute = start > 0 && path.get(..start).is_some_and(|p| p.contains(&b'/'));
    let drive = match rest {
        [b'a'..=b'z', b':', b'/', tail @ ..] => Some(tail),
        _ => None,
    };
    if input.field.carrier == Carrier::Path {
        served(path, report);
    }
    let words = input.bytes.any(Bytes::SPACE) && drive.is_none();
    // `C:/1000041/1000049/` is a category of a shop and its parents.
    let has_name = |tail: &[u8]| tail.iter().any(|b| !(b.is_ascii_digit() || *b == b'/'));
    let system_drive =
        drive.is_some_and(|tail| tail.len() > 3 && has_name(tail) && !is_of_a_person(tail));
    if !words && (absolute && is_system(rest) || system_drive) {
        report(&SYSTEM, cut(path, 0, 64));
    }
    if input.field.carrier == Carrier::Header {
        return;
    }
    for (at, _) in path
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'/')
        .take(64)
    {
        let tail = path.get(at + 1..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|i| path.get(i));
        let root = before.is_none_or(|b| !b.is_ascii_alphanumeric());
        let is_named = || NESTED_FILES.iter().any(|file| tail.starts_with(file));
        if root && is_named() && !is_shown_as_code(path, at, at) {
            report(&NESTED, cut(path, at, 64));
            return;
        }
    }
}

/// A document of the sender: browsers name an uploaded file `C:\\fakepath\\name`, and programs give
/// its original path.
fn is_of_a_person(tail: &[u8]) -> bool {
    let climbs = super::find(tail, b"..").is_some();
    let known = [
        b"ntuser".as_slice(),
        b"appdata",
        b"desktop.ini",
        b".ssh",
        b"administrator",
    ];
    (tail.starts_with(b"fakepath/") || tail.starts_with(b"users/"))
        && !climbs
        && !known.iter().any(|name| super::find(tail, name).is_some())
}

/// System directories that no target names.
pub(super) static ANCHORS: &[&[u8]] = &[
    b"etc/hosts",
    b"etc/shadow",
    b"etc/issue",
    b"etc/passwd",
    b"/etc/",
    b"/proc/",
    b"/var/log/",
    b"/var/www/",
    b"/var/spool/",
    b"/usr/local/",
    b"/root/.",
    b"/private/etc/",
    b"/usr/lib/",
    b"/usr/home/",
    b"/c:/",
    b"/var/lib/",
    // A slash and a backslash, as some decoders read them.
    b"0x2f",
    b"0x5c",
];

/// Names of directories that servers map to others.
const MAPPED: [&[u8]; 40] = [
    b"static",
    b"assets",
    b"asset",
    b"media",
    b"files",
    b"file",
    b"images",
    b"image",
    b"img",
    b"js",
    b"css",
    b"uploads",
    b"upload",
    b"public",
    b"content",
    b"contents",
    b"resources",
    b"resource",
    b"lib",
    b"libs",
    b"dist",
    b"build",
    b"download",
    b"downloads",
    b"docs",
    b"data",
    b"backup",
    b"backups",
    b"log",
    b"logs",
    b"storage",
    b"fonts",
    b"scripts",
    b"styles",
    b"themes",
    b"vendor",
    b"tmp",
    b"attachments",
    b"admin",
    b"html",
];

/// `/static../x`: a server that maps `/static` to a directory, without a slash, climbs out of it.
fn climbs_behind_a_name(path: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(path, b"../").find(|&at| {
        let name = path.get(at.saturating_sub(16)..at).unwrap_or_default();
        let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        MAPPED.contains(&name) && path.len() > at + 3
    })
}

/// A system directory below the first segment of the target, or a way out of one that is served.
fn served(path: &[u8], report: &mut Report<'_>) {
    if let Some(at) = climbs_behind_a_name(path) {
        report(&ALIAS, cut(path, at, 64));
    }
    for &directory in ANCHORS.iter().filter(|anchor| anchor.starts_with(b"/")) {
        if let Some(at) = super::find(path, directory)
            && path.len() > at + directory.len()
            && !is_served_by_a_product(path.get(at..).unwrap_or_default())
        {
            report(&SERVED_DIR, cut(path, at, 64));
            return;
        }
    }
}

/// Content that a widespread product keeps below `/etc`.
fn is_served_by_a_product(path: &[u8]) -> bool {
    [
        b"/etc/clientlibs/".as_slice(),
        b"/etc/designs/",
        b"/etc/cloudservices/",
    ]
    .iter()
    .any(|known| path.starts_with(known))
}

/// Files that are a finding wherever they are named with their directory.
const NESTED_FILES: [&[u8]; 10] = [
    b"etc/hosts",
    b"etc/group",
    b"etc/issue",
    b"etc/motd",
    b"etc/apache",
    b"etc/nginx",
    b"etc/ssh",
    b"var/log/",
    b"proc/self",
    b"root/.",
];
