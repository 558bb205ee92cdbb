//! Traffic: threads that send requests as fast as they can, each for two visitors of its own.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use aiwaf_core::{Cause, Firewall, Peer, RequestView, ResponseView, Settings, Verdict};
use anyhow::{Result, anyhow, bail, ensure};

use super::delays::Delays;

pub(super) const THREADS: u32 = 1;
const VISITORS: u32 = 2;
pub(super) const ROUTES: [&str; 2] = ["/", "/products/{id}"];
/// The target of all requests: one route, which has one counter per visitor.
const PAGE: &[u8] = b"/products/42?sort=price&page=3";

/// The visitors of all threads.
pub(super) fn visitors() -> impl Iterator<Item = Visitor> {
    (0..THREADS * VISITORS).map(|number| Visitor::new(0xc633_6400 + number))
}

pub(super) struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<Delays>>>,
}

impl Load {
    pub(super) fn start(firewall: Arc<Firewall>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let visitors: Vec<Visitor> = visitors().collect();
        let threads = visitors
            .chunks(VISITORS as usize)
            .map(|visitors| {
                let (firewall, stop) = (Arc::clone(&firewall), Arc::clone(&stop));
                let visitors = visitors.to_vec();
                thread::spawn(move || visit(&firewall, &visitors, &stop))
            })
            .collect();
        Self { stop, threads }
    }

    /// Stops the traffic, and returns how long the requests took.
    pub(super) fn end(self) -> Result<Delays> {
        self.stop.store(true, Ordering::Relaxed);
        let mut sum = Delays::new();
        for thread in self.threads {
            sum.merge(&thread.join().map_err(|_| anyhow!("a visitor panicked"))??);
        }
        Ok(sum)
    }
}

fn visit(firewall: &Firewall, visitors: &[Visitor], stop: &AtomicBool) -> Result<Delays> {
    let mut delays = Delays::new();
    while !stop.load(Ordering::Relaxed) {
        for visitor in visitors {
            let started = Instant::now();
            let code = visitor.ask(firewall, PAGE);
            delays.add(started.elapsed());
            ensure!(code == "ok", "{} was refused: {code}", visitor.address);
        }
    }
    Ok(delays)
}

/// The number of counted requests of a visitor, read from the refusal of one more under a limit of
/// one.
pub(super) fn counted(firewall: &Firewall, visitor: &Visitor) -> Result<u64> {
    let settings: Settings = (*firewall.settings()).clone();
    let mut low = settings.clone();
    low.rate_limit.max = 1;
    firewall.reconfigure(low)?;
    let (verdict, _) = firewall.inspect(&visitor.view(PAGE));
    firewall.reconfigure(settings)?;
    match verdict.refusal().map(|refusal| &refusal.cause) {
        Some(Cause::RateLimited { requests, .. }) => Ok(u64::from(*requests) - 1),
        other => bail!("{} got {other:?} under a limit of one", visitor.address),
    }
}

#[derive(Clone, Copy)]
pub(super) struct Visitor {
    address: IpAddr,
}

impl Visitor {
    pub(super) fn new(address: u32) -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::from(address)),
        }
    }

    fn view<'a>(&self, target: &'a [u8]) -> RequestView<'a> {
        RequestView {
            peer: Peer::Address(self.address),
            headers: &[
                ("host", b"shop.example"),
                (
                    "user-agent",
                    b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                ),
                (
                    "accept",
                    b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                ),
                ("accept-language", b"de,en-US;q=0.7,en;q=0.3"),
                ("accept-encoding", b"gzip, deflate, br, zstd"),
                ("sec-fetch-dest", b"document"),
                ("sec-fetch-mode", b"navigate"),
                ("sec-fetch-site", b"same-origin"),
            ],
            ..RequestView::new("GET", target)
        }
    }

    /// Sends a request; returns the code of the refusal or `ok`.
    pub(super) fn ask(&self, firewall: &Firewall, target: &[u8]) -> &'static str {
        let (verdict, exchange) = firewall.inspect(&self.view(target));
        let status = verdict.refusal().map_or(200, |refusal| refusal.status);
        firewall.observe(exchange, &ResponseView::new(status));
        match verdict {
            Verdict::Refuse(refusal) => refusal.cause.code(),
            _ => "ok",
        }
    }
}
