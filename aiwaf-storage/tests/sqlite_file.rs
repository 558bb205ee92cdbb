//! Files that are not SQLite, not ours, or damaged.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use aiwaf_core::store::{Change, KeywordRecord, Store};
use aiwaf_storage::{Access, OpenError, SqliteStore, open_store};
use rusqlite::Connection;

fn keyword(text: &str) -> Change {
    Change::AddKeyword(KeywordRecord {
        keyword: text.to_owned(),
        added: std::time::UNIX_EPOCH,
    })
}

#[test]
fn what_is_no_store_of_ours_is_an_error_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.db");

    let error = SqliteStore::open(&path, Access::MustExist).unwrap_err();
    assert!(
        matches!(&error, OpenError::Missing(what) if what.contains("x.db")),
        "{error}"
    );
    assert!(!path.exists());

    fs::write(&path, "this is no database, but a letter to the editor").unwrap();
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path, Access::Create)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("x.db") && error.contains("not a database"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::remove_file(&path).unwrap();

    let foreign = Connection::open(&path).unwrap();
    foreign
        .execute_batch("CREATE TABLE blacklisted_ip (id INTEGER, ip TEXT)")
        .unwrap();
    drop(foreign);
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path, Access::Create)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("another program") && error.contains("blacklisted_ip"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::remove_file(&path).unwrap();

    SqliteStore::open(&path, Access::Create).unwrap();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let error = SqliteStore::open(&path, Access::Create)
        .unwrap_err()
        .to_string();
    assert!(error.contains("version 99"), "{error}");

    let error = SqliteStore::open(directory.path(), Access::Create).unwrap_err();
    assert!(matches!(error, OpenError::Store(_)), "{error}");
}

#[test]
fn what_names_no_file_to_sqlite_is_no_store() {
    for (spec, value) in [
        ("sqlite::memory:", "sqlite::memory:"),
        ("sqlite:file:x.db", "sqlite:file:x.db"),
        ("sqlite:file::memory:?cache=shared", "sqlite:file::memory:"),
    ] {
        for access in [Access::MustExist, Access::Create] {
            let error = open_store(spec, access).err().map(|e| e.to_string());
            let error = error.unwrap_or_default();
            assert!(
                error.contains(value) && error.contains("sqlite:FILE with the path"),
                "{spec}: {error:?}"
            );
            assert!(!error.contains("cache"), "{error}");
        }
    }
}

#[test]
fn a_truncated_file_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.db");
    let mut store = SqliteStore::open(&path, Access::Create).unwrap();
    let changes: Vec<Change> = (0..5000).map(|n| keyword(&format!("word{n}"))).collect();
    store.apply(&changes).unwrap();
    drop(store);
    let length = fs::metadata(&path).unwrap().len();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length / 2)
        .unwrap();
    let loaded = SqliteStore::open(&path, Access::MustExist)
        .map_err(|error| error.to_string())
        .and_then(|mut store| store.load().map_err(|error| error.to_string()));
    let error = loaded.unwrap_err();
    assert!(
        error.contains("x.db") && error.contains("malformed"),
        "{error}"
    );
}

#[test]
fn a_row_that_was_written_by_hand_hides_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.db");
    let mut store = SqliteStore::open(&path, Access::Create).unwrap();
    let hand = Connection::open(&path).unwrap();
    hand.execute_batch(
        "INSERT INTO allowed VALUES ('nonsense', 0), ('10.0.0.1', 0); INSERT INTO denied (network, reason, added) VALUES ('::ffff:10.0.0.2', 'x', 9223372036854775807)",
    )
    .unwrap();
    let records = store.load().unwrap();
    assert_eq!(records.allowed.len(), 1);
    assert_eq!(records.denied.len(), 1);
    assert_eq!(records.problems.len(), 1);
    assert_eq!(records.problems[0].place, "allowed \"nonsense\"");
}

