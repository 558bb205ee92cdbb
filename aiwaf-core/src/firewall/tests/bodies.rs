//! Bodies that are packed, escaped, or longer than what is held of them.
#![cfg(feature = "inflate")]

use super::*;

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut out, text).unwrap();
    out.finish().unwrap()
}

/// In every spelling that a body is decoded from, and behind more than is held of it.
#[test]
fn keywords_are_found_wherever_a_body_holds_them() {
    let records = Records {
        keywords: vec![KeywordRecord {
            keyword: "casino".into(),
            added: std::time::UNIX_EPOCH,
        }],
        ..Records::default()
    };
    let site = Site::with(|builder| {
        builder.records(records).with_settings(|settings| {
            settings.keywords.in_body = true;
            settings.protections.enable = crate::Protections::of([Protection::IpKeywordBlock]);
            settings.payload.body_limit = 4096;
        })
    });
    let firewall = Arc::new(site.firewall);
    let multipart = |text: &str| {
        let file = "x".repeat(20_000);
        format!("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\n\r\n{file}\r\n--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n{text}\r\n--b--\r\n").into_bytes()
    };
    let form: &[u8] = b"application/x-www-form-urlencoded";
    for (kind, coding, body, found) in [
        (form, b"identity".as_slice(), b"a=c%61sino".to_vec(), true),
        (form, b"gzip", gzipped(b"a=casino"), true),
        (form, b"gzip", gzipped(b"a=casual"), false),
        (
            b"application/json",
            b"identity",
            br#"{"a":"\u0063asino"}"#.to_vec(),
            true,
        ),
        (
            b"application/json",
            b"identity",
            br#"{"a":"casinos"}"#.to_vec(),
            false,
        ),
        (
            b"multipart/form-data; boundary=b",
            b"identity",
            multipart("the casino"),
            true,
        ),
        (
            b"multipart/form-data; boundary=b",
            b"identity",
            multipart("the cas"),
            false,
        ),
    ] {
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            headers: &[
                ("host", b"h"),
                ("transfer-encoding", b"chunked"),
                ("content-type", kind),
                ("content-encoding", coding),
            ],
            ..RequestView::new("POST", b"/form")
        };
        let (verdict, mut exchange) = firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{verdict:?}");
        };
        let shown = String::from_utf8_lossy(&body);
        let outcome = if body.len() <= plan.limit {
            code(&firewall.inspect_body(&view, &mut exchange, plan, CollectedBody::Whole(&body)))
        } else {
            let (head, rest) = body.split_at(plan.limit);
            let mut watch = firewall.watch_body(&view, &mut exchange, head).unwrap();
            let late = watch.late_refusal();
            let mut end = Ok(());
            for chunk in rest.chunks(7) {
                end = end.and_then(|()| watch.chunk(chunk));
            }
            let _ = end.and_then(|()| watch.end());
            late.take().map_or("ok".to_owned(), |(refusal, _)| {
                refusal.cause.code().to_owned()
            })
        };
        assert_eq!(outcome, if found { "keyword" } else { "ok" }, "{shown:.60}");
    }
}

/// However the client cuts its body: a word that is cut is no keyword, and one that is cut through is found.
#[test]
fn a_keyword_is_the_same_in_whatever_pieces_a_body_comes() {
    let records = Records {
        keywords: vec![KeywordRecord {
            keyword: "casino".into(),
            added: std::time::UNIX_EPOCH,
        }],
        ..Records::default()
    };
    let site = Site::with(|builder| {
        builder.records(records).with_settings(|settings| {
            settings.keywords.in_body = true;
            settings.payload.body_limit = 4096;
            settings.protections.disable = crate::Protections::of([Protection::RateLimit]);
        })
    });
    let firewall = Arc::new(site.firewall);
    let file = |text: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\n{text}\r\n--b--\r\n"
        )
    };
    // Eight bytes each: with one more before them, and so on, every cut falls on every edge of a word.
    let others = ["casinos ", "acasino "].map(|word| word.repeat(4000));
    let mut cases = Vec::new();
    for pad in 0..8 {
        for words in &others {
            let text = format!("{}{words}", " ".repeat(pad));
            let (front, back) = text.split_at(20_000 + pad);
            cases.push((file(&format!("{front} casino {back}")), true));
            cases.push((file(&text), false));
        }
    }
    for (body, found) in &cases {
        for size in [7, 1000, 8192, 100_000] {
            let view = RequestView {
                peer: Peer::Address(VISITOR.parse().unwrap()),
                headers: &[
                    ("host", b"h"),
                    ("transfer-encoding", b"chunked"),
                    ("content-type", b"multipart/form-data; boundary=b"),
                ],
                ..RequestView::new("POST", b"/form")
            };
            let (_, mut exchange) = firewall.inspect(&view);
            let (head, rest) = body.as_bytes().split_at(4096);
            let mut watch = firewall.watch_body(&view, &mut exchange, head).unwrap();
            let mut chunks = rest.chunks(size);
            let end = chunks.try_for_each(|chunk| watch.chunk(chunk));
            let end = end.and_then(|()| watch.end());
            assert_eq!(end.is_err(), *found, "{size}");
        }
    }
}

/// What nobody is to refuse for what it holds is not refused for being of an unknown kind either.
#[test]
fn keywords_refuse_no_coding_that_payload_is_not_to_refuse() {
    for (mode, expected) in [
        (crate::Mode::Block, "payload_unsupported"),
        (crate::Mode::Monitor, "ok"),
        (crate::Mode::Off, "ok"),
    ] {
        let records = Records {
            keywords: vec![KeywordRecord {
                keyword: "casino".into(),
                added: std::time::UNIX_EPOCH,
            }],
            ..Records::default()
        };
        let site = Site::with(|builder| {
            builder.records(records).with_settings(|settings| {
                settings.keywords.in_body = true;
                settings.payload.mode = mode;
            })
        });
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            headers: &[
                ("host", b"h"),
                ("content-length", b"4"),
                ("content-encoding", b"aws-chunked"),
            ],
            ..RequestView::new("POST", b"/form")
        };
        let (verdict, mut exchange) = site.firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{verdict:?}");
        };
        let body = CollectedBody::Whole(b"abcd");
        let verdict = site.firewall.inspect_body(&view, &mut exchange, plan, body);
        assert_eq!(code(&verdict), expected, "{mode:?}");
    }
}

#[test]
fn a_rule_s_own_limit_of_a_body_bounds_what_it_inflates_to() {
    let site = Site::with(|builder| {
        builder.with_settings(|settings| {
            settings.payload.body_limit = 4096;
            settings.path_rules = vec![PathRule {
                prefix: "/import".into(),
                body_limit: Some(1 << 20),
                ..PathRule::default()
            }];
        })
    });
    let text: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
    let body = gzipped(text.as_bytes());
    let ask = |target: &'static [u8]| {
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            headers: &[
                ("host", b"h"),
                ("transfer-encoding", b"chunked"),
                ("content-type", b"text/plain"),
                ("content-encoding", b"gzip"),
            ],
            ..RequestView::new("POST", target)
        };
        let (verdict, mut exchange) = site.firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{verdict:?}");
        };
        let body = CollectedBody::Whole(&body);
        code(&site.firewall.inspect_body(&view, &mut exchange, plan, body))
    };
    assert_eq!(ask(b"/import/x"), "ok");
    assert_eq!(ask(b"/other"), "payload_spent");
}
