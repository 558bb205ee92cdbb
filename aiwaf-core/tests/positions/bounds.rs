//! Padding around every bound: one byte, field or level below it, above it, and ten times the
//! bound.

use aiwaf_core::Settings;
use aiwaf_core::carriers::Limits;

use super::attacks::{self, Attack};
use super::carrier::{Carrier, MULTIPART, Request, Slot};
use super::drive::Site;

/// Verdicts that report that a bound was reached.
const BUDGETS: [&str; 2] = ["payload_spent", "body_too_large"];

/// Sizes around a bound.
fn around(limit: usize) -> [usize; 4] {
    [limit - 1, limit, limit + 1, 10 * limit]
}

/// Returns the attacks that fit a carrier in turn.
struct Turns {
    attacks: Vec<Attack>,
    next: usize,
}

impl Turns {
    fn new() -> Self {
        Self {
            attacks: attacks::all(),
            next: 0,
        }
    }

    fn next(&mut self, carrier: Carrier, fits: impl Fn(&Attack) -> bool) -> &Attack {
        loop {
            let turn = self.next % self.attacks.len();
            self.next += 1;
            if self.attacks[turn].fits(carrier) && fits(&self.attacks[turn]) {
                return &self.attacks[turn];
            }
        }
    }
}

#[track_caller]
fn assert_none(missed: &[String]) {
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Whether the verdict is acceptable: the attack's, or, only beyond the bound, that of a budget.
fn judge(answer: &str, within: bool) -> bool {
    answer == "payload" || (!within && BUDGETS.contains(&answer))
}

#[test]
fn after_as_many_fields_as_are_read_and_more() {
    let site = Site::new();
    let limit = usize::try_from(Limits::default().fields).unwrap();
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for carrier in [
        Carrier::QueryName,
        Carrier::QueryValue,
        Carrier::CookieName,
        Carrier::CookieValue,
        Carrier::FormName,
        Carrier::FormValue,
        Carrier::PartName,
        Carrier::PartValue,
    ] {
        // A decoy has a name and a value. The path and the host are fields too.
        for fields in around(limit) {
            let attack = turns.next(carrier, |_| true);
            let decoys = fields / 2 - 1;
            let request = carrier.request(&attack.text, Slot::Last, decoys);
            let answer = site.send(&request);
            if !judge(answer, fields < limit) {
                missed.push(format!("{} {carrier:?} {fields}: {answer}", attack.name));
            }
        }
    }
    assert_none(&missed);
}

#[test]
fn after_as_many_nodes_as_are_read_and_more() {
    let site = Site::new();
    let limit = usize::try_from(Limits::default().tree_fields).unwrap();
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for (carrier, open, decoy, close) in [
        (Carrier::JsonArray, "[", "\"a\",", "]"),
        (Carrier::XmlText, "<a>", "b<i/>", "</a>"),
    ] {
        for nodes in around(limit) {
            let attack = turns.next(carrier, |_| true);
            let item = carrier.item(&attack.text, true);
            let decoys = decoy.repeat(nodes - 1);
            let body = [open.as_bytes(), decoys.as_bytes(), &item, close.as_bytes()];
            let content_type = match carrier {
                Carrier::JsonArray => "application/json",
                _ => "application/xml",
            };
            let answer = site.send(&Request::post(content_type, body.concat()));
            if !judge(answer, nodes <= limit) {
                missed.push(format!("{} {carrier:?} {nodes}: {answer}", attack.name));
            }
        }
    }
    assert_none(&missed);
}

#[test]
fn at_the_bottom_of_deep_trees() {
    let site = Site::new();
    let limit = usize::try_from(Limits::default().depth).unwrap();
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for (carrier, open, close, content_type) in [
        (Carrier::JsonArray, "[", "]", "application/json"),
        (Carrier::JsonArray, "{\"a\":", "}", "application/json"),
        (Carrier::XmlText, "<a>", "</a>", "application/xml"),
    ] {
        for depth in around(limit) {
            let attack = turns.next(carrier, |_| true);
            // The XML item is an element of its own.
            let around = depth - usize::from(carrier == Carrier::XmlText);
            let (open, close) = (open.repeat(around), close.repeat(around));
            let item = carrier.item(&attack.text, true);
            let body = [open.as_bytes(), &item, close.as_bytes()];
            let answer = site.send(&Request::post(content_type, body.concat()));
            if !judge(answer, depth <= limit) {
                missed.push(format!("{} {carrier:?} {depth}: {answer}", attack.name));
            }
        }
    }
    assert_none(&missed);
}

const WORDS: &[u8] = b"an-ordinary-sentence-about-nothing.";

/// The attack with `length` bytes of padding around it in the same value, or before it in another
/// value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    Before,
    After,
    Sibling,
}

