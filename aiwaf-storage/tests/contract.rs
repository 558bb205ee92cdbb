//! What every store must do, checked for each of them against `Records::apply`.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aiwaf_core::store::{
    AllowedNetwork, Change, CountryRecord, DeniedNetwork, ExemptPathRecord, KeywordRecord, Origin,
    Records, Store,
};
use aiwaf_storage::{Access, open_store};
use ipnet::IpNet;
use proptest::prelude::*;

/// A place to open stores of one kind in.
struct Place {
    directory: tempfile::TempDir,
    kind: &'static str,
}

impl Place {
    fn new(kind: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory, kind }
    }

    fn open(&self) -> Box<dyn Store> {
        let path = self.directory.path().join("records");
        let spec = match self.kind {
            "memory" => "memory".to_owned(),
            kind => format!("{kind}:{}", path.display()),
        };
        open_store(&spec, Access::Create).unwrap()
    }
}

fn network() -> impl Strategy<Value = IpNet> {
    prop::sample::select(vec![
        "10.0.0.1/32",
        "10.0.0.0/24",
        "10.0.0.0/8",
        "2001:db8::/48",
        "2001:db8::/64",
        "::1/128",
    ])
    .prop_map(|text| text.parse().unwrap())
}

fn stamp() -> impl Strategy<Value = SystemTime> {
    (-1_000_000_000_000_i64..4_000_000_000_000_000).prop_map(|micros| match u64::try_from(micros) {
        Ok(after) => UNIX_EPOCH + Duration::from_micros(after),
        Err(_) => UNIX_EPOCH - Duration::from_micros(micros.unsigned_abs()),
    })
}

/// Whatever people and attackers write: quotes, commas, line breaks, formulas, other alphabets.
fn text() -> impl Strategy<Value = String> {
    "[a-c=+@',\"\n\r\t é-]{0,8}"
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["union select", "=cmd", "-x", "'=q", "é,\"", "@a"])
        .prop_map(str::to_owned)
}

/// A path. Invalid patterns are never given to a store.
fn path() -> impl Strategy<Value = String> {
    key().prop_map(|key| format!("/{key}"))
}

fn denied() -> impl Strategy<Value = DeniedNetwork> {
    let origin = prop_oneof![
        Just(Origin::Manual),
        ("[a-z_]{1,8}", 1..=255_u8)
            .prop_map(|(cause, offences)| Origin::Automatic { cause, offences }),
    ];
    let evidence = prop::option::of("[{}\":a-c=,]{1,9}");
    (
        network(),
        text(),
        stamp(),
        prop::option::of(stamp()),
        origin,
        evidence,
    )
        .prop_map(
            |(network, reason, added, until, origin, evidence)| DeniedNetwork {
                network,
                reason,
                added,
                until,
                origin,
                evidence,
            },
        )
}

fn change() -> impl Strategy<Value = Change> {
    let country = || prop::sample::select(vec!["FR", "US"]).prop_map(str::to_owned);
    prop_oneof![
        (network(), stamp())
            .prop_map(|(network, added)| Change::Allow(AllowedNetwork { network, added })),
        network().prop_map(Change::Disallow),
        denied().prop_map(Change::Deny),
        denied().prop_map(Change::Deny),
        denied().prop_map(Change::Deny),
        network().prop_map(Change::Undeny),
        network().prop_map(Change::EndBan),
        (key(), stamp())
            .prop_map(|(keyword, added)| Change::AddKeyword(KeywordRecord { keyword, added })),
        key().prop_map(Change::RemoveKeyword),
        (path(), text(), stamp()).prop_map(|(path, reason, added)| Change::AddExemptPath(
            ExemptPathRecord {
                path,
                reason,
                added
            }
        )),
        path().prop_map(Change::RemoveExemptPath),
        (country(), stamp())
            .prop_map(|(country, added)| Change::AddCountry(CountryRecord { country, added })),
        country().prop_map(Change::RemoveCountry),
    ]
}

