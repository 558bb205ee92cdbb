//! Directories of the system, and what tells a file in them from a page of the same name.

/// Whether a path below the root leads into a directory of the system.
pub(super) fn is_system(rest: &[u8]) -> bool {
    let begins = |directory: &&[u8]| rest.starts_with(directory) && rest.len() > directory.len();
    DIRECTORIES.iter().any(begins) || SHARED.iter().any(begins) && names_file(rest)
}

/// Directories that only the system writes to.
const DIRECTORIES: [&[u8]; 23] = [
    b"etc/",
    b"proc/",
    b"var/log/",
    b"var/www/",
    b"var/lib/",
    b"var/spool/",
    b"var/mail/",
    b"var/run/",
    b"var/apache",
    b"usr/local/",
    b"usr/lib",
    b"usr/home/",
    b"usr/share/",
    b"usr/pkg",
    b"usr/bin/",
    b"xampp",
    b"wamp",
    b"lampp/",
    b"winnt/",
    b"var/adm/",
    b"var/lp/",
    b"usr/spool/",
    b"usr/adm/",
];

/// Directories of the system that pages have too: `/home/settings`, `/dev/tools`, `/sys/user/list`.
const SHARED: [&[u8]; 12] = [
    b"apache",
    b"system/library/",
    b"windows/",
    b"root/",
    b"opt/",
    b"sys/",
    b"boot/",
    b"dev/",
    b"private/",
    b"logs/",
    b"www/",
    b"home/",
];

/// What a path has in it that leads to a file of the system, as segments.
const PARTS: [&[u8]; 44] = [
    b"system32",
    b"syswow64",
    b"repair",
    b"panther",
    b"apache",
    b"apache2",
    b"bin",
    b"block",
    b"class",
    b"conf",
    b"core",
    b"etc",
    b"fd",
    b"grub",
    b"grub2",
    b"htdocs",
    b"httpd",
    b"kernel",
    b"kmem",
    b"lampp",
    b"lib",
    b"mem",
    b"module",
    b"mysql",
    b"nginx",
    b"null",
    b"passwd",
    b"php",
    b"proftpd",
    b"public_html",
    b"random",
    b"shadow",
    b"shm",
    b"sda",
    b"sda1",
    b"stderr",
    b"stdin",
    b"stdout",
    b"tcp",
    b"tomcat",
    b"udp",
    b"urandom",
    b"xampp",
    b"zero",
];

/// The extensions of such files.
const EXTENSIONS: [&[u8]; 11] = [
    b"bak", b"cfg", b"cnf", b"conf", b"history", b"ini", b"key", b"log", b"pem", b"sh", b"sql",
];

/// Whether a path names a file of the system, and no page: one that is hidden, or that only programs read.
fn names_file(rest: &[u8]) -> bool {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'?' | b'#' | b'&' | 0))
        .unwrap_or(rest.len());
    let path = rest.get(..end).unwrap_or_default();
    let extension = |segment: &[u8]| {
        let after = segment.rsplit(|byte| *byte == b'.' || *byte == b'_').next();
        segment.len() > after.map_or(0, <[u8]>::len)
            && after.is_some_and(|after| EXTENSIONS.contains(&after))
    };
    path.split(|byte| *byte == b'/').skip(1).any(|segment| {
        segment.first() == Some(&b'.') || PARTS.contains(&segment) || extension(segment)
    })
}
