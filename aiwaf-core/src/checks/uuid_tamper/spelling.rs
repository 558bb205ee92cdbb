//! Reading a UUID in its spellings.

use crate::settings::UuidSpelling;

/// The positions of the hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// 64 bits in hexadecimal, the minimum that sites with random ids use.
const SHORTEST_ID: usize = 16;

/// The number that a value stands for, if it is a UUID in one of these spellings.
pub(super) fn parse(value: &[u8], allowed: &[UuidSpelling]) -> Option<u128> {
    let (spelling, digits) = match value.len() {
        36 => (UuidSpelling::Hyphenated, value),
        32 => (UuidSpelling::Simple, value),
        38 => (
            UuidSpelling::Braced,
            value.strip_prefix(b"{")?.strip_suffix(b"}")?,
        ),
        45 => {
            let (scheme, rest) = value.split_at_checked(9)?;
            // The scheme and the namespace are case-insensitive (RFC 8141).
            let is_urn = scheme.eq_ignore_ascii_case(b"urn:uuid:");
            (UuidSpelling::Urn, is_urn.then_some(rest)?)
        }
        _ => return None,
    };
    let hyphens: &[usize] = match spelling {
        UuidSpelling::Simple => &[],
        _ => &HYPHENS,
    };
    allowed
        .contains(&spelling)
        .then(|| number(digits, hyphens))?
}

/// Whether a value is an id of another kind: long enough, and neither a UUID in a spelling that the
/// settings do not allow nor a mistyped UUID.
pub(super) fn is_other_id(value: &[u8]) -> bool {
    let hyphens = value.iter().filter(|byte| **byte == b'-').count();
    let is_id_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    value.len() >= SHORTEST_ID
        && hyphens < HYPHENS.len()
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().all(is_id_byte)
        && parse(value, &UuidSpelling::ALL).is_none()
}

fn number(text: &[u8], hyphens: &[usize]) -> Option<u128> {
    let mut number = 0_u128;
    for (at, byte) in text.iter().enumerate() {
        if hyphens.contains(&at) {
            if *byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = char::from(*byte).to_digit(16)?;
        number = number << 4 | u128::from(digit);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::UuidSettings;
    use proptest::prelude::*;

    const ID: u128 = 0x550e_8400_e29b_41d4_a716_4466_5544_0000;

    #[test]
    fn every_spelling_is_read_and_nothing_else() {
        let all = UuidSettings::default().spellings;
        for text in [
            "550e8400-e29b-41d4-a716-446655440000",
            "550E8400-E29B-41D4-A716-446655440000",
            "550e8400e29b41d4a716446655440000",
            "{550e8400-e29b-41d4-a716-446655440000}",
            "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
            "URN:UUID:550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(parse(text.as_bytes(), &all), Some(ID), "{text}");
        }
        for text in [
            "",
            "invalid",
            "------------------------------------",
            "550e8400-e29b-41d4-a716-44665544000",
            "550e8400-e29b-41d4-a716-4466554400000",
            "550e8400-e29b-41d4-a716-446655440000\n",
            "550e8400-e29b-41d4-a716-44665544000g",
            "550e8400e-29b-41d4-a716-446655440000",
            "550e8400-e29b-41d4-a716446655440000-",
            "550e8400e29b41d4a7164466554400-0",
            "{550e8400-e29b-41d4-a716-446655440000",
            "(550e8400-e29b-41d4-a716-446655440000)",
            "urn:guid:550e8400-e29b-41d4-a716-446655440000",
            "550e8400-e29b-41d4-a716-44665544' or",
            "\u{ff15}50e8400-e29b-41d4-a716-4466554400",
        ] {
            assert_eq!(parse(text.as_bytes(), &all), None, "{text}");
        }
        let one = [UuidSpelling::Hyphenated];
        assert_eq!(parse(b"550e8400e29b41d4a716446655440000", &one), None);
    }

    #[test]
    fn other_ids_are_told_from_uuids_that_went_wrong() {
        for id in [
            "1688379786123456789",
            "3f9a1c20b7d4e586",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "123456789.1688379786000.1688379786",
            "V1StGXR8_Z5jdHi6B-myT",
        ] {
            assert!(is_other_id(id.as_bytes()), "{id}");
        }
        for value in [
            "",
            "1",
            "invalid",
            "550e8400e29b41d4a716446655440000",
            "invalidinvalidinvalid",
            "123456789012345",
            "1234567890123456'",
            "1234567890123456 or",
            "../../../../etc/passwd1",
            "550e8400-e29b-41d4-a716-44665544000g",
            "------------------------------------",
        ] {
            assert!(!is_other_id(value.as_bytes()), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(id: u128) {
            let all = UuidSettings::default().spellings;
            let simple = format!("{id:032x}");
            prop_assert_eq!(parse(simple.as_bytes(), &all), Some(id));
            let parts = [&simple[..8], &simple[8..12], &simple[12..16], &simple[16..20], &simple[20..]];
            prop_assert_eq!(parse(parts.join("-").as_bytes(), &all), Some(id));
        }

        #[test]
        fn nothing_panics(value: Vec<u8>) {
            parse(&value, &UuidSettings::default().spellings);
        }
    }
}
