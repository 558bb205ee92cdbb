//! Callback addresses on the client's own machine, to which the server is to send the browser back.
//!
//! A program that signs a user in listens on the loopback interface and gives that address to the
//! server (RFC 8252, section 7.3). The browser opens the address; a server has no reason to. So
//! only the path of such an address is judged.

use super::field::{Carrier, Field};

/// The names of such an address in OAuth, in its client registration, and in SAML.
const NAMES: [&[u8]; 5] = [
    b"redirect_uri",
    b"redirect_uris",
    b"post_logout_redirect_uri",
    b"post_logout_redirect_uris",
    b"AssertionConsumerServiceURL",
];

/// The addresses in a report of a page's policy: the page, the referrer, and what was blocked.
const REPORTED: [&[u8]; 4] = [
    b"csp-report.document-uri",
    b"csp-report.referrer",
    b"csp-report.source-file",
    b"csp-report.blocked-uri",
];

/// The longest address that is read.
const LONGEST: usize = 128;

/// The path of an address on the client's own machine, if `field` names one.
pub(super) fn path(field: Field<'_>) -> Option<&[u8]> {
    let is_nested = matches!(
        field.carrier,
        Carrier::JsonValue | Carrier::XmlAttribute | Carrier::XmlText
    );
    let is_flat = matches!(field.carrier, Carrier::QueryValue | Carrier::FormValue);
    let name = match is_nested {
        true => field.name.rsplit(|byte| *byte == b'.').next()?,
        false => field.name,
    };
    let is_named = (is_flat || is_nested) && NAMES.contains(&name)
        || is_nested && REPORTED.contains(&field.name);
    is_named.then(|| path_on_loopback(field.value))?
}

/// What follows the host and the port of an address on the loopback interface; `None` if that is
/// more than a path.
fn path_on_loopback(text: &[u8]) -> Option<&[u8]> {
    const HOSTS: [&[u8]; 3] = [b"localhost", b"127.0.0.1", b"[::1]"];
    const LONGEST_PORT: usize = 5;
    if text.len() > LONGEST {
        return None;
    }
    let rest = text
        .strip_prefix(b"http://")
        .or_else(|| text.strip_prefix(b"https://"))?;
    let rest = HOSTS.iter().find_map(|host| rest.strip_prefix(*host))?;
    let path = match rest {
        [b':', port @ ..] => {
            let digits = port.iter().take(LONGEST_PORT);
            port.get(digits.take_while(|byte| byte.is_ascii_digit()).count()..)?
        }
        _ => rest,
    };
    let is_plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    (matches!(path.first(), None | Some(b'/')) && path.iter().all(is_plain)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of<'a>(carrier: Carrier, name: &'a str, value: &'a str) -> Option<&'a [u8]> {
        path(Field {
            carrier,
            name: name.as_bytes(),
            value: value.as_bytes(),
        })
    }

    #[test]
    fn only_what_says_where_a_browser_goes_is_one() {
        use Carrier::{FormValue, Header, JsonValue, QueryValue, XmlAttribute};
        let address = "http://localhost:4444/cb";
        for (carrier, name) in [
            (QueryValue, "redirect_uri"),
            (FormValue, "post_logout_redirect_uri"),
            (JsonValue, "client.redirect_uris"),
            (JsonValue, "csp-report.document-uri"),
            (XmlAttribute, "AuthnRequest.AssertionConsumerServiceURL"),
        ] {
            let path = path_of(carrier, name, address);
            assert_eq!(path, Some(b"/cb".as_slice()), "{name}");
        }
        for (carrier, name) in [
            (QueryValue, "url"),
            (QueryValue, "x.redirect_uri"),
            (QueryValue, "csp-report.document-uri"),
            (JsonValue, "redirect_uri.url"),
            (JsonValue, "document-uri"),
            (Header, "redirect_uri"),
        ] {
            assert_eq!(path_of(carrier, name, address), None, "{name}");
        }
    }

    #[test]
    fn only_a_host_and_a_port_of_the_loopback_interface_are_taken_off() {
        let of = |value: &'static str| path_of(Carrier::QueryValue, "redirect_uri", value);
        for (value, path) in [
            ("http://127.0.0.1:51004", ""),
            ("https://[::1]:8080/oauth/cb.html", "/oauth/cb.html"),
            ("http://localhost/", "/"),
            ("http://localhost/etc/passwd", "/etc/passwd"),
        ] {
            assert_eq!(of(value), Some(path.as_bytes()), "{value}");
        }
        for value in [
            "http://localhost.x.test/",
            "http://localhost@x.test/",
            "http://localhost:80@x.test/",
            "http://localhost:123456/",
            "http://169.254.169.254/latest",
            "http://localhost/?x=<script>",
            "gopher://localhost:25/x",
            "http://localhost/\r\nx",
        ] {
            assert_eq!(of(value), None, "{value}");
        }
    }
}
