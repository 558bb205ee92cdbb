use super::*;
use std::time::UNIX_EPOCH;

fn key(address: &str) -> ClientKey {
    ClientKey::new(address.parse().unwrap(), 64)
}

fn ban(until_seconds: u64) -> Ban {
    Ban {
        until: Some(Tick::from_micros(until_seconds * 1_000_000)),
        cause: "payload".into(),
        reason: "x".into(),
        offences: 1,
        began: UNIX_EPOCH,
        ends: Some(UNIX_EPOCH + Duration::from_secs(until_seconds)),
        evidence: None,
    }
}

fn at(seconds: u64) -> Tick {
    Tick::from_micros(seconds * 1_000_000)
}

/// Bans a client that has no current ban.
fn put(table: &BanTable, client: ClientKey, ban: Ban) {
    let placed = table.ban(client, (at(0), UNIX_EPOCH), Duration::ZERO, |_| ban);
    assert!(placed.is_some());
}

#[test]
fn a_ban_ends_by_itself_and_is_remembered_as_an_offence() {
    let table = BanTable::new(10);
    put(&table, key("1.2.3.4"), ban(100));
    assert!(table.find(key("1.2.3.4"), at(99)).is_some());
    assert!(table.find(key("1.2.3.4"), at(100)).is_none());
    let week = Duration::from_secs(7 * 86_400);
    assert_eq!(table.offences(key("1.2.3.4"), UNIX_EPOCH, week), 1);
    assert_eq!(table.offences(key("1.2.3.4"), UNIX_EPOCH + week, week), 0);
}

#[test]
fn a_reload_takes_over_the_store_and_never_undoes_an_unwritten_ban() {
    let table = BanTable::new(10);
    put(&table, key("1.1.1.1"), ban(100));
    put(&table, key("2.2.2.2"), ban(100));
    let changes = table.unwritten(Duration::ZERO);
    assert_eq!(changes.len(), 2);
    table.written(&changes[..1]);
    assert_eq!(table.unwritten_len(), 1);
    // Both were removed from the store: the written one is lifted, the other must still be written.
    assert_eq!(table.replace_written(Vec::new(), at(0)), [key("1.1.1.1")]);
    assert!(table.find(key("1.1.1.1"), at(0)).is_none());
    assert!(table.find(key("2.2.2.2"), at(0)).is_some());
    // Another process banned a third.
    table.replace_written(vec![(BannedKey::Client(key("3.3.3.3")), ban(50))], at(0));
    assert!(table.find(key("3.3.3.3"), at(0)).is_some());
}

#[test]
fn what_could_not_be_written_is_handed_out_again() {
    let table = BanTable::new(10);
    put(&table, key("1.1.1.1"), ban(100));
    let changes = table.unwritten(Duration::ZERO);
    assert!(table.unwritten(Duration::ZERO).is_empty());
    assert_eq!(table.unwritten_len(), 1);
    table.requeue(changes.clone());
    assert_eq!(table.unwritten(Duration::ZERO), changes);
}

#[test]
fn a_ban_that_changed_while_it_was_written_is_still_unwritten() {
    let table = BanTable::new(10);
    put(&table, key("1.1.1.1"), ban(100));
    let first = table.unwritten(Duration::ZERO);
    let again = (at(100), UNIX_EPOCH);
    table.ban(key("1.1.1.1"), again, Duration::ZERO, |_| ban(200));
    table.written(&first);
    table.replace_written(Vec::new(), at(0));
    assert!(table.find(key("1.1.1.1"), at(150)).is_some());
    assert_eq!(table.unwritten(Duration::ZERO).len(), 1);
}

/// Regression: six attacks in flight at once counted as six offences and banned an address for a
/// day.
#[test]
fn while_a_ban_holds_there_is_no_other() {
    let table = BanTable::new(10);
    let client = key("1.1.1.1");
    let week = Duration::from_secs(7 * 86_400);
    let offend = |second| {
        let make = |offences| Ban {
            offences,
            ..ban(second + 100)
        };
        let ban = table.ban(client, (at(second), UNIX_EPOCH), week, make)?;
        Some(ban.offences)
    };
    assert_eq!([0, 1, 99].map(offend), [Some(1), None, None]);
    assert_eq!([100, 101, 200].map(offend), [Some(2), None, Some(3)]);
}

