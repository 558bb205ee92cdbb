//! File names that a server might execute.

use super::{Input, Report};
use crate::payload::category::{Category, Severity};
use crate::payload::rules::{Carriers, Rule};

static EXTENSION: Rule = Rule::recognised(
    "upload-executable",
    Category::Upload,
    Severity::Critical,
    &[
        "shell.php",
        "x.PHP5",
        "a.jsp",
        "x.phtml",
        "cmd.aspx",
        ".htaccess",
        "x.php.jpg",
        "x.asp;.jpg",
        "shell.jspx",
        "web.config",
        "x.php907...",
        "/tmp/sess_d8ew88tqmabdcokhumchy8htqm",
    ],
    &[
        "photo.jpg",
        "report.final.pdf",
        "php-guide.pdf",
        "asp.net.docx",
        "notes.txt",
        "sess_notes.txt",
        "archive.tar.gz",
    ],
)
.only(Carriers::FILE_NAME);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&EXTENSION];

/// Extensions that web servers hand to an interpreter.
fn is_executable(extension: &[u8]) -> bool {
    matches!(
        extension,
        b"php"
            | b"php3"
            | b"php4"
            | b"php5"
            | b"php7"
            | b"php8"
            | b"pht"
            | b"phtm"
            | b"phtml"
            | b"phar"
            | b"phps"
            | b"pgif"
            | b"jsp"
            | b"jspx"
            | b"jspf"
            | b"jsw"
            | b"jsv"
            | b"asp"
            | b"aspx"
            | b"asa"
            | b"asax"
            | b"ascx"
            | b"ashx"
            | b"asmx"
            | b"cer"
            | b"cdx"
            | b"cshtml"
            | b"vbhtml"
            | b"soap"
            | b"cfm"
            | b"cfml"
            | b"cfc"
            | b"shtml"
            | b"stm"
            | b"cgi"
            | b"htaccess"
            | b"htpasswd"
            | b"user.ini"
            | b"action"
            | b"do"
            | b"war"
            | b"inc"
    )
}

/// `php907`: some servers accept any number as a version.
fn is_numbered(extension: &[u8]) -> bool {
    let digits = extension.strip_prefix(b"php").unwrap_or_default();
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// The file in which PHP keeps a session: `sess_d8ew88tqmabdcokhumchy8htqm`.
fn is_session(base: &[u8]) -> bool {
    let id = base.strip_prefix(b"sess_").unwrap_or_default();
    id.len() >= 16 && id.iter().all(u8::is_ascii_alphanumeric)
}

/// Judges a file name.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let name = input.squeezed;
    let base = name
        .rsplit(|b| matches!(b, b'/' | b'\\'))
        .next()
        .unwrap_or_default();
    let mut parts = base.split(|b| matches!(b, b'.' | b';' | b':' | b' ' | 0));
    let _stem = parts.next();
    // Some servers run a file for any of its extensions, not only for the last one.
    let executable = parts.any(|part| is_executable(part) || is_numbered(part))
        || is_session(base)
        || base == b"web.config"
        || base == b".user.ini";
    if executable {
        report(&EXTENSION, base);
    }
}
