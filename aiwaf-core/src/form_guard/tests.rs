use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;

const SECRET: &str = "a secret of many bytes";

fn guard() -> FormGuard {
    FormGuard::new([SECRET]).unwrap()
}

fn moment() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_800_000_000_123)
}

fn token(guard: &FormGuard, page: &str) -> String {
    let fields = guard.fields(page, moment());
    let value = fields.split("value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[test]
fn a_token_says_what_was_signed() {
    let guard = guard();
    let read = guard
        .verify(token(&guard, "/contact?x=1").as_bytes())
        .unwrap();
    assert_eq!(read.signed(), moment());
    assert_eq!(read.page, page_hash(b"/a/../contact"));
    assert_ne!(read.page, page_hash(b"/other"));
    let other = guard.verify(token(&guard, "/contact").as_bytes()).unwrap();
    assert_ne!(read.nonce, other.nonce);
}

#[test]
fn keys_rotate() {
    let old = guard();
    let new = FormGuard::new(["another secret, newer", SECRET]).unwrap();
    let gone = FormGuard::new(["another secret, newer"]).unwrap();
    let signed = token(&old, "/");
    assert!(new.verify(signed.as_bytes()).is_ok());
    assert_eq!(gone.verify(signed.as_bytes()), Err(VerifyFault::UnknownKey));
    assert!(gone.verify(token(&new, "/").as_bytes()).is_ok());
    assert_eq!(
        old.verify(token(&new, "/").as_bytes()),
        Err(VerifyFault::UnknownKey)
    );
    let trap_of = |guard: &FormGuard| guard.keys[0].trap.clone();
    assert!(new.is_trap(trap_of(&old).as_bytes()) && new.is_trap(trap_of(&gone).as_bytes()));
    assert!(!gone.is_trap(trap_of(&old).as_bytes()));
}

#[test]
fn bad_keys_are_errors() {
    assert_eq!(
        FormGuard::new(["short"]).unwrap_err(),
        FormKeyError::Short(5)
    );
    assert_eq!(FormGuard::new::<&str>([]).unwrap_err(), FormKeyError::None);
    let missing = FormGuard::from_settings(&["env:AIWAF_NO_SUCH_KEY".to_owned()]);
    assert_eq!(
        missing.unwrap_err().to_string(),
        "the environment variable AIWAF_NO_SUCH_KEY is not set or not valid text; expected a key"
    );
    assert!(!format!("{:?}", guard()).contains("secret"));
}

#[test]
fn random_guards_do_not_know_each_other() {
    let (one, other) = (FormGuard::random().unwrap(), FormGuard::random().unwrap());
    let signed = token(&one, "/");
    assert!(one.verify(signed.as_bytes()).is_ok());
    assert_eq!(
        other.verify(signed.as_bytes()),
        Err(VerifyFault::UnknownKey)
    );
}

#[test]
fn the_fields_are_plain_html() {
    let fields = guard().fields("/\"><script>", moment());
    assert!(!fields.contains("script") && !fields.contains("style"));
    assert_eq!(fields.matches("<input").count(), 2);
}

proptest! {
    #[test]
    fn no_changed_token_is_good(at in 0_usize..90, byte in any::<u8>()) {
        let guard = guard();
        let mut text = token(&guard, "/").into_bytes();
        let at = at % text.len();
        prop_assume!(text[at] != byte);
        text[at] = byte;
        prop_assert!(guard.verify(&text).is_err());
        text.truncate(at);
        prop_assert_eq!(guard.verify(&text), Err(VerifyFault::Forged));
    }

    #[test]
    fn nothing_else_is_good_either(text in proptest::collection::vec(any::<u8>(), 0..120)) {
        prop_assert!(guard().verify(&text).is_err());
    }
}
