//! The small language of the case files: `${name}`, `${name:url}`, `${name:json}`, `${text*1000}`.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result, bail};

/// The variables of one case.
pub(super) type Variables = BTreeMap<String, String>;

/// The longest text that a repetition may make, which is more than any case needs.
const LONGEST: usize = 8 << 20;

/// Replaces variables by their values. The values themselves are not expanded.
pub(super) fn expand(template: &str, variables: &Variables) -> Result<String> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (inner, behind) = after
            .split_once('}')
            .with_context(|| format!("a brace is not closed in {template:?}"))?;
        text.push_str(&value(inner, variables)?);
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

fn value(inner: &str, variables: &Variables) -> Result<String> {
    if let Some((repeated, times)) = inner.rsplit_once('*') {
        let times: usize = times.parse().context("no number after the asterisk")?;
        if repeated.len().saturating_mul(times) > LONGEST {
            bail!("${{{inner}}} makes more than {LONGEST} bytes");
        }
        return Ok(repeated.repeat(times));
    }
    let (name, coding) = inner.split_once(':').unwrap_or((inner, ""));
    let value = variables
        .get(name)
        .with_context(|| format!("there is no variable {name:?}"))?;
    Ok(match coding {
        "" => value.clone(),
        "url" => percent_encoded(value),
        "json" => serde_json::to_string(value)?,
        other => bail!("unknown coding {other:?}; expected url or json"),
    })
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The head of a request as bytes. Characters up to U+00FF are one byte each, so that a text file
/// can express any byte.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Every combination of the values of the variables; a single empty one if there are no variables.
pub(super) fn combinations(each: &BTreeMap<String, Vec<String>>) -> Vec<Variables> {
    let mut all = vec![Variables::new()];
    for (name, values) in each {
        all = all
            .iter()
            .flat_map(|chosen| {
                values.iter().map(|value| {
                    let mut chosen = chosen.clone();
                    chosen.insert(name.clone(), value.clone());
                    chosen
                })
            })
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        [("v".to_owned(), "a b\"${x}".to_owned())].into()
    }

    #[test]
    fn variables_are_put_in_once_and_coded_as_asked() {
        let expanded = |template: &str| expand(template, &variables()).unwrap();
        assert_eq!(expanded("/?q=${v:url}&z"), "/?q=a%20b%22%24%7Bx%7D&z");
        assert_eq!(expanded("{\"a\":${v:json}}"), "{\"a\":\"a b\\\"${x}\"}");
        assert_eq!(expanded("${v}${ab*3}"), "a b\"${x}ababab");
        for wrong in ["${w}", "${v:hex}", "${v", "${a*x}", "${a*99999999999}"] {
            assert!(expand(wrong, &variables()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn heads_can_have_any_byte() {
        assert_eq!(bytes("a\u{0}\u{ff}€"), b"a\0\xff\xe2\x82\xac");
    }

    #[test]
    fn every_combination_comes_once() {
        let each = [("a", vec!["1", "2"]), ("b", vec!["x", "y", "z"])];
        let each = each.map(|(name, values)| {
            (
                name.to_owned(),
                values.into_iter().map(str::to_owned).collect(),
            )
        });
        assert_eq!(combinations(&each.into()).len(), 6);
        assert_eq!(combinations(&BTreeMap::new()).len(), 1);
    }
}
