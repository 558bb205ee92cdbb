//! Files: what is a picture, an archive or a document, and what in it is there by chance.
//!
//! The bytes of such a file contain no language, so no recogniser reads them. Signatures are still
//! searched, as scripts for the server are hidden in pictures: `GIF89a...<?php`. A signature of
//! three or four bytes, however, occurs by chance in one of some thousand files, and in the tables
//! of certain pictures in each of them.

use super::category::Category;
use super::field::{Carrier, Field};

/// How much of a file is looked at to see whether it is text.
const HEAD: usize = 512;

/// The longest literal that a file may hold by chance, and how many bytes from its start must then
/// be without control characters.
const SHORT: usize = 4;
const PRINTED: usize = 16;

/// With this a document begins that consists of objects in text and of compressed streams. Those may
/// come late in it.
const PDF: &[u8] = b"%PDF-";

/// Whether a field is a file, or a body of unknown type, and is not text.
///
/// The content of an upload is not text if its beginning has a control character and is not UTF-8.
/// What a server may read as text needs many of them.
pub(super) fn is_binary(field: &Field<'_>) -> bool {
    let head = field.value.get(..HEAD).unwrap_or(field.value);
    let controls = || head.iter().filter(|b| matches!(b, 0..=8 | 14..=31)).count();
    let is_invalid = || match std::str::from_utf8(head) {
        Ok(_) => false,
        // A character cut off at the end is not a fault.
        Err(error) => error.error_len().is_some(),
    };
    match field.carrier {
        Carrier::FileContent => {
            head.starts_with(PDF) || {
                let controls = controls();
                controls > 0 && is_invalid() || controls * 5 > head.len()
            }
        }
        Carrier::Text => {
            let controls = controls();
            controls * 20 > head.len() && is_invalid() || controls * 5 > head.len()
        }
        _ => false,
    }
}

/// Whether a signature of this category, whose literal has `len` bytes and begins `text`, may be there
/// by chance in a file that is not text: it is short and no script goes on behind it, or it names
/// what a file cannot ask for.
pub(super) fn is_chance(
    carrier: Carrier,
    category: Option<Category>,
    text: &[u8],
    len: usize,
) -> bool {
    // Every archive of Java and every document of an office names its own parts: `META-INF/`.
    let is_name = matches!(category, Some(Category::Lfi | Category::Ldap));
    let printed = text.get(..PRINTED).unwrap_or(text);
    carrier == Carrier::FileContent && is_name
        || len <= SHORT
            && (printed.iter().any(u8::is_ascii_control)
                || text
                    .strip_prefix(b"<?=")
                    .is_some_and(|rest| !begins_expression(rest)))
}

/// Whether a text is a drawing in PostScript as programs write it, with comments on its structure.
/// What makes an interpreter run commands has signatures of its own.
pub(super) fn is_printout(text: &[u8]) -> bool {
    text.starts_with(b"%!ps-adobe-")
}

/// Whether an expression of PHP may begin here. The tables of pictures count upwards instead:
/// `<?=<;<=>>==>`.
fn begins_expression(text: &[u8]) -> bool {
    text.trim_ascii_start().first().is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || *byte >= 0x80 || b"$`\"'(@_\\/#!~+-[".contains(byte)
    })
}

/// Whether a squeezed text is a file in base64, whose slashes part no names: it is long, and what
/// stands between some of them is no word.
pub(super) fn is_encoded(text: &[u8]) -> bool {
    const LONG: usize = 128;
    const NO_WORD: usize = 32;
    let data = match memchr::memmem::find(text, b";base64,") {
        Some(at) if text.starts_with(b"data:") => text.get(at + 8..).unwrap_or_default(),
        _ => text,
    };
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    data.len() >= LONG
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
            name: b"file",
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
                b"stream\n|mv+hog \xf5~{\x9f\x88(a) df \xbc\n",
            ),
            (GIF, b"@{\xdcc\xadm\xf4} #{\xe6p\xc9 }"),
            (GIF, b"*)(\x10\x20"),
            (
                b"PK\x03\x04\x14\x00\x00\xff",
                b"\x15\x00META-INF/manifest.xml",
            ),
            (
                b"%!PS-Adobe-3.0 EPSF-3.0\n",
                b"%%BoundingBox: 0 0 9 9\nnewpath",
            ),
            (
                JPEG,
                b"89:::989:;><;:;<<<?=<;<=>>==>>>>>=>>>>>?>>>?>>\xff\xc0",
            ),
            (JPEG, b"\x88<?=\x01\xfe\x02"),
            (JPEG, b"\xa0$(<\x03\xffid"),
        ] {
            let file = [head, content].concat();
            let shown = file.escape_ascii();
            assert_eq!(score(Carrier::FileContent, &file), 0, "{shown}");
        }
    }

    #[test]
    fn a_file_in_base64_is_no_path() {
        let data = "/9j/4AAQSkZJRgABAQEASABIAAD/4R3+RXhpZgAASUkqAAgAAAAJAA8BAgAGAAAAegAAABABAgAVAAAA\
                    gAAAAA4BAgAHAAAAlgAAAAEA/////6oC4wAgAJUAwAAAAAAAAAAAAAAAAAD//zEA4AjgCAAAAQACAKoC";
        let lower = data.to_lowercase();
        assert!(is_encoded(lower.as_bytes()));
        assert!(is_encoded(
            format!("data:image/jpeg;base64,{lower}").as_bytes()
        ));
        assert!(!is_encoded(format!("../{lower}").as_bytes()));
        assert!(!is_encoded("/usr/share/doc1/".repeat(20).as_bytes()));
        assert!(!is_encoded(b"/9j/4AAQSkZJRgABAQEASABIAAD"));
    }

    #[test]
    fn a_script_in_a_file_is_found() {
        for script in [
            b"%!PS-Adobe-3.0\nuserdict /setpagedevice undef".as_slice(),
            b"%!PS-Adobe-3.0\n(%pipe%id) (w) file",
            b"<?php system($_GET['c']);",
            b"<?=`$_GET[0]`?>",
            b"<?= system('id') ?>",
            b"<?=/*\xff*/system('id')?>",
            b"<?=\"\\x73ystem\"('id');",
            b"\x01<?=<;<=>\x02<?=`$_GET[0]`?>\x01",
            b"<% Runtime.getRuntime().exec(\"id\"); %>",
            b"<%eval request(\"c\")%>",
            b"<%= `id` %>",
            b"<cfexecute name=\"id\">",
        ] {
            for head in [GIF, JPEG, b"%PDF-1.4\n"] {
                let file = [head, script].concat();
                let shown = file.escape_ascii();
                let score = score(Carrier::FileContent, &file);
                assert!(score >= Paranoia::One.threshold(), "{shown}: {score}");
            }
        }
    }

    /// What a server may read as text is read as text, whatever it begins with.
    #[test]
    fn a_body_of_unknown_type_is_no_file_because_of_its_beginning() {
        for head in [b"%PDF-1.4\n".as_slice(), b"GIF89a", b"\x01\xff"] {
            let body = [head, b"' union select password from users--"].concat();
            let shown = body.escape_ascii();
            let score = score(Carrier::Text, &body);
            assert!(score >= Paranoia::One.threshold(), "{shown}: {score}");
        }
    }
}
