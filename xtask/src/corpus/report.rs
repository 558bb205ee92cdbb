//! The table for people, and the object for programs.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::Outcome;
use super::options::Options;
use super::tally::{Count, Tally};
use super::timing::Cost;

type Times = BTreeMap<String, Cost>;

/// Reports that there is nothing to measure.
pub(super) fn skipped(folder: &Path, as_json: bool) {
    let reason = format!(
        "skipped: no labelled requests in {}; name files, or a folder in AIWAF_CORPORA",
        folder.display()
    );
    if as_json {
        println!("{}", json!({ "skipped": reason }));
    } else {
        println!("corpus: {reason}");
    }
}

pub(super) fn print(options: &Options, outcome: &Outcome, times: Option<&Times>) -> Result<()> {
    if options.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&object(options, outcome, times)?)?
        );
        return Ok(());
    }
    println!("{}", conditions(options));
    for (label, tally) in [("attacks", &outcome.attacks), ("legit", &outcome.legit)] {
        if tally.all.n > 0 {
            print_tally(label, tally);
        }
    }
    for tally in [&outcome.attacks, &outcome.legit] {
        print_misses(tally);
    }
    if let Some(times) = times {
        print_times(times);
    }
    Ok(())
}

fn object(options: &Options, outcome: &Outcome, times: Option<&Times>) -> Result<Value> {
    let mut attacks = serde_json::to_value(&outcome.attacks)?;
    if let Value::Object(fields) = &mut attacks {
        fields.insert(
            "payloads".to_owned(),
            serde_json::to_value(outcome.attacks.payloads())?,
        );
    }
    let mut whole = json!({
        "routes": options.routes.name(),
        "only": options.only.map(|only| only.to_string()),
        "default_exemptions": !options.no_exemptions,
        "attacks": attacks,
        "legit": outcome.legit,
    });
    if let (Value::Object(fields), Some(times)) = (&mut whole, times) {
        fields.insert("time".to_owned(), serde_json::to_value(times)?);
    }
    Ok(whole)
}

fn conditions(options: &Options) -> String {
    format!(
        "protections: {} · routes: {} · default exempt paths: {} · settings: {}",
        options
            .only
            .map_or("all".to_owned(), |only| only.to_string()),
        options.routes.name(),
        if options.no_exemptions { "off" } else { "on" },
        options
            .config
            .as_ref()
            .map_or("defaults".into(), |path| path.display().to_string()),
    )
}

fn print_tally(label: &str, tally: &Tally) {
    println!("\n{:30} {:>7} {:>8} {:>7}", label, "rows", "blocked", "%");
    print_count("all", tally.all);
    let payloads = tally.payloads();
    if payloads.n != tally.all.n {
        print_count("without scanner_probe and _ua", payloads);
    }
    for (title, counts) in [
        ("category", &tally.by_category),
        ("source", &tally.by_source),
        ("location", &tally.by_location),
    ] {
        println!("  by {title}");
        for (name, count) in counts {
            print_count(&format!("  {name}"), *count);
        }
    }
    println!("  by cause");
    for (cause, blocked) in &tally.by_cause {
        println!("    {cause:34} {blocked:8}");
    }
}

fn print_count(name: &str, count: Count) {
    println!(
        "  {:28} {:7} {:8} {:7.2}",
        name.escape_debug().to_string(),
        count.n,
        count.blocked,
        count.percent()
    );
}

fn print_misses(tally: &Tally) {
    for miss in &tally.misses {
        match &miss.cause {
            Some(cause) => println!(
                "\nrefused {} ({}) {}",
                miss.id,
                miss.category,
                cause.escape_debug()
            ),
            None => println!("\npassed {} ({})", miss.id, miss.category),
        }
        println!("  {}", miss.request);
    }
}

fn print_times(times: &Times) {
    println!(
        "\n{:30} {:>7} {:>9} {:>9} {:>9}  {:>9} {:>5}",
        "a request (ns)", "rows", "p50", "p99", "p99.9", "alloc p50", "max"
    );
    for (category, cost) in times {
        println!(
            "  {:28} {:7} {:9} {:9} {:9}  {:9} {:5}",
            category.escape_debug().to_string(),
            cost.n,
            cost.p50_ns,
            cost.p99_ns,
            cost.p999_ns,
            cost.p50_allocations,
            cost.max_allocations
        );
    }
}
