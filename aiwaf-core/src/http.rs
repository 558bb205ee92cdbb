//! Shared by adapters whose frameworks use the `http` crate's types: builds the engine's view of a
//! request, and converts its answers to responses. Feature `http`.

use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode, Uri};

use crate::request::{HeaderVec, ResponseView, Version};
use crate::response::Response;

/// The path and query as received. For `CONNECT` the target is only an authority.
pub fn target(uri: &Uri) -> &[u8] {
    match (uri.path_and_query(), uri.authority()) {
        (Some(path_and_query), _) => path_and_query.as_str().as_bytes(),
        (None, Some(authority)) => authority.as_str().as_bytes(),
        (None, None) => b"/",
    }
}

/// The header lines, in order. If the target names the host and no line does, as in HTTP/2, a
/// `host` line is added.
pub fn header_lines<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> HeaderVec<'a> {
    let named = uri.authority().filter(|_| !headers.contains_key(HOST));
    let host = named.map(|authority| ("host", authority.as_str().as_bytes()));
    let lines = headers.iter();
    host.into_iter()
        .chain(lines.map(|(name, value)| (name.as_str(), value.as_bytes())))
        .collect()
}

/// An unknown version counts as HTTP/1.1.
impl From<http::Version> for Version {
    fn from(version: http::Version) -> Self {
        match version {
            http::Version::HTTP_09 => Self::Http09,
            http::Version::HTTP_10 => Self::Http10,
            http::Version::HTTP_2 => Self::Http2,
            http::Version::HTTP_3 => Self::Http3,
            _ => Self::Http11,
        }
    }
}

/// A hook's response may contain values that are not valid in HTTP: an invalid status becomes 403,
/// and an invalid header field is left out.
impl<B: From<String>> From<Response> for http::Response<B> {
    fn from(answer: Response) -> Self {
        let mut response = Self::new(answer.body.into());
        *response.status_mut() =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::FORBIDDEN);
        for (name, value) in answer.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// The engine's view of a response. `bytes` is the length of the body, if known in advance.
pub fn view(status: StatusCode, headers: &HeaderMap, bytes: Option<u64>) -> ResponseView<'_> {
    let content_type = headers.get(CONTENT_TYPE);
    ResponseView {
        bytes,
        content_type: content_type.and_then(|value| value.to_str().ok()),
        ..ResponseView::new(status.as_u16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_those_of_the_request_line() {
        for (uri, expected) in [
            ("/a?b=c", "/a?b=c"),
            ("http://shop.test/a?b", "/a?b"),
            ("shop.test:443", "shop.test:443"),
            ("*", "*"),
        ] {
            let uri: Uri = uri.parse().unwrap();
            assert_eq!(target(&uri), expected.as_bytes());
        }
    }

    #[test]
    fn the_host_of_http2_is_a_line_like_any_other() {
        let uri: Uri = "https://shop.test/a".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("*/*"));
        let lines: [(&str, &[u8]); 2] = [("host", b"shop.test"), ("accept", b"*/*")];
        assert_eq!(header_lines(&headers, &uri).as_slice(), lines);
        assert_eq!(header_lines(&headers, &Uri::from_static("/a")).len(), 1);
        headers.insert(HOST, HeaderValue::from_static("shop.test"));
        assert_eq!(header_lines(&headers, &uri).len(), 2);
    }

    #[test]
    fn what_http_cannot_say_is_left_out() {
        let answer = Response {
            status: 7,
            headers: vec![
                ("x-good", "1".to_owned()),
                ("x bad", "1".to_owned()),
                ("x-worse", "a\nb".to_owned()),
            ],
            body: "no".to_owned(),
        };
        let response: http::Response<String> = answer.into();
        assert_eq!(response.status(), 403);
        assert_eq!(response.headers().len(), 1);
        assert_eq!(
            view(response.status(), response.headers(), Some(2)).bytes,
            Some(2)
        );
    }
}
