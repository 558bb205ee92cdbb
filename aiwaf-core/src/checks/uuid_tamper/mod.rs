//! `uuid_tamper`: values that should be UUIDs but are not, and clients that guess ids.

mod fault;
mod route;
mod spelling;
#[cfg(test)]
mod tests;

pub use fault::UuidFault;
use memchr::memchr2;
use smallvec::SmallVec;

use super::{Check, Inspection, Outcome};
use crate::carriers::find::{all_of, split_once};
use crate::clock::Tick;
use crate::exchange::{AskedIds, Exchange};
use crate::normalize::{Buffer, PathTraits, percent_decode};
use crate::protection::Protection;
use crate::request::ResponseView;
use crate::settings::{OtherIds, Preset, UuidSettings};
use crate::state::{Guesser, State};
use crate::verdict::Cause;

/// How many characters of a value are reported.
const VALUE_SHOWN: usize = 64;

#[derive(Debug)]
pub(crate) struct UuidTamper;

impl Check for UuidTamper {
    fn name(&self) -> &'static str {
        Protection::UuidTamper.name()
    }

    fn protection(&self) -> Protection {
        Protection::UuidTamper
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        let fault = match request.policy.settings.preset {
            Preset::Classic => classic_fault(request),
            _ => fault(request),
        };
        fault.map_or(Outcome::Pass, |fault| Outcome::Refuse(Cause::Uuid(fault)))
    }

    fn observe(&self, exchange: &Exchange, response: &ResponseView<'_>, state: &State, now: Tick) {
        let (Some(ids), Some(client)) = (exchange.asked_ids, exchange.client) else {
            return;
        };
        if exchange.refused || !client.is_accountable() {
            return;
        }
        let guesser = Guesser {
            client: client.key,
            cross_site: exchange.cross_site,
        };
        match response.status {
            404 => state.guesses.miss(guesser, ids.print, now, ids.window),
            200..=299 | 304 => state.guesses.hit(guesser, ids.print, now, ids.window),
            _ => {}
        }
    }
}

/// What is wrong with the ids of a request. Notes the well-formed ids until the response is known.
fn fault(request: &Inspection<'_>) -> Option<UuidFault> {
    let settings = &request.policy.settings.uuid;
    let mut reader = Reader {
        settings,
        fault: None,
        ids: SmallVec::new(),
    };
    read_route(request, &mut reader);
    read_query(request.target.query.unwrap_or_default(), &mut reader);
    if reader.fault.is_some() {
        return reader.fault;
    }
    let id = *reader.ids.first()?;
    if settings.limit == 0 {
        return None;
    }
    let guesses = &request.state.guesses;
    request.asked_ids.set(Some(AskedIds {
        print: guesses.print(&reader.ids),
        window: settings.window,
    }));
    let guesser = Guesser {
        client: request.accountable_client()?.key,
        cross_site: request.cross_site,
    };
    let misses = guesses.score(guesser, request.now, settings.window);
    (misses >= u32::from(settings.limit)).then_some(UuidFault::Guessed { id, misses })
}

/// The predecessor's rule, for the `classic` preset: the first `uuid` of the query must have 36
/// characters, each a lower-case hexadecimal digit or a hyphen. An empty value is accepted.
fn classic_fault(request: &Inspection<'_>) -> Option<UuidFault> {
    let is_good = |value: &[u8]| {
        let good = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
        value.is_empty() || value.len() == 36 && value.iter().all(good)
    };
    let mut is_first = true;
    let mut fault = None;
    read_pairs(request.target.query?, &["uuid"], |name, value| {
        if std::mem::take(&mut is_first) && !is_good(value) {
            fault = Some(malformed(name, value));
        }
    });
    fault
}

/// Collects the ids of a request while they are read.
struct Reader<'r> {
    settings: &'r UuidSettings,
    fault: Option<UuidFault>,
    ids: SmallVec<[u128; 2]>,
}

