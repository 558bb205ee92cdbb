//! Checks the documents against the code: the tests that they name must exist, and every event must
//! be described.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

/// The page that names a test for every case and fault of the predecessor, and how many there are.
const DIFFERENCES: &str = "docs/differences.md";
const CASES: usize = 68;
const FAULTS: usize = 60;
/// The page that describes every event.
const EVENTS: &str = "docs/events.md";

/// All claims that are false.
pub(super) fn faults(root: &Path, files: &[String]) -> Result<Vec<String>> {
    let sources: BTreeMap<&str, String> = files
        .iter()
        .filter(|name| name.ends_with(".rs"))
        // A missing file is being deleted.
        .filter_map(|name| {
            Some((
                name.as_str(),
                std::fs::read_to_string(root.join(name)).ok()?,
            ))
        })
        .collect();
    let read = |name: &str| {
        std::fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"))
    };
    let mut faults = differences(&read(DIFFERENCES)?, &sources);
    faults.extend(events(&read(EVENTS)?, &sources));
    Ok(faults)
}

fn differences(page: &str, sources: &BTreeMap<&str, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let (cases, rest) = page
        .split_once("## The predecessor's faults")
        .unwrap_or((page, ""));
    for (part, wanted) in [(cases, CASES), (rest, FAULTS)] {
        let numbers: Vec<usize> = part.lines().filter_map(number).collect();
        if numbers != (1..=wanted).collect::<Vec<_>>() {
            faults.push(format!("{DIFFERENCES}: the rows are not 1 to {wanted}"));
        }
    }
    for row in page.lines().filter(|line| number(line).is_some()) {
        for test in tests_of(row) {
            if !exists(&test, sources) {
                faults.push(format!("{DIFFERENCES}: there is no test {test}"));
            }
        }
    }
    faults
}

/// The number at the beginning of a table row.
fn number(line: &str) -> Option<usize> {
    line.strip_prefix("| ")?.split(' ').next()?.parse().ok()
}

/// The tests in a row's last cell, each with its file.
fn tests_of(row: &str) -> Vec<String> {
    let row = row.trim_end();
    let cell = row.strip_suffix('|').unwrap_or(row).rsplit('|').next();
    let mut file = "";
    let mut tests = Vec::new();
    for name in cell.unwrap_or_default().split('`').skip(1).step_by(2) {
        let test = match name.split_once("::") {
            None if name.contains(' ') => continue,
            None => name,
            Some(("", test)) => test,
            Some((named, test)) => {
                file = named;
                test
            }
        };
        tests.push(format!("{file}::{test}"));
    }
    tests
}

/// Whether the file has a test, or a module of tests, with that name.
fn exists(test: &str, sources: &BTreeMap<&str, String>) -> bool {
    let Some((file, path)) = test.split_once("::") else {
        return false;
    };
    let name = path.rsplit("::").next().unwrap_or(path);
    let has = |text: &String| {
        // A macro may generate the tests of a module.
        [
            format!("fn {name}("),
            format!("mod {name} {{"),
            format!("!({name},"),
        ]
        .iter()
        .any(|begin| text.contains(begin.as_str()))
    };
    if file == "suite" {
        return sources
            .iter()
            .any(|(source, text)| source.starts_with("testing/src/suite") && has(text));
    }
    let file = file.strip_prefix("classic/").map_or_else(
        || file.to_owned(),
        |rest| format!("examples/tests/classic/{rest}"),
    );
    sources.get(file.as_str()).is_some_and(has)
}

fn events(page: &str, sources: &BTreeMap<&str, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let library = |name: &str| name.starts_with("aiwaf-") && name.contains("/src/");
    for (source, text) in sources.iter().filter(|(source, _)| library(source)) {
        for after in text.split("event = \"").skip(1) {
            let name = after.split('"').next().unwrap_or_default();
            if !page.contains(&format!("| `{name}` |")) {
                faults.push(format!("{source}: the event {name:?} is not in {EVENTS}"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_read_from_a_row_and_looked_for() {
        let row = "| 7 | a `b` | c | `classic/x.rs::one`, `two`, `a/y.rs::m::three`, `::four`, `cargo xtask ci` |";
        assert_eq!(
            tests_of(row),
            [
                "classic/x.rs::one",
                "classic/x.rs::two",
                "a/y.rs::m::three",
                "a/y.rs::four"
            ]
        );
        assert!(tests_of("| 8 | x | not `yet` | |").is_empty());
        let sources = BTreeMap::from([
            ("examples/tests/classic/x.rs", "fn one() {}".to_owned()),
            ("testing/src/suite/z.rs", "fn five(".to_owned()),
        ]);
        assert!(exists("classic/x.rs::one", &sources));
        assert!(!exists("classic/x.rs::two", &sources));
        assert!(!exists("a/y.rs::one", &sources));
        assert!(exists("suite::five", &sources));
    }

    #[test]
    fn an_event_that_nobody_described_is_told() {
        let sources = BTreeMap::from([("aiwaf-core/src/x.rs", "event = \"odd\"".to_owned())]);
        assert_eq!(events("| `even` |", &sources).len(), 1);
        assert!(events("| `odd` |", &sources).is_empty());
    }
}
