//! `aiwaf check`: shows what the firewall would do with a request, and why.

mod request;

use std::io;
use std::sync::Arc;

use aiwaf_core::client::Standing;
use aiwaf_core::{
    Cause, Consequence, Explanation, Finding, Firewall, FirewallBuilder, Part, Settings, Skip,
    Step, Verdict,
};
use anyhow::Result;
use serde_json::{Value, json};

use self::request::WireRequest;
use crate::args::Check;
use crate::output::{BAD, BOLD, DIM, GOOD, Outcome, Report, Screen, WARN, shown, styled};
use crate::settings::{Found, MEMORY};

/// A verdict with its reasons.
pub(super) struct CheckReport {
    request: WireRequest,
    store: String,
    explanation: Explanation,
    /// The score at which a client is banned.
    threshold: u32,
}

pub(super) fn check(found: &Found, asked: &Check) -> Result<CheckReport> {
    let request = WireRequest::new(asked)?;
    let builder = builder(&found.settings)?.routes(asked.routes.iter().cloned());
    let (store, builder) = match found.settings.store.trim() {
        // A firewall that keeps its records in memory starts without any.
        MEMORY => (MEMORY.to_owned(), builder),
        _ => {
            let mut manager = found.open()?;
            (manager.describe(), builder.records(manager.records()?))
        }
    };
    Ok(CheckReport {
        explanation: request.ask(&builder.build()?, asked.peer),
        store,
        threshold: found.settings.bans.threshold,
        request,
    })
}

/// A firewall as the service builds it, without its store, log and threads.
pub(super) fn builder(settings: &Settings) -> Result<FirewallBuilder> {
    let builder = Firewall::builder()
        .settings(settings.clone())
        // The tool does no lookups on the network, so a bot that must be verified by name is
        // unverified here.
        .bot_lookup(|_, _: &Arc<[String]>, _| false);
    Ok(aiwaf_storage::with_countries(builder)?)
}

impl Report for CheckReport {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        let request = &self.request;
        let line = format!("{} {}", shown(&request.method), shown(&request.target));
        screen.marked("🔎", BOLD, line)?;
        for note in request.notes() {
            screen.line(format_args!("  note    {}", shown(&note)))?;
        }
        screen.line(format_args!("  path    {}", shown(&self.explanation.path)))?;
        screen.line(format_args!("  client  {}", self.client()))?;
        let route = self.explanation.route.as_deref();
        screen.line(format_args!(
            "  route   {}",
            route.map_or("unknown".to_owned(), shown)
        ))?;
        screen.line(format_args!("  store   {}", shown(&self.store)))?;
        if self.explanation.cross_site {
            screen.line("  sent by a page of another site: does not count against the client")?;
        }
        screen.line("")?;
        for step in &self.explanation.steps {
            screen.line(step_line(step))?;
        }
        screen.line("")?;
        match self.cause() {
            None => screen.marked("✅", GOOD, "Allowed"),
            Some((status, cause)) => {
                let text = format!(
                    "Refused with {status} ({}): {}",
                    cause.code(),
                    shown(&cause.to_string())
                );
                screen.marked("⛔", BAD, text)?;
                screen.line(format_args!("  {}", self.consequence()))
            }
        }
    }

    fn json(&self) -> Value {
        let explanation = &self.explanation;
        let client = explanation.client.map(|client| {
            json!({ "address": client.address.to_string(), "standing": standing(client.standing) })
        });
        let refused = self.cause();
        json!({
            "request": { "method": self.request.method, "target": self.request.target },
            "notes": self.request.notes(),
            "store": self.store,
            "path": explanation.path,
            "client": client,
            "route": explanation.route,
            "cross_site": explanation.cross_site,
            "steps": explanation.steps.iter().map(step_json).collect::<Vec<_>>(),
            "verdict": if refused.is_some() { "refuse" } else { "allow" },
            "status": refused.map(|(status, _)| status),
            "cause": refused.map(|(_, cause)| cause_json(cause)),
            "consequence": refused.map(|_| self.consequence()),
        })
    }

    fn outcome(&self) -> Outcome {
        match self.cause() {
            None => Outcome::Done,
            Some(_) => Outcome::Refused,
        }
    }
}