impl Padding {
    const ALL: [Self; 3] = [Self::Before, Self::After, Self::Sibling];

    /// Whether the text is still an attack with the padding around it.
    fn fits(self, attack: &Attack) -> bool {
        match self {
            Self::Before => !attack.anchored,
            // Text after a document, an object or the name of a file changes its meaning.
            Self::After => !attack.anchored && !attack.name.starts_with("traversal"),
            Self::Sibling => true,
        }
    }

    fn items(self, carrier: Carrier, attack: &Attack, length: usize) -> Vec<Vec<u8>> {
        // No carrier encodes the padding: one more byte of it is one more byte of the request.
        let words = WORDS.repeat(length / WORDS.len() + 1);
        let padding = &words[..length];
        match self {
            Self::Before => vec![carrier.item(&[padding, b" ", &attack.text].concat(), true)],
            Self::After => {
                vec![carrier.item(&[attack.text.as_slice(), b" ", padding].concat(), true)]
            }
            Self::Sibling => vec![
                carrier.item(padding, false),
                carrier.item(&attack.text, true),
            ],
        }
    }
}

/// A request with a body of exactly `size` bytes.
fn padded(carrier: Carrier, padding: Padding, attack: &Attack, size: usize) -> Request {
    let request = |length| {
        let items = padding.items(carrier, attack, length);
        carrier.assemble(&items, items.len() - 1)
    };
    request(size - request(0).body.len())
}

#[test]
fn in_bodies_around_the_limit() {
    let site = Site::new();
    let limit = Settings::default().payload.body_limit;
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for carrier in [
        Carrier::FormValue,
        Carrier::JsonValue,
        Carrier::XmlText,
        Carrier::Text,
    ] {
        for size in around(limit) {
            let padding = match carrier {
                Carrier::Text => Padding::Before,
                _ => Padding::ALL[turns.next % 3],
            };
            let attack = turns.next(carrier, |attack| padding.fits(attack));
            let answer = site.send(&padded(carrier, padding, attack, size));
            if !judge(answer, size <= limit) {
                missed.push(format!(
                    "{} {padding:?} {carrier:?} {size}: {answer}",
                    attack.name
                ));
            }
        }
    }
    assert_none(&missed);
}

/// A multipart body may be longer than the limit, because it is judged as it streams.
#[test]
fn in_streamed_bodies_of_any_length() {
    let site = Site::new();
    let limit = Settings::default().payload.body_limit;
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for carrier in [
        Carrier::PartName,
        Carrier::PartValue,
        Carrier::FileName,
        Carrier::PartHeader,
    ] {
        for size in around(limit) {
            let attack = turns.next(carrier, |_| true);
            for file_first in [true, false] {
                let answer = site.send(&beside_a_file(carrier, attack, size, file_first));
                if answer != "payload" {
                    missed.push(format!(
                        "{} {carrier:?} {size} {file_first}: {answer}",
                        attack.name
                    ));
                }
            }
        }
    }
    assert_none(&missed);
}

