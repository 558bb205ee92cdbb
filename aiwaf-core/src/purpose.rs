//! What a request is for, as a browser would see it: a page, a form, or neither.

use crate::carriers::content_type::{ContentType, Kind};
use crate::headers::{Header, HeaderIndex};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A person opens a page.
    Navigation,
    /// A person submits the form of a page.
    FormPost,
    /// Anything else, such as a picture, a script's call or a program's upload.
    Other,
}

impl Purpose {
    /// Determines the purpose from the method, fetch metadata, `Accept` and content type.
    ///
    /// Browsers since 2020 (Safari since 2023) say whether they navigate (`Sec-Fetch-Mode`). For
    /// older ones, `X-Requested-With` or an `Accept` without HTML indicates a script. A program
    /// that does not claim to be a browser has no scripts: each GET counts as a page and each form
    /// post as a form.
    pub fn of(method: &str, headers: &HeaderIndex<'_>) -> Self {
        match method {
            "GET" if navigates(headers) => Self::Navigation,
            "POST" if has_form_type(headers) && navigates(headers) => Self::FormPost,
            _ => Self::Other,
        }
    }
}

fn navigates(headers: &HeaderIndex<'_>) -> bool {
    if let Some(mode) = headers.get(Header::SecFetchMode) {
        return mode.trim_ascii().eq_ignore_ascii_case(b"navigate");
    }
    if headers.has(Header::XRequestedWith) {
        return false;
    }
    let accept = headers.get(Header::Accept).unwrap_or_default();
    memchr::memmem::find(accept, b"text/html").is_some() || !claims_a_browser(headers)
}

/// Every browser's user agent has begun like this for thirty years.
fn claims_a_browser(headers: &HeaderIndex<'_>) -> bool {
    let agent = headers.get(Header::UserAgent).unwrap_or_default();
    agent.starts_with(b"Mozilla/") || agent.starts_with(b"Opera/")
}

/// Whether the content type is one of the two in which browsers send forms with fields. (The third,
/// `text/plain`, is for mail.)
pub(crate) fn has_form_type(headers: &HeaderIndex<'_>) -> bool {
    let value = headers.get(Header::ContentType).unwrap_or_default();
    matches!(ContentType::parse(value).kind, Kind::Form)
        || value
            .get(..19)
            .is_some_and(|head| head.eq_ignore_ascii_case(b"multipart/form-data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: (&str, &[u8]) = (
        "content-type",
        b"application/x-www-form-urlencoded; charset=utf-8",
    );
    const CHROME: (&str, &[u8]) = (
        "user-agent",
        b"Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0",
    );
    const HTML: (&str, &[u8]) = ("accept", b"text/html,application/xhtml+xml,*/*;q=0.8");
    const ANY: (&str, &[u8]) = ("accept", b"*/*");

    fn of(method: &str, headers: &[(&str, &[u8])]) -> Purpose {
        Purpose::of(method, &HeaderIndex::new(headers))
    }

    #[test]
    fn browsers_say_what_they_do() {
        let mode = |mode: &'static [u8]| ("sec-fetch-mode", mode);
        assert_eq!(
            of("GET", &[CHROME, ANY, mode(b"navigate")]),
            Purpose::Navigation
        );
        assert_eq!(of("GET", &[CHROME, HTML, mode(b"cors")]), Purpose::Other);
        assert_eq!(
            of("POST", &[CHROME, HTML, FORM, mode(b"navigate")]),
            Purpose::FormPost
        );
        assert_eq!(
            of("POST", &[CHROME, ANY, FORM, mode(b"same-origin")]),
            Purpose::Other
        );
        assert_eq!(
            of("HEAD", &[CHROME, HTML, mode(b"navigate")]),
            Purpose::Other
        );
    }

    #[test]
    fn older_browsers_are_told_by_what_they_accept() {
        assert_eq!(of("GET", &[CHROME, HTML]), Purpose::Navigation);
        assert_eq!(of("GET", &[CHROME, ANY]), Purpose::Other);
        assert_eq!(of("POST", &[CHROME, HTML, FORM]), Purpose::FormPost);
        assert_eq!(of("POST", &[CHROME, ANY, FORM]), Purpose::Other);
        let ajax = ("x-requested-with", b"XMLHttpRequest".as_slice());
        assert_eq!(of("POST", &[CHROME, HTML, FORM, ajax]), Purpose::Other);
    }

    #[test]
    fn programs_have_no_scripts() {
        assert_eq!(
            of("GET", &[("user-agent", b"python-requests/2.32"), ANY]),
            Purpose::Navigation
        );
        assert_eq!(of("POST", &[FORM]), Purpose::FormPost);
    }

    #[test]
    fn only_form_types_are_forms() {
        for (value, purpose) in [
            ("multipart/form-data; boundary=x", Purpose::FormPost),
            ("Application/X-WWW-Form-Urlencoded", Purpose::FormPost),
            ("application/json", Purpose::Other),
            ("text/plain", Purpose::Other),
            ("multipart/mixed", Purpose::Other),
            ("", Purpose::Other),
        ] {
            let headers = [CHROME, HTML, ("content-type", value.as_bytes())];
            assert_eq!(of("POST", &headers), purpose, "{value}");
        }
    }
}
