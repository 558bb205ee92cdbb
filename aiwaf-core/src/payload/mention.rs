//! Texts that only mention a file or a function. A question about `/etc/passwd` requests no file,
//! and nobody calls the `fopen(` in the middle of a sentence.

mod code;

use super::category::Category;
use super::field::Carrier;
use super::rules::Carriers;

/// The carriers in which people write sentences.
pub(super) const PROSE: Carriers = Carriers::NONE
    .with(Carrier::QueryValue)
    .with(Carrier::FormValue)
    .with(Carrier::PartValue)
    .with(Carrier::JsonValue)
    .with(Carrier::XmlText)
    .with(Carrier::Text);

/// The longest path of a file that a sentence mentions.
const MAX_PATH: usize = 128;

/// How many words make the beginning of a sentence.
const WORDS: usize = 3;

/// How much text before a path is searched for a command. A text may name many paths, and the cost
/// of each must be bounded.
const MAX_HEAD: usize = 256;

/// How far a squeezed text reads as a sentence. Computed once per text, because the text may name a
/// file in many places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    /// Where the text has had [`WORDS`] words.
    begun: usize,
    /// Where the first character is that could begin a path, a shell command or a query.
    ends: usize,
    /// Where the first byte is that belongs neither to a word nor to the punctuation of a sentence.
    speaks: usize,
    /// Whether the text has several lines.
    has_lines: bool,
    /// Whether a shell could take a line of the text for a command: the text has several lines, or
    /// begins with the name of a command.
    may_command: bool,
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
            speaks: text
                .iter()
                .position(|byte| {
                    !(is_letter(byte)
                        || byte.is_ascii_digit()
                        || matches!(byte, b' ' | b',' | b'.'))
                })
                .unwrap_or(text.len()),
            has_lines,
            may_command: has_lines || starts_with_command(text),
        }
    }

    /// Whether the text only mentions what stands from `start` to `end` in it.
    pub(super) fn mentions(
        self,
        category: Category,
        text: &[u8],
        start: usize,
        end: usize,
    ) -> bool {
        match category {
            Category::Lfi => {
                self.names_file(text, start, end) || is_shown_as_code(text, start, end)
            }
            Category::Code => {
                let speaks = self.begun < start && start <= self.speaks;
                code::is_named(text, start, end, !self.has_lines, speaks)
            }
            _ => false,
        }
    }

    /// Whether the text is a sentence that names one path from the root and has no other part of a
    /// path in it.
    pub(super) fn is_about_one_file(self, text: &[u8]) -> bool {
        let Some(slash) = memchr::memchr2(b'/', b'\\', text) else {
            return false;
        };
        let (_, end) = path(text, slash, slash + 1);
        let rest = text.get(end..).unwrap_or_default();
        let is_plain = |byte: &u8| {
            is_letter(byte)
                || byte.is_ascii_digit()
                || matches!(byte, b' ' | b',' | b'.' | b'\'' | b'?' | b'!' | b':')
        };
        rest.iter().all(is_plain) && self.names_file(text, slash, slash + 1)
    }

    /// Whether the match is part of a separate path that the sentence names: one from the root, or
    /// a bare name.
    fn names_file(self, text: &[u8], start: usize, end: usize) -> bool {
        let (start, end) = path(text, start, end);
        let head = text.get(..start).unwrap_or_default();
        let path = text.get(start..end).unwrap_or_default();
        let tail = text.get(end..).unwrap_or_default();
        let is_over = matches!(
            tail,
            [] | [b' ' | b',' | b'?' | b')' | b'!', ..] | [b'.' | b':', b' ', ..] | [b'.']
        );
        let inner = match path {
            [b'/', inner @ ..]
            | [b'~', b'/', inner @ ..]
            | [b'a'..=b'z', b':', b'\\', inner @ ..] => inner,
            // A name without a directory: `look at wp-config.php`.
            name if !self.may_command && memchr::memchr2(b'/', b'\\', name).is_none() => name,
            _ => return false,
        };
        // Only a shell expands `~`.
        let is_within = self.begun <= start && start <= self.ends
            || path.starts_with(b"~/") && !matches!(head, []);
        is_over
            && is_within
            && inner.iter().all(goes_on)
            && super::recognise::find(path, b"..").is_none()
            && !(self.may_command && follows_command(head))
    }
}