fn sorted(mut records: Records) -> Records {
    records.allowed.sort_by_key(|record| record.network);
    records.denied.sort_by_key(|record| record.network);
    records.keywords.sort_by(|a, b| a.keyword.cmp(&b.keyword));
    records.exempt_paths.sort_by(|a, b| a.path.cmp(&b.path));
    records.countries.sort_by(|a, b| a.country.cmp(&b.country));
    records
}

fn behaves_as_records(kind: &'static str, batches: &[Vec<Change>]) -> Result<(), TestCaseError> {
    let place = Place::new(kind);
    let mut store = place.open();
    let mut oracle = Records::default();
    let version = store.version().unwrap();
    for batch in batches {
        let made: Vec<bool> = batch.iter().map(|change| oracle.apply(change)).collect();
        prop_assert_eq!(store.apply(batch).unwrap(), made, "{:?}", batch);
        prop_assert_eq!(sorted(store.load().unwrap()), sorted(oracle.clone()));
    }
    prop_assert_eq!(store.version().unwrap(), version, "its own writes count");
    if kind != "memory" {
        drop(store);
        prop_assert_eq!(sorted(place.open().load().unwrap()), sorted(oracle));
    }
    Ok(())
}

fn batches() -> impl Strategy<Value = Vec<Vec<Change>>> {
    prop::collection::vec(prop::collection::vec(change(), 1..6), 1..5)
}

/// Two stores on one place see each other's changes, and lose none.
fn sees_outside_changes(kind: &'static str) {
    let place = Place::new(kind);
    let (mut one, mut other) = (place.open(), place.open());
    one.load().unwrap();
    let before = one.version().unwrap();
    other.apply(&[keyword("theirs")]).unwrap();
    assert_ne!(one.version().unwrap(), before);
    // A change between one of our looks and one of our writes is not mistaken for ours.
    one.load().unwrap();
    let before = one.version().unwrap();
    other.apply(&[keyword("late")]).unwrap();
    one.apply(&[keyword("ours")]).unwrap();
    assert_ne!(one.version().unwrap(), before);
    assert_eq!(one.load().unwrap().keywords.len(), 3);
    assert_eq!(sorted(one.load().unwrap()), sorted(other.load().unwrap()));
}

fn keyword(text: &str) -> Change {
    Change::AddKeyword(KeywordRecord {
        keyword: text.to_owned(),
        added: UNIX_EPOCH,
    })
}

/// Applies a change, as a keeper does: on a slow disk, the others may keep a writer waiting for
/// longer than it waits at once. What failed has changed nothing.
fn patiently(store: &mut dyn Store, change: Change) -> Vec<bool> {
    const ATTEMPTS: usize = 20;
    let changes = [change];
    for _ in 1..ATTEMPTS {
        if let Ok(made) = store.apply(&changes) {
            return made;
        }
    }
    store.apply(&changes).unwrap()
}

/// Eight concurrent writers, each with its own handle.
fn loses_nothing_of_two_writers(kind: &'static str) {
    let place = Place::new(kind);
    place.open();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let place = &place;
            scope.spawn(move || {
                let mut store = place.open();
                for n in 0..15 {
                    let change = keyword(&format!("{writer}-{n}"));
                    assert_eq!(patiently(&mut *store, change), [true]);
                }
            });
        }
    });
    assert_eq!(place.open().load().unwrap().keywords.len(), 8 * 15);
}

macro_rules! contract {
    ($kind:ident) => {
        mod $kind {
            use super::*;

            proptest! {
                #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
                #[test]
                fn behaves_as_records(batches in batches()) {
                    super::behaves_as_records(stringify!($kind), &batches)?;
                }
            }
        }
    };
    ($kind:ident, shared) => {
        contract!($kind);

        #[test]
        fn $kind() {
            sees_outside_changes(stringify!($kind));
            loses_nothing_of_two_writers(stringify!($kind));
        }
    };
}

contract!(memory);
#[cfg(feature = "csv")]
contract!(csv, shared);
#[cfg(feature = "sqlite")]
contract!(sqlite, shared);