impl CheckReport {
    fn cause(&self) -> Option<(u16, &Cause)> {
        match &self.explanation.verdict {
            Verdict::Refuse(refusal) => Some((refusal.status, &refusal.cause)),
            _ => None,
        }
    }

    fn client(&self) -> String {
        match self.explanation.client {
            None => "unknown".to_owned(),
            Some(client) => format!("{} ({})", client.address, standing(client.standing)),
        }
    }

    fn consequence(&self) -> String {
        let client = self.explanation.client;
        match self.explanation.consequence {
            _ if !client.is_some_and(|client| client.is_accountable()) => {
                "does not count against the client".to_owned()
            }
            Consequence::Nothing => "does not count against the client".to_owned(),
            Consequence::Strike(weight) => format!(
                "adds {weight} to the client's score; at {} the client is banned",
                self.threshold
            ),
            Consequence::Ban => "bans the client at once".to_owned(),
        }
    }
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Accountable => "accountable",
        Standing::TrustedProxy => "trusted proxy: neither limited nor banned",
        Standing::UndeclaredProxy => {
            "undeclared proxy: neither limited nor banned; see client_ip.trusted_proxies"
        }
    }
}

fn step_line(step: &Step) -> String {
    let name = match step.part {
        Part::Head => step.name.to_owned(),
        Part::Body => format!("{} (body)", step.name),
    };
    let (style, word) = match &step.finding {
        Finding::Passed | Finding::NeedsBody(_) => (GOOD, "pass"),
        Finding::Allowed => (GOOD, "allow"),
        Finding::Recorded(_) => (WARN, "record"),
        Finding::Refused(_) => (BAD, "refuse"),
        _ => (DIM, "-"),
    };
    let detail = shown(&detail(&step.finding));
    // Pad before styling, because escape sequences have no width.
    let gap = " ".repeat(if detail.is_empty() {
        0
    } else {
        8_usize.saturating_sub(word.len())
    });
    format!("  {name:<26} {}{gap}{detail}", styled(style, word))
}

fn detail(finding: &Finding) -> String {
    match finding {
        Finding::Passed => String::new(),
        Finding::Allowed => "the client is on the whitelist".to_owned(),
        Finding::NeedsBody(plan) => format!(
            "so far; the body is checked too, up to {} bytes",
            plan.limit
        ),
        Finding::Recorded(cause) => format!("{cause} (the protection only monitors)"),
        Finding::Refused(cause) => cause.to_string(),
        Finding::Skipped(Skip::TurnedOff) => "turned off by the settings".to_owned(),
        Finding::Skipped(Skip::Exempt) => "the path or its route is exempt".to_owned(),
        Finding::Skipped(Skip::ClientAllowed) => "the client is on the whitelist".to_owned(),
        Finding::Skipped(Skip::AlreadyRefused) => "already refused".to_owned(),
        _ => "did not run".to_owned(),
    }
}

fn step_json(step: &Step) -> Value {
    let finding = match &step.finding {
        Finding::Passed => "passed",
        Finding::Allowed => "allowed",
        Finding::NeedsBody(_) => "needs_body",
        Finding::Recorded(_) => "recorded",
        Finding::Refused(_) => "refused",
        _ => "skipped",
    };
    let cause = match &step.finding {
        Finding::Recorded(cause) | Finding::Refused(cause) => Some(cause_json(cause)),
        _ => None,
    };
    json!({
        "name": step.name,
        "part": match step.part {
            Part::Head => "head",
            Part::Body => "body",
        },
        "finding": finding,
        "detail": detail(&step.finding),
        "cause": cause,
    })
}

fn cause_json(cause: &Cause) -> Value {
    json!({ "code": cause.code(), "detail": cause.to_string(), "weight": cause.weight() })
}
