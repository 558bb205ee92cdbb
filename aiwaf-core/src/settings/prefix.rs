//! Matching paths against the path prefixes of settings.

use crate::normalize::{PathTraits, normalize_path, split_target};

/// Whether a normalised path equals `prefix`, ignoring case, or lies under it. A prefix that is
/// empty or ends with a slash only has to be the beginning of the path.
pub(crate) fn lies_under(path: &[u8], prefix: &[u8]) -> bool {
    let Some((head, rest)) = path.split_at_checked(prefix.len()) else {
        return false;
    };
    head.eq_ignore_ascii_case(prefix)
        && (matches!(rest, [] | [b'/', ..]) || matches!(prefix, [] | [.., b'/']))
}

/// The spelling in which a path is compared: decoded and without a query. `None` for a path that can
/// be read in several ways: with dot segments, parameters, empty segments, backslashes or NULs.
pub(crate) fn as_compared(path: &str) -> Option<String> {
    let target = split_target(path.as_bytes());
    let normal = normalize_path(&target);
    let is_plain = !normal.traits().has(PathTraits::AMBIGUOUS);
    is_plain.then(|| String::from_utf8_lossy(normal.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_compared_as_it_is_normalised() {
        for (path, expected) in [
            ("/", "/"),
            ("/Admin/", "/Admin/"),
            ("/über", "/über"),
            ("/%7Eadmin/", "/~admin/"),
            ("/%C3%BCber/", "/über/"),
            ("/a?x=1", "/a"),
            ("/a#b", "/a"),
        ] {
            assert_eq!(as_compared(path).as_deref(), Some(expected));
        }
        for path in [
            "//",
            "/a//b",
            "/a/./b",
            "/a/../b",
            "/a;v=1",
            "/files/..;/admin",
            "/a%00",
        ] {
            assert_eq!(as_compared(path), None, "{path}");
        }
    }

    #[test]
    fn a_prefix_ends_where_a_segment_does() {
        for (path, prefix, expected) in [
            ("/forum/post", "/forum/post", true),
            ("/Forum/Post/7", "/forum/post", true),
            ("/forum/postmaster", "/forum/post", false),
            ("/forum/post", "/forum/", true),
            ("/forum", "/forum/", false),
            ("/x", "/", true),
            ("/x", "", true),
        ] {
            let under = lies_under(path.as_bytes(), prefix.as_bytes());
            assert_eq!(under, expected, "{path} {prefix}");
        }
    }
}