impl Reader<'_> {
    /// Whether a value is a UUID. If so, it counts as requested.
    fn is_uuid(&mut self, value: &[u8]) -> bool {
        let id = spelling::parse(value, &self.settings.spellings);
        self.ids.extend(id);
        id.is_some()
    }

    /// Records a value that is not a UUID. Of several faults, one that strikes is reported.
    fn complain(&mut self, parameter: &[u8], value: &[u8]) {
        if !matches!(value, b"" | b"undefined" | b"null") {
            self.fault = Some(malformed(parameter, value));
        } else if self.fault.is_none() {
            self.fault = Some(UuidFault::Absent {
                parameter: shown(parameter),
            });
        }
    }

    /// Reads a value that must be a UUID.
    fn read(&mut self, parameter: &[u8], value: &[u8]) {
        if !self.is_uuid(value) {
            self.complain(parameter, value);
        }
    }
}

fn malformed(parameter: &[u8], value: &[u8]) -> UuidFault {
    UuidFault::Malformed {
        parameter: shown(parameter),
        value: shown(value),
    }
}

fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().take(VALUE_SHOWN).collect()
}

/// Reads the UUID parameters of the route.
fn read_route(request: &Inspection<'_>, reader: &mut Reader<'_>) {
    let Some(pattern) = request
        .scope
        .pattern
        .filter(|pattern| route::may_name_uuid(pattern))
    else {
        return;
    };
    if !request.path.traits().has(PathTraits::HIDDEN_SEPARATOR) {
        let segments = request.path.segments();
        route::parameters(pattern, segments, |name, value| {
            reader.read(name.as_bytes(), value);
        });
        return;
    }
    // For the router, an encoded slash is part of a value. For the normaliser, it separates
    // segments.
    let raw = request.target.path.split(|byte| *byte == b'/');
    let segments = raw.filter(|segment| !segment.is_empty());
    let mut decoded = Buffer::new();
    route::parameters(pattern, segments, |name, value| {
        percent_decode(value, false, &mut decoded);
        reader.read(name.as_bytes(), &decoded);
    });
}

/// Reads every occurrence of the query parameters that the settings name.
fn read_query(query: &[u8], reader: &mut Reader<'_>) {
    if query.is_empty() || reader.settings.params.is_empty() {
        return;
    }
    let settings = reader.settings;
    read_pairs(query, &settings.params, |name, value| {
        let is_welcome = || settings.other_ids == OtherIds::Allow && spelling::is_other_id(value);
        if !reader.is_uuid(value) && !is_welcome() {
            reader.complain(name, value);
        }
    });
}

/// Calls `seen` with the decoded name and value of each parameter in `wanted`.
fn read_pairs(query: &[u8], wanted: &[impl AsRef<[u8]>], mut seen: impl FnMut(&[u8], &[u8])) {
    let (mut names, mut values) = (Buffer::new(), Buffer::new());
    let mut start = 0;
    let ends = all_of([b'&'], query).map(|(end, _)| end);
    for end in ends.chain([query.len()]) {
        let pair = query.get(start..end).unwrap_or_default();
        start = end + 1;
        // The first byte rules out most names. If that byte may be an escape, the name is decoded.
        let may_begin = |id: &[u8], first: u8| {
            matches!(first, b'%' | b'+' | 0x80..) || id.first() == Some(&first)
        };
        let first = pair.first().copied().unwrap_or_default();
        if !wanted.iter().any(|id| may_begin(id.as_ref(), first)) {
            continue;
        }
        let (raw, value) = split_once(b'=', pair);
        let name = decoded(raw, &mut names);
        if wanted.iter().any(|id| id.as_ref() == name) {
            seen(name, decoded(value.unwrap_or_default(), &mut values));
        }
    }
}

/// A name or value with its escapes decoded, or as it is if it has none.
fn decoded<'a>(raw: &'a [u8], buffer: &'a mut Buffer) -> &'a [u8] {
    if memchr2(b'%', b'+', raw).is_none() {
        return raw;
    }
    percent_decode(raw, true, buffer);
    buffer
}
