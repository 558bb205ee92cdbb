//! A link or a document whose parts are clean is clean as a whole, except for signatures.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use proptest::prelude::*;

use super::gate::{piece, search};
use super::*;

/// The findings in the whole value, if none is found in the parts.
fn hidden_by_parts(detector: &Detector, carrier: Carrier, value: &[u8]) -> Option<String> {
    let field = Field {
        carrier,
        name: b"field",
        value,
    };
    let rules = |findings: &Findings| findings.iter().map(|found| found.rule).collect::<Vec<_>>();
    let (mut by_parts, mut as_text) = (Findings::new(), Findings::new());
    let scratch = &mut Scratch::default();
    detector.judge(field, Paranoia::Four, scratch, &mut by_parts);
    detector.judge_ungated(field, Paranoia::Four, scratch, &mut as_text);
    (by_parts.is_empty() && !as_text.is_empty()).then(|| {
        format!(
            "{:?} in {carrier:?} {:?}",
            rules(&as_text),
            String::from_utf8_lossy(value)
        )
    })
}

/// Carriers that hold links and documents.
const HOLDERS: [Carrier; 7] = [
    Carrier::QueryValue,
    Carrier::CookieValue,
    Carrier::FormValue,
    Carrier::JsonValue,
    Carrier::PartValue,
    Carrier::OwnHeader,
    Carrier::Header,
];

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'/' | b'_' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02x}"),
        })
        .collect()
}

