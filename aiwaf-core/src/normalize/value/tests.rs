use ::base64::prelude::{BASE64_STANDARD, Engine as _};
use proptest::prelude::*;

use super::*;

fn last(value: &[u8]) -> Vec<u8> {
    let mut normalizer = Normalizer::new();
    let views = normalizer.views(value);
    views
        .refolded
        .or(views.unwrapped)
        .or(views.folded)
        .unwrap_or(views.decoded)
        .to_vec()
}

#[test]
fn a_clean_value_is_borrowed() {
    let value = b"Fifty percent off - today only, O'Brien";
    let mut normalizer = Normalizer::new();
    let views = normalizer.views(value);
    assert!(std::ptr::eq(views.decoded, value.as_slice()));
    assert!(views.folded.is_none() && views.unwrapped.is_none());
    assert_eq!(views.rounds, 0);
}

#[test]
fn every_spelling_becomes_the_same_text() {
    for spelling in [
        "<script>",
        "%3Cscript%3E",
        "%253Cscript%253E",
        "%25253Cscript%25253e",
        "%u003Cscript%u003e",
        "&lt;script&gt;",
        "&ltscript&gt",
        "&#60;script&#x3e;",
        "&#0000060script&#x03E",
        "&#000000000000000000000060;script&#x00000000000000000000003e;",
        "\\u0025\\u0033\\u0043script\\u00253E",
        "\\u00255cu003cscript\\u00255cu003e",
        "\\x3cscript\\x3e",
        "\\u003cscript\\u003E",
        "\\u{3c}script\\u{3e}",
        "\\74script\\76",
        "%C0%BCscript%C0%BE",
        "%E0%80%BCscript%F0%80%80%BE",
        "<scr\u{0}ipt>",
        "%3Cscr%00ipt%3E",
        "＜ｓｃｒｉｐｔ＞",
        "<\u{1d530}\u{1d520}\u{1d52f}\u{1d526}\u{1d52d}\u{1d531}>",
        "<scr\u{200b}ipt>",
    ] {
        assert_eq!(
            String::from_utf8_lossy(&last(spelling.as_bytes())),
            "<script>",
            "{spelling}"
        );
    }
}

#[test]
fn base64_text_is_unwrapped_and_tokens_are_not() {
    assert_eq!(
        last(b"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="),
        b"<script>alert(1)</script>"
    );
    assert_eq!(
        last(b"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg"),
        b"<script>alert(1)</script>"
    );
    // The plus sign of a form that was not encoded, and layers below the base64.
    assert_eq!(last(b"YT48c2NyaXB0Pj8 Pg"), b"a><script>?>>");
    assert_eq!(last(b"JTNCY2F0JWMwJWEwJWMwJWFmZXRj"), b";cat /etc");
    let token = b"q83vEjRWeJq83vEjRWeJq83vEg";
    assert_eq!(last(token), token);
}

#[test]
fn malformed_escapes_stay() {
    for value in [
        "100%",
        "50% off",
        "%zz",
        "%u12",
        "&unknown;",
        "\\d+",
        "C:\\new",
    ] {
        assert_eq!(String::from_utf8_lossy(&last(value.as_bytes())), value);
    }
}

#[test]
fn a_value_encoded_too_often_is_reported() {
    let mut value = "%41".to_owned();
    for _ in 0..MAX_ROUNDS {
        value = value.replace('%', "%25");
    }
    let mut normalizer = Normalizer::new();
    assert!(normalizer.views(value.as_bytes()).spent);
    // The same number of layers within another escape, and in base64.
    let escaped = value.replacen('%', "\\u0025", 1);
    assert!(normalizer.views(escaped.as_bytes()).spent);
    let wrapped = BASE64_STANDARD.encode(&value);
    assert!(normalizer.views(wrapped.as_bytes()).spent);
    let once_less = BASE64_STANDARD.encode(value.replacen("25", "", 1));
    assert!(!normalizer.views(once_less.as_bytes()).spent);
}

proptest! {
    #[test]
    fn percent_encoding_is_undone(text in "[ -~]{0,40}", rounds in 0usize..4) {
        let mut value = text.clone().into_bytes();
        for _ in 0..=rounds {
            value = value.iter().flat_map(|b| format!("%{b:02x}").into_bytes()).collect();
        }
        let mut normalizer = Normalizer::new();
        let mut plain = Normalizer::new();
        prop_assert_eq!(
            normalizer.views(&value).decoded,
            plain.views(text.as_bytes()).decoded
        );
    }

    #[test]
    fn no_input_breaks_it(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut normalizer = Normalizer::new();
        let views = normalizer.views(&value);
        prop_assert!(views.decoded.len() <= value.len());
    }
}
