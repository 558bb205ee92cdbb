//! System directories, and how to tell a file in them from a page of the same name.

/// Whether a path below the root leads into a system directory.
pub(super) fn is_system(rest: &[u8]) -> bool {
    let below = |directory: &[u8]| rest.strip_prefix(directory).filter(|rest| !rest.is_empty());
    let is_shared = |(directory, parts): &(&[u8], &[&[u8]])| {
        below(directory).is_some_and(|rest| {
            parts.iter().any(|part| begins_with_word(rest, part)) || names_file(rest)
        })
    };
    DIRECTORIES
        .iter()
        .any(|directory| below(directory).is_some())
        || TITLED
            .iter()
            .any(|directory| below(directory).is_some_and(|rest| !is_title(rest)))
        || SHARED.iter().any(is_shared)
}

/// Directories that may be part of a page title if one more word follows: `/windows/10`, `/opt/in`.
const TITLED: [&[u8]; 3] = [b"opt/", b"windows/", b"www/"];

/// Whether the rest below such a directory is one word that is neither a file nor a directory of a
/// system.
fn is_title(rest: &[u8]) -> bool {
    const KNOWN: [&[u8]; 6] = [
        b"repair",
        b"system",
        b"system32",
        b"syswow64",
        b"temp",
        b"win",
    ];
    rest.len() == word(rest).len() && !KNOWN.contains(&rest)
}

/// Directories that only the system writes to.
const DIRECTORIES: [&[u8]; 38] = [
    b"etc/",
    b"proc/",
    b"var/log/",
    b"var/www/",
    b"var/lib/",
    b"var/spool/",
    b"var/mail/",
    b"var/run/",
    b"var/apache",
    b"root/",
    b"usr/local/",
    b"usr/lib",
    b"usr/home/",
    b"usr/share/",
    b"usr/pkg",
    b"usr/bin/",
    b"boot/",
    b"private/etc/",
    b"private/var/",
    b"private/tmp/",
    b"apache.",
    b"apache2",
    b"apache/bin",
    b"apache/cgi-bin",
    b"apache/conf",
    b"apache/ht",
    b"apache/log",
    b"apache/php",
    b"apache\\",
    b"xampp",
    b"system/library/",
    b"wamp",
    b"lampp/",
    b"winnt/",
    b"var/adm/",
    b"var/lp/",
    b"usr/spool/",
    b"usr/adm/",
];

/// Directories whose names pages use too (`/home/settings`, `/dev/tools`, `/sys/user/list`), each
/// with what the system directory contains.
static SHARED: [(&[u8], &[&[u8]]); 5] = [
    (b"home/", &[]),
    (b"private/", &[]),
    (
        b"logs/",
        &[
            b"access",
            b"auth",
            b"debug",
            b"error",
            b"catalina",
            b"messages",
            b"nohup",
            b"syslog",
        ],
    ),
    (
        b"sys/",
        &[
            b"block",
            b"bus",
            b"class",
            b"devices",
            b"firmware",
            b"fs",
            b"hypervisor",
            b"kernel",
            b"power",
        ],
    ),
    (
        b"dev/",
        &[
            b"console",
            b"disk0",
            b"fd",
            b"full",
            b"hda",
            b"kmem",
            b"kmsg",
            b"log",
            b"loop0",
            b"mapper",
            b"mem",
            b"null",
            b"nvme0n1",
            b"port",
            b"pts",
            b"random",
            b"sda",
            b"sda1",
            b"sda2",
            b"sdb1",
            b"hda1",
            b"vda1",
            b"xvda1",
            b"nvme0n1p1",
            b"tty0",
            b"ttys0",
            b"sdb",
            b"shm",
            b"stderr",
            b"stdin",
            b"stdout",
            b"tcp",
            b"tty",
            b"udp",
            b"urandom",
            b"vda",
            b"xvda",
            b"zero",
        ],
    ),
];

/// Whether a path begins with a segment that is `word`, whatever punctuation follows it.
fn begins_with_word(path: &[u8], word: &[u8]) -> bool {
    let after = path.strip_prefix(word).map(<[u8]>::first);
    after.is_some_and(|next| {
        next.is_none_or(|next| !next.is_ascii_alphanumeric() && !matches!(next, b'-' | b'_'))
    })
}

/// Names of files of users and servers that no page has.
const NAMES: [&[u8]; 9] = [
    b"authorized_keys",
    b"credentials",
    b"id_dsa",
    b"id_ecdsa",
    b"id_ed25519",
    b"id_rsa",
    b"known_hosts",
    b"passwd",
    b"public_html",
];

/// The extensions of such files.
const EXTENSIONS: [&[u8]; 26] = [
    b"bak",
    b"cfg",
    b"cnf",
    b"conf",
    b"config",
    b"db",
    b"dmp",
    b"env",
    b"history",
    b"ini",
    b"jks",
    b"kdbx",
    b"key",
    b"log",
    b"p12",
    b"pem",
    b"pfx",
    b"ppk",
    b"properties",
    b"py",
    b"sh",
    b"sql",
    b"sqlite",
    b"sqlite3",
    b"tfstate",
    b"yml",
];

/// Whether a path names a file that is hidden or that only programs read. Anything that servers cut
/// off after a segment is ignored.
fn names_file(path: &[u8]) -> bool {
    let end = path
        .iter()
        .position(|byte| matches!(byte, b'?' | b'#' | b'&' | 0));
    let path = path.get(..end.unwrap_or(path.len())).unwrap_or_default();
    path.split(|byte| *byte == b'/').any(|segment| {
        let name = segment.split(|byte| *byte == b';').next();
        let mut pieces = name
            .unwrap_or_default()
            .split(|byte| *byte == b'.')
            .map(word);
        let first = pieces.next().unwrap_or_default();
        let is_hidden = segment.len() > 1 && first.is_empty() && segment != b".well-known";
        is_hidden || NAMES.contains(&first) || pieces.any(|piece| EXTENSIONS.contains(&piece))
    })
}

/// The leading part of `piece` that consists of letters, digits and the characters that join them.
fn word(piece: &[u8]) -> &[u8] {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let len = piece.iter().take_while(is_part).count();
    piece.get(..len).unwrap_or_default()
}
