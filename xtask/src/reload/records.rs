//! Records to swap in.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, SystemTime};

use aiwaf_core::store::{
    AllowedNetwork, DeniedNetwork, ExemptPathRecord, KeywordRecord, Origin, Records,
};
use ipnet::IpNet;

/// A few records, some of which differ each time.
pub(super) fn small(count: usize, number: u32) -> Records {
    let mut records = Records::default();
    records.denied = (0..count * 9 / 10)
        .map(|at| denied(at + number as usize % 7, Origin::Manual))
        .collect();
    records.allowed = (0..count / 20).map(allowed).collect();
    records.keywords = (0..count / 20)
        .map(|at| keyword(at + number as usize))
        .collect();
    records
}

/// Many records, of different sorts.
pub(super) fn large(count: usize) -> [(&'static str, Records); 2] {
    let mut networks = Records::default();
    networks.denied = (0..count).map(|at| denied(at, Origin::Manual)).collect();
    let mut mixed = Records::default();
    let part = count / 100;
    mixed.denied = (0..part * 60)
        .map(|at| denied(at, Origin::Manual))
        .collect();
    let automatic = || Origin::Automatic {
        cause: "probe".to_owned(),
        offences: 1,
    };
    mixed
        .denied
        .extend((part * 60..part * 85).map(|at| denied(at, automatic())));
    mixed.allowed = (0..part * 10).map(allowed).collect();
    mixed.keywords = (0..part * 4).map(keyword).collect();
    mixed.exempt_paths = (0..part)
        .map(|at| ExemptPathRecord {
            path: format!("/hooks/{at}/"),
            reason: "a webhook".to_owned(),
            added: stamp(),
        })
        .collect();
    [
        ("all of them denied networks", networks),
        (
            "60 % denied, 25 % bans, 10 % allowed, 4 % keywords, 1 % paths",
            mixed,
        ),
    ]
}

fn stamp() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)
}

/// Separate networks that contain none of our visitors: every other address from 16.0.0.0 on.
fn network(number: usize, from: u32) -> IpNet {
    let address = u32::try_from(number).unwrap_or_default() * 2 + from;
    IpAddr::V4(Ipv4Addr::from(address)).into()
}

fn denied(number: usize, origin: Origin) -> DeniedNetwork {
    let ends = origin != Origin::Manual;
    DeniedNetwork {
        network: network(number, 0x1000_0000),
        reason: format!("reason {}", number % 50),
        added: stamp(),
        until: ends.then(|| SystemTime::now() + Duration::from_secs(3600)),
        origin,
        evidence: None,
    }
}

fn allowed(number: usize) -> AllowedNetwork {
    AllowedNetwork {
        network: network(number, 0x2000_0000),
        added: stamp(),
    }
}

fn keyword(number: usize) -> KeywordRecord {
    KeywordRecord {
        keyword: format!("keyword-{number}-of-the-operator"),
        added: stamp(),
    }
}
