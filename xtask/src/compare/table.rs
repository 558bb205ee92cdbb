//! What each configuration refused, side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use super::{Answer, Group, Outcome};
use crate::corpus::{Count, Labelled};

/// One configuration, and its results for the groups.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) wall: Duration,
}

/// Methods that the rule set does not accept by default.
const MORE_METHODS: [&str; 2] = ["PUT", "PATCH"];

/// Two tables in Markdown, and one line per column.
pub(super) fn render(groups: &[Group], columns: &[Column]) -> String {
    let mut out = head("refused of", columns);
    for (at, group) in groups.iter().enumerate() {
        summary(&mut out, (at, group), columns);
    }
    for (at, group) in groups.iter().enumerate() {
        let per_row = |column: &Column| microseconds(&column.outcomes, at);
        let title = format!("processor time a request, {}", group.name);
        line(&mut out, &title, columns.iter().map(per_row));
    }
    out.push('\n');
    out += &head("attacks of", columns);
    for category in categories(groups) {
        let is_of = |labelled: &Labelled| labelled.is_attack && labelled.row.category == category;
        counted(&mut out, &category, groups, columns, is_of);
    }
    out.push('\n');
    for column in columns {
        let _ = writeln!(out, "{}", aside(groups, column));
    }
    out
}

fn head(title: &str, columns: &[Column]) -> String {
    let mut out = String::new();
    line(
        &mut out,
        title,
        columns.iter().map(|column| column.name.clone()),
    );
    out += "| --- |";
    out += &" ---: |".repeat(columns.len());
    out.push('\n');
    out
}

fn line(out: &mut String, title: &str, cells: impl Iterator<Item = String>) {
    let _ = write!(out, "| {title} |");
    for cell in cells {
        let _ = write!(out, " {cell} |");
    }
    out.push('\n');
}

/// A line for the whole group, and lines for its more telling parts.
fn summary(out: &mut String, (at, group): (usize, &Group), columns: &[Column]) {
    let has = |is_in: &dyn Fn(&Labelled) -> bool| group.rows.iter().any(is_in);
    let mut add = |title: &str, is_in: &dyn Fn(&Labelled) -> bool| {
        let cells = columns.iter().map(|column| {
            let outcome = column.outcomes.get(at);
            cell(outcome.map_or_else(Count::default, |outcome| count(group, outcome, is_in)))
        });
        let rows = group.rows.iter().filter(|row| is_in(row)).count();
        line(out, &format!("{title} ({rows})"), cells);
    };
    add(&group.name, &|_| true);
    if has(&|labelled| !labelled.is_payload()) {
        let title = format!("{} without scanner_probe and scanner_ua", group.name);
        add(&title, &Labelled::is_payload);
    }
    let is_common = |labelled: &Labelled| !MORE_METHODS.contains(&labelled.row.method.as_str());
    if has(&|labelled| !labelled.is_attack) && has(&|labelled| !is_common(labelled)) {
        let title = format!("{} without {}", group.name, MORE_METHODS.join(" and "));
        add(&title, &is_common);
    }
}

/// Rows of all groups.
fn counted(
    out: &mut String,
    title: &str,
    groups: &[Group],
    columns: &[Column],
    is_in: impl Fn(&Labelled) -> bool,
) {
    let sums: Vec<Count> = columns
        .iter()
        .map(|column| {
            let counts = groups.iter().zip(&column.outcomes);
            counts
                .map(|(group, outcome)| count(group, outcome, &is_in))
                .fold(Count::default(), |sum, count| Count {
                    n: sum.n + count.n,
                    blocked: sum.blocked + count.blocked,
                })
        })
        .collect();
    let rows = sums.first().map_or(0, |sum| sum.n);
    line(
        out,
        &format!("{title} ({rows})"),
        sums.into_iter().map(cell),
    );
}

fn count(group: &Group, outcome: &Outcome, is_in: impl Fn(&Labelled) -> bool) -> Count {
    let mut count = Count::default();
    for (labelled, answer) in group.rows.iter().zip(&outcome.answers) {
        if is_in(labelled) {
            count.add(*answer == Answer::Refused);
        }
    }
    count
}

fn cell(count: Count) -> String {
    format!("{} ({:.2} %)", count.blocked, count.percent())
}

fn microseconds(outcomes: &[Outcome], at: usize) -> String {
    let mean = outcomes.get(at).map_or(0.0, |outcome| {
        outcome.spent.as_secs_f64() * 1e6 / outcome.answers.len().max(1) as f64
    });
    if mean < 10.0 {
        format!("{mean:.1} µs")
    } else {
        format!("{mean:.0} µs")
    }
}

fn categories(groups: &[Group]) -> BTreeSet<String> {
    let rows = groups.iter().flat_map(|group| &group.rows);
    rows.filter(|labelled| labelled.is_attack)
        .map(|labelled| labelled.row.category.clone())
        .collect()
}

/// How long the column took, and how many rows of each group the server itself could not process.
fn aside(groups: &[Group], column: &Column) -> String {
    let mut text = format!("{}: {:.1} s", column.name, column.wall.as_secs_f64());
    for (group, outcome) in groups.iter().zip(&column.outcomes) {
        let mut others = BTreeMap::<u16, u64>::new();
        for answer in &outcome.answers {
            if let Answer::Other(status) = answer {
                *others.entry(*status).or_default() += 1;
            }
        }
        for (status, rows) in others {
            let _ = write!(text, ", {status} to {rows} of {}", group.name);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Row;

    fn row(method: &str, category: &str, is_attack: bool) -> Labelled {
        let text = format!(r#"{{"method":"{method}","path":"/","category":"{category}"}}"#);
        let row: Row = serde_json::from_str(&text).unwrap();
        Labelled { row, is_attack }
    }

    fn column(attacks: Vec<Answer>, legit: Vec<Answer>) -> Column {
        let outcome = |answers| Outcome {
            answers,
            spent: Duration::from_micros(30),
        };
        Column {
            name: "x".to_owned(),
            outcomes: vec![outcome(attacks), outcome(legit)],
            wall: Duration::from_secs(2),
        }
    }

    fn groups() -> [Group; 2] {
        let attacks = vec![
            row("GET", "sqli", true),
            row("GET", "sqli", true),
            row("GET", "scanner_ua", true),
        ];
        let legit = vec![row("PUT", "form", false), row("POST", "form", false)];
        [("attacks", attacks), ("legit", legit)].map(|(name, rows)| Group {
            name: name.to_owned(),
            rows,
        })
    }

    #[test]
    fn rows_are_counted_by_group_part_and_category() {
        let one = column(
            vec![Answer::Refused, Answer::Other(400), Answer::Passed],
            vec![Answer::Refused, Answer::Passed],
        );
        let text = render(&groups(), &[one]);
        for line in [
            "| attacks (3) | 1 (33.33 %) |",
            "| attacks without scanner_probe and scanner_ua (2) | 1 (50.00 %) |",
            "| legit (2) | 1 (50.00 %) |",
            "| legit without PUT and PATCH (1) | 0 (0.00 %) |",
            "| processor time a request, attacks | 10 µs |",
            "| processor time a request, legit | 15 µs |",
            "| sqli (2) | 1 (50.00 %) |",
            "| scanner_ua (1) | 0 (0.00 %) |",
            "x: 2.0 s, 400 to 1 of attacks",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn every_line_has_a_cell_a_column() {
        let columns = [0, 1].map(|_| column(vec![Answer::Passed; 3], vec![Answer::Passed; 2]));
        let text = render(&groups(), &columns);
        for line in text.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(line.matches('|').count(), 4, "{line}");
        }
    }
}