#[test]
fn a_pattern_or_country_that_is_none_is_reported_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.db");
    let mut store = SqliteStore::open(&path, Access::Create).unwrap();
    let hand = Connection::open(&path).unwrap();
    hand.execute_batch(
        "INSERT INTO exempt_paths VALUES ('nonsense', '', 0), ('/webhook/', '', 0), ('*.tar.gz', '', 0);
         INSERT INTO countries VALUES ('Germany', 0), ('DE', 0)",
    )
    .unwrap();
    let records = store.load().unwrap();
    assert_eq!(records.exempt_paths.len(), 1);
    assert_eq!(records.countries.len(), 1);
    let places: Vec<&str> = records.problems.iter().map(|bad| &*bad.place).collect();
    assert_eq!(
        places,
        [
            "exempt_paths \"nonsense\"",
            "exempt_paths \"*.tar.gz\"",
            "countries \"Germany\""
        ]
    );
    store.apply(&[keyword("new")]).unwrap();
    let rows: i64 = hand
        .query_row("SELECT count(*) FROM exempt_paths", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 3, "what means nothing is left where it is");
}

/// A backup may be moved or copied, under a service that has the file open, whatever has been
/// written since: none of that is applied over the backup.
#[test]
fn a_backup_put_in_its_place_is_taken_up() {
    type Put = fn(&Path, &Path);
    let moved: Put = |from, to| fs::rename(from, to).unwrap();
    let copied: Put = |from, to| fs::copy(from, to).map(drop).unwrap();
    for put in [moved, copied] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.db");
        let backup = directory.path().join("backup.db");
        let words = |range: std::ops::Range<u32>| -> Vec<Change> {
            range.map(|n| keyword(&format!("word{n}"))).collect()
        };
        let mut service = SqliteStore::open(&path, Access::Create).unwrap();
        service.apply(&words(0..50)).unwrap();
        fs::copy(&path, &backup).unwrap();
        let mut tool = SqliteStore::open(&path, Access::MustExist).unwrap();
        tool.apply(&words(50..4000)).unwrap();
        assert_eq!(service.load().unwrap().keywords.len(), 4000);
        let before = service.version().unwrap();
        put(&backup, &path);
        assert_ne!(service.version().unwrap(), before);
        for store in [&mut service, &mut tool] {
            assert_eq!(store.load().unwrap().keywords.len(), 50);
        }
        tool.apply(&words(50..51)).unwrap();
        assert_eq!(service.load().unwrap().keywords.len(), 51);
    }
}

#[test]
fn an_empty_file_in_its_place_is_no_empty_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.db");
    let backup = directory.path().join("backup.db");
    let mut service = SqliteStore::open(&path, Access::Create).unwrap();
    service.apply(&[keyword("one")]).unwrap();
    fs::copy(&path, &backup).unwrap();
    fs::remove_file(&path).unwrap();
    // As a copy begins.
    fs::write(&path, "").unwrap();
    for error in [
        service.load().map(drop),
        service.apply(&[keyword("two")]).map(drop),
        service.version().map(drop),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("x.db") && error.contains("empty"), "{error}");
    }
    assert!(SqliteStore::open(&path, Access::MustExist).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"");
    fs::copy(&backup, &path).unwrap();
    assert_eq!(service.load().unwrap().keywords.len(), 1);
    // At the start, an empty file is a new one.
    fs::write(&path, "").unwrap();
    SqliteStore::open(&path, Access::Create).unwrap();
}

#[test]
fn many_may_make_the_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.db");
    std::thread::scope(|scope| {
        for n in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let mut store = SqliteStore::open(path, Access::Create).unwrap();
                store.apply(&[keyword(&format!("word{n}"))]).unwrap();
            });
        }
    });
    let mut store = SqliteStore::open(&path, Access::MustExist).unwrap();
    assert_eq!(store.load().unwrap().keywords.len(), 4);
}
