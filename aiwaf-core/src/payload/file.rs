//! Files: what is a picture, an archive or a document, and what in it is there by chance.
//!
//! The bytes of such a file contain no language, so no recogniser reads them. Signatures are still
//! searched, as scripts for the server are hidden in pictures: `GIF89a...<?php`. A signature of
//! three or four bytes, however, occurs by chance in one of some thousand files, and in the tables
//! of certain pictures in each of them.

use super::field::{Carrier, Field};
use crate::carriers::text::is_pdf;

/// How much of a file is looked at to see what it is.
const HEAD: usize = 512;

/// The longest literal that a file may hold by chance, and how many bytes from its start must then
/// be without control characters.
const SHORT: usize = 4;
const PRINTED: usize = 16;

/// What a field holds, as far as it matters to who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Text, which is read in every way.
    Text,
    /// Bytes that are not text: only signatures are searched, in all readings, one of which drops
    /// the NULs of UTF-16.
    Bytes,
    /// A file of a known format: only signatures are searched, and only as it stands.
    File,
}

/// What `field` holds. Only uploads, and bodies of unknown type, are ever anything but text.
pub(super) fn content(field: &Field<'_>) -> Content {
    if !matches!(field.carrier, Carrier::FileContent | Carrier::Text) {
        return Content::Text;
    }
    let head = field.value.get(..HEAD).unwrap_or(field.value);
    let controls = head.iter().filter(|b| matches!(b, 0..=8 | 14..=31)).count();
    let is_invalid = match std::str::from_utf8(head) {
        Ok(_) => false,
        // A character cut off at the end is not a fault.
        Err(error) => error.error_len().is_some(),
    };
    let is_file = field.carrier == Carrier::FileContent
        && (is_pdf(head) || is_known(head) && controls > 0 && is_invalid);
    if is_file {
        Content::File
    } else if controls * 20 > head.len() && is_invalid || controls * 5 > head.len() {
        Content::Bytes
    } else {
        Content::Text
    }
}

/// Whether a file begins with the signature of a format that people upload.
fn is_known(head: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 31] = [
        b"\x89PNG\r\n",
        b"\xff\xd8\xff",
        b"GIF87a",
        b"GIF89a",
        b"RIFF",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"\0\0\x01\0",
        b"8BPS",
        b"DDS ",
        b"\0\0\0\x0cjP",
        b"\xc5\xd0\xd3\xc6",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x1f\x8b",
        b"BZh",
        b"7z\xbc\xaf",
        b"Rar!",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
        b"\xd0\xcf\x11\xe0",
        b"SQLite format 3",
        b"ID3",
        b"OggS",
        b"fLaC",
        b"\x1aE\xdf\xa3",
        b"OTTO",
        b"\0\x01\0\0\0",
        b"wOFF",
        b"wOF2",
    ];
    SIGNATURES.iter().any(|signature| head.starts_with(signature))
        // Films, sound and pictures in the containers of ISO 14496-12.
        || head.get(4..8) == Some(b"ftyp".as_slice())
        || head.get(128..132) == Some(b"DICM".as_slice())
}

/// Whether a literal of `len` bytes at `start` may stand by chance in a file of a known format: it is
/// short and no script goes on behind it, or it is the name of a part of an archive.
pub(super) fn is_by_chance(file: &[u8], start: usize, len: usize) -> bool {
    let text = file.get(start..).unwrap_or_default();
    // Archives of Java and documents of an office hold a list of their own parts.
    let names_parts = file.starts_with(b"pk\x03\x04")
        && (text.starts_with(b"meta-inf/") || text.starts_with(b"web-inf/"));
    names_parts || len <= SHORT && !goes_on(text)
}

