//! `header_validation`: required headers, scanners by name, malformed, repeated and contradictory header lines,
//! browsers that do not look like one.

mod browser;
mod classic;
mod fault;
mod framing;
#[cfg(test)]
mod tests;

pub use fault::HeaderFault;

use super::{Check, Inspection, Outcome};
use crate::headers::{Header, HeaderIndex};
use crate::policy::{Required, RequiredField};
use crate::protection::Protection;
use crate::settings::Preset;
use crate::verdict::Cause;

#[derive(Debug)]
pub(crate) struct HeaderValidation;

impl Check for HeaderValidation {
    fn name(&self) -> &'static str {
        Protection::HeaderValidation.name()
    }

    fn protection(&self) -> Protection {
        Protection::HeaderValidation
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        fault(request).map_or(Outcome::Pass, |fault| Outcome::Refuse(Cause::Header(fault)))
    }
}

/// The gravest fault first: who is a scanner shall not be told of a missing header.
fn fault(request: &Inspection<'_>) -> Option<HeaderFault> {
    let rules = &request.policy.headers;
    let settings = &request.policy.settings;
    let required = rules.required(request.view.method);
    if *required == Required::Off {
        return None;
    }
    let headers = &request.headers;
    let version = request.view.version;
    let agent = headers.get(Header::UserAgent).unwrap_or_default();
    // Longer ones are refused, and unread but for their beginning.
    let read = agent
        .get(..settings.headers.max_user_agent)
        .unwrap_or(agent);
    let address = request.client.map(|client| client.address);
    let claims = rules.agents.claims(read, address);
    if let Some(name) = claims.scanner {
        return Some(HeaderFault::Scanner { name });
    }
    if settings.preset == Preset::Classic && agent.len() > settings.headers.max_user_agent {
        return Some(HeaderFault::SuspectAgent { reason: "Too long" });
    }
    let fault = framing::fault(headers, version, &settings.headers);
    if fault.is_some() || claims.verified_bot {
        return fault;
    }
    if let Some(name) = claims.generic {
        return Some(HeaderFault::GenericClient { name });
    }
    let missing = match required {
        Required::Off => None,
        Required::OfBrowsers => browser::missing_accept(headers),
        Required::Fields(fields) => missing(headers, fields),
    };
    missing.or_else(|| match settings.preset {
        Preset::Classic => classic::agent_fault(agent, &claims)
            .or_else(|| classic::combination_fault(headers, version)),
        _ => browser::implausible(headers),
    })
}

fn missing(headers: &HeaderIndex<'_>, fields: &[RequiredField]) -> Option<HeaderFault> {
    let is_there = |field: &RequiredField| match field.known {
        Some(header) => headers.has(header),
        None => headers.lines().iter().any(|(name, value)| {
            name.eq_ignore_ascii_case(&field.name) && !value.trim_ascii().is_empty()
        }),
    };
    if fields.iter().all(is_there) {
        return None;
    }
    let names: Vec<&str> = fields
        .iter()
        .filter(|field| !is_there(field))
        .map(|field| field.name.as_str())
        .collect();
    Some(HeaderFault::Missing {
        names: names.join(", "),
    })
}
