//! Responses to refused requests. They never reveal the cause.

use std::fmt::Write;

use crate::settings::ResponseFormat;
use crate::verdict::Refusal;

/// A complete response, for the adapter to pass to its framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// All header fields, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Refusal {
    /// The response in the given format. `accept` is the request's `Accept` field; only
    /// [`ResponseFormat::Auto`] uses it.
    pub fn response(&self, format: ResponseFormat, accept: Option<&str>) -> Response {
        let format = match format {
            ResponseFormat::Auto => negotiate(accept.unwrap_or_default()),
            fixed => fixed,
        };
        let (content_type, body) = match format {
            ResponseFormat::Problem => ("application/problem+json", self.problem()),
            ResponseFormat::Html => ("text/html; charset=utf-8", self.html()),
            ResponseFormat::Json | ResponseFormat::Auto => (
                "application/json",
                format!("{{\"error\":\"{}\"}}\n", self.error()),
            ),
        };
        let mut headers = vec![
            ("content-type", content_type.to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("x-request-id", self.request_id.to_string()),
        ];
        self.add_limit_fields(&mut headers);
        Response {
            status: self.status,
            headers,
            body,
        }
    }

    /// `Retry-After` (RFC 9110) and the `RateLimit` fields of
    /// draft-ietf-httpapi-ratelimit-headers-10.
    fn add_limit_fields(&self, headers: &mut Vec<(&'static str, String)>) {
        let Some((limit, wait)) = self.cause.exceeded_limit() else {
            return;
        };
        let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
        let window = limit.window.as_secs().max(1);
        headers.push(("retry-after", seconds.to_string()));
        headers.push((
            "ratelimit-policy",
            format!("\"default\";q={};w={window}", limit.max),
        ));
        headers.push(("ratelimit", format!("\"default\";r=0;t={seconds}")));
    }

    /// The error name for the status.
    const fn error(&self) -> &'static str {
        match self.status {
            429 => "too_many_requests",
            408 => "request_timeout",
            409 => "page_expired",
            413 => "content_too_large",
            500 => "internal_error",
            503 => "unavailable",
            _ => "blocked",
        }
    }

    const fn title(&self) -> &'static str {
        match self.status {
            429 => "Too Many Requests",
            408 => "Request Timeout",
            409 => "Page Expired",
            413 => "Content Too Large",
            500 => "Internal Server Error",
            503 => "Service Unavailable",
            _ => "Forbidden",
        }
    }

    fn problem(&self) -> String {
        // No part comes from the request, so nothing needs escaping.
        format!(
            "{{\"type\":\"about:blank\",\"title\":\"{}\",\"status\":{},\"error\":\"{}\",\"request_id\":\"{}\"}}\n",
            self.title(),
            self.status,
            self.error(),
            self.request_id
        )
    }

    fn html(&self) -> String {
        let mut page = String::new();
        let title = self.title();
        let _ = write!(
            page,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body><h1>{title}</h1><p>{}</p><p>Request id: {}</p></body></html>\n",
            self.advice(),
            self.request_id
        );
        page
    }

    const fn advice(&self) -> &'static str {
        match self.status {
            429 => "You have sent too many requests. Please wait a moment.",
            408 => "The request did not arrive in time. Please try again.",
            409 => "This page is too old. Please reload it and try again.",
            413 => "What you sent is too large.",
            500 | 503 => "The service cannot answer just now. Please try again later.",
            _ => {
                "This request was not accepted. If that is wrong, please tell the operator the id below."
            }
        }
    }
}