/// Whether what begins with a short literal may be a script: it can be printed, or is an expression.
fn goes_on(text: &[u8]) -> bool {
    let is_printed = |text: &[u8]| {
        let head = text.get(..PRINTED).unwrap_or(text);
        !head.iter().any(u8::is_ascii_control)
    };
    let Some(expression) = text.strip_prefix(b"<?=") else {
        return is_printed(text);
    };
    // The tables of pictures count upwards: `<?=<;<=>>==>`. Comments and strings may hold any byte.
    match expression.trim_ascii_start() {
        [
            b'/' | b'#' | b'$' | b'`' | b'"' | b'\'' | b'(' | b'@' | b'\\',
            ..,
        ]
        | [b'<', b'<', b'<', ..] => true,
        rest @ [first, ..] => {
            (first.is_ascii_alphanumeric() || *first >= 0x80 || b"_.!~+-[".contains(first))
                && is_printed(rest)
        }
        [] => false,
    }
}

/// Whether a text is a drawing in PostScript as programs write it: comments on its structure, and
/// nothing that opens a file.
pub(super) fn is_printout(text: &[u8]) -> bool {
    const OPENS: [&[u8]; 8] = [
        b"(r) file",
        b"(w) file",
        b"(r)file",
        b"(w)file",
        b"deletefile",
        b"renamefile",
        b".libfile",
        b") run",
    ];
    let opens = |word: &&[u8]| memchr::memmem::find(text, word).is_some();
    text.starts_with(b"%!ps-adobe-") && !OPENS.iter().any(opens)
}

