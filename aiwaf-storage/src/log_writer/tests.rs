use std::collections::BTreeSet;
use std::fs::{self, File};
use std::time::SystemTime;

use aiwaf_core::{Firewall, Peer, RequestView, ResponseView};

use super::*;

fn record(target: &str, status: u16) -> Box<LogRecord> {
    let view = RequestView::new("GET", target.as_bytes());
    let mut record = LogRecord::new(&view, "203.0.113.7".parse().ok(), SystemTime::UNIX_EPOCH);
    record.answer(&ResponseView::new(status), Duration::from_millis(1));
    Box::new(record)
}

fn settings(format: LogFormat) -> AccessLogSettings {
    let mut settings = AccessLogSettings::default();
    settings.format = format;
    settings.max_size = 64 * 1024;
    settings
}

fn open(directory: &Path, settings: &AccessLogSettings) -> LogWriter {
    LogWriter::open(directory, settings, &[]).unwrap()
}

fn lines(directory: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(directory.join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_firewall_fills_the_three_files() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("logs/here");
    let writer = open(&place, &settings(LogFormat::Combined));
    let firewall = Firewall::builder().log_to(writer).build().unwrap();
    for (target, status) in [("/", 200), ("/gone", 404), ("/.git/config", 403)] {
        let view = RequestView {
            peer: Peer::Address("203.0.113.7".parse().unwrap()),
            ..RequestView::new("GET", target.as_bytes())
        };
        let (_, exchange) = firewall.inspect(&view);
        firewall.observe(exchange, &ResponseView::new(status));
    }
    drop(firewall);
    let access = lines(&place, "access.log");
    assert_eq!(access.len(), 3);
    assert!(access[0].contains("\"GET / HTTP/1.1\" 200 -"), "{access:?}");
    assert!(access[2].contains("BLOCKED \"probe: "), "{access:?}");
    let errors = lines(&place, "error.log");
    assert_eq!(errors.len(), 2);
    assert!(
        errors[0].contains("404 from 203.0.113.7: GET /gone"),
        "{errors:?}"
    );
    assert_eq!(lines(&place, "aiwaf.log").len(), 1);
}

#[test]
fn files_are_put_aside_by_size_and_no_line_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(LogFormat::Csv);
    let expected: BTreeSet<String> = (0..4000).map(|at| format!("/{at}")).collect();
    for part in expected.iter().collect::<Vec<_>>().chunks(500) {
        let writer = open(directory.path(), &settings);
        for target in part {
            writer.take(record(target, 200));
        }
        drop(writer);
    }
    let mut seen = BTreeSet::new();
    let mut files = 0;
    for name in ["access.log", "access.log.1", "access.log.2", "access.log.3"] {
        let Ok(text) = fs::read_to_string(directory.path().join(name)) else {
            continue;
        };
        files += 1;
        assert!(text.len() <= 64 * 1024, "{name}: {}", text.len());
        let rest = text
            .strip_prefix(aiwaf_core::access_log::CSV_HEADER)
            .unwrap();
        seen.extend(
            rest.lines()
                .map(|line| line.split(',').nth(3).unwrap().to_owned()),
        );
    }
    assert!(files >= 3, "{files}");
    assert_eq!(seen, expected);
}

#[test]
fn no_more_files_are_kept_than_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = settings(LogFormat::Json);
    for keep in [2, 0] {
        settings.keep = keep;
        for _ in 0..40 {
            let writer = open(directory.path(), &settings);
            for _ in 0..100 {
                writer.take(record("/a/rather/long/path/to/fill/the/file", 200));
            }
        }
        let put_aside = (1..10)
            .filter(|number| {
                directory
                    .path()
                    .join(format!("access.log.{number}"))
                    .exists()
            })
            .count();
        // Files that were kept under another setting are not touched.
        assert_eq!(put_aside, 2, "{keep}");
    }
}

#[test]
fn two_writers_share_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(LogFormat::Csv);
    let writers = [(), ()].map(|()| open(directory.path(), &settings));
    for round in 0..20 {
        for (name, writer) in ["a", "b"].iter().zip(&writers) {
            for at in 0..20 {
                writer.take(record(&format!("/{name}/{round}/{at}"), 200));
            }
        }
    }
    drop(writers);
    let mut paths = BTreeSet::new();
    for name in ["access.log", "access.log.1", "access.log.2"] {
        let Ok(text) = fs::read_to_string(directory.path().join(name)) else {
            continue;
        };
        let rest = text
            .strip_prefix(aiwaf_core::access_log::CSV_HEADER)
            .unwrap();
        assert!(!rest.contains("timestamp"), "a second header");
        paths.extend(
            rest.lines()
                .map(|line| line.split(',').nth(3).unwrap().to_owned()),
        );
    }
    assert_eq!(paths.len(), 800);
}

