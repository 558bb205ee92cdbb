//! Which paths a setting that names one is for.

/// Whether a normalised path is `prefix`, case ignored, or lies under it. An empty prefix, or one that ends in a slash, is the
/// beginning of a path, and no more.
pub(crate) fn lies_under(path: &[u8], prefix: &[u8]) -> bool {
    let Some((head, rest)) = path.split_at_checked(prefix.len()) else {
        return false;
    };
    head.eq_ignore_ascii_case(prefix)
        && (matches!(rest, [] | [b'/', ..]) || matches!(prefix, [] | [.., b'/']))
}

#[cfg(test)]
mod tests {
    use super::*;

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
