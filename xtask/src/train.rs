//! `cargo xtask train-payload`: makes the table of the learned tier from labelled requests.
//!
//! For each source in turn, it trains without that source and measures the results on it; these
//! figures show how well the model does on unseen sources. It sets the thresholds by the clean
//! requests of the sources that were left out, then trains on everything and writes the table. The
//! same rows give the same bytes.

// These modules index tables that they make themselves: a wrong index is a bug that must show.
#[allow(clippy::indexing_slicing)]
mod example;
#[allow(clippy::indexing_slicing)]
mod fit;
#[allow(clippy::indexing_slicing)]
mod folds;
#[allow(clippy::indexing_slicing)]
mod vocabulary;

use std::path::{Path, PathBuf};

use aiwaf_core::payload::model::{FAMILIES, Family, Head};
use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser};

use crate::corpus::{default_folder, read_rows};
use example::Example;

pub(crate) const HELP: &str = "\
cargo xtask train-payload [OPTIONS]

Trains the model of the payload protection on attacks.jsonl.gz and legit.jsonl.gz of ../shared/corpora (or of the folder
in AIWAF_CORPORA) and on the everyday values of this repository, and prints what each source gets from a model that has
not seen it.

  --write    replace aiwaf-core/src/payload/model/weights.bin
  --quick    skip the sources left out in turn; keep the thresholds that are there
";

/// The options of the command line.
#[derive(Debug, Default)]
pub(crate) struct Options {
    write: bool,
    quick: bool,
}

impl Options {
    /// Parses the command line; `None` if help was requested.
    pub(crate) fn parse(parser: &mut Parser) -> Result<Option<Self>> {
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("write") => options.write = true,
                Arg::Long("quick") => options.quick = true,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Some(options))
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = default_folder();
    let attacks = folder.join("attacks.jsonl.gz");
    if !attacks.is_file() {
        println!("skipped: no labelled requests at {}", folder.display());
        return Ok(());
    }
    let mut rows = read_rows(&attacks)?;
    rows.extend(read_rows(&folder.join("legit.jsonl.gz"))?);
    let mut examples = example::read(&rows);
    examples.extend(example::own(&root().join("aiwaf-core/tests/everyday"))?);
    ensure!(
        examples.iter().any(Example::is_attack),
        "no attacks in {}",
        attacks.display()
    );
    println!(
        "{} requests, {} of them attacks",
        examples.len(),
        examples
            .iter()
            .filter(|example| example.is_attack())
            .count()
    );
    let thresholds = if options.quick {
        current_thresholds()?
    } else {
        folds::measure(&examples, &rows)
    };
    let weights = fit::train(&examples, |_| true).quantised(thresholds);
    if options.write {
        let path = table();
        std::fs::write(&path, weights.to_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// The thresholds of the existing table.
fn current_thresholds() -> Result<[[i32; 3]; FAMILIES]> {
    let path = table();
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let weights = aiwaf_core::payload::model::Weights::from_bytes(&bytes)
        .with_context(|| format!("{} is no table of weights", path.display()))?;
    Ok(weights.heads.map(|head: Head| head.thresholds))
}

fn table() -> PathBuf {
    root().join("aiwaf-core/src/payload/model/weights.bin")
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The family of a category of the corpora; `None` for categories that say nothing about texts.
fn family(category: &str) -> Option<Family> {
    Some(match category {
        "sqli" | "nosqli" | "ldap" | "xpath" => Family::Query,
        "xss" | "ssi" => Family::Markup,
        "lfi" | "rfi" | "ssrf" => Family::Path,
        "rce" | "ssti" | "log4shell" | "shellshock" => Family::Command,
        _ => return None,
    })
}
