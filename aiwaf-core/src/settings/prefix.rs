//! Matching paths against the path prefixes of settings.

use crate::normalize::{normalize_path, split_target};

/// Whether a normalised path equals `prefix`, ignoring case, or lies under it. A prefix that is
/// empty or ends with a slash only has to be the beginning of the path.
pub(crate) fn lies_under(path: &[u8], prefix: &[u8]) -> bool {
    let Some((head, rest)) = path.split_at_checked(prefix.len()) else {
        return false;
    };
    head.eq_ignore_ascii_case(prefix)
        && (matches!(rest, [] | [b'/', ..]) || matches!(prefix, [] | [.., b'/']))
}

/// The spelling in which a path is compared: decoded, with dot segments resolved, and without a
/// query.
pub(crate) fn as_compared(path: &str) -> String {
    let target = split_target(path.as_bytes());
    String::from_utf8_lossy(normalize_path(&target).as_bytes()).into_owned()
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
            ("/a//b/./c/", "/a/b/c/"),
            ("/a?x=1", "/a"),
            ("/a#b", "/a"),
        ] {
            assert_eq!(as_compared(path), expected);
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
