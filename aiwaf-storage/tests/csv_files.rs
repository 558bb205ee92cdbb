//! The files of the predecessor, and what people and spreadsheets do to them.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use aiwaf_core::store::{Change, DeniedNetwork, Origin, Records, Store, StoreVersion};
use aiwaf_storage::{Access, CsvStore, Manager, OpenError, Width};

fn open(directory: &Path) -> CsvStore {
    CsvStore::open(directory, Access::MustExist).unwrap()
}

fn load(directory: &Path) -> Records {
    open(directory).load().unwrap()
}

fn manager(directory: &Path) -> Manager {
    Manager::new(Box::new(open(directory)))
}

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn text(directory: &tempfile::TempDir, name: &str) -> String {
    fs::read_to_string(directory.path().join(name)).unwrap()
}

const PUBLISHED: &str = "ip,reason,added_date\n\
    10.0.0.1,Suspicious activity,2025-09-14T10:30:00\n\
    192.168.1.50,Rate limit exceeded,2025-09-14T11:15:00\n";

#[test]
fn the_published_example_is_read_and_kept() {
    let directory = directory(&[("blacklist.csv", PUBLISHED)]);
    let records = load(directory.path());
    assert_eq!(records.problems, []);
    let first = &records.denied[0];
    assert_eq!(first.network, "10.0.0.1/32".parse().unwrap());
    assert_eq!(first.reason, "Suspicious activity");
    assert_eq!(first.added, UNIX_EPOCH + Duration::from_secs(1_757_845_800));
    assert_eq!((first.until, &first.origin), (None, &Origin::Manual));
    // Adding one more entry does not touch the others, not even their dates.
    manager(directory.path())
        .add_blacklist("10.0.0.2", "mine", None, Width::Ordinary)
        .unwrap();
    let now = text(&directory, "blacklist.csv");
    assert!(now.starts_with(PUBLISHED), "{now}");
    let added = now.strip_prefix(PUBLISHED).unwrap();
    assert!(
        added.starts_with("10.0.0.2,mine,20") && added.ends_with("Z\n"),
        "{added}"
    );
}

#[test]
fn both_orders_of_columns_are_read_even_in_one_file() {
    let directory = directory(&[
        (
            "whitelist.csv",
            "ip,timestamp\n192.0.2.1,2025-09-14T10:30:00.123456\n",
        ),
        (
            "blacklist.csv",
            "ip,timestamp,reason\n\
             10.0.0.1,2025-09-14T10:30:00,by the tool\n\
             10.0.0.2,by the app,2025-09-14T10:30:00\n",
        ),
    ]);
    let records = load(directory.path());
    assert_eq!(records.problems, []);
    assert_eq!(records.allowed.len(), 1);
    let added = UNIX_EPOCH + Duration::from_secs(1_757_845_800);
    for (denied, reason) in records.denied.iter().zip(["by the tool", "by the app"]) {
        assert_eq!((denied.reason.as_str(), denied.added), (reason, added));
    }
}

#[test]
fn columns_of_others_are_kept_and_ours_are_added_when_needed() {
    let directory = directory(&[(
        "blacklist.csv",
        "IP,owner,reason,added_date\n10.0.0.1,alice,x,2025-09-14T10:30:00\n10.0.0.2,bob,y,2025-09-14T10:30:00\n",
    )]);
    let hour = Some(Duration::from_secs(3600));
    manager(directory.path())
        .add_blacklist("10.0.0.1", "z", hour, Width::Ordinary)
        .unwrap();
    let now = text(&directory, "blacklist.csv");
    let lines: Vec<&str> = now.lines().collect();
    assert_eq!(lines[0], "IP,owner,reason,added_date,until");
    assert!(lines[1].starts_with("10.0.0.1,alice,z,"), "{now}");
    assert_eq!(lines[2], "10.0.0.2,bob,y,2025-09-14T10:30:00");
    assert!(load(directory.path()).denied[0].until.is_some());
}

