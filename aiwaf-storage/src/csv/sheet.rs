//! One file as a list of records that can be changed. Unchanged rows stay as they are, byte for
//! byte.

use std::collections::HashMap;
use std::hash::Hash;

use aiwaf_core::store::{Change, RowProblem};

use super::rows::{self, Row};

/// A record that is a row of a file.
pub(super) trait Listed: Clone + PartialEq {
    /// The type of the key that identifies a record.
    type Key: Clone + Eq + Hash;
    /// The name of the file.
    const FILE: &'static str;
    /// The header of a new file. The first column is the key and must be present in every file.
    const HEADER: &'static [&'static str];

    /// The record's key.
    fn key(&self) -> Self::Key;
    /// Reads a row. Defects that are not fatal are added to `problems`.
    fn read(cells: &Cells<'_>, problems: &mut Vec<String>) -> Result<Self, String>;
    /// The cells of the record's row, by column. A missing column is added if its cell is not
    /// empty.
    fn write(&self) -> Vec<(&'static str, String)>;
    /// Makes a change; returns whether anything changed.
    fn change(sheet: &mut Sheet<Self>, change: &Change) -> bool;
}

/// The cells of a row, accessed by column name.
pub(super) struct Cells<'a> {
    header: &'a [String],
    cells: &'a [String],
}

impl<'a> Cells<'a> {
    /// The cell of a column; `None` if the file has no such column or the row ends before it.
    pub(super) fn get(&self, column: &str) -> Option<&'a str> {
        let at = position(self.header, column)?;
        self.cells.get(at).map(String::as_str)
    }

    /// The trimmed cell of a column, if it is not empty.
    pub(super) fn filled(&self, column: &str) -> Option<&'a str> {
        self.get(column)
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
    }
}

/// Other accepted column names: the date column has had two names.
const ALIASES: [(&str, &str); 1] = [("added_date", "timestamp")];

fn position(header: &[String], column: &str) -> Option<usize> {
    let find = |name: &str| {
        header
            .iter()
            .position(|known| known.trim().eq_ignore_ascii_case(name))
    };
    find(column).or_else(|| {
        let alias = ALIASES.iter().find(|(name, _)| *name == column);
        alias.and_then(|(_, alias)| find(alias))
    })
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a file as a whole cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SheetError {
    #[error(
        "the file is empty; expected the header \"{0}\" in line 1 (that line alone makes an empty list)"
    )]
    Empty(String),
    #[error("its first line is not valid CSV: {0}")]
    Malformed(&'static str),
    #[error("its header has no column {column:?}; expected \"{expected}\" in line 1")]
    Column {
        column: &'static str,
        expected: String,
    },
}

/// See the [module](self).
pub(super) struct Sheet<R: Listed> {
    /// The bytes before the rows: a byte order mark, if there is one, and the header.
    head: Vec<u8>,
    header: Vec<String>,
    rows: Vec<Row>,
    /// The record of each row; `None` if the row cannot be read or was removed.
    records: Vec<Option<R>>,
    /// The row that counts for a key: the last one.
    index: HashMap<R::Key, usize>,
    /// The earlier rows with the same key, if there are any.
    hidden: HashMap<R::Key, Vec<usize>>,
    problems: Vec<RowProblem>,
}

impl<R: Listed> Sheet<R> {
    /// A list without entries and without a file.
    pub(super) fn new() -> Self {
        let header: Vec<String> = R::HEADER.iter().map(|name| (*name).to_owned()).collect();
        Self {
            head: rows::join(&header),
            header,
            rows: Vec::new(),
            records: Vec::new(),
            index: HashMap::new(),
            hidden: HashMap::new(),
            problems: Vec::new(),
        }
    }

