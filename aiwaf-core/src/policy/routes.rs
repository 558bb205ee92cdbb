//! The engine's own table of route patterns, the same in all adapters.

use std::collections::HashMap;

use crate::protection::Protections;

/// The protections that a route is exempt from, and those that it requires. A requirement overrides
/// every exemption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoutePolicy {
    exempt: Protections,
    require: Protections,
}

impl RoutePolicy {
    /// No exemptions or requirements.
    pub const fn known() -> Self {
        Self {
            exempt: Protections::NONE,
            require: Protections::NONE,
        }
    }

    /// Exempts the route from every protection.
    pub const fn exempt() -> Self {
        Self {
            exempt: Protections::ALL,
            require: Protections::NONE,
        }
    }

    /// Exempts the route from these protections.
    pub fn exempt_from(protections: impl IntoIterator<Item = crate::Protection>) -> Self {
        Self {
            exempt: Protections::of(protections),
            require: Protections::NONE,
        }
    }

    /// Exempts the route from all protections except these.
    pub fn only(protections: impl IntoIterator<Item = crate::Protection>) -> Self {
        Self {
            exempt: Protections::ALL.without(Protections::of(protections)),
            require: Protections::NONE,
        }
    }

    /// Requires these protections, whatever else exempts the route, its path or the client.
    #[must_use]
    pub fn require(mut self, protections: impl IntoIterator<Item = crate::Protection>) -> Self {
        self.require = self.require.union(Protections::of(protections));
        self
    }

    /// The exempted protections.
    pub const fn exempted(&self) -> Protections {
        self.exempt
    }

    /// The required protections.
    pub const fn required(&self) -> Protections {
        self.require
    }
}

/// The text is not a valid route pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("route pattern {0:?} must begin with a slash")]
pub struct RoutePatternError(String);

/// A known route: its number in the table and its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRoute<'t> {
    /// The route's position in the table, counted from 1. 0 stands for every unknown route.
    pub id: u32,
    /// The route's policy.
    pub policy: RoutePolicy,
    /// The pattern as it was added.
    pub pattern: &'t str,
}

/// Patterns such as `/webhook/{id}`, looked up by normalised path.
///
/// A segment is a literal, a parameter (`{id}`, `:id`, `<id>`) or, at the end, a catch-all
/// (`{*rest}`, `{rest:.*}`, `*rest`, `<rest..>`). At each segment, a literal takes precedence over
/// a parameter, and a parameter over a catch-all.
#[derive(Clone, Debug, Default)]
pub struct RouteTable {
    root: Node,
    patterns: Vec<(String, RoutePolicy)>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    literals: HashMap<Vec<u8>, Node>,
    parameter: Option<Box<Node>>,
    catch_all: Option<u32>,
    here: Option<u32>,
}

enum Segment<'p> {
    Literal(&'p str),
    Parameter,
    CatchAll,
}

impl RouteTable {
    /// Adds a pattern, or replaces the policy of an existing one.
    ///
    /// # Errors
    /// If the pattern does not begin with a slash.
    pub fn add(&mut self, pattern: &str, policy: RoutePolicy) -> Result<(), RoutePatternError> {
        if !pattern.starts_with('/') {
            return Err(RoutePatternError(pattern.to_owned()));
        }
        self.patterns.push((pattern.to_owned(), policy));
        let id = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let mut node = &mut self.root;
        for segment in segments(pattern) {
            node = match segment {
                Segment::Literal(text) => {
                    node.literals.entry(text.as_bytes().to_vec()).or_default()
                }
                Segment::Parameter => node.parameter.get_or_insert_default(),
                Segment::CatchAll => {
                    node.catch_all = Some(id);
                    return Ok(());
                }
            };
        }
        node.here = Some(id);
        Ok(())
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The route of a normalised path. A trailing slash makes no difference.
    pub fn find(&self, path: &[u8]) -> Option<KnownRoute<'_>> {
        if self.is_empty() {
            return None;
        }
        let id = self.root.find(path)?;
        let (pattern, policy) = self.patterns.get(id as usize - 1)?;
        Some(KnownRoute {
            id,
            policy: *policy,
            pattern,
        })
    }
}

impl Node {
    /// The recursion depth is bounded by the longest pattern.
    fn find(&self, path: &[u8]) -> Option<u32> {
        let path = match path.iter().position(|byte| *byte != b'/') {
            Some(at) => path.get(at..).unwrap_or_default(),
            None => return self.here.or(self.catch_all),
        };
        let end = path
            .iter()
            .position(|byte| *byte == b'/')
            .unwrap_or(path.len());
        let (segment, rest) = path.split_at(end);
        self.literals
            .get(segment)
            .and_then(|node| node.find(rest))
            .or_else(|| self.parameter.as_ref().and_then(|node| node.find(rest)))
            .or(self.catch_all)
    }
}

fn segments(pattern: &str) -> impl Iterator<Item = Segment<'_>> {
    pattern
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let catch_all = segment.starts_with('*')
                || segment.starts_with("{*")
                || segment.ends_with(":.*}")
                || segment.ends_with("*}")
                || segment.ends_with("..>");
            // A segment with a literal prefix (`v{version}`) is still a parameter: it does not
            // spare a probe.
            if catch_all {
                Segment::CatchAll
            } else if segment.contains(['{', '<']) || segment.starts_with(':') {
                Segment::Parameter
            } else {
                Segment::Literal(segment)
            }
        })
}

/// Whether a route pattern, in any framework's notation, has this segment as a literal, ignoring
/// case.
pub fn has_literal_segment(pattern: &str, wanted: &[u8]) -> bool {
    segments(pattern).any(|segment| {
        matches!(segment, Segment::Literal(text) if text.as_bytes().eq_ignore_ascii_case(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(patterns: &[&str]) -> RouteTable {
        let mut table = RouteTable::default();
        for pattern in patterns {
            table.add(pattern, RoutePolicy::known()).unwrap();
        }
        table
    }

    #[test]
    fn the_most_literal_pattern_wins() {
        let table = table(&[
            "/",
            "/items/{id}",
            "/items/new",
            "/items/:id/edit",
            "/files/{*rest}",
            "/<a>/<b..>",
            "/items/{id}/",
        ]);
        for (path, pattern) in [
            ("/", Some("/")),
            ("/items/new", Some("/items/new")),
            ("/items/7", Some("/items/{id}/")),
            ("/items/7/", Some("/items/{id}/")),
            ("/items/new/edit", Some("/items/:id/edit")),
            ("/files/a/b/c", Some("/files/{*rest}")),
            ("/other/x/y", Some("/<a>/<b..>")),
            ("/other", Some("/<a>/<b..>")),
        ] {
            assert_eq!(
                table.find(path.as_bytes()).map(|route| route.pattern),
                pattern,
                "{path}"
            );
        }
        assert!(self::table(&["/a"]).find(b"/b").is_none());
    }

    #[test]
    fn only_literal_segments_spare() {
        assert!(has_literal_segment("/blog/wp-login.php", b"WP-login.php"));
        for pattern in [
            "/{name}",
            "/:name",
            "/<name>",
            "/{*path}",
            "/<path..>",
            "/{tail:.*}",
        ] {
            assert!(!has_literal_segment(pattern, b"name"), "{pattern}");
        }
    }

    #[test]
    fn requiring_wins_over_exempting() {
        let policy = RoutePolicy::exempt().require([crate::Protection::RateLimit]);
        assert!(policy.required().contains(crate::Protection::RateLimit));
    }
}
