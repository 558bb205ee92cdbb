//! Passwords that a program drew at random: they have a little of every language in them.
//!
//! Of a hundred thousand passwords of sixteen bytes that were drawn from all printable bytes, a
//! hundred and seven looked like the end of a string with something behind it. A visitor with such a
//! password could never sign in. So in the field of a password a comparison with a name, or the end
//! of a statement, does not count, as long as nothing follows that an attack would need: a constant,
//! a second string, a comment, another condition. That lets half of them pass.

use std::ops::RangeInclusive;

use super::Input;
use crate::payload::field::Carrier;
use crate::payload::rules::Rule;
use crate::payload::squeeze::Bytes;

/// The lengths of passwords that are drawn.
const DRAWN: RangeInclusive<usize> = 8..=128;

/// How much of the end of a field's name is read.
const LONGEST_NAME: usize = 64;

/// Whether `rule` holds for a password by chance. `text` is what shows it.
pub(in crate::payload) fn is_chance(input: &Input<'_>, rule: &Rule, text: &[u8]) -> bool {
    let is_weak = match rule.id {
        "sqli-quote-comment" => ends_statement(text),
        "sqli-breakout" => compares_with_name(text),
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
    DRAWN.contains(&input.view.len())
        && !input.bytes.any(Bytes::SPACE.or(Bytes::ZERO))
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
}

/// Whether a name, or the last step of a path, is that of a password: `user[newPassword]`,
/// `login.passwd`, `pwd`.
fn names_a_password(name: &[u8]) -> bool {
    let start = name.len().saturating_sub(LONGEST_NAME);
    let name = name.get(start..).unwrap_or_default();
    let name = name.strip_suffix(b"]").unwrap_or(name);
    let mut steps = name.rsplit(|byte| matches!(byte, b'.' | b'['));
    let step = steps.next().unwrap_or_default().to_ascii_lowercase();
    let holds = |word: &[u8]| super::find(&step, word).is_some();
    matches!(step.as_slice(), b"pass" | b"pw")
        || step.starts_with(b"pwd")
        || step.ends_with(b"pwd")
        || holds(b"passw")
        || holds(b"passphrase")
}

/// `';` at the end of the value, which leaves nothing of a statement. Only the quote is shown then.
fn ends_statement(text: &[u8]) -> bool {
    matches!(text, [b'\'' | b'"' | b'`'])
}

/// `'<y;`, `"=n#`: a comparison with a name. `text` begins with the quote.
fn compares_with_name(text: &[u8]) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b'=' | b'<' | b'>' | b'!');
    let rest = text.get(1..).unwrap_or_default();
    let rest = rest.strip_prefix(b")").unwrap_or(rest);
    let signs = rest.iter().take_while(|byte| is_sign(byte)).count();
    let rest = rest.get(signs..).unwrap_or_default();
    let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric());
    let name = name.count();
    let end = rest.get(name).copied();
    let lower = rest.to_ascii_lowercase();
    const ATTACKS: [&[u8]; 10] = [
        b"||", b"&&", b"--", b"/*", b"or", b"and", b"union", b"select", b"like", b"in(",
    ];
    signs > 0
        && rest.first().is_some_and(u8::is_ascii_alphabetic)
        && end.is_some_and(|byte| matches!(byte, b';' | b'#'))
        && !ATTACKS
            .iter()
            .any(|word| super::find(&lower, word).is_some())
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
        for value in ["3?O+ABNA>CgP<.\";", "C[k8u9fZ\"<Q;L1W$", "x.K8u9fZ'=n#L1W$"] {
            for name in [
                "password",
                "user[newPassword]",
                "login.passwd",
                "pass",
                "PwdAgain",
            ] {
                assert!(!is_refused(&detector, form, name, value), "{value} {name}");
            }
            for name in [
                "name",
                "password.hint",
                "passport",
                "passenger",
                "compass",
                "by_pass",
            ] {
                assert!(is_refused(&detector, form, name, value), "{value} {name}");
            }
            assert!(
                is_refused(&detector, Carrier::QueryValue, "password", value),
                "{value}"
            );
        }
    }

    /// Each differs from a password that passes by what makes it an attack.
    #[test]
    fn an_attack_in_the_field_of_a_password_is_one() {
        let detector = Detector::new();
        for value in [
            "aB345678'=0#",
            "aB345678'<1;",
            "aB345678'='",
            "aB345678'-'",
            "aB345678'=\"\"#",
            "aB345678'--",
            "aB345678'#",
            "aB345678')#",
            "aB345678'/**/;",
            "aB345678'||'1'='1",
            "aB345678'or'1'='1",
            "aB345678'=x/**/or/**/1#",
            "aB345678'=x||1#",
            "aB345678'=x#/*or*/1=1;",
            "aB345678'=sleep(5)#",
            "aB345678;id",
            "aB345678;sh<uploads/x.jpg",
            "aB345678;{rm,-rf,/home/App}",
            "aB345678$(id)",
            "<Script>aB345678</Script>",
        ] {
            assert!(
                is_refused(&detector, Carrier::FormValue, "password", value),
                "{value}"
            );
        }
    }
}