/// Whether a squeezed text is a file in base64, whose slashes part no names: it is long, and what
/// stands between some of them is no word.
pub(super) fn is_encoded(text: &[u8]) -> bool {
    const LONG: usize = 128;
    const NO_WORD: usize = 32;
    let is_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"/+-.".contains(byte);
    let data = match memchr::memmem::find(text, b";base64,") {
        Some(at) if text.starts_with(b"data:") => {
            let media = text.get(5..at).unwrap_or_default();
            if !media.iter().all(is_type) || memchr::memmem::find(media, b"..").is_some() {
                return false;
            }
            text.get(at + 8..).unwrap_or_default()
        }
        _ => text,
    };
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    // Of the files that people send only JPEG begins with a slash.
    let is_absolute = data.starts_with(b"/") && !data.starts_with(b"/9j/");
    data.len() >= LONG
        && !is_absolute
        && data.iter().all(is_letter)
        && data
            .split(|byte| *byte == b'/')
            .any(|part| part.len() >= NO_WORD && part.iter().any(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, Findings, Paranoia, Scratch};
    use super::*;

    fn score(carrier: Carrier, value: &[u8]) -> u32 {
        let mut findings = Findings::new();
        let field = Field {
            carrier,
            name: b"content",
            value,
        };
        Detector::new().judge(field, Paranoia::One, &mut Scratch::default(), &mut findings)
    }

    const GIF: &[u8] = b"GIF89a\x40\x01\xf0\x00\xf7\x00\x00\xff\xc8\x10";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01";

    #[test]
    fn files_of_every_day_are_let_go() {
        for (head, content) in [
            (
                b"%PDF-1.4\n".as_slice(),
                b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n".as_slice(),
            ),
            (
                b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
                b"8 0 obj stream\n|mv+hog \xf5~{\x9f\x88(a) df \xbc\n",
            ),
            (GIF, b"@{\xdcc\xadm\xf4} #{\xe6p\xc9 }"),
            (GIF, b"*)(\x10\x20"),
            (
                JPEG,
                b"89:::989:;><;:;<<<?=<;<=>>==>>>>>=>>>>>?>>>?>>\xff\xc0",
            ),
            (JPEG, b"\x88<?=\x01\xfe\x02"),
            (JPEG, b"\xa0$(<\x03\xffid"),
            (ZIP, b"\x15\x00META-INF/manifest.xml"),
            (
                b"%!PS-Adobe-3.0 EPSF-3.0\n",
                b"%%BoundingBox: 0 0 9 9\nnewpath",
            ),
        ] {
            let file = [head, content].concat();
            let shown = file.escape_ascii();
            assert_eq!(score(Carrier::FileContent, &file), 0, "{shown}");
        }
    }

    const ZIP: &[u8] = b"PK\x03\x04\x14\x00\x00\xff\xff";

    /// No other literal stands in most of these.
    #[test]
    fn a_script_in_a_picture_is_found() {
        for script in [
            b"<?php system($_GET['c']);".as_slice(),
            b"<?=`$x`?>",
            b"<?=$x($y)?>",
            b"<?=/*\x01\xff*/`$x`?>",
            b"<?=#\x01\n`$x`?>",
            b"<?=\"\x01\".`$x`?>",
            b"<?=<<<A\n{${`$x`}}\nA?>",
            b"<?=.1 .`$x`?> and more than this",
            b"\x01<?=<;<=>\x02<?=`$x`?>\x01",
            b"<% Runtime.getRuntime().exec(\"id\"); %>",
            b"<%eval request(\"c\")%>",
            b"<cfexecute name=\"id\">",
            b"tEXtprofile\0/etc/passwd\0",
        ] {
            for head in [GIF, JPEG, ZIP] {
                let file = [head, script].concat();
                let shown = file.escape_ascii();
                let score = score(Carrier::FileContent, &file);
                assert!(score >= Paranoia::One.threshold(), "{shown}: {score}");
            }
        }
    }

    #[test]
    fn a_file_that_does_something_is_found_whatever_it_looks_like() {
        let wide = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xff, 0xfe].into_iter().chain(units).collect()
        };
        for file in [
            wide("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
            b"%PDF-<svg onload=alert(1)>".to_vec(),
            b"%PDF-1.4\n<svg onload=alert(1)>".to_vec(),
            b"\x01\xff<svg onload=alert(1)>".to_vec(),
            b"%!PS\n0 1 300367 {} for".to_vec(),
            b"%!PS-Adobe-3.0\nuserdict /setpagedevice undef".to_vec(),
            b"%!PS-Adobe-3.0\n<2570697065256964> (w) file".to_vec(),
            b"%!PS-Adobe-3.0\n(/etc/x) run".to_vec(),
            [ZIP, b"\x15\x00../../.ssh/authorized_keys"].concat(),
            [ZIP, b"\x15\x00<?php system('id');"].concat(),
        ] {
            let shown = file.escape_ascii();
            let score = score(Carrier::FileContent, &file);
            assert!(score >= Paranoia::One.threshold(), "{shown}: {score}");
        }
    }

    /// What a server may read as text is read as text, whatever it begins with.
    #[test]
    fn a_body_of_unknown_type_is_no_file_because_of_its_beginning() {
        for head in [b"%PDF-1.4\n1 0 obj\n".as_slice(), GIF, b"\x01\xff"] {
            let spaces = [b' '; 100];
            let body = [head, &spaces, b"' union select password from users--"].concat();
            let shown = body.escape_ascii();
            let score = score(Carrier::Text, &body);
            assert!(score >= Paranoia::One.threshold(), "{shown}: {score}");
        }
    }

    #[test]
    fn a_file_in_base64_is_no_path() {
        let data = "/9j/4AAQSkZJRgABAQEASABIAADAAACAgQAAQAAAEgVAAAAAAAAtAAAAAEAAAC0AAAAAQAAAP///\
                    //////////3////////////////////7///////////////////////////////////////////3\
                    ///////////////////////////+//////////////////////////33//////9/////////////\
                    //////////f/////////////////////////////////////////////////7///////////////\
                    ////////////+//////////+///////////////////";
        assert_eq!(score(Carrier::JsonValue, data.as_bytes()), 0);
        let lower = data.to_lowercase();
        assert!(is_encoded(lower.as_bytes()));
        assert!(is_encoded(
            format!("data:image/jpeg;base64,{lower}").as_bytes()
        ));
        let id = "0123456789abcdef".repeat(4);
        for path in [
            format!("../{lower}"),
            format!("data:/../../opt/secret;base64,{lower}"),
            format!("data:image/../../opt/secret;base64,{lower}"),
            "/usr/share/doc1/".repeat(20),
            format!("{}var/lib/docker/containers/{id}/config", "/".repeat(99)),
            data[..40].to_lowercase(),
        ] {
            assert!(!is_encoded(path.as_bytes()), "{path}");
        }
    }
}
