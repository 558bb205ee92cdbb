//! What the model sees of a text: tokens, and grams of them.
//!
//! Words that are typical of attacks keep their spelling; all other words are equal. All numbers
//! are equal, and every other byte stands for itself. So the model does not distinguish `' or 3=3`
//! from `' or 71=71`, nor texts in two languages.

use super::weights::{Vocabulary, slot};

/// How many tokens are judged together. Longer texts are judged piece by piece, and the worst piece
/// counts.
pub const WINDOW: usize = 24;

/// Longest gram, in tokens.
const LONGEST: usize = 5;

/// The marks of classes of tokens. A word hashes to such a small number only by chance.
const EDGE: u32 = 1;
const NUMBER: u32 = 2;
const HEXADECIMAL: u32 = 3;
const FOREIGN: u32 = 4;
const WORD: u32 = 5;
const LONG_WORD: u32 = 6;
const MARK: u32 = 16;

/// The number of letters from which a word is long: an id, a token, a hash.
const LONG: usize = 20;

/// One token: its own mark, and its mark when all words are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    text: u32,
    shape: u32,
    /// Where the token begins in the text.
    pub(super) start: usize,
}

/// The table slots of the grams that end with one token.
pub type Grams = [usize; 6];

/// Splits a squeezed text into tokens.
pub(super) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    vocabulary: &'a Vocabulary,
    /// The last byte that stood for itself, and how often it occurred in a row.
    run: (u8, u8),
    ended: bool,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(text: &'a [u8], vocabulary: &'a Vocabulary) -> Self {
        Self {
            text,
            at: 0,
            vocabulary,
            run: (0, 0),
            ended: false,
        }
    }

    fn word(&self, start: usize) -> Token {
        let word = self.text.get(start..self.at).unwrap_or_default();
        let class = if word.len() >= LONG { LONG_WORD } else { WORD };
        let hash = word_hash(word);
        let text = if self.vocabulary.knows(hash) {
            hash
        } else {
            class
        };
        Token {
            text,
            shape: class,
            start,
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    #[inline]
    fn next(&mut self) -> Option<Token> {
        loop {
            let start = self.at;
            let Some(&byte) = self.text.get(start) else {
                let ended = std::mem::replace(&mut self.ended, true);
                return (!ended).then_some(Token {
                    text: EDGE,
                    shape: EDGE,
                    start,
                });
            };
            self.at += 1;
            let class = match byte {
                b' ' => continue,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    self.skip(|b| b.is_ascii_alphanumeric() || b == b'_');
                    self.run = (0, 0);
                    return Some(self.word(start));
                }
                b'0' if self.text.get(self.at) == Some(&b'x') => {
                    self.at += 1;
                    self.skip(|b| b.is_ascii_hexdigit());
                    HEXADECIMAL
                }
                b'0'..=b'9' => {
                    self.skip(|b| b.is_ascii_digit());
                    NUMBER
                }
                0x80.. => {
                    self.skip(|b| b >= 0x80);
                    FOREIGN
                }
                mark => {
                    let (last, times) = self.run;
                    self.run = (
                        mark,
                        if last == mark {
                            times.saturating_add(1)
                        } else {
                            1
                        },
                    );
                    // `....` counts as `..`: the length of a horizontal rule means nothing.
                    if self.run.1 > 2 {
                        continue;
                    }
                    let class = MARK + u32::from(mark);
                    return Some(Token {
                        text: class,
                        shape: class,
                        start,
                    });
                }
            };
            self.run = (0, 0);
            return Some(Token {
                text: class,
                shape: class,
                start,
            });
        }
    }
}

impl Tokens<'_> {
    fn skip(&mut self, while_: impl Fn(u8) -> bool) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|b| while_(**b)).count();
    }
}

/// The last tokens, from which the grams are made.
pub(super) struct Recent {
    texts: [u32; LONGEST],
    shapes: [u32; LONGEST],
    /// The longest grams of the last tokens that counted.
    seen: [u32; WINDOW],
    at: usize,
}

impl Recent {
    /// The state before the first token.
    pub(super) const fn new() -> Self {
        Self {
            texts: [EDGE; LONGEST],
            shapes: [EDGE; LONGEST],
            seen: [0; WINDOW],
            at: 0,
        }
    }

    /// Takes the next token and returns the grams that end with it; `None` if the same shape
    /// occurred a moment ago.
    ///
    /// Repetition says nothing new: paths of a document tree, tables, lists.
    #[inline]
    pub(super) fn push(&mut self, token: Token) -> Option<Grams> {
        let [_, t3, t2, t1, t0] = self.texts;
        self.texts = [t3, t2, t1, t0, token.text];
        let [t3, t2, t1, t0] = [t2, t1, t0, token.text];
        let [_, s4, s3, s2, s1] = self.shapes;
        let s0 = token.shape;
        self.shapes = [s4, s3, s2, s1, s0];
        let shape = mix(mix(mix(mix(mix(6, s4), s3), s2), s1), s0);
        let exact = mix(mix(shape, t0), t1);
        // The loop has no early exit, so that several are compared at once.
        if self
            .seen
            .iter()
            .fold(false, |seen, gram| seen | (*gram == exact))
        {
            return None;
        }
        if let Some(oldest) = self.seen.get_mut(self.at) {
            *oldest = exact;
        }
        self.at = (self.at + 1) % WINDOW;
        Some([
            slot(mix(1, t0)),
            slot(mix(mix(2, t1), t0)),
            slot(mix(mix(mix(3, t2), t1), t0)),
            slot(mix(mix(mix(mix(4, t3), t2), t1), t0)),
            slot(mix(mix(mix(5, s2), s1), s0)),
            slot(shape),
        ])
    }
}

const fn mix(state: u32, value: u32) -> u32 {
    (state.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b1)
}

/// FNV-1a. The caller has squeezed the text, so letters are lower case.
pub(super) fn word_hash(word: &[u8]) -> u32 {
    word.iter().fold(0x811c_9dc5, |hash: u32, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The words of a squeezed text, for collecting a vocabulary.
pub fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| !(b.is_ascii_alphanumeric() || b == b'_'))
        .map(|word| {
            let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
            word.get(digits..).unwrap_or_default()
        })
        .filter(|word| !word.is_empty() && word.len() < LONG)
}
