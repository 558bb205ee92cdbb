//! Keeps adapters thin: code that would grow in one of them belongs in the engine, where all four
//! can use it.

use std::path::Path;

/// The adapters, and the lines of code that each must stay below.
const ADAPTERS: [&str; 4] = ["aiwaf-axum", "aiwaf-actix", "aiwaf-poem", "aiwaf-rocket"];
const LIMIT: usize = 600;

/// The adapters that have grown too large.
pub(super) fn faults(root: &Path, files: &[String]) -> Vec<String> {
    ADAPTERS
        .iter()
        .filter_map(|adapter| {
            let place = format!("{adapter}/src/");
            let sources = files
                .iter()
                .filter(|name| name.starts_with(&place) && super::is_source(name));
            // A missing file is being deleted.
            let texts = sources.filter_map(|name| std::fs::read_to_string(root.join(name)).ok());
            let lines: usize = texts.map(|text| code_lines(&text)).sum();
            (lines >= LIMIT)
                .then(|| format!("{place}: {lines} lines of code, expected fewer than {LIMIT}"))
        })
        .collect()
}

/// Counts lines of code, without blank lines, comments and items that only tests have. The text is
/// formatted, so an item ends with the first brace at its own indentation, or with its first line.
fn code_lines(text: &str) -> usize {
    let mut lines = text.lines();
    let mut count = 0;
    while let Some(line) = lines.next() {
        let code = line.trim_start();
        if code.starts_with("#[cfg(test)]") {
            skip_item(line.len() - code.len(), &mut lines);
        } else if code.starts_with("/*") {
            // A comment may end on the line on which it begins.
            if !code.contains("*/") {
                lines.by_ref().find(|line| line.contains("*/"));
            }
        } else if !code.is_empty() && !code.starts_with("//") {
            count += 1;
        }
    }
    count
}

fn skip_item<'a>(indent: usize, lines: &mut impl Iterator<Item = &'a str>) {
    let mut is_first = true;
    for line in lines {
        let code = line.trim();
        if is_first && (code.starts_with("#[") || code.starts_with("//") || code.is_empty()) {
            continue;
        }
        let is_closed = line.len() - line.trim_start().len() == indent && code.starts_with('}');
        if is_closed || is_first && code.ends_with([';', '}', ',']) {
            return;
        }
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! A page.

use a::b;
/* A comment
   of two lines. */
/* Another. */

/// Text.
fn one() {
    // Why.
    two(); // This counts.
}

#[cfg(test)]
mod outside;

#[cfg(test)]
#[allow(unused)]
fn helper() {
    if x {
        y();
    }
}

impl X {
    #[cfg(test)]
    fn three() {
        z();
    }

    fn four() {}
}

#[cfg(test)]
mod tests {
    #[test]
    fn five() {}
}
";

    #[test]
    fn code_is_counted_and_nothing_else() {
        // The use, three lines of `one`, and three of the impl.
        assert_eq!(code_lines(SOURCE), 7);
    }

    #[test]
    fn an_adapter_of_so_many_lines_is_told() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("aiwaf-poem/src");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("a.rs"), "x;\n".repeat(LIMIT - 1)).unwrap();
        std::fs::write(place.join("b.rs"), "// y\n").unwrap();
        std::fs::write(place.join("tests.rs"), "z;\n").unwrap();
        let files = ["a", "b", "tests"].map(|name| format!("aiwaf-poem/src/{name}.rs"));
        assert!(faults(root.path(), &files).is_empty());
        std::fs::write(place.join("b.rs"), "y;\n").unwrap();
        let told = faults(root.path(), &files);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("600 lines"), "{told:?}");
    }
}