/// Regression: ended bans counted as neighbours, and their network was banned for them.
#[test]
fn in_a_full_table_what_has_ended_gives_way_first() {
    let table = BanTable::new(9);
    for host in 1..=8 {
        put(&table, key(&format!("10.0.0.{host}")), ban(10 + host));
    }
    put(&table, key("9.9.9.9"), ban(1_000));
    let newcomer = |address: &str, second| {
        let ban = |_| ban(500);
        table.ban(key(address), (at(second), UNIX_EPOCH), Duration::ZERO, ban);
    };
    newcomer("10.0.0.99", 15);
    assert_eq!(table.len(), 9);
    assert!(table.find(key("10.0.0.200"), at(16)).is_none());
    assert!(table.find(key("10.0.0.99"), at(16)).is_some());
    // A client that is already in the table needs no room.
    newcomer("10.0.0.8", 20);
    assert_eq!(table.len(), 9);
    assert!(table.find(key("9.9.9.9"), at(21)).is_some());
}

#[test]
fn a_full_table_folds_neighbours_else_drops_what_ends_soonest() {
    let table = BanTable::new(9);
    for host in 1..=8 {
        put(&table, key(&format!("10.0.0.{host}")), ban(100 + host));
    }
    put(&table, key("9.9.9.9"), ban(5));
    // The table is full and nothing can be folded: 9.9.9.9 ends soonest.
    put(&table, key("8.8.8.8"), ban(50));
    assert!(table.find(key("9.9.9.9"), at(0)).is_none());
    // The table is full again: the eight neighbours are folded into their /24.
    put(&table, key("10.0.0.99"), ban(60));
    assert!(table.find(key("10.0.0.200"), at(107)).is_some());
    assert!(table.find(key("10.0.1.1"), at(0)).is_none());
    assert!(table.len() <= 9);
    let changes = table.unwritten(Duration::ZERO);
    // The store never had the evicted bans, so it has nothing to forget.
    assert_eq!(changes.len(), 3);
    assert!(
        changes
            .iter()
            .any(|c| matches!(c, BanChange::Banned(BannedKey::Parent(_), _)))
    );
}

/// A keeper that was just about to wait when it was told to end would wait in vain.
#[test]
fn who_is_woken_before_waiting_does_not_wait() {
    const LONG: Duration = Duration::from_secs(100_000);
    let table = BanTable::new(9);
    table.wake();
    assert_eq!(table.unwritten(LONG), []);
}

#[test]
fn a_network_whose_ban_has_ended_gives_way_too() {
    let table = BanTable::new(9);
    for host in 1..=9 {
        put(&table, key(&format!("10.0.0.{host}")), ban(100));
    }
    // Folded into one, which leaves room for eight.
    put(&table, key("10.0.0.99"), ban(200));
    assert_eq!(table.len(), 2);
    table.written(&table.unwritten(Duration::ZERO));
    for host in 1..=7 {
        put(&table, key(&format!("20.0.{host}.1")), ban(300));
    }
    let put_later = |address: &str| {
        let wall = UNIX_EPOCH + Duration::from_secs(150);
        table.ban(key(address), (at(150), wall), Duration::ZERO, |_| ban(300));
    };
    put_later("30.0.0.1");
    for host in 1..=7 {
        assert!(
            table
                .find(key(&format!("20.0.{host}.1")), at(150))
                .is_some()
        );
    }
    assert!(table.find(key("10.0.0.99"), at(150)).is_some());
    let dropped = table.unwritten(Duration::ZERO);
    let network = BannedKey::Parent(key("10.0.0.0").parent());
    assert!(
        dropped.contains(&BanChange::Dropped(network)),
        "{dropped:?}"
    );
}

