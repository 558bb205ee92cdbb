//! What must hold when a path, text or value is normalised, for any input.

use aiwaf_core::normalize::value::Normalizer;
use aiwaf_core::normalize::{PathTraits, fold_text, normalize_path, split_target};

/// A normal path begins with a slash, has no dot segments, and is its own normal form.
pub fn path(input: &[u8]) {
    let target = split_target(input);
    let path = normalize_path(&target);
    assert_eq!(path.as_bytes().first(), Some(&b'/'));
    assert!(path.as_bytes().len() <= target.path.len() + 1);
    assert!(
        path.segments()
            .all(|segment| segment != b"." && segment != b"..")
    );
    // A decoded path may contain `?`, `#` and `%`, which have another meaning when it is parsed
    // again.
    let reads_alike = !path
        .as_bytes()
        .iter()
        .any(|byte| b"?#%;\\\0".contains(byte));
    if reads_alike && !path.traits().has(PathTraits::SPENT) {
        let again = split_target(path.as_bytes());
        assert_eq!(normalize_path(&again).as_bytes(), path.as_bytes());
    }
}

/// Folding never makes a text much longer.
pub fn text(input: &[u8]) {
    let folded = fold_text(input);
    assert!(folded.as_bytes().len() <= 3 * input.len() + 4);
}

/// Decoding never makes a value much longer, and a view that equals the value is marked as such.
pub fn value(input: &[u8]) {
    let mut normalizer = Normalizer::new();
    let views = normalizer.views(input);
    let bound = 4 * input.len() + 16;
    assert!(views.decoded.len() <= bound);
    assert!(views.rounds > 0 || views.decoded == input);
    assert!(views.folded.is_none_or(|view| view.len() <= bound));
    assert!(views.unwrapped.is_none_or(|view| view.len() <= bound));
}