/// Base64 is only decoded if its content is text.
fn is_text(document: &str) -> bool {
    document.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

proptest! {
    #![proptest_config(search())]

    #[test]
    fn a_link_hides_nothing(
        host in prop::sample::select(vec!["shop.example.org", "WWW.example.com:8443", "127.0.0.1", "localhost", "a@b.example.org", "x.internal", "169.254.169.254.x.org"]),
        path in piece(),
        pairs in prop::collection::vec((piece(), piece()), 0..3),
        fragment in prop::option::of(piece()),
        layers in 0..3,
        carrier in prop::sample::select(HOLDERS.to_vec()),
    ) {
        thread_local!(static DETECTOR: Detector = Detector::with_model(None));
        for raw in [true, false] {
            let text = |text: &str| if raw { text.to_owned() } else { escaped(text) };
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect();
            let mut link = format!("https://{host}/{}", text(&path));
            if !pairs.is_empty() {
                link = format!("{link}?{}", pairs.join("&"));
            }
            if let Some(fragment) = &fragment {
                link = format!("{link}#{}", text(fragment));
            }
            for _ in 0..layers {
                link = format!("http://www.example.net/go?to={}", escaped(&link));
            }
            DETECTOR.with(|detector| assert_eq!(hidden_by_parts(detector, carrier, link.as_bytes()), None));
        }
    }

    #[test]
    fn the_spelling_of_base64_hides_nothing(
        text in prop_oneof![
            "[A-Za-z0-9+/_-]{8,40}={0,2}",
            piece().prop_map(|text| BASE64_STANDARD.encode(text)),
            prop::collection::vec(piece(), 1..4).prop_map(|pieces| {
                let is_sign = |sign: &char| sign.is_ascii_alphanumeric() || "+/_-".contains(*sign);
                pieces.concat().chars().filter(is_sign).collect::<String>()
            }),
        ],
        carrier in prop::sample::select(HOLDERS.to_vec()),
    ) {
        thread_local!(static DETECTOR: Detector = Detector::with_model(None));
        DETECTOR.with(|detector| assert_eq!(hidden_by_parts(detector, carrier, text.as_bytes()), None));
    }

    #[test]
    fn a_document_hides_no_string(
        strings in prop::collection::vec((piece(), piece()), 1..4),
        is_object: bool,
        is_wrapped: bool,
        carrier in prop::sample::select(HOLDERS.to_vec()),
    ) {
        thread_local!(static DETECTOR: Detector = Detector::with_model(None));
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let members: Vec<_> = strings.iter().map(|(key, text)| match is_object {
            true => format!("{}:{}", quoted(key), quoted(text)),
            false => format!("{},{}", quoted(key), quoted(text)),
        }).collect();
        let document = match is_object {
            true => format!("{{{}}}", members.join(", ")),
            false => format!("[{}]", members.join(",")),
        };
        let document = match is_wrapped && is_text(&document) {
            true => BASE64_STANDARD.encode(document),
            false => document,
        };
        DETECTOR.with(|detector| {
            let found = judge_with(detector, carrier, document.as_bytes());
            for (is_key, text) in strings.iter().flat_map(|(key, text)| [(is_object, key), (false, text)]) {
                let carrier = match (carrier, is_key) {
                    (Carrier::Header, _) => return,
                    (_, true) => Carrier::JsonKey,
                    (Carrier::CookieValue, false) => Carrier::CookieValue,
                    (_, false) => Carrier::JsonValue,
                };
                let mut findings = Findings::new();
                let part = Field { carrier, name: b"field", value: text.as_bytes() };
                detector.judge_ungated(part, Paranoia::One, &mut Scratch::default(), &mut findings);
                let is_told = findings.is_empty() || found.total() >= findings.total().min(Paranoia::One.threshold());
                assert!(is_told, "{text:?} in {document}");
            }
        });
    }

    #[test]
    fn a_query_hides_no_string(
        strings in prop::collection::vec(piece(), 1..4),
        begins in prop::sample::select(vec!["{", "mutation {", "query Q($id: ID!) {"]),
        carrier in prop::sample::select(vec![Carrier::QueryValue, Carrier::JsonValue, Carrier::Text]),
    ) {
        thread_local!(static DETECTOR: Detector = Detector::with_model(None));
        let arguments: Vec<_> = strings.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
        let query = format!("{begins} order(note: {}) {{ id }} }}", arguments.join(", code: "));
        DETECTOR.with(|detector| {
            let found = judge_with(detector, carrier, query.as_bytes()).total();
            for text in &strings {
                let mut findings = Findings::new();
                let part = Field { carrier: Carrier::JsonValue, name: b"field", value: text.as_bytes() };
                detector.judge_ungated(part, Paranoia::One, &mut Scratch::default(), &mut findings);
                assert!(found >= findings.total().min(Paranoia::One.threshold()), "{text:?} in {query}");
            }
        });
    }
}

/// Attacks that the check of the parts once hid in a link, found by generated links.
#[test]
fn what_a_link_hid_once_it_hides_no_more() {
    let detector = Detector::with_model(None);
    for link in [
        "https://shop.example.org/a?a=1) or (1#*I",
        "https://shop.example.org/a?a=1)+or+(1#*I",
    ] {
        for carrier in HOLDERS {
            assert_eq!(hidden_by_parts(&detector, carrier, link.as_bytes()), None);
        }
    }
}

/// A value that is clean as it stands is judged by its content in base64 alone.
#[test]
fn base64_is_judged_by_its_content() {
    let detector = Detector::new();
    let found = |text: &str| {
        let value = BASE64_STANDARD.encode(text);
        judge_with(&detector, Carrier::QueryValue, value.as_bytes()).total()
    };
    assert!(found("<script>alert(document.cookie)</script>") >= Paranoia::One.threshold());
    assert_eq!(found("{\"id\":\"dab7d68\",\"type\":\"silent\"}"), 0);
    let value = b"eyJpZCI6ImRhYjdkNjgiLCJ0eXBlIjoic2lsZW50In0=";
    assert!(detector.gate.is_only_base64(Carrier::QueryValue, value));
    assert!(!detector.gate.is_only_base64(Carrier::Header, value));
    let field = Field {
        carrier: Carrier::QueryValue,
        name: b"state",
        value,
    };
    let mut texts = Vec::new();
    detector.texts(field, &mut Scratch::default(), |text| {
        texts.push(text.to_vec())
    });
    assert_eq!(texts, [br#"{"id":"dab7d68","type":"silent"}"#]);
}

#[test]
fn a_link_may_name_its_parameters_with_underscores() {
    let detector = Detector::new();
    let is_clean = |link: &str| {
        detector
            .gate
            .clean_link(Carrier::QueryValue, link.as_bytes())
    };
    assert!(is_clean("https://shop.example.org/a?_t=95&__biz=x"));
    assert!(!is_clean("https://shop.example.org/a?_t=95&1=1"));
}

/// A server reads the header of a signed token before it checks the signature, and opens what it
/// names.
#[test]
fn the_header_of_a_token_is_read() {
    let token = |header: &str| {
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", encode(header), encode(r#"{"sub":"1"}"#))
    };
    let points = |carrier, value: &str| {
        let field = Field {
            carrier,
            name: b"authorization",
            value: value.as_bytes(),
        };
        let scratch = &mut Scratch::default();
        Detector::new().judge(field, Paranoia::One, scratch, &mut Findings::new())
    };
    for (header, is_attack) in [
        (r#"{"alg":"HS256","kid":"../../../../dev/null"}"#, true),
        (
            r#"{"alg":"HS256","kid":"x' UNION SELECT 'key';-- -"}"#,
            true,
        ),
        (r#"{"alg":"HS256","kid":"key.pem|/usr/bin/id"}"#, true),
        (
            r#"{"alg":"RS256","jku":"http://169.254.169.254/keys"}"#,
            true,
        ),
        (r#"{"typ":"JWT", "alg": "nOnE"}"#, true),
        (
            r#"{"alg":"RS256","jku":"https://login.example.com/keys.json"}"#,
            false,
        ),
        (
            r#"{"alg":"RS256","kid":"k+/7Zw==","x5c":["MIIC+zCCAeOgAwIBAgIJ"]}"#,
            false,
        ),
        (
            r#"{"alg":"RS256","kid":"https://example.vault.azure.net/keys/a/1f"}"#,
            false,
        ),
        (r#"{"alg":"ES256","kid":"my key 1","note":"none"}"#, false),
    ] {
        let token = token(header);
        for (carrier, value) in [
            (Carrier::Header, format!("Bearer {token}")),
            (Carrier::CookieValue, token.clone()),
            (Carrier::JsonValue, token.clone()),
            (Carrier::QueryValue, token),
        ] {
            let points = points(carrier, &value);
            let is_refused = points >= Paranoia::One.threshold();
            assert_eq!(is_refused, is_attack, "{header} in {carrier:?}: {points}");
        }
    }
}
