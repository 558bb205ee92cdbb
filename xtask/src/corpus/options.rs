//! The options of `cargo xtask corpus`.

use std::path::{Path, PathBuf};

use aiwaf_core::{Protection, Protections};
use anyhow::{Context, Result, bail};
use lexopt::{Arg, Parser, ValueExt};

use super::Labelled;
use super::row::{self, Row};

pub(crate) const HELP: &str = "\
cargo xtask corpus [--attacks FILE…] [--legit FILE…] [OPTIONS]

Sends every row through the engine in process, as a client of its own, and counts what is refused.
A file has one JSON object a line, plain or gzip. Without a file named, all *.jsonl.gz of
../shared/corpora, or of the folder in AIWAF_CORPORA, are read.

  --attacks FILE…      rows that ought to be refused
  --legit FILE…        rows that ought to pass
  --only NAME,…        no other protections than these
  --category NAME,…    no other rows than of these categories
  --routes WHICH       known: the service has the row's route; absent (default): it has not
  --no-exemptions      no default exempt paths
  --config FILE        settings from this file instead of the defaults
  --misses N           show the first N attacks that passed and the first N others that did not
  --time               nanoseconds and allocations a request, by category
  --sockets            send the rows that ought to pass through the axum example with default settings instead, each from
                       an address of its own; fail if one is refused for anything but its path or payload
  --json               the same as one JSON object
";

/// Whether the service has the requested routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Routes {
    Known,
    #[default]
    Absent,
}

impl Routes {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Absent => "absent",
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(super) attacks: Vec<PathBuf>,
    pub(super) legit: Vec<PathBuf>,
    pub(super) only: Option<Protections>,
    pub(super) categories: Vec<String>,
    pub(super) routes: Routes,
    pub(super) no_exemptions: bool,
    pub(super) config: Option<PathBuf>,
    pub(super) misses: usize,
    pub(super) time: bool,
    pub(super) sockets: bool,
    pub(super) json: bool,
}

/// A file of rows, and the label of rows that have none of their own.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(super) is_attack: Option<bool>,
}

impl File {
    pub(super) fn label(&self, row: Row) -> Labelled {
        let is_attack = self
            .is_attack
            .unwrap_or_else(|| row.expect.as_deref() == Some("block"));
        Labelled { row, is_attack }
    }

    /// The rows of the file with their labels.
    pub(crate) fn read(&self) -> Result<Vec<Labelled>> {
        let rows = row::read(&self.path)?.into_iter();
        Ok(rows.map(|row| self.label(row)).collect())
    }
}

impl Options {
    /// These files, or those of the default folder if none is named.
    pub(crate) fn of(attacks: &[PathBuf], legit: &[PathBuf]) -> Self {
        Self {
            attacks: attacks.to_vec(),
            legit: legit.to_vec(),
            ..Self::default()
        }
    }

    /// `--routes known`.
    pub(crate) fn with_routes() -> Self {
        Self {
            routes: Routes::Known,
            ..Self::default()
        }
    }

    /// `--only payload --routes known --no-exemptions`.
    pub(crate) fn payload_alone() -> Self {
        Self {
            only: Some([Protection::Payload].into_iter().collect()),
            no_exemptions: true,
            ..Self::with_routes()
        }
    }

    /// Parses the command line; `None` if help was requested.
    pub(crate) fn parse(parser: &mut Parser) -> Result<Option<Self>> {
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("attacks") => options.attacks.extend(paths(parser)?),
                Arg::Long("legit") => options.legit.extend(paths(parser)?),
                Arg::Long("only") => options.only = Some(protections(&parser.value()?.string()?)?),
                Arg::Long("category") => {
                    options.categories.extend(list(&parser.value()?.string()?))
                }
                Arg::Long("routes") => {
                    options.routes = match parser.value()?.string()?.as_str() {
                        "known" => Routes::Known,
                        "absent" => Routes::Absent,
                        other => bail!("--routes {other:?}: expected known or absent"),
                    }
                }
                Arg::Long("no-exemptions") => options.no_exemptions = true,
                Arg::Long("config") => options.config = Some(parser.value()?.into()),
                Arg::Long("misses") => options.misses = parser.value()?.parse()?,
                Arg::Long("time") => options.time = true,
                Arg::Long("sockets") => options.sockets = true,
                Arg::Long("json") => options.json = true,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Some(options))
    }

    /// The named files, otherwise those of the default folder, which are none if it is absent.
    pub(crate) fn files(&self) -> Result<Vec<File>> {
        let named = |paths: &[PathBuf], is_attack| -> Vec<File> {
            paths
                .iter()
                .map(|path| File {
                    path: path.clone(),
                    is_attack: Some(is_attack),
                })
                .collect()
        };
        let mut files = named(&self.attacks, true);
        files.extend(named(&self.legit, false));
        if files.is_empty() {
            files = default_files(&default_folder())?;
        }
        Ok(files)
    }
}

/// The default folder of labelled requests.
pub(crate) fn default_folder() -> PathBuf {
    std::env::var_os("AIWAF_CORPORA").map_or_else(
        || {
            let here = Path::new(env!("CARGO_MANIFEST_DIR"));
            here.parent().unwrap_or(here).join("../shared/corpora")
        },
        PathBuf::from,
    )
}

fn default_files(folder: &Path) -> Result<Vec<File>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".jsonl.gz") {
            files.push(File {
                path,
                is_attack: None,
            });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn paths(parser: &mut Parser) -> Result<Vec<PathBuf>> {
    Ok(parser.values()?.map(PathBuf::from).collect())
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|name| name.trim().to_owned()).collect()
}

fn protections(text: &str) -> Result<Protections> {
    let names = list(text);
    let parsed: Result<Protections, _> = names
        .iter()
        .map(|name| name.parse::<Protection>())
        .collect();
    parsed.context("--only")
}