#[test]
fn a_bad_row_is_reported_kept_and_hides_nothing() {
    let bad = "ip,reason,added_date\n\
        not-an-ip,x,2025-09-14T10:30:00\n\
        10.0.0.1\n\
        \n\
        10.0.0.2,\"open,2025-09-14T10:30:00\n\
        10.0.0.3,\"a \"\"quoted\"\" reason, with comma\",2025-09-14T10:30:00\n\
        ,no address,2025-09-14T10:30:00\n\
        10.0.0.4,x,yesterday\n\
        ::ffff:10.0.0.5,mapped,2025-09-14T10:30:00\n\
        10.1.2.3/16,host bits,2025-09-14T10:30:00\n\
        10.0.0.1,again,2025-09-14T10:30:00";
    let directory = directory(&[("blacklist.csv", bad)]);
    let records = load(directory.path());
    let networks: Vec<String> = records
        .denied
        .iter()
        .map(|denied| denied.network.to_string())
        .collect();
    assert_eq!(
        networks,
        [
            "10.0.0.3/32",
            "10.0.0.4/32",
            "10.0.0.5/32",
            "10.1.0.0/16",
            "10.0.0.1/32"
        ]
    );
    assert_eq!(records.denied[0].reason, "a \"quoted\" reason, with comma");
    assert_eq!(records.denied[4].reason, "again", "the last of two counts");
    let lines: Vec<&str> = records
        .problems
        .iter()
        .map(|problem| problem.place.rsplit_once("blacklist.csv:").unwrap().1)
        .collect();
    assert_eq!(lines, ["2", "5", "7", "8"], "{:?}", records.problems);
    // A write keeps every row where it is, and adds the missing line break to the last one.
    manager(directory.path())
        .add_blacklist("10.9.9.9", "new", None, Width::Ordinary)
        .unwrap();
    let now = text(&directory, "blacklist.csv");
    assert!(now.starts_with(&format!("{bad}\n10.9.9.9,new,")), "{now}");
    // A removal takes every row of the address, and no others.
    manager(directory.path())
        .remove_blacklist("10.0.0.1")
        .unwrap();
    let left = text(&directory, "blacklist.csv");
    assert!(
        !left.contains("10.0.0.1") && left.contains("not-an-ip") && left.contains("\"open,"),
        "{left}"
    );
}

#[test]
fn an_exempt_path_that_is_no_pattern_is_reported_and_kept() {
    let bad = "path,reason,added_date\n\
        nonsense,x,2025-09-14T10:30:00\n\
        /webhook/,x,2025-09-14T10:30:00\n\
        *.tar.gz,x,2025-09-14T10:30:00\n";
    let directory = directory(&[("path_exemptions.csv", bad)]);
    let records = load(directory.path());
    assert_eq!(records.exempt_paths.len(), 1);
    assert_eq!(records.exempt_paths[0].path, "/webhook/");
    let told: Vec<String> = records.problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for (told, line, pattern) in [(&told[0], ":2", "nonsense"), (&told[1], ":4", "*.tar.gz")] {
        let place = format!("path_exemptions.csv{line}");
        assert!(told.contains(&place) && told.contains(pattern), "{told}");
    }
    let mut manager = manager(directory.path());
    assert_eq!(manager.stats().unwrap().exempt_paths, 1);
    manager.add_exempt_path("*.zip", "new").unwrap();
    let now = text(&directory, "path_exemptions.csv");
    assert!(now.starts_with(bad) && now.contains("*.zip"), "{now}");
}

