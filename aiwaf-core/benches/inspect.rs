//! The cost of the engine: `cargo bench -p aiwaf-core`.
//!
//! Every verdict is asserted: a time for a request that took another path through the engine would
//! be worthless. Each request comes from another one of ten thousand clients and asks for another
//! path. The clock is the system's, read as often as in production, and runs ahead of it, so that
//! ten thousand clients never reach their limits.

// A bench that cannot be set up has nothing to measure and should say why.
#![allow(clippy::expect_used)]

#[path = "../tests/browser/mod.rs"]
mod browser;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aiwaf_core::normalize::{normalize_path, split_target};
use aiwaf_core::policy::RangeSet;
use aiwaf_core::state::RateTable;
use aiwaf_core::store::{DeniedNetwork, KeywordRecord, Origin, Records};
use aiwaf_core::{Clock, Firewall, ResponseView, SystemClock, Tick, Verdict};
use browser::Visitor;
use criterion::{Criterion, criterion_group, criterion_main};
use ipnet::{IpNet, Ipv4Net};

const CLIENTS: u32 = 10_000;

/// The system's clock, which moves another millisecond ahead each time it is read.
#[derive(Default)]
struct AheadClock {
    system: SystemClock,
    reads: AtomicU64,
}

impl Clock for AheadClock {
    fn now(&self) -> Tick {
        let ahead = self.reads.fetch_add(1, Ordering::Relaxed);
        self.system.now().plus(Duration::from_millis(ahead))
    }

    fn wall(&self) -> SystemTime {
        self.system.wall()
    }
}

/// A number that looks random but is the same in every run.
fn scatter(number: u32) -> u32 {
    let mut x = number.wrapping_mul(0x9e37_79b9) ^ 0x5bd1_e995;
    x ^= x >> 15;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^ x >> 13
}

fn firewall(records: Records) -> Firewall {
    Firewall::builder()
        .clock(AheadClock::default())
        .routes(["/", "/products/{id}", "/cart", "/login", "/api/orders/{id}"])
        .records(records)
        .build()
        .expect("the default settings hold")
}

fn visitors() -> Vec<Visitor> {
    (0..CLIENTS).map(Visitor::new).collect()
}

fn serve(firewall: &Firewall, visitor: &Visitor, allowed: bool) {
    let headers = visitor.headers();
    let (verdict, exchange) = firewall.inspect(&visitor.view(&headers));
    assert_eq!(verdict == Verdict::Allow, allowed, "{verdict:?}");
    let status = if allowed { 200 } else { 403 };
    firewall.observe(exchange, &ResponseView::new(status));
}

fn denied(network: IpNet, origin: Origin) -> DeniedNetwork {
    DeniedNetwork {
        network,
        reason: "bench".to_owned(),
        added: UNIX_EPOCH,
        until: None,
        origin,
        evidence: None,
    }
}

fn banned(visitors: &[Visitor]) -> Records {
    let automatic = Origin::Automatic {
        cause: "probe".to_owned(),
        offences: 1,
    };
    let mut records = Records::default();
    records.denied = visitors
        .iter()
        .map(|visitor| denied(IpNet::from(visitor.peer()), automatic.clone()))
        .collect();
    records
}

fn requests(c: &mut Criterion) {
    let visitors = visitors();
    let open = firewall(Records::default());
    let closed = firewall(banned(&visitors));
    let mut group = c.benchmark_group("inspect+observe");
    for (name, firewall, allowed) in [("browser GET", &open, true), ("banned", &closed, false)] {
        let mut turn = visitors.iter().cycle();
        group.bench_function(name, |b| {
            b.iter(|| {
                if let Some(visitor) = turn.next() {
                    serve(firewall, visitor, allowed);
                }
            });
        });
    }
    group.finish();
    let allowed = distribution("browser GET", &open, &visitors, true);
    let refused = distribution("banned", &closed, &visitors, false);
    assert!(
        refused < allowed,
        "a refusal ({refused} ns) must cost less than a pass ({allowed} ns)"
    );
    let counted = allocation_counter::measure(|| {
        for visitor in &visitors {
            serve(&open, visitor, true);
        }
    });
    println!(
        "browser GET: {} allocations in {CLIENTS} requests",
        counted.count_total
    );
    assert_eq!(counted.count_total, 0);
}

