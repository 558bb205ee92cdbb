//! Runs a case and compares the responses with the expected ones.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use aiwaf_testing::{Client, Reply};
use anyhow::{Context, Result, bail, ensure};

use super::cases::Case;
use super::http2;
use super::send::{Answers, address, body, connect, exchange};
use super::server::Server;
use super::step::{Expect, Step};
use super::template::Variables;

/// What the adapters must agree on: the statuses, whether a handler ran, the cause, the type of the
/// response.
pub(super) type Observed = Vec<String>;

/// Runs a case from an address of its own. The error describes what is not as expected.
pub(super) fn run(server: &Server, case: &Case, own: Ipv4Addr) -> Result<Observed> {
    let mut connections = Connections::new();
    let mut taken = Variables::new();
    let mut observed = Vec::new();
    for (number, step) in (1..).zip(&case.steps) {
        let step = step.with_taken(&taken);
        for _ in 0..step.times {
            let seen = ask(server, &step, own, &mut connections)
                .and_then(|seen| {
                    step.taken_from(&seen.answer, &mut taken)?;
                    Ok(seen)
                })
                .with_context(|| format!("request {number}"))?;
            observed.push(seen.text);
        }
    }
    Ok(observed)
}

/// Usable connections, by source address.
type Connections = BTreeMap<Ipv4Addr, Client>;

fn ask(server: &Server, step: &Step, own: Ipv4Addr, connections: &mut Connections) -> Result<Seen> {
    let from = address(step, own)?;
    let sent = body(step)?;
    let sent = sent.as_deref();
    if step.http2 {
        let answers = http2::exchange(from, server.address, step, sent)?;
        return judge(server, step, sent, from, &answers);
    }
    let mut client = match connections.remove(&from) {
        Some(client) if !step.fresh => client,
        _ => connect(from, server.address)?,
    };
    let answers = exchange(&mut client, step, sent)?;
    let seen = judge(server, step, sent, from, &answers)?;
    if seen.goes_on {
        connections.insert(from, client);
    }
    Ok(seen)
}

struct Seen {
    text: String,
    /// The body of the response, and its header lines.
    answer: String,
    /// Whether the connection can be used again.
    goes_on: bool,
}

fn judge(
    server: &Server,
    step: &Step,
    sent: Option<&[u8]>,
    from: Ipv4Addr,
    answers: &Answers,
) -> Result<Seen> {
    let expect = &step.expect;
    let nothing = Reply::default();
    let replies = &answers.replies;
    let last = replies.last().unwrap_or(&nothing);
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    let handled = last.header("x-handled").is_some();
    let cause = cause(server, last)?;
    if !expect.statuses.is_empty() {
        ensure!(
            statuses == expect.statuses,
            "answered {statuses:?}, expected {:?}",
            expect.statuses
        );
    } else if !expect.status.is_empty() {
        ensure!(
            expect.status.contains(&last.status),
            "answered {} ({}), expected {:?}",
            last.status,
            cause.as_deref().unwrap_or("no refusal"),
            expect.status
        );
    }
    if let Some(expected) = &expect.cause {
        ensure!(
            cause.as_ref() == Some(expected),
            "the cause is {cause:?}, expected {expected:?}"
        );
    }
    if let Some(expected) = expect.handled {
        ensure!(
            handled == expected,
            "the handler was {}called",
            if handled { "" } else { "not " }
        );
    }
    if let Some(expected) = expect.continued {
        let told = if answers.continued { "" } else { "not " };
        ensure!(answers.continued == expected, "was {told}told to go on");
    }
    fields(expect, last)?;
    contents(expect, last, sent)?;
    if let Some(event) = &expect.event {
        let texts = [format!("event=\"{event}\""), format!("client={from}")];
        let logged = server.logged(&texts.each_ref().map(String::as_str));
        ensure!(logged.is_some(), "no event {event:?} names {from}");
    }
    Ok(Seen {
        answer: last
            .headers
            .iter()
            .fold(last.text(), |text, (name, value)| {
                format!("{text}\n{name}: {value}")
            }),
        text: compared(expect, &statuses, handled, cause.as_deref(), last),
        goes_on: !replies.is_empty() && last.header("connection") != Some("close"),
    })
}

/// The text by which two adapters are compared. If no status is expected, a framework's own parser
/// may respond first; if several are, frameworks may differ.
fn compared(
    expect: &Expect,
    statuses: &[u16],
    handled: bool,
    cause: Option<&str>,
    last: &Reply,
) -> String {
    match (expect.statuses.as_slice(), expect.status.as_slice()) {
        ([], []) => format!("handled {handled}"),
        ([], [_, _, ..]) if expect.own_way => format!("cause {cause:?}"),
        ([], [_, _, ..]) => format!("handled {handled}, cause {cause:?}"),
        _ => {
            let kind = cause.and_then(|_| last.header("content-type"));
            format!("{statuses:?}, handled {handled}, cause {cause:?}, type {kind:?}")
        }
    }
}

/// The cause of a refusal, from the event that has its request id.
fn cause(server: &Server, reply: &Reply) -> Result<Option<String>> {
    let Some(id) = reply.header("x-request-id") else {
        return Ok(None);
    };
    let line = server
        .logged(&["event=\"refused\"", &format!("request_id={id}")])
        .with_context(|| format!("no event has the request id {id} of the answer"))?;
    ensure!(
        line.contains(&format!("status={}", reply.status)),
        "the event tells another status than {}: {line}",
        reply.status
    );
    let cause = line
        .split_once("cause=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(cause, _)| cause.to_owned());
    ensure!(cause.is_some(), "the event has no cause: {line}");
    Ok(cause)
}

fn fields(expect: &Expect, reply: &Reply) -> Result<()> {
    for (name, wanted) in &expect.headers {
        let found = reply.header(name);
        let holds = match wanted.as_str() {
            "" => found.is_none(),
            "*" => found.is_some(),
            "#" => found.is_some_and(|value| value.parse::<u64>().is_ok()),
            exact => found == Some(exact),
        };
        ensure!(holds, "the header {name} is {found:?}, expected {wanted:?}");
    }
    Ok(())
}

fn contents(expect: &Expect, reply: &Reply, sent: Option<&[u8]>) -> Result<()> {
    if let Some(body) = &expect.body {
        let found = reply.text();
        ensure!(found == *body, "the body is {found:?}, expected {body:?}");
    }
    if let Some(part) = &expect.contains {
        ensure!(
            reply.text().contains(part.as_str()),
            "the body does not have {part:?}"
        );
    }
    if expect.echoed && reply.body != sent.unwrap_or_default() {
        bail!(
            "the handler saw {} bytes that are not the {} bytes that were sent",
            reply.body.len(),
            sent.map_or(0, <[u8]>::len)
        );
    }
    Ok(())
}
