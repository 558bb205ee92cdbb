//! Error messages about settings. They name the place, the setting and what was expected, but never
//! a secret.

use toml::de::Error;

/// The settings whose values no error repeats: keys, and a URL that may contain a password.
const SECRETS: [&str; 2] = ["honeypot.keys", "store"];
/// Replaces such a value.
const UNTOLD: &str = "[REDACTED]";

/// The value of a setting as shown in an error.
pub(super) fn value(setting: &str, value: &str) -> String {
    if SECRETS.contains(&setting) {
        UNTOLD.to_owned()
    } else {
        value.to_owned()
    }
}

/// What is wrong in the text of a file, and where. The line is not quoted, because it may contain a
/// key.
pub(super) fn in_text(error: Error, text: &str) -> String {
    match error.span() {
        None => in_table(error),
        Some(span) => {
            let (line, column) = position(text, span.start);
            format!("line {line}, column {column}: {}", in_table(error))
        }
    }
}

/// What is wrong in values that come from no text, and in which setting.
pub(super) fn in_table(mut error: Error) -> String {
    // If it had the text, the error would quote it instead of naming the setting.
    error.set_input(None);
    let whole = error.to_string();
    let setting = whole
        .strip_prefix(error.message())
        .and_then(|rest| rest.trim().strip_prefix("in `")?.strip_suffix('`'));
    match setting {
        None => error.message().to_owned(),
        Some(setting) => format!("{setting}: {}", about(setting, error.message())),
    }
}

/// A message about a setting. It omits the value if that is secret or may be a secret in the wrong
/// place.
fn about(setting: &str, message: &str) -> String {
    let is_within = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let mut secrets = SECRETS.iter();
    let is_secret = secrets.any(|secret| is_within(setting, secret) || is_within(secret, setting));
    let tells_value = ["invalid type: ", "invalid value: "]
        .iter()
        .any(|start| message.starts_with(start));
    if !tells_value || !is_secret {
        return message.to_owned();
    }
    // The value may contain these words too. The expectation comes last.
    let expected = message.rsplit_once(", expected ");
    let expected = expected.map_or("something else", |(_, expected)| expected);
    format!("invalid value {UNTOLD}, expected {expected}")
}

/// Line and column of a position in a text, both counted from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let lines = before.matches('\n').count();
    (lines + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use crate::Settings;
    use crate::settings::{Layers, SettingsError};

    fn load(file: &str, env: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Layers::new()
            .file("aiwaf.toml", file)?
            .environment(env.iter().copied())?
            .settings()
    }

    #[test]
    fn an_error_tells_line_column_and_setting_and_quotes_no_line() {
        for (file, told) in [
            (
                "[rate_limit]\nmax = \"many\" # why not",
                "aiwaf.toml: line 2, column 7: rate_limit.max: invalid type: string \"many\", expected u32",
            ),
            (
                "# ü\npreset = \"ü\" x",
                "aiwaf.toml: line 2, column 14: unexpected key or value, expected newline, `#`",
            ),
        ] {
            assert_eq!(load(file, &[]).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn no_error_shows_a_key_or_the_url_of_a_store() {
        let files = [
            "keys = [\"hush-hush\" \"hush\"]",
            "keys = [\"hush-hush\", 5]",
            "keys = [\"hush\"], keys = 5",
            "keys = \"hush, expected hush\"",
            "keys = { hush = \"hush\" ",
            "keys = [\"hush\"]\nmode = 5",
            "keys = [\"hush\"]\nmax_page_time = \"0s\"",
            "key = [\"hush-hush\"]",
        ]
        .map(|line| format!("[honeypot]\n{line}"));
        let more = [
            "honeypot = \"hush\"",
            "honeypot = { keys = [\"hush\"], mode = 5 }",
            "honeypot.keys = [\"hush\"]",
            "store = [\"postgres://u:hush@h\"]",
            "store = \"postgres://u:hush@h\" x",
            "sotre = \"postgres://u:hush@h\"",
            "store.url = \"postgres://u:hush@h\"",
        ]
        .map(str::to_owned);
        for file in files.iter().chain(&more) {
            let error = load(file, &[]).unwrap_err();
            for told in [error.to_string(), format!("{error:?}")] {
                let shown = told.replace("`hush`", "a name");
                assert!(!shown.contains("hush"), "{file}: {told}");
                let says_more = ["expected", "wanted"]
                    .iter()
                    .any(|word| told.contains(word));
                assert!(says_more, "{file}: {told}");
            }
        }
        for name in ["AIWAF_USE_CSV", "AIWAF_FORM_KEYS"] {
            let error = load("", &[(name, "hush")]).unwrap_err().to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
