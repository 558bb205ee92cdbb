//! Passwords that a program drew at random: they have a little of every language in them.
//!
//! Of a hundred thousand passwords of sixteen bytes that were drawn from all printable bytes, three
//! hundred and fifty looked like the end of a string with a comparison behind it, or like a command
//! of two letters behind a separator. A visitor with such a password could never sign in. So in the
//! field of a password, such evidence does not count unless there is more to it.

use super::Input;
use crate::payload::field::Carrier;
use crate::payload::rules::Rule;
use crate::payload::squeeze::Bytes;

/// The shortest password that is drawn.
const SHORTEST: usize = 8;

/// The longest name of a command that a password has by chance.
const BY_CHANCE: usize = 2;

/// Whether `rule` holds for a password by chance. `text` is what shows it.
pub(in crate::payload) fn is_chance(input: &Input<'_>, rule: &Rule, text: &[u8]) -> bool {
    let is_weak = match rule.id {
        "sqli-quote-comment" => true,
        "sqli-breakout" => compares(text),
        "rce-command" => is_short_command(text),
        _ => false,
    };
    is_weak
        && matches!(
            input.field.carrier,
            Carrier::FormValue | Carrier::PartValue | Carrier::JsonValue
        )
        && is_drawn(input)
        && names_a_password(input.field.name)
}

/// Whether a value is one word of many kinds of bytes.
fn is_drawn(input: &Input<'_>) -> bool {
    let has = |kind: fn(&u8) -> bool| input.view.iter().any(kind);
    input.view.len() >= SHORTEST
        && !input.bytes.any(Bytes::SPACE.or(Bytes::ZERO))
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_punctuation)
}

/// Whether a name, or the last step of a path, is that of a password: `user[newPassword]`,
/// `login.passwd`.
fn names_a_password(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [b"passw", b"passphrase", b"pwd", b"pass"];
    let name = name.strip_suffix(b"]").unwrap_or(name);
    let mut steps = name.rsplit(|byte| matches!(byte, b'.' | b'['));
    let step = steps.next().unwrap_or_default();
    NAMES.iter().any(|wanted| {
        let mut parts = step.windows(wanted.len());
        parts.any(|part| part.eq_ignore_ascii_case(wanted))
    })
}

/// Whether no condition is joined and nothing is called after a quote: `'<y;`, `"=n#`.
fn compares(text: &[u8]) -> bool {
    let after = text
        .iter()
        .find(|byte| !matches!(byte, b'\'' | b'"' | b')'));
    let joins = |pair: &[u8; 2]| matches!(pair, b"||" | b"&&");
    let calls = |pair: &[u8; 2]| matches!(pair, [name, b'('] if name.is_ascii_alphanumeric());
    after.is_some_and(u8::is_ascii_punctuation)
        && !text.array_windows().any(|pair| joins(pair) || calls(pair))
}

/// Whether a command has a name that two letters drawn at random may be, and nothing to work on.
fn is_short_command(text: &[u8]) -> bool {
    let command = text
        .iter()
        .skip_while(|byte| !byte.is_ascii_alphanumeric())
        .take_while(|byte| byte.is_ascii_alphanumeric());
    let opens = text
        .first()
        .is_some_and(|byte| matches!(byte, b';' | b'|' | b'&'));
    opens && command.count() <= BY_CHANCE
}

#[cfg(test)]
mod tests {
    use crate::payload::field::{Carrier, Field};
    use crate::payload::{Detector, Findings, Paranoia, Scratch};

    fn is_refused(detector: &Detector, carrier: Carrier, name: &str, value: &str) -> bool {
        let field = Field {
            carrier,
            name: name.as_bytes(),
            value: value.as_bytes(),
        };
        let scratch = &mut Scratch::default();
        let points = detector.judge(field, Paranoia::One, scratch, &mut Findings::new());
        points >= Paranoia::One.threshold()
    }

    #[test]
    fn a_password_may_look_like_an_attack_and_not_be_one() {
        let detector = Detector::new();
        let form = Carrier::FormValue;
        for value in [
            "3?O+ABNA>CgP<.\";",
            "{MQ1x?/y,b:$)\"#",
            "C[k8u9fZ\"<Q*L1W#",
            "lxW_([IQ4c;lS:.kt2q|",
        ] {
            for name in ["password", "user[newPassword]", "login.passwd", "pass"] {
                assert!(!is_refused(&detector, form, name, value), "{value} {name}");
            }
            assert!(is_refused(&detector, form, "name", value), "{value}");
            assert!(
                is_refused(&detector, Carrier::QueryValue, "password", value),
                "{value}"
            );
            assert!(
                is_refused(&detector, form, "password.hint", value),
                "{value}"
            );
        }
        for value in [
            "'='",
            "admin'--",
            "aB345678'||'1'='1",
            "aB345678'or'1'='1",
            "aB345678' = 0#",
            "aB345678'=sleep(5)#",
            "aB345678;curl${IFS}x.test",
            "aB345678;id /tmp",
            "aB345678$(id)",
            "<Script>aB345678</Script>",
        ] {
            assert!(is_refused(&detector, form, "password", value), "{value}");
        }
    }
}
