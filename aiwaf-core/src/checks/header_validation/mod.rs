//! `header_validation`: required headers, scanners by name, malformed, repeated and contradictory
//! header lines, and clients that claim to be a browser but do not look like one.

mod browser;
mod classic;
mod fault;
mod framing;
#[cfg(test)]
mod tests;

pub use fault::HeaderFault;

use std::sync::Arc;

use super::{Check, Inspection, Outcome};
use crate::bots::BotLookup;
use crate::client::is_inside;
use crate::headers::{Header, HeaderIndex};
use crate::policy::{Claims, Required, RequiredField};
use crate::protection::Protection;
use crate::settings::Preset;
use crate::verdict::Cause;

pub(crate) struct HeaderValidation {
    bots: Option<Box<dyn BotLookup>>,
}

impl HeaderValidation {
    pub(crate) fn new(bots: Option<Box<dyn BotLookup>>) -> Self {
        Self { bots }
    }

    /// Whether a bot's address belongs to the bot it claims to be, by its networks or else by its
    /// name. Internal addresses have no name that an outside party vouches for.
    fn is_verified(&self, request: &Inspection<'_>, claims: &Claims) -> bool {
        if claims.verified_bot {
            return true;
        }
        let (Some((lookup, domains)), Some(client)) =
            (self.lookup(request, claims), request.client)
        else {
            return false;
        };
        !is_inside(client.address) && lookup.is_within(client.address, domains, request.now)
    }

    /// The name lookup, and the domains of the bot that the client claims to be.
    fn lookup<'a>(
        &'a self,
        request: &'a Inspection<'_>,
        claims: &Claims,
    ) -> Option<(&'a dyn BotLookup, &'a Arc<[String]>)> {
        let domains = request.policy.headers.agents.domains(claims.named_bot?)?;
        Some((self.bots.as_deref()?, domains))
    }
}

impl Check for HeaderValidation {
    fn name(&self) -> &'static str {
        Protection::HeaderValidation.name()
    }

    fn protection(&self) -> Protection {
        Protection::HeaderValidation
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        self.fault(request)
            .map_or(Outcome::Pass, |fault| Outcome::Refuse(Cause::Header(fault)))
    }
}

impl HeaderValidation {
    /// The fault to report, the gravest first: a scanner must not be told that a header is missing.
    fn fault(&self, request: &Inspection<'_>) -> Option<HeaderFault> {
        let rules = &request.policy.headers;
        let settings = &request.policy.settings;
        let required = rules.required(request.view.method);
        if *required == Required::Off {
            return None;
        }
        let headers = &request.headers;
        let agent = headers.get(Header::UserAgent).unwrap_or_default();
        // Longer user agents are refused. Only their beginning is read.
        let read = agent
            .get(..settings.headers.max_user_agent)
            .unwrap_or(agent);
        let address = request.client.map(|client| client.address);
        let claims = rules.agents.claims(read, address);
        if settings.preset == Preset::Classic
            && let Some(fault) = self.predecessors_fault(request, required, agent, &claims)
        {
            return Some(fault);
        }
        if let Some(name) = claims.scanner {
            return Some(HeaderFault::Scanner { name });
        }
        let fault = framing::fault(headers, request.view.version, &settings.headers);
        if fault.is_some() || self.is_verified(request, &claims) {
            return fault;
        }
        if let Some(name) = claims.generic {
            return Some(HeaderFault::GenericClient { name });
        }
        missing(headers, required).or_else(|| match settings.preset {
            Preset::Classic => None,
            _ => browser::implausible(headers),
        })
    }

    /// Faults that the predecessor banned for. They are reported before faults that the predecessor
    /// did not know.
    fn predecessors_fault(
        &self,
        request: &Inspection<'_>,
        required: &Required,
        agent: &[u8],
        claims: &Claims,
    ) -> Option<HeaderFault> {
        if self.is_verified(request, claims) {
            return None;
        }
        let headers = &request.headers;
        let is_too_long = agent.len() > request.policy.settings.headers.max_user_agent;
        let fault = missing(headers, required)
            .or_else(|| is_too_long.then_some(HeaderFault::SuspectAgent { reason: "Too long" }))
            .or_else(|| classic::agent_fault(agent, claims))
            .or_else(|| classic::combination_fault(headers, request.view.version))?;
        // This preset bans permanently, so no ban may follow while the lookup of the address's name
        // is pending.
        match self.lookup(request, claims) {
            Some(_) if claims.scanner.is_none() => Some(HeaderFault::UnverifiedBot),
            _ => Some(fault),
        }
    }
}

fn missing(headers: &HeaderIndex<'_>, required: &Required) -> Option<HeaderFault> {
    match required {
        Required::Off => None,
        Required::OfBrowsers => browser::missing_accept(headers),
        Required::Fields(fields) => missing_fields(headers, fields),
    }
}

fn missing_fields(headers: &HeaderIndex<'_>, fields: &[RequiredField]) -> Option<HeaderFault> {
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
