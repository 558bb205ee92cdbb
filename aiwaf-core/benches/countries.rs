//! The cost of a country lookup: `cargo bench -p aiwaf-core --features geo --bench countries`.

// A bench that cannot be set up has nothing to measure and should say why.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../tests/country_db/mod.rs"]
mod country_db;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use aiwaf_core::geo::{CountryLookup, MaxMindCountries};
use country_db::{Layout, database};
use criterion::{Criterion, criterion_group, criterion_main};

/// A tree as deep as that of a real database: 65,536 networks of /24.
fn countries(layout: Layout) -> MaxMindCountries {
    let networks: Vec<String> = (0..65_536_u32)
        .map(|number| {
            format!(
                "{}.{}.{}.0/24",
                1 + (number >> 13),
                number >> 5 & 255,
                (number & 31) * 8
            )
        })
        .collect();
    let networks: Vec<(&str, &str)> = networks
        .iter()
        .map(|network| (network.as_str(), "DE"))
        .collect();
    MaxMindCountries::from_bytes(database(layout, &networks)).expect("a sound database")
}

fn lookup(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("country");
    for layout in [Layout::Nested, Layout::Flat] {
        let countries = countries(layout);
        let mut number = 0_u32;
        group.bench_function(format!("{layout:?}"), |bencher| {
            bencher.iter(|| {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let address = Ipv4Addr::from(0x0100_0000 | number >> 8 & 0x07ff_f8ff);
                countries.country(black_box(IpAddr::V4(address)))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, lookup);
criterion_main!(benches);