#[test]
fn a_file_that_was_moved_away_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let mut file = LogFile::open(
        directory.path().join("access.log"),
        LogFormat::Combined,
        &settings(LogFormat::Combined),
    )
    .unwrap();
    let mut write = |text: &[u8]| {
        file.line().extend_from_slice(text);
        file.write_out().unwrap();
    };
    write(b"one\n");
    fs::rename(
        directory.path().join("access.log"),
        directory.path().join("old"),
    )
    .unwrap();
    write(b"two\n");
    fs::remove_file(directory.path().join("access.log")).unwrap();
    write(b"three\n");
    assert_eq!(lines(directory.path(), "old"), ["one"]);
    assert_eq!(lines(directory.path(), "access.log"), ["three"]);
}

#[test]
fn a_file_that_cannot_be_put_aside_is_left_to_other_processes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("access.log");
    let mut settings = settings(LogFormat::Combined);
    settings.max_size = 10;
    settings.keep = 1;
    let mut file = LogFile::open(path.clone(), LogFormat::Combined, &settings).unwrap();
    file.line().extend_from_slice(b"the first line\n");
    file.write_out().unwrap();
    fs::create_dir_all(directory.path().join("access.log.1/taken")).unwrap();
    file.line().extend_from_slice(b"the next line\n");
    assert!(file.write_out().is_err());
    File::open(&path).unwrap().try_lock().unwrap();
}

#[test]
fn a_directory_that_was_removed_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("logs/here");
    let writer = open(&place, &settings(LogFormat::Csv));
    fs::remove_dir_all(directory.path().join("logs")).unwrap();
    writer.take(record("/x", 404));
    let queue = Arc::clone(&writer.queue);
    drop(writer);
    assert_eq!(queue.dropped(), 0);
    assert_eq!(lines(&place, "access.log").len(), 2, "a header and a line");
    assert_eq!(lines(&place, "error.log").len(), 1);
}

#[test]
fn a_torn_line_does_not_swallow_the_next() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("access.log"), "203.0.113.7 - - [half").unwrap();
    let writer = open(directory.path(), &settings(LogFormat::Combined));
    writer.take(record("/whole", 200));
    drop(writer);
    let all = lines(directory.path(), "access.log");
    assert_eq!(all.len(), 2);
    assert!(
        all[1].starts_with("203.0.113.7 - - [01/Jan/1970"),
        "{all:?}"
    );
}

#[test]
fn a_file_of_another_format_is_put_aside() {
    let directory = tempfile::tempdir().unwrap();
    for format in [
        LogFormat::Combined,
        LogFormat::Csv,
        LogFormat::Json,
        LogFormat::Csv,
        LogFormat::Combined,
        LogFormat::Common,
    ] {
        let writer = open(directory.path(), &settings(format));
        writer.take(record("/x", 404));
    }
    let count = |name: &str| lines(directory.path(), name).len();
    // The last two are both text; a table has its header.
    assert_eq!(
        ["access.log", "access.log.1", "access.log.2"].map(count),
        [2, 2, 1]
    );
    assert_eq!(count("error.log"), 6);
}

#[test]
fn a_directory_that_cannot_be_written_to_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = LogWriter::open(&file.join("logs"), &AccessLogSettings::default(), &[]);
    let message = error.unwrap_err().to_string();
    assert!(message.contains("file/logs"), "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_full_disk_does_not_take_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    // Every write to this device fails with "no space left".
    std::os::unix::fs::symlink("/dev/full", directory.path().join("access.log")).unwrap();
    let writer = open(directory.path(), &settings(LogFormat::Combined));
    for _ in 0..3 {
        writer.take(record("/x", 404));
    }
    let queue = Arc::clone(&writer.queue);
    drop(writer);
    assert_eq!(queue.dropped(), 3);
    assert_eq!(lines(directory.path(), "error.log").len(), 3);
}
