//! Bodies that are compressed, escaped, or longer than the part that is held.
#![cfg(feature = "inflate")]

use super::*;
use crate::checks::Watch;
use crate::held::BodyBudget;
use crate::verdict::{BodyPlan, Longer};
use std::sync::atomic::{AtomicUsize, Ordering};

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut out, text).unwrap();
    out.finish().unwrap()
}

/// A firewall that looks for one keyword in bodies and holds four kilobytes of each body.
fn looking(change: impl FnOnce(&mut Settings)) -> Arc<Firewall> {
    let records = Records {
        keywords: vec![KeywordRecord {
            keyword: "casino".into(),
            added: UNIX_EPOCH,
        }],
        ..Records::default()
    };
    let site = Site::with(|builder| {
        builder.records(records).with_settings(|settings| {
            settings.keywords.in_body = true;
            settings.payload.body_limit = 4096;
            change(settings);
        })
    });
    Arc::new(site.firewall)
}

/// The outcome for a body of this type and coding. The part that is not held arrives in pieces of
/// `size` bytes.
fn post(
    firewall: &Arc<Firewall>,
    target: &str,
    [kind, coding]: [&[u8]; 2],
    body: &[u8],
    size: usize,
) -> String {
    let view = RequestView {
        peer: Peer::Address(VISITOR.parse().unwrap()),
        headers: &[
            ("host", b"h"),
            ("transfer-encoding", b"chunked"),
            ("content-type", kind),
            ("content-encoding", coding),
        ],
        ..RequestView::new("POST", target.as_bytes())
    };
    let (verdict, mut exchange) = firewall.inspect(&view);
    let Verdict::NeedBody(plan) = verdict else {
        panic!("{verdict:?}");
    };
    if body.len() <= plan.limit {
        let body = CollectedBody::Whole(body);
        return code(&firewall.inspect_body(&view, &mut exchange, plan, body));
    }
    let (head, rest) = body.split_at(plan.limit);
    let mut watch = firewall.watch_body(&view, &mut exchange, head).unwrap();
    let late = watch.late_refusal();
    let end = rest.chunks(size).try_for_each(|chunk| watch.chunk(chunk));
    let is_refused = end.and_then(|()| watch.end()).is_err();
    let refusal = late.take().map(|(refusal, _)| refusal.cause.code());
    assert_eq!(is_refused, refusal.is_some());
    refusal.unwrap_or("ok").to_owned()
}

