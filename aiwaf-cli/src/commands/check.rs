//! `aiwaf check`: what the firewall would say to a request, and why.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use aiwaf_core::client::Standing;
use aiwaf_core::{
    Cause, Consequence, Explanation, Finding, Firewall, FirewallBuilder, HeaderVec, Part, Peer,
    RequestView, Settings, Skip, Step, Verdict,
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

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
        // A firewall that keeps its records in memory has none when it starts.
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

/// A firewall as the service builds it, but for its store, its log and its threads.
pub(super) fn builder(settings: &Settings) -> Result<FirewallBuilder> {
    let builder = Firewall::builder()
        .settings(settings.clone())
        // The tool asks nobody on the network: a bot that is known by its name is an unverified one here.
        .bot_lookup(|_, _: &Arc<[String]>, _| false);
    Ok(aiwaf_storage::with_countries(builder)?)
}

/// A request as a plain client would send it.
struct WireRequest {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl WireRequest {
    fn new(asked: &Check) -> Result<Self> {
        let (host, target) = split_url(&asked.url);
        let mut request = Self {
            method: asked.method.clone(),
            target,
            headers: asked
                .headers
                .iter()
                .map(|line| header(line))
                .collect::<Result<_>>()?,
            body: body(asked.data.as_deref())?,
        };
        request.default_header("Host", host.unwrap_or("localhost"));
        if asked.data.is_some() {
            request.default_header("Content-Type", "application/x-www-form-urlencoded");
            let length = request.body.len().to_string();
            request.default_header("Content-Length", &length);
        }
        Ok(request)
    }

    fn ask(&self, firewall: &Firewall, peer: IpAddr) -> Explanation {
        let lines = self.headers.iter();
        let headers: HeaderVec<'_> = lines
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let view = RequestView {
            headers: &headers,
            peer: Peer::Address(peer),
            ..RequestView::new(&self.method, self.target.as_bytes())
        };
        firewall.explain(&view, &self.body)
    }

    /// Adds what every client sends, unless it is there.
    fn default_header(&mut self, name: &str, value: &str) {
        let there = |(found, _): &(String, String)| found.eq_ignore_ascii_case(name);
        if !self.headers.iter().any(there) {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// The host of a URL, if it names one, and the request-target, byte for byte: odd ones are what one asks about.
fn split_url(url: &str) -> (Option<&str>, String) {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else {
        return (None, url.to_owned());
    };
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let slash = if target.starts_with('/') { "" } else { "/" };
    (Some(host), format!("{slash}{target}"))
}

fn header(line: &str) -> Result<(String, String)> {
    let Some((name, value)) = line
        .split_once(':')
        .filter(|(name, _)| !name.trim().is_empty())
    else {
        bail!("-H {line:?}: expected a name and a value, for example \"User-Agent: curl/8.0\"");
    };
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn body(data: Option<&str>) -> Result<Vec<u8>> {
    match data.map(|data| data.strip_prefix('@').ok_or(data)) {
        None => Ok(Vec::new()),
        Some(Err(text)) => Ok(text.as_bytes().to_vec()),
        Some(Ok(file)) => std::fs::read(file).with_context(|| format!("-d @{file}")),
    }
}

impl Report for CheckReport {
    fn human(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        let request = &self.request;
        let line = format!("{} {}", shown(&request.method), shown(&request.target));
        screen.marked("🔎", BOLD, line)?;
        screen.line(format_args!("  path    {}", shown(&self.explanation.path)))?;
        screen.line(format_args!("  client  {}", self.client()))?;
        let route = self.explanation.route.as_deref();
        screen.line(format_args!(
            "  route   {}",
            route.map_or("unknown".to_owned(), shown)
        ))?;
        screen.line(format_args!("  store   {}", shown(&self.store)))?;
        if self.explanation.cross_site {
            screen.line("  sent by a page of another site: strikes nobody")?;
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
                "strikes nobody".to_owned()
            }
            Consequence::Nothing => "strikes nobody".to_owned(),
            Consequence::Strike(weight) => format!(
                "strikes the client with {weight}; at {} it is banned",
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
    // Padded before it is styled: escapes have no width.
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
            "so far; looks at the body too, at most {} bytes",
            plan.limit
        ),
        Finding::Recorded(cause) => format!("{cause} (the protection only monitors)"),
        Finding::Refused(cause) => cause.to_string(),
        Finding::Skipped(Skip::TurnedOff) => "turned off by the settings".to_owned(),
        Finding::Skipped(Skip::Exempt) => "the path or its route is exempt".to_owned(),
        Finding::Skipped(Skip::ClientAllowed) => "the client is on the whitelist".to_owned(),
        Finding::Skipped(Skip::AlreadyRefused) => "refused before".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_and_left_as_they_are() {
        for (url, host, target) in [
            (
                "http://shop.example/a?b=c#d",
                Some("shop.example"),
                "/a?b=c",
            ),
            (
                "https://user@shop.example:8443?x",
                Some("shop.example:8443"),
                "/?x",
            ),
            ("http://shop.example", Some("shop.example"), "/"),
            (
                "http://shop.example//a/../%2e%zz",
                Some("shop.example"),
                "//a/../%2e%zz",
            ),
            ("//x", None, "//x"),
            ("/search?q=http://x/", None, "/search?q=http://x/"),
            ("*", None, "*"),
        ] {
            assert_eq!(split_url(url), (host, target.to_owned()), "{url}");
        }
    }
}