/// `remove` of one spelling once left the path exempt by another one.
#[test]
fn a_path_is_one_however_it_is_spelled() {
    let rows = "path,reason,added_date\n\
        /Admin/,x,2025-09-14T10:30:00\n\
        /%7Euser/,x,2025-09-14T10:30:00\n\
        /~user/,y,2025-09-14T10:30:00\n";
    let directory = directory(&[("path_exemptions.csv", rows)]);
    let mut manager = manager(directory.path());
    assert!(manager.add_exempt_path("/admin/", "new").unwrap());
    assert!(manager.remove_exempt_path("/%7euser/").unwrap());
    let left = load(directory.path()).exempt_paths;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!((&*left[0].path, &*left[0].reason), ("/admin/", "new"));
    assert!(!manager.remove_exempt_path("/~user/").unwrap());
    assert!(manager.remove_exempt_path("/a/../b").is_err());
}

#[test]
fn what_a_spreadsheet_saves_is_read() {
    let directory = directory(&[(
        "keywords.csv",
        "\u{feff}\"Keyword\",\"Added_Date\"\r\n\"union select\",\"2025-09-14 10:30:00\"\r\n'=1+1,\r\n",
    )]);
    let records = load(directory.path());
    assert_eq!(records.problems, []);
    let words: Vec<&str> = records
        .keywords
        .iter()
        .map(|record| record.keyword.as_str())
        .collect();
    assert_eq!(words, ["union select", "=1+1"]);
    manager(directory.path()).add_keyword("@SUM(A1)").unwrap();
    let now = text(&directory, "keywords.csv");
    assert!(
        now.starts_with('\u{feff}') && now.contains("\n'@SUM(A1),"),
        "{now}"
    );
}

#[test]
fn a_file_that_is_none_is_an_error_and_never_overwritten() {
    let cases: [(&[u8], &str); 4] = [
        (b"", "empty"),
        (b"\x00\xff\xfe garbage", "UTF-8"),
        (b"reason,added_date\nx,y\n", "no column \"ip\""),
        (b"\"ip\nopen", "quote"),
    ];
    for (bytes, expected) in cases {
        let directory = directory(&[("whitelist.csv", "ip,added_date\n192.0.2.1,\n")]);
        let path = directory.path().join("blacklist.csv");
        fs::write(&path, bytes).unwrap();
        let error = open(directory.path()).load().unwrap_err().to_string();
        assert!(
            error.contains("blacklist.csv") && error.contains(expected),
            "{error}"
        );
        let mut manager = manager(directory.path());
        assert!(
            manager
                .add_blacklist("10.0.0.1", "x", None, Width::Ordinary)
                .is_err()
        );
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn directories_and_files_in_each_others_places_are_errors() {
    let directory = directory(&[("a file", "")]);
    let file = directory.path().join("a file");
    assert!(matches!(
        CsvStore::open(&file, Access::Create),
        Err(OpenError::Store(_))
    ));
    let missing = directory.path().join("missing");
    let error = CsvStore::open(&missing, Access::MustExist).unwrap_err();
    assert!(
        matches!(&error, OpenError::Missing(what) if what.contains("missing")),
        "{error}"
    );
    fs::create_dir(directory.path().join("blacklist.csv")).unwrap();
    let error = open(directory.path()).load().unwrap_err().to_string();
    assert!(error.contains("blacklist.csv"), "{error}");
}

#[test]
fn a_directory_that_may_only_be_read_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory(&[("blacklist.csv", PUBLISHED)]);
    // Tests may run as root, who may write anywhere but cannot lock a directory: a directory in
    // place of the lock file simulates the failure.
    fs::create_dir(directory.path().join("aiwaf.lock")).unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o555)).unwrap();
    assert_eq!(load(directory.path()).denied.len(), 2);
    let error = manager(directory.path())
        .add_blacklist("10.0.0.9", "x", None, Width::Ordinary)
        .unwrap_err()
        .to_string();
    assert!(error.contains("aiwaf.lock"), "{error}");
    assert_eq!(text(&directory, "blacklist.csv"), PUBLISHED);
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_list_that_vanishes_while_it_is_read_is_not_taken_for_empty() {
    for _ in 0..200 {
        let directory = directory(&[("blacklist.csv", PUBLISHED)]);
        let mut store = open(directory.path());
        store.load().unwrap();
        let path = directory.path().join("blacklist.csv");
        let remover = std::thread::spawn(move || fs::remove_file(path).unwrap());
        while let Ok(records) = store.load() {
            assert_eq!(records.denied.len(), 2);
        }
        remover.join().unwrap();
    }
}