/// Prints quantiles of single requests, including one clock read, and returns the median in
/// nanoseconds.
fn distribution(name: &str, firewall: &Firewall, visitors: &[Visitor], allowed: bool) -> u128 {
    let mut nanos: Vec<u128> = visitors
        .iter()
        .cycle()
        .take(20 * visitors.len())
        .map(|visitor| {
            let started = Instant::now();
            serve(firewall, visitor, allowed);
            started.elapsed().as_nanos()
        })
        .collect();
    nanos.sort_unstable();
    let at = |per_mille: usize| {
        nanos
            .get(nanos.len() * per_mille / 1000)
            .copied()
            .unwrap_or(0)
    };
    println!(
        "{name}: p50 {} ns, p99 {} ns, p99.9 {} ns a request",
        at(500),
        at(990),
        at(999)
    );
    at(500)
}

fn rates(c: &mut Criterion) {
    let mut group = c.benchmark_group("rate decision");
    for clients in [10_000_u32, 1_000_000] {
        let table = RateTable::new(2 * clients as usize);
        let start = Tick::from_micros(1 << 40);
        let window = Duration::from_secs(60);
        for client in 0..clients {
            table.hit(table.key((u128::from(client), 1_u32)), start, window);
        }
        let mut turn = 0_u32;
        group.bench_function(format!("{clients} live clients"), |b| {
            b.iter(|| {
                turn = turn.wrapping_add(1);
                let key = table.key((u128::from(scatter(turn) % clients), 1_u32));
                let moment = start.plus(Duration::from_micros(u64::from(turn)));
                black_box(table.hit(key, moment, window))
            });
        });
        println!("rate decision: {} slots live", table.len());
    }
    group.finish();
}

fn networks(c: &mut Criterion) {
    let set = RangeSet::new((0..1_000_000_u32).map(|number| {
        let prefix = 24 + (scatter(number ^ 0xffff) % 9) as u8;
        IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from(scatter(number)), prefix))
    }));
    println!(
        "IP decision: {} ranges of 1,000,000 networks in {:.2} MiB",
        set.len(),
        set.memory() as f64 / f64::from(1 << 20)
    );
    let known = IpAddr::V4(Ipv4Addr::from(scatter(77)));
    assert!(set.contains(known));
    let mut turn = 0_u32;
    c.bench_function("IP decision among 1,000,000 networks", |b| {
        b.iter(|| {
            turn = turn.wrapping_add(1);
            black_box(set.find(IpAddr::V4(Ipv4Addr::from(scatter(turn)))))
        });
    });
}

fn paths(c: &mut Criterion) {
    let mut group = c.benchmark_group("normalise path");
    for (name, raw, normal) in [
        (
            "clean",
            "/products/10472-linen-shirt/reviews",
            "/products/10472-linen-shirt/reviews",
        ),
        (
            "dirty",
            "/products//..%2f..%252fstatic/./%2e%65nv;v=1",
            "/static/.env",
        ),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| {
                let target = split_target(black_box(raw).as_bytes());
                let path = normalize_path(&target);
                assert_eq!(path.as_bytes(), normal.as_bytes());
            });
        });
    }
    group.finish();
}

fn swaps(c: &mut Criterion) {
    let firewall = firewall(Records::default());
    let mut records = Records::default();
    records.denied = (0..99_000)
        .map(|number| {
            let address = Ipv4Addr::from(scatter(number));
            denied(IpNet::from(IpAddr::V4(address)), Origin::Manual)
        })
        .collect();
    records.keywords = (0..1_000)
        .map(|number| KeywordRecord {
            keyword: format!("keyword {}", scatter(number)),
            added: UNIX_EPOCH,
        })
        .collect();
    let mut group = c.benchmark_group("policy");
    group.sample_size(10);
    group.bench_function("swap with 100,000 records", |b| {
        b.iter(|| firewall.swap(&records).expect("the records compile"));
    });
    group.finish();
}

criterion_group!(benches, requests, rates, networks, paths, swaps);
criterion_main!(benches);
