//! The attacks, and the carriers in which each is not an attack.

use super::carrier::Carrier;

const DATA: &str = include_str!("../data/attacks40.txt");

pub(crate) struct Attack {
    pub(crate) name: String,
    pub(crate) text: Vec<u8>,
    /// The attack only works at the start of a value.
    pub(crate) anchored: bool,
    /// Families of carriers in which the text is not an attack.
    not_in: Vec<String>,
}

impl Attack {
    /// Whether the text is an attack in this carrier.
    pub(crate) fn fits(&self, carrier: Carrier) -> bool {
        !self.not_in.iter().any(|family| family == carrier.family())
    }
}

/// All attacks, in the order of the file.
pub(crate) fn all() -> Vec<Attack> {
    let mut attacks: Vec<Attack> = Vec::new();
    for line in DATA.lines().filter(|line| !line.starts_with('#')) {
        let (head, text) = line.split_once(": ").unwrap();
        match head.strip_prefix("- ") {
            Some(families) => {
                let families: Vec<String> = families.split(' ').map(str::to_owned).collect();
                for family in &families {
                    let known = Carrier::ALL
                        .iter()
                        .any(|carrier| carrier.family() == family);
                    assert!(known && !text.is_empty(), "{line}");
                }
                attacks.last_mut().unwrap().not_in.extend(families);
            }
            None => attacks.push(Attack {
                name: head.trim_start_matches('^').to_owned(),
                text: unescape(text),
                anchored: head.starts_with('^'),
                not_in: Vec::new(),
            }),
        }
    }
    attacks
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        out.push(match char {
            '\\' => match chars.next() {
                Some('r') => '\r',
                Some('n') => '\n',
                Some('\\') => '\\',
                other => panic!("unknown escape {other:?} in {text}"),
            },
            char => char,
        });
    }
    out.into_bytes()
}