#[test]
fn a_list_whose_file_vanishes_is_not_taken_for_empty() {
    let directory = directory(&[("blacklist.csv", PUBLISHED)]);
    let mut store = open(directory.path());
    store.load().unwrap();
    let before = store.version().unwrap();
    fs::remove_file(directory.path().join("blacklist.csv")).unwrap();
    assert_ne!(store.version().unwrap(), before);
    let error = store.load().unwrap_err().to_string();
    assert!(error.contains("disappeared"), "{error}");
    fs::write(
        directory.path().join("blacklist.csv"),
        "ip,reason,added_date\n",
    )
    .unwrap();
    assert_eq!(store.load().unwrap().denied, []);
}

fn denied(host: u8) -> DeniedNetwork {
    DeniedNetwork {
        network: format!("198.51.100.{host}/32").parse().unwrap(),
        reason: "x".to_owned(),
        added: UNIX_EPOCH,
        until: None,
        origin: Origin::Manual,
        evidence: None,
    }
}

/// Does something to another list while this store writes a ban, at a different moment each time.
fn during_a_write(
    others: impl Fn(&Path) + Copy + Send + 'static,
    check: impl Fn(&mut CsvStore, StoreVersion),
) {
    const MADE: &str = "keyword,added_date\nold,2025-09-14T10:30:00\n";
    for round in 0..40 {
        let directory = directory(&[("keywords.csv", MADE)]);
        let mut store = open(directory.path());
        store.load().unwrap();
        let before = store.version().unwrap();
        let keywords = directory.path().join("keywords.csv");
        let (begin, begun) = std::sync::mpsc::channel();
        let other = std::thread::spawn(move || {
            begun.recv().unwrap();
            for _ in 0..round * 50 {
                std::thread::yield_now();
            }
            others(&keywords);
        });
        begin.send(()).unwrap();
        for host in 0..5 {
            // It fails once a list is gone.
            let _ = store.apply(&[Change::Deny(denied(host))]);
        }
        other.join().unwrap();
        check(&mut store, before);
    }
}

#[test]
fn a_list_saved_by_hand_during_a_write_is_noticed() {
    let save = |keywords: &Path| {
        let new = keywords.with_extension("new");
        fs::write(&new, "keyword,added_date\nnew,2025-09-14T10:30:00\n").unwrap();
        fs::rename(new, keywords).unwrap();
    };
    during_a_write(save, |store, before| {
        assert_ne!(store.version().unwrap(), before);
        assert_eq!(store.load().unwrap().keywords[0].keyword, "new");
    });
}

#[test]
fn a_list_removed_during_a_write_is_not_taken_for_empty() {
    let remove = |keywords: &Path| fs::remove_file(keywords).unwrap();
    during_a_write(remove, |store, _| {
        let error = store.load().unwrap_err().to_string();
        assert!(error.contains("disappeared"), "{error}");
    });
}

#[test]
fn the_mode_of_a_file_and_the_file_behind_a_link_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = directory(&[("real.csv", PUBLISHED)]);
    let real = directory.path().join("real.csv");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o604)).unwrap();
    symlink("real.csv", directory.path().join("blacklist.csv")).unwrap();
    manager(directory.path())
        .add_blacklist("10.0.0.9", "x", None, Width::Ordinary)
        .unwrap();
    assert!(directory.path().join("blacklist.csv").is_symlink());
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o604
    );
    assert!(text(&directory, "real.csv").contains("10.0.0.9"));
}
