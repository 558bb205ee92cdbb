//! `cargo xtask licences`: every dependency must be usable under a licence that requires no more
//! than attribution.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::metadata::Metadata;

/// The licences that a dependency may have.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(crate) fn run() -> Result<()> {
    let metadata = Metadata::load()?;
    let mut seen = BTreeMap::<&str, usize>::new();
    let mut refused = Vec::new();
    for package in metadata.dependencies() {
        let licence = package.license.as_deref().unwrap_or("none stated");
        *seen.entry(licence).or_default() += 1;
        if !is_allowed(licence) {
            refused.push(format!("{} {}: {licence}", package.name, package.version));
        }
    }
    for (licence, count) in &seen {
        println!("{count:5}  {licence}");
    }
    if refused.is_empty() {
        return Ok(());
    }
    bail!("licences that are not allowed:\n  {}", refused.join("\n  "))
}

/// Whether an SPDX expression can be met with [`ALLOWED`] alone. `OR` offers a choice, `AND` (which
/// binds tighter) requires both, and the old `/` is an `OR`.
fn is_allowed(expression: &str) -> bool {
    let tokens: Vec<&str> = tokens(expression);
    let mut rest = tokens.as_slice();
    either(&mut rest) && rest.is_empty()
}

fn tokens(expression: &str) -> Vec<&str> {
    expression
        .split_inclusive(['(', ')', '/', ' '])
        .flat_map(|piece| {
            let (word, mark) = piece.split_at(piece.trim_end_matches(['(', ')', '/', ' ']).len());
            [word, mark.trim()]
        })
        .filter(|token| !token.is_empty())
        .collect()
}

/// `both (OR both)*`. Reads all of it regardless of the first result, because the caller needs to
/// know what is left.
fn either(rest: &mut &[&str]) -> bool {
    let mut allowed = both(rest);
    while let [or, tail @ ..] = *rest
        && (*or == "/" || or.eq_ignore_ascii_case("or"))
    {
        *rest = tail;
        allowed |= both(rest);
    }
    allowed
}

/// `one (AND one)*`
fn both(rest: &mut &[&str]) -> bool {
    let mut allowed = one(rest);
    while let [and, tail @ ..] = *rest
        && and.eq_ignore_ascii_case("and")
    {
        *rest = tail;
        allowed &= one(rest);
    }
    allowed
}

/// A licence, one with an exception, or an expression in parentheses.
fn one(rest: &mut &[&str]) -> bool {
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let allowed = either(rest);
            match *rest {
                [")", tail @ ..] => {
                    *rest = tail;
                    allowed
                }
                _ => false,
            }
        }
        [name, with, exception, tail @ ..] if with.eq_ignore_ascii_case("with") => {
            *rest = tail;
            ALLOWED.contains(&format!("{name} WITH {exception}").as_str()) || ALLOWED.contains(name)
        }
        [name, tail @ ..] => {
            *rest = tail;
            ALLOWED.contains(name)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_understood() {
        for allowed in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "Unlicense OR MIT",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "MIT AND (BSD-3-Clause OR GPL-2.0)",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in [
            "",
            "none stated",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "GPL-2.0 OR AGPL-3.0",
            "(MIT OR Apache-2.0) AND GPL-3.0",
            "(MIT",
            "MIT Apache-2.0",
        ] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }
}