/// `<code>/etc/hosts</code>`: technical writing that names a path, with nothing else between the
/// tags.
pub(super) fn is_shown_as_code(text: &[u8], start: usize, end: usize) -> bool {
    let (before, after) = (text.get(..start), text.get(end..));
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let is_part = |byte: &&u8| goes_on(byte) && **byte != b'\\';
    let ahead = before
        .iter()
        .rev()
        .take(MAX_PATH)
        .take_while(is_part)
        .count();
    let behind = after.iter().take(MAX_PATH).take_while(is_part).count();
    let path = text.get(start - ahead..end + behind).unwrap_or_default();
    let before = before.get(..start - ahead).unwrap_or_default();
    let after = after.get(behind..).unwrap_or_default();
    before.ends_with(b"<code>")
        && after.starts_with(b"</code>")
        && super::recognise::find(path, b"..").is_none()
}

/// The path around the match: from the blank before it to the first byte that cannot belong to it.
fn path(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let before = text.get(..start).unwrap_or_default().iter().rev();
    let ahead = before.take(MAX_PATH).take_while(|byte| **byte != b' ');
    let after = text.get(end..).unwrap_or_default().iter();
    let behind = after
        .take(MAX_PATH)
        .take_while(|byte| goes_on(byte))
        .count();
    let start = start - ahead.count();
    let path = text.get(start..end + behind).unwrap_or_default();
    let stop = usize::from(path.ends_with(b".") && behind > 0);
    (start, end + behind - stop)
}

/// Whether a byte can belong to a path in a sentence.
fn goes_on(byte: &u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || matches!(byte, b'/' | b'\\' | b'.' | b'-' | b'_')
}

fn starts_with_command(text: &[u8]) -> bool {
    let word = text.split(|byte| *byte == b' ').next();
    word.is_some_and(super::recognise::is_command)
}

/// Whether one of the words before a path is a command, or the text before it is too long to tell.
fn follows_command(head: &[u8]) -> bool {
    let head = head.trim_ascii_end();
    let near = head.get(head.len().saturating_sub(MAX_HEAD)..);
    let near = near.unwrap_or_default();
    let mut words = near.rsplit(|byte| *byte == b' ').take(2 * WORDS);
    let is_cut = near.len() < head.len() && words.clone().count() < 2 * WORDS;
    is_cut || words.any(super::recognise::is_command)
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
        let end = start + "etc/passwd".len();
        Sentence::read(text, has_lines).mentions(Category::Lfi, text, start, end)
    }

    #[test]
    fn a_sentence_may_name_a_file_and_nothing_else_may() {
        for text in [
            "i need to edit the /etc/passwd file.",
            "where do i find my users, is it /etc/passwd?",
            "they have local users in /etc/passwd",
            "users are in /etc/passwd",
            "a copy is in /backup/etc/passwd.",
            "<p>they are in <code>/etc/passwd</code>, as said; <b>or</b> not</p>",
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
            "cat one two three /etc/passwd",
            "show me /etc/passwd",
            "one two three /$(cat</etc/passwd)",
            "one two three /x;cat</etc/passwd",
            "one two three /$x/etc/passwd",
            "; cat one two three four five /etc/passwd",
            "they have users in /etc/group and in /etc/passwd",
            "<code>../../etc/passwd</code>",
            "<code>cat /etc/passwd</code>",
            "cat one two three four five six seven etc/passwd",
        ] {
            assert!(!mentions(text, false), "{text}");
        }
        let lines = "this is what i have seen cat -a x /etc/passwd";
        assert!(mentions(lines, false) && !mentions(lines, true));
    }
}
