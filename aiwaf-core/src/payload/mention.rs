//! Texts that talk about a file: a question about `/etc/passwd` asks for no file.

use super::field::Carrier;
use super::rules::Carriers;

/// Where people write sentences.
pub(super) const PROSE: Carriers = Carriers::NONE
    .with(Carrier::QueryValue)
    .with(Carrier::FormValue)
    .with(Carrier::PartValue)
    .with(Carrier::JsonValue)
    .with(Carrier::XmlText)
    .with(Carrier::Text);

/// How many words make a beginning of a sentence.
const WORDS: usize = 4;

/// Whether what stands from `start` to `end` of a squeezed text is a path of its own in a sentence: behind several words,
/// none of which has a sign that a path, a shell or a query could begin with.
pub(super) fn is_mentioned(text: &[u8], start: usize, end: usize) -> bool {
    let head = text.get(..start).unwrap_or_default();
    let tail = text.get(end..).unwrap_or_default();
    // The path begins with its root and a blank before that.
    let Some(head) = head.strip_suffix(b" /") else {
        return false;
    };
    let is_plain = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || *byte >= 0x80
            || matches!(byte, b' ' | b',' | b'.' | b'\'' | b'-' | b':' | b'(')
    };
    let is_word = |word: &&[u8]| {
        word.iter()
            .filter(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80)
            .count()
            > 1
    };
    let ends = matches!(
        tail,
        [] | [b' ' | b',' | b'?' | b')' | b'!', ..] | [b'.' | b':', b' ', ..] | [b'.']
    );
    ends && head.iter().all(is_plain)
        && super::recognise::find(head, b"..").is_none()
        && head.split(|byte| *byte == b' ').filter(is_word).count() >= WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &str) -> bool {
        let start = text.rfind("etc/passwd").unwrap();
        is_mentioned(text.as_bytes(), start, start + "etc/passwd".len())
    }

    #[test]
    fn a_sentence_may_name_a_file_and_nothing_else_may() {
        for text in [
            "i need to edit the /etc/passwd file.",
            "where do i find my users, is it /etc/passwd?",
            "they have local users in /etc/passwd",
        ] {
            assert!(mentions(text), "{text}");
        }
        for text in [
            "/etc/passwd",
            "cat /etc/passwd",
            "please run this; cat /etc/passwd",
            "please show me the file:///etc/passwd",
            "one two three four ../../etc/passwd",
            "one two three four .. /etc/passwd",
            "one two three four < /etc/passwd",
            "one two three four /etc/passwd%00",
            "one two three four \"/etc/passwd\"",
            "1 2 3 4 5 /etc/passwd",
        ] {
            assert!(!mentions(text), "{text}");
        }
    }
}
