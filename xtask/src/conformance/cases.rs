//! The case files: groups that share a server, the cases in them, and tables that generate many
//! cases.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use toml::{Table, Value};

use super::step::Step;
use super::template::{Variables, combinations};

/// Cases that share settings, and thus one start of each example.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    /// The text of `aiwaf.toml`; `${dir}` is its directory.
    pub(super) settings: String,
    /// Files beside it when the server starts.
    pub(super) files: BTreeMap<String, String>,
    /// Networks and their countries, for a database `countries.mmdb` beside it; no database if this
    /// is empty.
    pub(super) countries: BTreeMap<String, String>,
    pub(super) cases: Vec<Case>,
}

/// One case: a client's requests, in turn.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    /// Adapters that cannot meet the case, and why.
    pub(super) cannot: BTreeMap<String, String>,
    pub(super) steps: Vec<Step>,
}

/// A file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<GroupText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupText {
    name: String,
    #[serde(default)]
    settings: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    countries: BTreeMap<String, String>,
    case: Vec<Table>,
}

/// The fields of a case besides its steps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    name: String,
    #[serde(default)]
    cannot: BTreeMap<String, String>,
    /// Names of variables, and the values that each takes in turn.
    #[serde(default)]
    each: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    step: Vec<Table>,
}

/// Reads every file of a directory, in the order of their names.
pub(super) fn read(directory: &Path) -> Result<Vec<Group>> {
    let entries = std::fs::read_dir(directory)
        .with_context(|| format!("cannot read {}", directory.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry?.path());
    }
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    let mut groups = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let read = parse(&text).with_context(|| path.display().to_string())?;
        groups.extend(read);
    }
    ensure!(!groups.is_empty(), "{} has no cases", directory.display());
    Ok(groups)
}

fn parse(text: &str) -> Result<Vec<Group>> {
    let file: File = toml::from_str(text)?;
    file.group.into_iter().map(group).collect()
}

fn group(text: GroupText) -> Result<Group> {
    let mut cases = Vec::new();
    for table in text.case {
        cases.extend(expand_case(table).with_context(|| format!("group {:?}", text.name))?);
    }
    Ok(Group {
        name: text.name,
        settings: text.settings,
        files: text.files,
        countries: text.countries,
        cases,
    })
}

/// All cases that a case stands for. Its fields outside its steps apply to each step.
fn expand_case(mut table: Table) -> Result<Vec<Case>> {
    let mut own = Table::new();
    for key in ["name", "cannot", "each", "step"] {
        if let Some(value) = table.remove(key) {
            own.insert(key.to_owned(), value);
        }
    }
    let case: CaseText = Value::Table(own).try_into()?;
    let tables = if case.step.is_empty() {
        vec![table]
    } else {
        let merged = |step: &Table| {
            let mut all = table.clone();
            all.extend(step.clone());
            all
        };
        case.step.iter().map(merged).collect()
    };
    let context = || format!("case {:?}", case.name);
    let steps: Vec<Step> = tables
        .into_iter()
        .map(|table| Value::Table(table).try_into())
        .collect::<Result<_, _>>()
        .with_context(context)?;
    ensure!(
        steps.iter().all(|step| step.expect.says_something()),
        "{} expects nothing",
        context()
    );
    combinations(&case.each)
        .iter()
        .map(|variables| {
            Ok(Case {
                name: named(&case.name, variables),
                cannot: case.cannot.clone(),
                steps: steps
                    .iter()
                    .map(|step| step.expanded(variables))
                    .collect::<Result<_>>()
                    .with_context(context)?,
            })
        })
        .collect()
}

fn named(name: &str, variables: &Variables) -> String {
    let mut text = name.to_owned();
    for (variable, value) in variables {
        let shown: String = value.chars().take(60).collect();
        text.push_str(&format!(" {variable}={shown:?}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_make_cases_and_steps_inherit() {
        let text = r#"
            [[group]]
            name = "g"
            [[group.case]]
            name = "c"
            each.x = ["1", "2"]
            headers = ["X-A: ${x}"]
            expect.status = [200]
            [[group.case.step]]
            target = "/${x}"
            [[group.case.step]]
            target = "/y"
            expect.status = [404]
        "#;
        let groups = parse(text).unwrap();
        let cases = &groups[0].cases;
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[1].steps[0].target, "/2");
        assert_eq!(cases[1].steps[1].headers, ["X-A: 2"]);
        assert_eq!(cases[1].steps[0].expect.status, [200]);
        assert_eq!(cases[1].steps[1].expect.status, [404]);
        assert!(parse(&text.replace("target", "tagret")).is_err());
        assert!(parse(&text.replace("[200]", "[]")).is_err());
    }
}
