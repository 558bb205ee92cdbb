//! Finds the route parameters whose names say that they are UUIDs, and their values in the path.

use memchr::memchr2_iter;

/// Whether a name equals or ends with `uuid`, ignoring case.
fn names_uuid(name: &str) -> bool {
    let tail = name.len().checked_sub(4).and_then(|at| name.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case("uuid"))
}

/// Whether the pattern is worth parsing: hardly any pattern contains the word.
pub(super) fn may_name_uuid(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    memchr2_iter(b'u', b'U', bytes).any(|at| {
        bytes
            .get(at..at + 4)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"uuid"))
    })
}

/// A segment of a pattern: a literal or a parameter, with literal text around it.
#[derive(Debug, PartialEq, Eq)]
struct Part<'p> {
    before: &'p str,
    name: &'p str,
    after: &'p str,
}

/// Calls `seen` with the name and value of each parameter that is a UUID by name.
///
/// Pattern and path must have the same number of segments; if the pattern ends with a catch-all,
/// the path may have more. Otherwise the two cannot be aligned and nothing is reported.
pub(super) fn parameters<'s>(
    pattern: &str,
    path: impl Iterator<Item = &'s [u8]> + Clone,
    mut seen: impl FnMut(&str, &'s [u8]),
) {
    let parts = || segments(pattern);
    let has_catch_all = parts().last().is_some_and(is_catch_all);
    let (wanted, there) = (parts().count(), path.clone().count());
    let fits = if has_catch_all {
        there + 1 >= wanted
    } else {
        there == wanted
    };
    if !fits {
        return;
    }
    for (segment, value) in parts().zip(path) {
        if is_catch_all(segment) {
            return;
        }
        let Some(part) = parameter(segment).filter(|part| names_uuid(part.name)) else {
            continue;
        };
        let value = value
            .strip_prefix(part.before.as_bytes())
            .and_then(|value| value.strip_suffix(part.after.as_bytes()));
        if let Some(value) = value {
            seen(part.name, value);
        }
    }
}

/// The segments of a pattern. A slash within brackets belongs to an expression, as in `{id:[^/]+}`.
fn segments(pattern: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    pattern
        .split(move |letter| {
            match letter {
                '{' | '<' => depth += 1,
                '}' | '>' => depth = depth.saturating_sub(1),
                _ => {}
            }
            letter == '/' && depth == 0
        })
        .filter(|segment| !segment.is_empty())
}

fn is_catch_all(segment: &str) -> bool {
    segment.starts_with('*')
        || segment.starts_with("{*")
        || segment.ends_with(":.*}")
        || segment.ends_with("*}")
        || segment.ends_with("..>")
}

/// The only parameter of a segment, in the notation of any framework: `{id}`, `{id:regex}`, `<id>`,
/// `<id:regex>`, `:id`, `:id<regex>`, with literal text around it. `None` if there are two
/// parameters, because it is unclear where the first one ends.
fn parameter(segment: &str) -> Option<Part<'_>> {
    if let Some(rest) = segment.strip_prefix(':') {
        return Some(Part {
            before: "",
            name: rest.split('<').next().unwrap_or(rest),
            after: "",
        });
    }
    let open = segment.find(['{', '<'])?;
    let close = segment.rfind(['}', '>'])?;
    let before = segment.get(..open)?;
    let inside = segment.get(open + 1..close)?;
    let after = segment.get(close + 1..)?;
    let name = inside.split(':').next().unwrap_or(inside);
    let has_second = name.contains(['{', '<', '}', '>']);
    (!has_second).then_some(Part {
        before,
        name,
        after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, path: &str) -> Vec<(String, String)> {
        let segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(str::as_bytes);
        let mut all = Vec::new();
        parameters(pattern, segments, |name, value| {
            all.push((name.to_owned(), String::from_utf8_lossy(value).into_owned()));
        });
        all
    }

    #[test]
    fn every_notation_is_read() {
        for (pattern, path, value) in [
            ("/items/{uuid}", "/items/7", Some("7")),
            ("/items/{uuid}/", "/items/7", Some("7")),
            ("/items/{item_uuid}/edit", "/items/7/edit", Some("7")),
            ("/items/{itemUuid:[^/]+}/edit", "/items/7/edit", Some("7")),
            ("/items/<uuid>", "/items/7", Some("7")),
            ("/items/:UUID", "/items/7", Some("7")),
            ("/items/:uuid<[a-f/]+>", "/items/7", Some("7")),
            ("/v1/{uuid}.json", "/v1/7.json", Some("7")),
            ("/v{version}/i-{uuid}", "/v1/i-7", Some("7")),
            ("/{uuid}/files/{*rest}", "/7/files/a/b", Some("7")),
            ("/{uuid}/<rest..>", "/7", Some("7")),
            ("/{uuid}/{tail:.*}", "/7/x/y", Some("7")),
            // Not a UUID by name, or not alignable.
            ("/items/{id}", "/items/7", None),
            ("/uuid/{uuids}", "/uuid/7", None),
            ("/items/{uuid}", "/items/7/8", None),
            ("/items/{uuid}", "/items", None),
            ("/{a}-{uuid}", "/x-7", None),
            ("/{*uuid}", "/7", None),
            ("/x{uuid}", "/y7", None),
        ] {
            let values: Vec<_> = found(pattern, path)
                .into_iter()
                .map(|(_, value)| value)
                .collect();
            let expected: Vec<_> = value.into_iter().map(str::to_owned).collect();
            assert_eq!(values, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn all_parameters_of_a_route_are_seen() {
        let found = found("/u/{user_uuid}/o/{uuid}", "/u/1/o/2");
        assert_eq!(found.len(), 2);
        assert!(may_name_uuid("/u/{user_UUID}") && !may_name_uuid("/u/{user}/uui"));
    }
}
