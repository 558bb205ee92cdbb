//! The multipart bodies that are accepted, and what must be seen of them.

use super::super::testing::*;
use super::super::{Carrier, Limits, Unsupported};
use super::*;
use proptest::prelude::*;

/// Reads a body that arrives in chunks of this size.
fn chunked(boundary: &str, body: &[u8], size: usize, limits: Limits) -> Got {
    let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
    collect_within(limits, |scratch, feed| {
        let mut multipart = Multipart::new(&ContentType::parse(content_type.as_bytes()))?;
        for chunk in body.chunks(size) {
            multipart.push(chunk, scratch, feed)?;
        }
        multipart.finish(scratch, feed)
    })
}

fn got(body: impl AsRef<[u8]>) -> Got {
    chunked("b", body.as_ref(), usize::MAX, Limits::default())
}

/// A body of one part with these header lines.
fn one(head: &str, content: &str) -> String {
    format!("--b\r\n{head}\r\n\r\n{content}\r\n--b--\r\n")
}

fn form(parts: &[(String, String)]) -> String {
    let parts = parts.iter().map(|(name, value)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    parts.chain(["--b--\r\n".to_owned()]).collect()
}

#[test]
fn hands_on_fields_and_files() {
    let body = concat!(
        "\r\n--b  \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n",
        "--b\r\ncontent-disposition:form-data;filename=\"x.png\" ; name=f\r\nContent-Type: image/png\r\nX-Odd: y z\r\n\r\n\u{89}PNG\r\n--b--",
    );
    assert_eq!(
        got(body),
        Got {
            fields: vec![
                seen(Carrier::PartName, "a", "a"),
                seen(Carrier::PartValue, "a", "one\r\ntwo"),
                seen(Carrier::PartHeader, "X-Odd", "y z"),
                seen(Carrier::PartName, "f", "f"),
                seen(Carrier::FileName, "f", "x.png"),
                seen(Carrier::FileContent, "f", "\u{89}PNG"),
            ],
            end: Ok(())
        }
    );
}

#[test]
fn a_type_that_a_server_runs_is_handed_on() {
    let types = |kind: &str| {
        let head = format!(
            "Content-Disposition: form-data; name=f; filename=a.txt\r\nContent-Type: {kind}"
        );
        let fields = got(one(&head, "x")).fields;
        let types = fields
            .iter()
            .filter(|field| field.carrier == Carrier::PartHeader);
        types.count()
    };
    assert_eq!(types("application/X-HTTPD-php"), 1);
    assert_eq!(types("text/plain; charset=utf-8"), 0);
}

#[test]
fn every_spelling_of_a_file_name_is_seen() {
    for parameters in [
        "filename=attack1marker",
        "filename=\"attack1marker\"",
        "FileName = \"attack1marker\"",
        "filename='attack1marker'",
        "filename*=UTF-8''%61ttack1marker",
        "filename*=utf-8'en'attack1marker",
        "filename*=attack1marker",
        "filename=\"ok\"; filename*=UTF-8''attack1marker",
        "filename*0=attack1; filename*1=marker",
        "filename*0*=utf-8''%61ttack1; filename*1*=%6darker",
        "filename*0=\"att\"; filename*1=\"ack1marker\"",
        "filename=\"att\\ack1marker\"",
        "file=attack1marker",
        "attack1marker",
        "filename=\"\"; attack1marker=1",
        "filename=\"attack1marker\\\" x\"",
    ] {
        let got = got(one(
            &format!("Content-Disposition: form-data; name=\"a\"; {parameters}"),
            "x",
        ));
        let named = got
            .fields
            .iter()
            .any(|field| field.name.ends_with(MARKER.as_bytes()));
        assert!(got.has_marker() || named, "{parameters}: {got:?}");
        assert_eq!(got.end, Ok(()), "{parameters}");
    }
}

#[test]
fn backslashes_are_read_both_ways() {
    let got = got(one(
        r#"Content-Disposition: form-data; name="a"; filename="..\.\x\"y""#,
        "x",
    ));
    assert_eq!(got.values(Carrier::FileName), [r#"..\.\x"y"#, r#"...x"y"#]);
}

#[test]
fn what_parsers_read_differently_is_malformed() {
    use Malformed::*;
    let head = "Content-Disposition: form-data; name=\"a\"";
    for (fault, body) in [
        (Preamble, format!("x\r\n{}", one(head, "v"))),
        (Preamble, "--".to_owned() + &one(head, "v")),
        (Epilogue, one(head, "v") + "x"),
        (Epilogue, one(head, "v") + &one(head, "v")),
        (Unterminated, String::new()),
        (Unterminated, format!("--b\r\n{head}\r\n\r\nv")),
        (Unterminated, format!("--b\r\n{head}\r\n\r\nv\r\n--b-")),
        (Unterminated, format!("--b\r\n{head}")),
        (Delimiter, one(head, "v --b w")),
        (Delimiter, one(head, "v\r--b\r\n")),
        (Delimiter, one(head, "v\r\n--bc\r\n")),
        (Delimiter, format!("--b\r\n{head}\r\n\r\n--b--\r\n")),
        (Delimiter, format!("--b\r\n{head}\r\n--b--\r\n")),
        (
            MixedLines,
            one(
                head,
                "v\n--b\nContent-Disposition: form-data; name=\"x\"\n\nw",
            ),
        ),
        (MixedLines, format!("--b\n{head}\r\n\r\nv\r\n--b--\r\n")),
        (MixedLines, format!("--b\r\n{head}\n\nv\r\n--b--\r\n")),
        (MixedLines, format!("--b\n{head}\n\nv\r\n--b--\n")),
        (
            PartHeader,
            one("Content-Disposition: form-data;\r\n name=\"a\"", "v"),
        ),
        (
            PartHeader,
            one("Content-Disposition : form-data; name=\"a\"", "v"),
        ),
        (
            PartHeader,
            one("Content-Disposition: form-data; name=\"a\0\"", "v"),
        ),
        (PartHeader, one("nonsense", "v")),
        (PartHeader, one(&format!("{head}\r; filename=x"), "v")),
        (PartParameter, one(&format!("{head}\r\n{head}"), "v")),
        (PartParameter, one(&format!("{head}; name=\"b\""), "v")),
        (PartParameter, one(&format!("{head}; NAME=b"), "v")),
        (
            PartParameter,
            one(&format!("{head}; filename=x; filename=y"), "v"),
        ),
        (
            PartParameter,
            one(
                "Content-Disposition: form-data; name=\"a\\\"; filename=\"x\"",
                "v",
            ),
        ),
        (
            PartParameter,
            one("Content-Disposition: form-data; name=\"a", "v"),
        ),
        (
            PartParameter,
            one("Content-Disposition: form-data; name=\"a\"x", "v"),
        ),
        (
            PartParameter,
            one(
                "Content-Disposition: form-data; name=\"a\"; name*=utf-8''b",
                "v",
            ),
        ),
        (
            PartParameter,
            one(&format!("{head}; filename*1=b; filename*0=a"), "v"),
        ),
        (
            ContentType,
            one(&format!("{head}\r\nContent-Type: a/b, c/d"), "v"),
        ),
    ] {
        assert_eq!(got(&body).end, Err(fault.into()), "{body:?}");
    }
}

#[test]
fn a_body_with_bare_line_feeds_throughout_is_read() {
    let body = form(&[("a".into(), "1".into()), ("b".into(), MARKER.into())]).replace("\r\n", "\n");
    let got = got(body);
    assert_eq!((got.has_marker(), got.end), (true, Ok(())));
}

#[test]
fn parts_have_types_sets_and_encodings_of_their_own() {
    let head = "Content-Disposition: form-data; name=\"a\"\r\n";
    let json = got(one(
        &format!("{head}Content-Type: application/json"),
        r#"{"k":"\u0061ttack1marker"}"#,
    ));
    assert_eq!(json.values(Carrier::JsonValue), [MARKER]);
    let xml = got(one(
        &format!("{head}Content-Type: text/xml; charset=utf-8"),
        "<k>&#97;ttack1marker</k>",
    ));
    assert_eq!(xml.values(Carrier::XmlText), [MARKER]);
    let wide: String = MARKER.chars().flat_map(|c| [c, '\0']).collect();
    assert!(
        got(one(
            &format!("{head}Content-Type: text/plain; charset=utf-16le"),
            &wide
        ))
        .has_marker()
    );
    assert!(
        got(one(
            &format!("{head}Content-Transfer-Encoding: base64"),
            "YXR0YWNr\r\nMW1hcmtlcg=="
        ))
        .has_marker()
    );
    assert!(
        got(one(
            &format!("{head}Content-Transfer-Encoding: quoted-printable"),
            "=61ttack=\r\n1marker"
        ))
        .has_marker()
    );
    let file = "Content-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n";
    assert!(
        got(one(
            &format!("{file}Content-Transfer-Encoding: base64"),
            "YXR0YWNrMW1hcmtlcg=="
        ))
        .has_marker()
    );
    // Tested in every position, because other products are known to check only the last part.
    for at in 0..3 {
        let parts: String = (0..3)
            .map(|n| {
                format!(
                    "--b\r\n{head}Content-Type: text/plain; charset={}\r\n\r\nv\r\n",
                    if n == at { "utf-7" } else { "utf-8" }
                )
            })
            .collect();
        assert_eq!(
            got(parts + "--b--").end,
            Err(Unsupported::Charset.into()),
            "{at}"
        );
    }
    assert_eq!(
        got(form(&[("_charset_".into(), "utf-7".into())])).end,
        Err(Unsupported::Charset.into())
    );
    assert_eq!(
        got(form(&[("_charset_".into(), "UTF-8".into())])).end,
        Ok(())
    );
    assert_eq!(
        got(one(
            &format!("{head}Content-Transfer-Encoding: x-uuencode"),
            "v"
        ))
        .end,
        Err(Unsupported::TransferEncoding.into())
    );
    assert_eq!(
        got(one(
            "Content-Disposition: form-data; name=a; filename*=utf-16''%00a",
            "v"
        ))
        .end,
        Err(Unsupported::Charset.into())
    );
}

#[test]
fn a_part_that_is_a_file_to_some_is_read_as_a_field() {
    let long = "x".repeat(10_000) + MARKER;
    for head in [
        "form-data; name=a",
        "form-data; name=a; filename=\"\"",
        "form-data; name=a; filename*=utf-8''f",
        "form-data",
        "attachment",
    ] {
        assert!(
            got(one(&format!("Content-Disposition: {head}"), &long)).has_marker(),
            "{head}"
        );
    }
    assert!(got(format!("--b\r\n\r\n{long}\r\n--b--")).has_marker());
}

#[test]
fn a_marker_is_seen_in_every_position_or_the_budget_is_spent() {
    for decoys in [0, 1, 2, 500, 2047, 2048] {
        for at in [0, decoys / 2, decoys] {
            for as_name in [false, true] {
                let mut parts = vec![("p".to_owned(), "v".to_owned()); decoys];
                let marked = if as_name {
                    (MARKER.into(), "v".into())
                } else {
                    ("p".into(), MARKER.into())
                };
                parts.insert(at, marked);
                let got = got(form(&parts));
                assert!(got.has_marker() || got.is_spent(), "{at} of {decoys}");
                assert_eq!(got.is_spent(), decoys + 1 > 2048);
            }
        }
    }
}

#[test]
fn bounds_hold_to_the_byte() {
    let limits = Limits {
        part_value: 100,
        part_head: 200,
        file_head: 50,
        ..Limits::default()
    };
    for padding in [86, 87, 88, 870] {
        let got = chunked(
            "b",
            form(&[("a".into(), "x".repeat(padding) + MARKER)]).as_bytes(),
            7,
            limits,
        );
        assert_eq!(
            (got.has_marker(), got.is_spent()),
            (padding <= 87, padding > 87),
            "{padding}"
        );
    }
    let head = "Content-Disposition: form-data; name=\"a\"; filename=\"\"";
    for padding in [50, 118, 119, 120, 1200] {
        let line = format!("X: {}{MARKER}", "x".repeat(padding));
        let whole = head.len() + 2 + line.len() + 4 <= 200;
        let got = chunked(
            "b",
            one(&format!("{head}\r\n{line}"), "v").as_bytes(),
            1,
            limits,
        );
        assert_eq!(
            (got.has_marker(), got.is_spent()),
            (whole, !whole),
            "{padding}"
        );
    }
    let file = one(
        "Content-Disposition: form-data; name=\"a\"; filename=\"f\"",
        &"0123456789".repeat(100),
    );
    let got = chunked("b", file.as_bytes(), 7, limits);
    assert_eq!(
        (got.values(Carrier::FileContent), got.end),
        (vec!["0123456789".repeat(5)], Ok(()))
    );
}

#[test]
fn the_head_of_a_file_is_handed_on_before_the_file_ends() {
    let head = "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\n";
    let got = got(format!("{head}{MARKER}{}", "x".repeat(5000)));
    assert_eq!(
        (got.has_marker(), got.end),
        (true, Err(Malformed::Unterminated.into()))
    );
}

#[test]
fn content_that_resembles_a_delimiter_is_content() {
    for content in [
        "\r\n--",
        "\r\n-",
        "\r",
        "\r\n",
        "--",
        "-\r\n-b",
        "\r\n\r\n",
        "--\r\n--a\r\n--",
    ] {
        for size in 1..8 {
            let got = chunked(
                "b",
                form(&[("a".into(), content.into())]).as_bytes(),
                size,
                Limits::default(),
            );
            assert_eq!(
                got.values(Carrier::PartValue),
                [content],
                "{content:?} by {size}"
            );
            assert_eq!(got.end, Ok(()));
        }
    }
}

#[test]
fn hostile_bodies_are_linear_in_chunks_of_any_size() {
    for unit in ["--b\r\n\r\n\r\n", "\r\n--", "--", "\r\n", "x:y\r\n", "-"] {
        let body = format!("--b\r\nX: y\r\n\r\n{}", unit.repeat(5000));
        for size in [1, 3, 64, 1 << 20] {
            assert_linear(body.len(), || {
                drop(chunked("b", body.as_bytes(), size, Limits::default()))
            });
        }
    }
}

#[test]
fn a_head_that_comes_byte_by_byte_is_read_once() {
    let body = format!("--b\r\nx: {}", "a".repeat(4000));
    assert_linear(body.len(), || {
        drop(chunked("b", body.as_bytes(), 1, Limits::default()));
    });
}

proptest! {
    #[test]
    fn is_linear_and_never_panics(body in soup(b"--bb\r\n\r\n:;=\"aA\\\0\xff", 300), size in 1usize..40) {
        let body = [b"--b\r\n", &body[..]].concat();
        assert_linear(body.len(), || drop(chunked("b", &body, size, Limits::default())));
    }

    #[test]
    fn how_a_body_is_cut_into_chunks_changes_nothing(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "--b", "\r\n", "\n", "\r", "--", "Content-Disposition: form-data; name=\"a\"", "; filename=\"f\"", "\r\n\r\n", "x", "--b--", "\r\n--b\r\n", "X: y", " ",
        ]), 0..24),
        size in 1usize..12,
    ) {
        let body = format!("--b\r\n{}", pieces.concat());
        let whole = got(&body);
        prop_assert_eq!(chunked("b", body.as_bytes(), size, Limits::default()), whole);
    }

    #[test]
    fn what_is_built_is_read_back(
        parts in proptest::collection::vec(("[a-zA-Z0-9_ é]{1,10}", "[ -~\r\né]{0,40}", any::<bool>()), 0..8),
    ) {
        prop_assume!(parts.iter().all(|(_, value, _)| !value.contains("--b")));
        let mut body = String::new();
        let mut expected = Vec::new();
        for (name, value, file) in &parts {
            let file_name = if *file { "; filename=\"f.txt\"" } else { "" };
            body += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n{value}\r\n");
            expected.push(seen(Carrier::PartName, name, name));
            if *file {
                expected.push(seen(Carrier::FileName, name, "f.txt"));
            }
            if !value.is_empty() {
                expected.push(seen(if *file { Carrier::FileContent } else { Carrier::PartValue }, name, value));
            }
        }
        body += "--b--\r\n";
        for size in 1..=body.len().min(80) {
            let got = chunked("b", body.as_bytes(), size, Limits::default());
            prop_assert_eq!(&got.fields, &expected);
            prop_assert_eq!(got.end, Ok(()));
        }
    }
}