    /// Reads a file.
    pub(super) fn parse(text: &[u8]) -> Result<Self, SheetError> {
        let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(text) => (BYTE_ORDER_MARK, text),
            None => (&[][..], text),
        };
        let mut rows = rows::split(text).into_iter();
        let first = rows.next().filter(|row| !row.is_blank());
        let first = first.ok_or_else(|| SheetError::Empty(R::HEADER.join(",")))?;
        let header = first.cells.map_err(SheetError::Malformed)?;
        let column = R::HEADER.first().copied().unwrap_or_default();
        if position(&header, column).is_none() {
            let expected = R::HEADER.join(",");
            return Err(SheetError::Column { column, expected });
        }
        let mut sheet = Self {
            head: [mark, &first.raw].concat(),
            header,
            rows: Vec::new(),
            records: Vec::new(),
            index: HashMap::new(),
            hidden: HashMap::new(),
            problems: Vec::new(),
        };
        rows.for_each(|row| sheet.take(row));
        Ok(sheet)
    }

    fn take(&mut self, row: Row) {
        let mut doubts = Vec::new();
        let record = match &row.cells {
            _ if row.is_blank() => None,
            Err(problem) => {
                doubts.push((*problem).to_owned());
                None
            }
            Ok(cells) => {
                let header = &self.header;
                let read = R::read(&Cells { header, cells }, &mut doubts);
                read.map_err(|problem| doubts.push(problem)).ok()
            }
        };
        self.problems
            .extend(doubts.into_iter().map(|message| RowProblem {
                place: format!("{}:{}", R::FILE, row.line),
                message,
            }));
        if let Some(record) = &record {
            let key = record.key();
            if let Some(before) = self.index.insert(key.clone(), self.rows.len()) {
                self.hidden.entry(key).or_default().push(before);
            }
        }
        self.rows.push(row);
        self.records.push(record);
    }

    /// The records in the order of their rows, and the problems. Of two records with the same key
    /// the last counts.
    pub(super) fn into_records(self) -> (Vec<R>, Vec<RowProblem>) {
        let index = self.index;
        let counts =
            |(at, record): (usize, Option<R>)| record.filter(|r| index.get(&r.key()) == Some(&at));
        let records = self
            .records
            .into_iter()
            .enumerate()
            .filter_map(counts)
            .collect();
        (records, self.problems)
    }

    /// The record of a key.
    pub(super) fn get(&self, key: &R::Key) -> Option<&R> {
        self.records.get(*self.index.get(key)?)?.as_ref()
    }

    /// Adds a record, or replaces the one with the same key; other columns of its row are kept.
    pub(super) fn put(&mut self, new: &R) -> bool {
        if self.get(&new.key()) == Some(new) {
            return false;
        }
        let at = self.index.get(&new.key()).copied();
        let at = at.unwrap_or_else(|| self.push_row(new.key()));
        let old = self.rows.get(at).and_then(|row| row.cells.clone().ok());
        let cells = self.fill(old.unwrap_or_default(), new);
        if let (Some(row), Some(record)) = (self.rows.get_mut(at), self.records.get_mut(at)) {
            row.raw = rows::join(&cells);
            row.cells = Ok(cells);
            *record = Some(new.clone());
        }
        true
    }

    fn push_row(&mut self, key: R::Key) -> usize {
        // Nothing refers to removed rows. Those at the end are dropped here, so each is looked at
        // only once.
        while self.rows.pop_if(|row| row.raw.is_empty()).is_some() {
            self.records.pop();
        }
        // The last row of a file may lack its line break.
        let last = self.rows.last_mut().map(|row| &mut row.raw);
        let last = last.unwrap_or(&mut self.head);
        if !last.ends_with(b"\n") {
            last.push(b'\n');
        }
        let at = self.rows.len();
        self.index.insert(key, at);
        self.records.push(None);
        self.rows.push(Row {
            line: 0,
            raw: Vec::new(),
            cells: Ok(Vec::new()),
        });
        at
    }

    fn fill(&mut self, mut cells: Vec<String>, record: &R) -> Vec<String> {
        for (column, value) in record.write() {
            let at = match position(&self.header, column) {
                Some(at) => at,
                None if value.is_empty() => continue,
                None => self.add_column(column),
            };
            if cells.len() <= at {
                cells.resize(at + 1, String::new());
            }
            if let Some(cell) = cells.get_mut(at) {
                *cell = value;
            }
        }
        cells
    }

    fn add_column(&mut self, column: &str) -> usize {
        self.header.push(column.to_owned());
        let mark = if self.head.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK
        } else {
            &[]
        };
        self.head = [mark, &rows::join(&self.header)].concat();
        self.header.len() - 1
    }

    /// Removes all rows of a key.
    pub(super) fn remove(&mut self, key: &R::Key) -> bool {
        let Some(last) = self.index.remove(key) else {
            return false;
        };
        let hidden = self.hidden.remove(key).unwrap_or_default();
        for at in hidden.into_iter().chain([last]) {
            if let (Some(row), Some(record)) = (self.rows.get_mut(at), self.records.get_mut(at)) {
                row.raw.clear();
                *record = None;
            }
        }
        true
    }

    /// The contents of the file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.head;
        self.rows
            .iter()
            .for_each(|row| bytes.extend_from_slice(&row.raw));
        bytes
    }
}

#[cfg(test)]
mod tests;