/// Chooses the format that the client prefers (RFC 9110, 12.5.1): HTML, problem details or JSON. A
/// higher weight wins, then a named type over a wildcard. JSON if the client states no preference
/// or accepts anything.
fn negotiate(accept: &str) -> ResponseFormat {
    let wanted = |ranges: &[&str], wildcard: &str| {
        let weights = |wished: &[&str]| {
            let elements = accept.split(',').filter_map(weighed);
            let of_range = elements.filter(|(range, _)| {
                wished
                    .iter()
                    .any(|wished| range.eq_ignore_ascii_case(wished))
            });
            of_range.map(|(_, weight)| weight).max()
        };
        let named = weights(ranges).map(|weight| (weight, true));
        named.or_else(|| weights(&[wildcard]).map(|weight| (weight, false)))
    };
    let html = wanted(&["text/html", "application/xhtml+xml"], "text/*");
    let problem = wanted(&["application/problem+json"], "");
    let json = wanted(&["application/json"], "application/*").or_else(|| wanted(&[], "*/*"));
    [
        (json, ResponseFormat::Json),
        (problem, ResponseFormat::Problem),
        (html, ResponseFormat::Html),
    ]
    .into_iter()
    .filter_map(|(wanted, format)| Some((wanted.filter(|(weight, _)| *weight > 0)?, format)))
    // Of equal preferences, the last one wins.
    .max_by_key(|(wanted, _)| *wanted)
    .map_or(ResponseFormat::Json, |(_, format)| format)
}

/// A media range of an `Accept` field, and its weight in thousandths.
fn weighed(element: &str) -> Option<(&str, u32)> {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let weight = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let weight = name.trim().eq_ignore_ascii_case("q").then_some(value)?;
        weight.trim().parse::<f32>().ok()
    });
    // A weight that is out of range is clamped. One that is not a number counts as 1.
    Some((
        range,
        (weight.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0) as u32,
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::verdict::{Cause, LimitState, RequestId};

    fn refusal(cause: Cause) -> Refusal {
        Refusal {
            status: cause.status(),
            cause,
            request_id: RequestId(0xab),
            client: None,
        }
    }

    fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
        let found = response.headers.iter().find(|(found, _)| *found == name);
        found.map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_body_never_tells_the_cause() {
        for format in [
            ResponseFormat::Json,
            ResponseFormat::Problem,
            ResponseFormat::Html,
        ] {
            let response = refusal(Cause::Probe { text: "/.env" }).response(format, None);
            assert!(!response.body.contains("env") && !response.body.contains("probe"));
            assert_eq!(response.status, 403);
            assert_eq!(header(&response, "cache-control"), Some("no-store"));
            assert_eq!(header(&response, "x-request-id"), Some("00000000000000ab"));
        }
        let json = refusal(Cause::Probe { text: "/.env" }).response(ResponseFormat::Json, None);
        assert_eq!(json.body, "{\"error\":\"blocked\"}\n");
    }

    #[test]
    fn limits_say_when_to_come_back() {
        let refusal = refusal(Cause::RateLimited {
            requests: 101,
            limit: LimitState {
                max: 100,
                window: Duration::from_secs(60),
            },
            retry_after: Duration::from_millis(8200),
        });
        let response = refusal.response(ResponseFormat::Json, None);
        assert_eq!(response.body, "{\"error\":\"too_many_requests\"}\n");
        assert_eq!(header(&response, "retry-after"), Some("9"));
        assert_eq!(
            header(&response, "ratelimit-policy"),
            Some("\"default\";q=100;w=60")
        );
        assert_eq!(header(&response, "ratelimit"), Some("\"default\";r=0;t=9"));
    }

    #[test]
    fn auto_follows_accept() {
        let refusal = refusal(Cause::MissingPeer);
        for (accept, content_type) in [
            (Some("text/html,*/*"), "text/html; charset=utf-8"),
            (Some("Text/HTML"), "text/html; charset=utf-8"),
            (Some("text/*;q=0.5"), "text/html; charset=utf-8"),
            (
                Some("application/xhtml+xml, */*;q=0.1"),
                "text/html; charset=utf-8",
            ),
            (
                Some("application/json, text/plain, */*"),
                "application/json",
            ),
            (Some("text/html;q=0.1,application/json"), "application/json"),
            (Some("application/json, text/html;q=0"), "application/json"),
            (Some("*/*"), "application/json"),
            (Some("image/png"), "application/json"),
            (Some(";q=x,,/;q=9"), "application/json"),
            (Some("application/problem+json"), "application/problem+json"),
            (Some("application/json"), "application/json"),
            (None, "application/json"),
        ] {
            let response = refusal.response(ResponseFormat::Auto, accept);
            assert_eq!(header(&response, "content-type"), Some(content_type));
        }
    }
}