/// A multipart file part, followed by a text field.
fn upload(file: &str, behind: &str) -> Vec<u8> {
    format!("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\n{file}\r\n--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n{behind}\r\n--b--\r\n").into_bytes()
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";
const JSON: &[u8] = b"application/json";
const MULTIPART: &[u8] = b"multipart/form-data; boundary=b";
const PLAIN: &[u8] = b"identity";

/// Keywords are found in every encoding that is decoded, and beyond the part that is held.
#[test]
fn keywords_are_found_wherever_a_body_holds_them() {
    let firewall = looking(|settings| {
        settings.protections.enable = crate::Protections::of([Protection::IpKeywordBlock]);
    });
    let file = "x".repeat(20_000);
    for (kind, coding, body, expected) in [
        (FORM, PLAIN, b"a=c%61sino".to_vec(), "keyword"),
        (FORM, b"gzip", gzipped(b"a=casino"), "keyword"),
        (FORM, b"gzip", gzipped(b"a=casual"), "ok"),
        (JSON, PLAIN, br#"{"a":"\u0063asino"}"#.to_vec(), "keyword"),
        (JSON, PLAIN, br#"{"a":"casinos"}"#.to_vec(), "ok"),
        (MULTIPART, PLAIN, upload(&file, "the casino"), "keyword"),
        (MULTIPART, PLAIN, upload(&file, "the cas"), "ok"),
    ] {
        let outcome = post(&firewall, "/form", [kind, coding], &body, 7);
        let shown = String::from_utf8_lossy(&body);
        assert_eq!(outcome, expected, "{shown:.60}");
    }
}

/// The result does not depend on how the client splits its body: a fragment of a word is no
/// keyword, and a keyword split across chunks is found.
#[test]
fn a_keyword_is_the_same_in_whatever_pieces_a_body_comes() {
    let firewall = looking(|settings| {
        settings.protections.disable = crate::Protections::of([Protection::RateLimit]);
    });
    // Each word is eight bytes long. With one more byte of padding each time, every cut falls on
    // every edge of a word.
    let others = ["casinos ", "acasino "].map(|word| word.repeat(4000));
    let mut cases = Vec::new();
    for pad in 0..8 {
        for words in &others {
            let text = format!("{}{words}", " ".repeat(pad));
            let (front, back) = text.split_at(20_000 + pad);
            let found = format!("{front} casino {back}");
            cases.push((upload(&found, "x"), "keyword"));
            cases.push((upload(&text, "x"), "ok"));
        }
    }
    for (body, expected) in &cases {
        for size in [7, 1000, 8192, 100_000] {
            let outcome = post(&firewall, "/form", [MULTIPART, PLAIN], body, size);
            assert_eq!(outcome, *expected, "{size}");
        }
    }
}

/// If no protection may refuse a body for its content, the body is not refused for an unknown
/// coding either.
#[test]
fn keywords_refuse_no_coding_that_payload_is_not_to_refuse() {
    for (mode, expected) in [
        (crate::Mode::Block, "payload_unsupported"),
        (crate::Mode::Monitor, "ok"),
        (crate::Mode::Off, "ok"),
    ] {
        let firewall = looking(|settings| settings.payload.mode = mode);
        let outcome = post(
            &firewall,
            "/form",
            [b"text/plain", b"aws-chunked"],
            b"abcd",
            1,
        );
        assert_eq!(outcome, expected, "{mode:?}");
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
    let firewall = Arc::new(site.firewall);
    let text: String = (0..500).map(|n| format!("line {n}\n")).collect();
    let body = gzipped(text.as_bytes());
    assert!(body.len() <= 4096 && text.len() > 4096);
    let kind: [&[u8]; 2] = [b"text/plain", b"gzip"];
    assert_eq!(post(&firewall, "/import/x", kind, &body, 1), "ok");
    assert_eq!(post(&firewall, "/other", kind, &body, 1), "payload_spent");
}

/// Regression: a body that could no longer be parsed was kept to its end and reported once per
/// chunk.
#[test]
fn what_is_found_in_a_watched_body_is_told_once_and_the_rest_not_kept() {
    struct Asked(Arc<AtomicUsize>);
    impl Check for Asked {
        fn name(&self) -> &'static str {
            "asked"
        }
        fn head(&self, _: &Inspection<'_>) -> Outcome {
            Outcome::NeedBody(BodyPlan {
                limit: 4096,
                deadline: Duration::from_secs(9),
                longer: Longer::Watch,
            })
        }
        fn watch(&self, _: &Inspection<'_>) -> Option<Box<dyn Watch>> {
            Some(Box::new(Count(Arc::clone(&self.0))))
        }
    }
    struct Count(Arc<AtomicUsize>);
    impl Watch for Count {
        fn chunk(&mut self, _: &[u8]) -> Outcome {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0..3 => Outcome::Pass,
                _ => Outcome::Refuse(Cause::Panicked),
            }
        }
        fn end(&mut self) -> Outcome {
            self.chunk(b"")
        }
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let site = Site::with(|builder| {
        builder
            .check_after(Asked(Arc::clone(&asked)))
            .with_settings(|settings| {
                settings.preset = Preset::Monitor;
                settings.payload.body_limit = 4096;
            })
    });
    let firewall = Arc::new(site.firewall);
    let body = upload(&"x".repeat(50_000), "hello");
    assert_eq!(post(&firewall, "/f", [MULTIPART, PLAIN], &body, 1000), "ok");
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}

/// The kept part of a watched body is charged like a held body, and a fault that does not refuse
/// ends the watch. Regression: one line before the first delimiter caused the whole upload to be
/// kept.
#[test]
fn what_is_kept_of_a_watched_body_is_charged() {
    let start = |preset, head: &[u8]| {
        let site = Site::with(|builder| {
            builder.with_settings(|settings| {
                settings.preset = preset;
                settings.payload.body_limit = 4096;
            })
        });
        let firewall = Arc::new(site.firewall);
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            headers: &[
                ("host", b"h"),
                ("transfer-encoding", b"chunked"),
                ("content-type", MULTIPART),
            ],
            ..RequestView::new("POST", b"/f")
        };
        let (_, mut exchange) = firewall.inspect(&view);
        let mut body = head.to_vec();
        body.resize(4096, b'x');
        firewall.watch_body(&view, &mut exchange, &body).unwrap()
    };
    let field = b"--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n";
    let held = || BodyBudget::process().held();
    // Other tests in this process hold little.
    let mut watch = start(Preset::Balanced, field);
    for _ in 0..1000 {
        watch.chunk(&[b'y'; 1000]).unwrap();
    }
    assert!(held() >= 1_000_000, "{}", held());
    drop(watch);
    assert!(held() < 1_000_000, "{}", held());

    let mut watch = start(Preset::Monitor, b"one line\r\n");
    for _ in 0..2000 {
        watch.chunk(&[b'y'; 1000]).unwrap();
    }
    assert!(held() < 1_000_000, "{}", held());
}
