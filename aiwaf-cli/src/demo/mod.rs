//! `aiwaf demo`: a protected site on loopback, attackers, a visitor, and what became of their
//! requests.
//!
//! Nothing is simulated: the site is an axum service behind the `aiwaf-axum` layer, the clients are
//! real connections from different loopback addresses, and every cause is the engine's own, found
//! by the request id in the response. Everything is in memory and disappears with the process.

mod client;
mod ledger;
mod outcome;
mod pages;
mod scenes;
mod site;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use aiwaf_core::client::host_network;
use aiwaf_core::settings::TrustedProxy;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::client::{Client, Origin, Request};
use self::ledger::Ledger;
use self::outcome::{Fate, Played, Tally, call_json};
use self::scenes::{Call, Role, Scene, scenes};
use crate::args::Demo;
use crate::output::{self, BAD, BOLD, DIM, GOOD, Outcome, Screen, shown, styled};

/// Runs the demo.
pub(crate) fn run(demo: &Demo, json: bool) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(play(demo, json))
}

async fn play(demo: &Demo, json: bool) -> Result<Outcome> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("listen on loopback")?;
    let address = listener.local_addr()?;
    let scenes = scenes();
    let origin = origin(address, &scenes).await;
    let ledger = Arc::new(Ledger::default());
    let site = site(origin, &ledger)?;
    let serving = tokio::spawn(async move {
        let service = site.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await
    });

    let mut stage = Stage {
        json,
        acts: Vec::new(),
    };
    stage.open(address, origin)?;
    let mut tally = Tally::default();
    for scene in &scenes {
        stage.scene(scene)?;
        let mut client = Client::new(address, scene.source, origin);
        let mut calls = Vec::new();
        for call in &scene.calls {
            let played = make(&mut client, scene, call, &ledger).await?;
            tally.count(scene, call, &played);
            stage.call(call, &played)?;
            calls.push(call_json(call, &played));
        }
        stage.acts.push(act_json(scene, calls));
    }
    stage.close(address, &tally, demo.once)?;
    if !demo.once {
        if !json {
            ledger.go_live();
        }
        tokio::signal::ctrl_c().await.context("wait for Ctrl-C")?;
    }
    serving.abort();
    Ok(if tally.is_good() {
        Outcome::Done
    } else {
        Outcome::Refused
    })
}

/// How the clients will be distinguished: by address if this system has enough loopback addresses.
async fn origin(site: SocketAddr, scenes: &[Scene]) -> Origin {
    match scenes.first() {
        Some(scene) => Origin::of_this_system(site, scene.source).await,
        None => Origin::Address,
    }
}

fn site(origin: Origin, ledger: &Arc<Ledger>) -> Result<axum::Router> {
    let proxy = match origin {
        Origin::Proxy => IpAddr::V4(Ipv4Addr::LOCALHOST),
        // TEST-NET-1: no real client has such an address.
        Origin::Address => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    };
    let firewall = site::firewall(TrustedProxy::Network(host_network(proxy)), ledger)?;
    Ok(site::router(Arc::new(firewall), Arc::clone(ledger)))
}

/// Sends a call as often as it specifies.
async fn make(client: &mut Client, scene: &Scene, call: &Call, ledger: &Ledger) -> Result<Played> {
    tokio::time::sleep(call.pause).await;
    let headers: Vec<_> = scene.headers.iter().chain(&call.headers).copied().collect();
    let request = Request {
        method: call.method,
        target: call.target,
        headers: &headers,
        body: call.body,
    };
    let mut fates = Vec::with_capacity(call.times);
    for _ in 0..call.times {
        let answer = client.send(&request).await?;
        let reason = answer.request_id.as_deref().and_then(|id| ledger.take(id));
        fates.push(Fate::new(&answer, reason));
    }
    Ok(Played::new(fates))
}

fn act_json(scene: &Scene, calls: Vec<Value>) -> Value {
    json!({
        "title": scene.title,
        "role": match scene.role {
            Role::Attacker => "attacker",
            Role::Visitor => "visitor",
        },
        "client": scene.source.to_string(),
        "requests": calls,
    })
}

/// Shows the demo: to people as it runs, to programs at the end.
struct Stage {
    json: bool,
    acts: Vec<Value>,
}

impl Stage {
    fn say(&self, write: impl FnOnce(&mut Screen<'_>) -> std::io::Result<()>) -> Result<()> {
        if !self.json {
            output::with_screen(write)?;
        }
        Ok(())
    }

    fn open(&self, address: SocketAddr, origin: Origin) -> Result<()> {
        self.say(|screen| {
            screen.marked("🛡", BOLD, format_args!("A protected site is up at http://{address}/"))?;
            screen.line("Nothing is written to disk; all clients are on this machine.")?;
            match origin {
                Origin::Address => Ok(()),
                Origin::Proxy => screen.line(
                    "This system has only one loopback address, so the clients come through a trusted proxy.",
                ),
            }
        })
    }

    fn scene(&self, scene: &Scene) -> Result<()> {
        let who = match scene.role {
            Role::Attacker => "An attacker",
            Role::Visitor => "A visitor",
        };
        self.say(|screen| {
            screen.line("")?;
            let source = styled(DIM, format_args!("({})", scene.source));
            screen.line(format_args!(
                "{} {} {source}",
                styled(BOLD, who),
                scene.title
            ))
        })
    }

    fn call(&self, call: &Call, played: &Played) -> Result<()> {
        self.say(|screen| {
            let first = call.to_string();
            for (at, (fate, count)) in played.fates.iter().enumerate() {
                let request = if at == 0 {
                    shown(&first)
                } else {
                    "  the same".to_owned()
                };
                let times = if call.times > 1 {
                    format!(" x{count}")
                } else {
                    String::new()
                };
                let request = format!("{request}{times}");
                match &fate.refused {
                    None => {
                        let verdict = styled(GOOD, "allowed");
                        screen.line(format_args!("  {verdict} {} {request}", fate.status))?;
                    }
                    Some(reason) => {
                        let verdict = styled(BAD, "refused");
                        let why = styled(
                            DIM,
                            format_args!("{}: {}", reason.code, shown(&reason.detail)),
                        );
                        screen.line(format_args!(
                            "  {verdict} {} {request:<52} {why}",
                            fate.status
                        ))?;
                    }
                }
            }
            Ok(())
        })
    }

    fn close(&self, address: SocketAddr, tally: &Tally, once: bool) -> Result<()> {
        if self.json {
            let mut summary = json!({ "site": format!("http://{address}/"), "acts": self.acts });
            if let (Value::Object(summary), Value::Object(sums)) = (&mut summary, tally.json()) {
                summary.extend(sums);
            }
            return Ok(output::show_json(&summary)?);
        }
        self.say(|screen| {
            screen.line("")?;
            let (symbol, style) = if tally.is_good() {
                ("✅", GOOD)
            } else {
                ("❌", BAD)
            };
            let stopped = tally.attacks.saturating_sub(tally.got_through);
            let served = tally.visits.saturating_sub(tally.turned_away);
            let text = format!(
                "{stopped} of {} attacks stopped; {served} of {} requests of the visitor served",
                tally.attacks, tally.visits
            );
            screen.marked(symbol, style, text)?;
            if once {
                return Ok(());
            }
            screen.line("")?;
            screen.line(format_args!(
                "The site stays up: visit http://{address}/, or try"
            ))?;
            screen.line(format_args!("  curl -i http://{address}/.env"))?;
            screen.line("Every visit is shown here, until Ctrl-C.")?;
            screen.line("")
        })
    }
}
