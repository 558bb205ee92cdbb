//! Addresses of a client's own machine, where it says to which address its browser is sent back.
//!
//! A program that signs somebody in listens on the loopback interface and names that address to the server (RFC 8252, section
//! 7.3). Nobody but the browser opens it, so it is no request that a server would be made to send.

use super::field::Field;

/// What such an address is called: by OAuth, by its registration of clients, by SAML; and the page that a browser reports of.
const NAMES: [&[u8]; 6] = [
    b"redirect_uri",
    b"redirect_uris",
    b"post_logout_redirect_uri",
    b"post_logout_redirect_uris",
    b"AssertionConsumerServiceURL",
    b"document-uri",
];

/// The longest address.
const LONGEST: usize = 128;

/// Whether a field names an address of the client's own machine, and nothing else.
pub(super) fn is_own(field: Field<'_>) -> bool {
    let last = field.name.rsplit(|byte| *byte == b'.').next();
    last.is_some_and(|name| NAMES.contains(&name)) && is_loopback(field.value)
}

/// Whether a text is an address on the loopback interface with a path of letters, digits and what joins them.
fn is_loopback(text: &[u8]) -> bool {
    const HOSTS: [&[u8]; 3] = [b"localhost", b"127.0.0.1", b"[::1]"];
    let rest = text
        .strip_prefix(b"http://")
        .or_else(|| text.strip_prefix(b"https://"));
    let rest = rest.and_then(|rest| HOSTS.iter().find_map(|host| rest.strip_prefix(*host)));
    let Some(rest) = rest.filter(|_| text.len() <= LONGEST) else {
        return false;
    };
    let path = match rest {
        [b':', port @ ..] => {
            let digits = port.iter().take_while(|byte| byte.is_ascii_digit());
            port.get(digits.count()..).unwrap_or_default()
        }
        _ => rest,
    };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_');
    matches!(path.first(), None | Some(b'/')) && path.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Carrier;

    #[test]
    fn an_address_of_the_clients_own_is_one_by_its_name_alone() {
        let is_own = |name: &str, value: &str| {
            is_own(Field {
                carrier: Carrier::QueryValue,
                name: name.as_bytes(),
                value: value.as_bytes(),
            })
        };
        for (name, value) in [
            ("redirect_uri", "http://localhost:4444/cb"),
            ("redirect_uri", "http://127.0.0.1:51004"),
            ("client.redirect_uris", "http://[::1]:8080/oauth/callback"),
            ("csp-report.document-uri", "http://localhost/"),
        ] {
            assert!(is_own(name, value), "{name} {value}");
        }
        for (name, value) in [
            ("url", "http://localhost:4444/cb"),
            ("redirect_uri.url", "http://localhost/"),
            ("redirect_uri", "http://localhost.x.test/"),
            ("redirect_uri", "http://localhost@x.test/"),
            ("redirect_uri", "http://localhost:80@x.test/"),
            ("redirect_uri", "http://169.254.169.254/latest"),
            ("redirect_uri", "http://localhost/../../etc/passwd"),
            ("redirect_uri", "http://localhost/?x=<script>"),
            ("redirect_uri", "gopher://localhost:25/x"),
            ("redirect_uri", "http://localhost/\r\nx"),
        ] {
            assert!(!is_own(name, value), "{name} {value}");
        }
    }
}
