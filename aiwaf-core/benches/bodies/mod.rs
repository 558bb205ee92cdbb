//! Bodies as people and programs send them, for measuring costs. Each number makes a different
//! body.

/// The media type of [`form`].
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The media type of [`json`].
pub(crate) const JSON: &str = "application/json";

/// A form of 1 KiB: an address and a few lines of text, as a person types them.
pub(crate) fn form(number: u32) -> String {
    let mut body = format!(
        "csrf={:032x}&first_name=Anna&last_name=O%27Hara&email=anna.{number}%40example.org&phone=%2B44+20+7946+{:04}\
         &street={}+Harbour+Road&city=Portsmouth&postcode=PO{}+4AB&country=GB&delivery=standard&newsletter=on\
         &coupon=&quantity={}&colour=sand&size=M&message=",
        u64::from(number) * 0x9e37_79b9_7f4a_7c15,
        number % 10_000,
        number % 200 + 1,
        number % 20 + 1,
        number % 9 + 1,
    );
    while body.len() < 1024 {
        body.push_str(
            "Hello%2C+the+parcel+came+on+Tuesday+and+all+of+it+was+there%2C+thank+you%21+",
        );
    }
    // Does not cut in the middle of an escape.
    let end = body.get(..1020).and_then(|body| body.rfind('+'));
    body.truncate(end.unwrap_or(body.len()));
    body
}

/// A list of 64 KiB.
pub(crate) fn json(number: u32) -> String {
    let mut body = "[".to_owned();
    while body.len() < 64 << 10 {
        let at = body.len();
        body.push_str(&format!(
            "{{\"id\":{number},\"sku\":\"LS-{at}\",\"title\":\"Linen shirt, sand\",\"price\":{{\"amount\":{}.5,\"currency\":\"EUR\"}},\"tags\":[\"summer\",\"new in\"],\"note\":\"Please ring twice, the bell is quiet.\"}},",
            at % 97
        ));
    }
    body.push_str("null]");
    body
}
