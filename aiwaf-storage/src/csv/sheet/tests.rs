use std::cell::Cell;

use super::*;

thread_local! {
    /// How often a record was asked for its key. A search of all rows asks each one.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

#[derive(Clone, PartialEq)]
struct Word(String);

impl Listed for Word {
    type Key = String;
    const FILE: &'static str = "words.csv";
    const HEADER: &'static [&'static str] = &["word"];

    fn key(&self) -> String {
        ASKED.set(ASKED.get() + 1);
        self.0.clone()
    }

    fn read(cells: &Cells<'_>, _: &mut Vec<String>) -> Result<Self, String> {
        Ok(Self(cells.filled("word").ok_or("no word")?.to_owned()))
    }

    fn write(&self) -> Vec<(&'static str, String)> {
        vec![("word", self.0.clone())]
    }

    fn change(_: &mut Sheet<Self>, _: &Change) -> bool {
        false
    }
}

fn text(sheet: Sheet<Word>) -> String {
    String::from_utf8(sheet.into_bytes()).unwrap()
}

#[test]
fn a_change_looks_at_no_rows_but_its_own() {
    const MANY: usize = 2_000;
    let words = (0..MANY).map(|n| format!("w{n}\n"));
    let file = format!("word\n{}", words.collect::<String>());
    let mut sheet = Sheet::<Word>::parse(file.as_bytes()).unwrap();
    for n in 0..MANY {
        assert!(sheet.remove(&format!("w{n}")));
        assert!(sheet.put(&Word(format!("v{n}"))));
    }
    for n in 0..MANY {
        assert!(sheet.remove(&format!("v{n}")));
    }
    let asked = ASKED.get();
    assert!(asked <= 10 * MANY, "{asked} rows for {MANY} of each change");
    assert_eq!(text(sheet), "word\n");
}

#[test]
fn all_rows_of_a_key_go_and_the_others_stay() {
    let mut sheet = Sheet::<Word>::parse(b"word\na\nb\na,x\nc\na").unwrap();
    assert!(sheet.remove(&"a".to_owned()));
    assert!(!sheet.remove(&"a".to_owned()));
    assert!(sheet.put(&Word("a".to_owned())));
    assert!(sheet.remove(&"c".to_owned()) && sheet.remove(&"a".to_owned()));
    assert!(sheet.put(&Word("d".to_owned())));
    assert_eq!(text(sheet), "word\nb\nd\n");
}
