//! `cargo xtask compare`: compares the engine with ModSecurity 3 and the OWASP Core Rule Set, as
//! packaged by Debian, on the same labelled requests in the same run.
//!
//! Each is configured as its packages come. nginx also runs without ModSecurity, because neither
//! the requests that it refuses itself nor its own cost are due to ModSecurity.

mod engine;
mod nginx;
mod packages;
mod rules;
mod table;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::corpus::{self, Labelled};
use crate::optimised;
use nginx::Nginx;
use packages::Packages;
use table::Column;

pub(crate) const HELP: &str = "\
cargo xtask compare [--attacks FILE…] [--legit FILE…] [--paranoia N,…]

Sends labelled requests through the engine in process and over loopback through nginx with ModSecurity 3 and the OWASP
Core Rule Set, and prints what each refuses, as Markdown. Needs Debian's packages nginx,
libnginx-mod-http-modsecurity and modsecurity-crs, and installs nothing.

  --attacks FILE…   rows that ought to be refused
  --legit FILE…     rows that ought to pass; without a file named, the files that the chore corpus reads
  --paranoia N,…    the rule set's paranoia levels, 1 to 4 (1)
";

/// The maximum number of rows.
const MOST_ROWS: usize = 200_000;
/// How long one configuration of nginx may take for all rows.
const LONGEST: Duration = Duration::from_secs(1_200);
/// The number of rows between two checks of the time.
const BATCH: usize = 500;

/// What to run.
#[derive(Debug)]
pub(crate) struct Options {
    attacks: Vec<PathBuf>,
    legit: Vec<PathBuf>,
    paranoia: Vec<u8>,
}

impl Options {
    /// Parses the arguments after the command; `None` if help was requested.
    pub(crate) fn parse(parser: &mut Parser) -> Result<Option<Self>> {
        let mut options = Self {
            attacks: Vec::new(),
            legit: Vec::new(),
            paranoia: vec![1],
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("attacks") => options.attacks.extend(parser.values()?.map(PathBuf::from)),
                Arg::Long("legit") => options.legit.extend(parser.values()?.map(PathBuf::from)),
                Arg::Long("paranoia") => options.paranoia = levels(&parser.value()?.string()?)?,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Some(options))
    }
}

fn levels(text: &str) -> Result<Vec<u8>> {
    let level = |part: &str| {
        let level = part.trim().parse().ok();
        level
            .filter(|level| (1..=4).contains(level))
            .with_context(|| format!("--paranoia {part:?}: expected 1 to 4"))
    };
    text.split(',').map(level).collect()
}

/// The rows of one file.
struct Group {
    name: String,
    rows: Vec<Labelled>,
}

/// The result of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Passed,
    Refused,
    /// Any other status: the server itself could not process the request.
    Other(u16),
}

/// The results of the rows of a group, and the processor time for all of them.
struct Outcome {
    answers: Vec<Answer>,
    spent: Duration,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let packages = Packages::installed()?;
    if cfg!(debug_assertions) {
        return optimised::run();
    }
    let groups = groups(options)?;
    if groups.is_empty() {
        let folder = corpus::default_folder();
        println!(
            "compare: skipped: no labelled requests in {}",
            folder.display()
        );
        return Ok(());
    }
    let mut columns = engine::columns(&groups)?;
    columns.push(served("nginx alone", None, &groups)?);
    for level in &options.paranoia {
        let name = format!("CRS, paranoia {level}");
        columns.push(served(&name, Some(*level), &groups)?);
    }
    print!("{packages}\n{}", table::render(&groups, &columns));
    Ok(())
}

fn groups(options: &Options) -> Result<Vec<Group>> {
    let files = corpus::Options::of(&options.attacks, &options.legit).files()?;
    let mut groups = Vec::new();
    for file in files {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        groups.push(Group {
            name: name.split('.').next().unwrap_or_default().to_owned(),
            rows: file.read()?,
        });
    }
    let rows: usize = groups.iter().map(|group| group.rows.len()).sum();
    ensure!(rows <= MOST_ROWS, "{rows} rows, {MOST_ROWS} at most");
    Ok(groups)
}

/// Sends all rows through nginx, with the rules at a paranoia level or without ModSecurity.
fn served(name: &str, paranoia: Option<u8>, groups: &[Group]) -> Result<Column> {
    eprintln!("compare: {name}");
    let nginx = Nginx::start(paranoia)?;
    let started = Instant::now();
    let mut outcomes = Vec::new();
    let mut first = 0;
    for group in groups {
        let spent = nginx.spent()?;
        let rows: Vec<_> = group.rows.iter().map(|labelled| &labelled.row).collect();
        let mut answers = Vec::with_capacity(rows.len());
        for batch in rows.chunks(BATCH) {
            ensure!(
                started.elapsed() < LONGEST,
                "{name}: not done after {LONGEST:?}"
            );
            let statuses = corpus::send_all(batch, first, nginx.address)?;
            answers.extend(statuses.into_iter().map(answer));
            first += batch.len();
        }
        outcomes.push(Outcome {
            answers,
            spent: nginx.spent()?.saturating_sub(spent),
        });
    }
    Ok(Column {
        name: name.to_owned(),
        outcomes,
        wall: started.elapsed(),
    })
}

const fn answer(status: u16) -> Answer {
    match status {
        200..=299 => Answer::Passed,
        403 => Answer::Refused,
        other => Answer::Other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_forbidden_counts_as_refused() {
        assert_eq!(answer(403), Answer::Refused);
        assert_eq!(answer(200), Answer::Passed);
        assert_eq!(answer(400), Answer::Other(400));
        assert_eq!(answer(502), Answer::Other(502));
    }

    #[test]
    fn levels_are_those_of_the_rule_set() {
        assert_eq!(levels("1, 2").unwrap(), [1, 2]);
        for wrong in ["", "0", "5", "1,,2", "x"] {
            assert!(levels(wrong).is_err(), "{wrong}");
        }
    }
}