#[test]
fn a_ban_that_gives_way_is_forgotten_by_the_store_too_if_it_was_there() {
    let table = BanTable::new(1);
    put(&table, key("1.1.1.1"), ban(10));
    table.written(&table.unwritten(Duration::ZERO));
    put(&table, key("2.2.2.2"), ban(20));
    let changes = table.unwritten(Duration::ZERO);
    assert_eq!(changes.len(), 2);
    assert_eq!(
        changes[0],
        BanChange::Dropped(BannedKey::Client(key("1.1.1.1")))
    );
    // 2.2.2.2 is evicted while it is being written, so the result of that write is unknown.
    put(&table, key("3.3.3.3"), ban(30));
    table.requeue(changes);
    let dropped = |change: &BanChange| matches!(change, BanChange::Dropped(_));
    let changes = table.unwritten(Duration::ZERO);
    assert_eq!(changes.iter().filter(|c| dropped(c)).count(), 2);
    assert_eq!(changes.len(), 3);
}

#[test]
fn a_store_that_is_down_makes_nothing_pile_up() {
    let table = BanTable::new(10);
    for n in 0..1000_u32 {
        let address = std::net::Ipv4Addr::from(0x0100_0000 + n * 256);
        put(&table, key(&address.to_string()), ban(100 + u64::from(n)));
        if n % 7 == 0 {
            table.requeue(table.unwritten(Duration::ZERO));
        }
    }
    assert_eq!(table.unwritten(Duration::ZERO).len(), 10);
}

#[test]
fn a_full_table_keeps_what_the_store_brings_back_changed() {
    let table = BanTable::new(2);
    for address in ["1.1.1.1", "9.9.9.9"] {
        put(&table, key(address), ban(100));
    }
    let changes = table.unwritten(Duration::ZERO);
    table.written(&changes);
    // The store has other timestamps for the same bans, and an ended ban for which there is no
    // room.
    let records = [("1.1.1.1", 200), ("9.9.9.9", 200), ("5.5.5.5", 0)];
    let records = records.map(|(address, end)| (BannedKey::Client(key(address)), ban(end)));
    assert_eq!(table.replace_written(records.to_vec(), at(0)), []);
    for (address, holds) in [("1.1.1.1", true), ("9.9.9.9", true), ("5.5.5.5", false)] {
        assert_eq!(
            table.find(key(address), at(150)).is_some(),
            holds,
            "{address}"
        );
    }
    assert_eq!(table.len(), 2);
}

#[test]
fn a_full_table_takes_a_ban_of_the_store_for_what_is_lifted_or_has_ended() {
    let table = BanTable::new(2);
    let record = |address: &str, end| (BannedKey::Client(key(address)), ban(end));
    table.replace_written(vec![record("1.1.1.1", 100), record("9.9.9.9", 100)], at(0));
    // Another process lifted one ban and made a third.
    table.replace_written(vec![record("1.1.1.1", 100), record("5.5.5.5", 100)], at(0));
    assert!(table.find(key("5.5.5.5"), at(50)).is_some());
    assert!(table.find(key("9.9.9.9"), at(50)).is_none());
    // At startup, a ban that holds comes after more ended ones than there is room for.
    let table = BanTable::new(2);
    let ended = ["1.1.1.1", "9.9.9.9", "5.5.5.5"].map(|address| record(address, 10));
    let mut records = ended.to_vec();
    records.push(record("7.7.7.7", 100));
    table.replace_written(records, at(50));
    assert!(table.find(key("7.7.7.7"), at(60)).is_some());
    assert_eq!(table.len(), 2);
}

#[test]
fn a_ban_that_was_loaded_by_a_clock_that_lagged_ends_when_it_should() {
    let table = BanTable::new(2);
    let client = BannedKey::Client(key("1.1.1.1"));
    table.replace_written(vec![(client, ban(40_000))], at(0));
    // The clock was corrected: the same timestamps are now sooner.
    let until = Some(Tick::from_micros(100_000_000));
    let sooner = Ban {
        until,
        ..ban(40_000)
    };
    table.replace_written(vec![(client, sooner)], at(50));
    assert!(table.find(key("1.1.1.1"), at(99)).is_some());
    assert!(table.find(key("1.1.1.1"), at(101)).is_none());
}
