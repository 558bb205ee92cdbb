//! Command names that were cut into pieces: `w""get`, `cu\rl`, `pi<()ng`. A shell joins the pieces
//! again.

use smallvec::SmallVec;

use super::names::{Command, command};
use crate::payload::squeeze::is_word;

/// The longest first word that is read.
const MAX_WORD: usize = 64;

/// What may stand between two pieces and expands to nothing.
const SEAMS: [&[u8]; 9] = [
    b"''", b"\"\"", b"``", b"$()", b"<()", b">()", b"$@", b"$*", b"\\",
];

/// Whether `text` begins with a command in pieces that has something to do.
pub(super) fn is_pieced_command(text: &[u8]) -> bool {
    let end = text.iter().take(MAX_WORD).position(|byte| *byte == b' ');
    let Some(mut rest) = end.and_then(|end| text.get(..end)) else {
        return false;
    };
    let opens = matches!(rest.first(), Some(b'\'' | b'"'));
    let mut whole: SmallVec<[u8; MAX_WORD]> = SmallVec::new();
    let mut seams = 0;
    while let Some((&byte, after)) = rest.split_first() {
        let seam = SEAMS.iter().find(|seam| rest.starts_with(seam));
        if let Some(seam) = seam {
            rest = rest.get(seam.len()..).unwrap_or_default();
            let within = !whole.is_empty() || opens;
            seams += usize::from(within && rest.first().is_some_and(|next| is_word(*next)));
        } else if matches!(byte, b'\'' | b'"') {
            // In the middle of a word, after the quote that opened it.
            seams += usize::from(
                opens && !whole.is_empty() && after.first().is_some_and(|next| is_word(*next)),
            );
            rest = after;
        } else {
            whole.push(byte.to_ascii_lowercase());
            rest = after;
        }
    }
    seams > 0 && command(&whole) != Command::None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_together_is_a_command() {
        for text in [
            "'i'p a",
            "\"w\"get x",
            "w''get x",
            "cu\\rl x",
            "cu$@rl x",
            "pi<()ng 1",
            "pi``ng 1",
            "\"\"p\"\"y\"\"t\"\"h\"\"o\"\"n\"\"3\"\".\"\"1\"\"0\"\" x",
            "ti''me who",
        ] {
            assert!(is_pieced_command(text.as_bytes()), "{text}");
        }
        for text in [
            "ping 1",
            "\\date x",
            "what\\'s new",
            "'ping' 1",
            "it's time",
            "rock'n'roll is",
            "c:\\cat x",
            "don't cat",
            "''ping",
            "a''b c",
            "\"cat\" food",
            "'cat's food",
        ] {
            assert!(!is_pieced_command(text.as_bytes()), "{text}");
        }
    }
}
