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

/// How many words make the beginning of a sentence.
const WORDS: usize = 4;

/// How far a squeezed text reads as a sentence. Read once a text: a file may be named in many places of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    /// Where it has had [`WORDS`] words.
    begun: usize,
    /// Where the first sign is that a path, a shell or a query could begin with.
    ends: usize,
    /// Whether it has several lines, each of which a shell could take for a command.
    has_lines: bool,
}

impl Sentence {
    pub(super) fn read(text: &[u8], has_lines: bool) -> Self {
        let is_plain = |byte: &u8| {
            is_letter(byte)
                || byte.is_ascii_digit()
                || matches!(byte, b' ' | b',' | b'.' | b'\'' | b'-' | b':' | b'(')
        };
        let signs = text
            .iter()
            .position(|byte| !is_plain(byte))
            .unwrap_or(text.len());
        let climbs = super::recognise::find(text, b"..").unwrap_or(text.len());
        let mut at = 0;
        let mut words = 0;
        for word in text.split(|byte| *byte == b' ') {
            at += word.len() + 1;
            words += usize::from(word.iter().filter(|byte| is_letter(byte)).take(2).count() > 1);
            if words == WORDS {
                break;
            }
        }
        Self {
            begun: if words == WORDS { at } else { usize::MAX },
            ends: signs.min(climbs),
            has_lines,
        }
    }

    /// Whether what stands from `start` to `end` of the text is a path of its own, from the root, that the sentence names.
    pub(super) fn mentions(self, text: &[u8], start: usize, end: usize) -> bool {
        let head = text.get(..start).unwrap_or_default();
        let tail = text.get(end..).unwrap_or_default();
        let is_over = matches!(
            tail,
            [] | [b' ' | b',' | b'?' | b')' | b'!', ..] | [b'.' | b':', b' ', ..] | [b'.']
        );
        let is_within = self.begun < start && start <= self.ends + 1;
        is_over && is_within && head.ends_with(b" /") && !(self.has_lines && follows_command(head))
    }
}

/// Whether one of the words before a path is a command.
fn follows_command(head: &[u8]) -> bool {
    let mut words = head.rsplit(|byte| *byte == b' ').skip(1).take(2 * WORDS);
    words.any(super::recognise::is_command)
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_alphabetic() || *byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &str, has_lines: bool) -> bool {
        let start = text.rfind("etc/passwd").unwrap();
        let text = text.as_bytes();
        Sentence::read(text, has_lines).mentions(text, start, start + "etc/passwd".len())
    }

    #[test]
    fn a_sentence_may_name_a_file_and_nothing_else_may() {
        for text in [
            "i need to edit the /etc/passwd file.",
            "where do i find my users, is it /etc/passwd?",
            "they have local users in /etc/passwd",
        ] {
            assert!(mentions(text, true) && mentions(text, false), "{text}");
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
            "; cat one two three four five /etc/passwd",
            "they have users in /etc/group and in /etc/passwd",
        ] {
            assert!(!mentions(text, false), "{text}");
        }
        let lines = "this is what I have seen cat -A x /etc/passwd";
        assert!(mentions(lines, false) && !mentions(lines, true));
    }
}