/// A part with the attack before or after a file that fills the body up to `size`.
fn beside_a_file(carrier: Carrier, attack: &Attack, size: usize, file_first: bool) -> Request {
    let part = carrier.item(&attack.text, true);
    let head: &[u8] = b"--b0undary\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"scan.bin\"\r\n\r\n";
    let close: &[u8] = b"--b0undary--\r\n";
    let length = size - part.len() - head.len() - 2 - close.len();
    let file = [head, &vec![b'.'; length], b"\r\n"].concat();
    let body = match file_first {
        true => [&file, &part, close].concat(),
        false => [&part, &file, close].concat(),
    };
    assert_eq!(body.len(), size);
    Request::post(MULTIPART, body)
}

#[test]
fn in_parts_around_their_bounds() {
    let site = Site::new();
    let limits = Limits::default();
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for (carrier, limit) in [
        (Carrier::PartValue, limits.part_value),
        (Carrier::PartHeader, limits.part_head),
        (Carrier::PartName, limits.part_head),
        (Carrier::FileName, limits.part_head),
    ] {
        for length in around(limit) {
            let padding = Padding::Before;
            let attack = turns.next(carrier, |attack| padding.fits(attack));
            let room = length.saturating_sub(attack.text.len() * 3 + 200);
            // The attack stands just before the bound, and just after it, where the padding alone
            // fills the bound.
            for length in [room, length] {
                let items = padding.items(carrier, attack, length);
                let answer = site.send(&carrier.assemble(&items, 0));
                if !judge(answer, length == room && length < limit) {
                    missed.push(format!("{} {carrier:?} {length}: {answer}", attack.name));
                }
            }
        }
    }
    assert_none(&missed);
}

/// Values of the head have no bound of their own: servers limit the whole head.
#[test]
fn in_long_values_of_the_head() {
    let site = Site::new();
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for carrier in [
        Carrier::QueryName,
        Carrier::QueryValue,
        Carrier::Path,
        Carrier::CookieValue,
        Carrier::Header("X-Shop-Campaign"),
    ] {
        for length in [4_095, 8_191, 8_193, 65_537] {
            for padding in Padding::ALL {
                let attack = turns.next(carrier, |attack| padding.fits(attack));
                let items = padding.items(carrier, attack, length);
                let answer = site.send(&carrier.assemble(&items, items.len() - 1));
                if answer != "payload" {
                    missed.push(format!(
                        "{} {padding:?} {carrier:?} {length}: {answer}",
                        attack.name
                    ));
                }
            }
        }
    }
    assert_none(&missed);
}

#[cfg(feature = "inflate")]
#[test]
fn in_compressed_bodies_around_what_they_may_inflate_to() {
    let site = Site::new();
    let limit = Settings::default().payload.body_limit;
    let mut turns = Turns::new();
    let mut missed = Vec::new();
    for size in around(limit) {
        for carrier in [Carrier::FormValue, Carrier::JsonValue, Carrier::PartValue] {
            let attack = turns.next(carrier, |_| true);
            // A part has its own bound, so the padding is spread over many parts.
            let one = carrier.item(&noise(10_000), false);
            let mut items = vec![one; size / 10_100 - 2];
            items.push(carrier.item(&attack.text, true));
            let mut request = carrier.assemble(&items, items.len() - 1);
            assert!(request.body.len() < size);
            let last = carrier.item(&noise(size - request.body.len()), false);
            items.insert(0, last);
            request = carrier.assemble(&items, items.len() - 1);
            let within = request.body.len() <= limit;
            request.body = gzip(&request.body);
            let encoding = ("Content-Encoding".to_owned(), b"gzip".to_vec());
            request.headers.push(encoding);
            let answer = site.send(&request);
            if !judge(answer, within) {
                missed.push(format!("{} {carrier:?} {size}: {answer}", attack.name));
            }
        }
    }
    assert_none(&missed);
}

/// Letters that compress badly enough not to be refused for their compression ratio alone.
#[cfg(feature = "inflate")]
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (state >> 24) as u8 % 16
        })
        .collect()
}

#[cfg(feature = "inflate")]
fn gzip(body: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}
