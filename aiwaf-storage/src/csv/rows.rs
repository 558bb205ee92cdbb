//! Splits CSV into rows that keep their original bytes, and writes cells so that no spreadsheet
//! runs them.
//!
//! This is a strict reader of our own rather than a lenient one. A malformed row must end at its
//! own line break and not swallow the rows after it, and an unchanged row must be written back byte
//! for byte.

/// The maximum number of line breaks in a quoted cell. A quote that is never closed is detected
/// after that many lines.
const MOST_BREAKS: usize = 64;

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The number of the row's first line, counted from 1. Zero for a row that is not in a file
    /// yet.
    pub(super) line: usize,
    /// The bytes of the row, including the line break.
    pub(super) raw: Vec<u8>,
    /// The cells, or why the row cannot be split.
    pub(super) cells: Result<Vec<String>, &'static str>,
}

impl Row {
    /// Whether the row is blank.
    pub(super) fn is_blank(&self) -> bool {
        self.raw.trim_ascii().is_empty()
    }
}

/// Splits a file into its rows.
pub(super) fn split(mut text: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut line = 1;
    while !text.is_empty() {
        let (length, cells) = match read_row(text) {
            Ok((length, cells)) => (length, decode(cells)),
            // A malformed row ends at its line break, and the next line is a row again.
            Err(problem) => (line_length(text), Err(problem)),
        };
        let (raw, rest) = text.split_at_checked(length).unwrap_or((text, &[]));
        rows.push(Row {
            line,
            raw: raw.to_vec(),
            cells,
        });
        line += raw.iter().filter(|byte| **byte == b'\n').count();
        text = rest;
    }
    rows
}

fn decode(cells: Vec<Vec<u8>>) -> Result<Vec<String>, &'static str> {
    cells
        .into_iter()
        .map(|cell| String::from_utf8(cell).map_err(|_| "it is not UTF-8"))
        .map(|cell| cell.map(unguarded))
        .collect()
}

fn line_length(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.map_or(text.len(), |at| at + 1)
}

type Split = (usize, Vec<Vec<u8>>);

/// Reads the first row of a text. Returns its length with the line break, and its cells.
fn read_row(text: &[u8]) -> Result<Split, &'static str> {
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let (length, cell) = if rest.first() == Some(&b'"') {
            read_quoted(rest)?
        } else {
            let end = rest.iter().position(|byte| matches!(byte, b',' | b'\n'));
            let end = end.unwrap_or(rest.len());
            let cell = rest.get(..end).unwrap_or_default();
            // A carriage return before a line feed belongs to the line break.
            let ends_row = rest.get(end) != Some(&b',');
            let cell = cell
                .strip_suffix(b"\r")
                .filter(|_| ends_row)
                .unwrap_or(cell);
            (end, cell.to_vec())
        };
        cells.push(cell);
        at += length;
        match text.get(at..).unwrap_or_default() {
            [b',', ..] => at += 1,
            [b'\n', ..] => return Ok((at + 1, cells)),
            [b'\r', b'\n', ..] => return Ok((at + 2, cells)),
            [] => return Ok((at, cells)),
            _ => return Err("there is text after a closing quote"),
        }
    }
}

/// Reads a quoted cell. Returns its length with the quotes, and its text.
fn read_quoted(text: &[u8]) -> Result<(usize, Vec<u8>), &'static str> {
    let mut cell = Vec::new();
    let mut breaks = 0;
    let mut bytes = text.iter().copied().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' if bytes.next_if(|(_, next)| *next == b'"').is_none() => {
                return Ok((at + 1, cell));
            }
            b'\n' if breaks == MOST_BREAKS => break,
            b'\n' => breaks += 1,
            _ => {}
        }
        cell.push(byte);
    }
    Err("a quote is not closed")
}

/// Writes a row, including the line break.
pub(super) fn join(cells: &[String]) -> Vec<u8> {
    let mut row = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            row.push(b',');
        }
        write_cell(&mut row, &guarded(cell), cells.len() == 1);
    }
    row.push(b'\n');
    row
}

fn write_cell(row: &mut Vec<u8>, cell: &str, alone: bool) {
    let needs_quotes = cell.contains([',', '"', '\n', '\r']) || (alone && cell.trim().is_empty());
    if !needs_quotes {
        row.extend_from_slice(cell.as_bytes());
        return;
    }
    let flat = cell.matches('\n').count() > MOST_BREAKS;
    row.push(b'"');
    for byte in cell.bytes() {
        match byte {
            b'"' => row.extend_from_slice(b"\"\""),
            b'\n' if flat => row.push(b' '),
            _ => row.push(byte),
        }
    }
    row.push(b'"');
}

/// Whether a spreadsheet would take the cell for a formula, or reading would take it for a guarded
/// one.
fn looks_like_formula(cell: &str) -> bool {
    let bare = cell.trim_start_matches('\'');
    bare.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Puts an apostrophe before a cell that a spreadsheet would run, because cells contain what
/// attackers send.
fn guarded(cell: &str) -> String {
    if looks_like_formula(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn unguarded(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(bare) if looks_like_formula(bare) => bare.to_owned(),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(text: &str) -> Vec<Result<Vec<String>, &'static str>> {
        split(text.as_bytes())
            .into_iter()
            .map(|row| row.cells)
            .collect()
    }

    #[test]
    fn a_malformed_row_ends_at_its_line() {
        let rows = split(b"a,\"b\nc,d\n\"x\"y,z\n\xff,1\ne,\"f\"\"\ng\"\n");
        let lines: Vec<usize> = rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5]);
        assert!(rows[0].cells.is_err() && rows[2].cells.is_err() && rows[3].cells.is_err());
        assert_eq!(rows[1].cells, Ok(vec!["c".into(), "d".into()]));
        assert_eq!(rows[4].cells, Ok(vec!["e".into(), "f\"\ng".into()]));
    }

    #[test]
    fn line_breaks_of_either_kind_end_a_row() {
        assert_eq!(
            cells("a,b\r\n\"c\"\r\nd"),
            [
                Ok(vec!["a".into(), "b".into()]),
                Ok(vec!["c".into()]),
                Ok(vec!["d".into()]),
            ]
        );
    }

    #[test]
    fn formulas_are_written_as_text() {
        assert_eq!(
            join(&["=1+1".into(), "'@x".into(), "'x".into()]),
            b"'=1+1,''@x,'x\n"
        );
        assert_eq!(
            cells("'=1,=1,'x")[0],
            Ok(vec!["=1".into(), "=1".into(), "'x".into()])
        );
    }

    #[test]
    fn quotes_that_are_never_closed_cost_linear_time() {
        let text = "x,\"'\n".repeat(50_000);
        let start = std::time::Instant::now();
        assert!(split(text.as_bytes()).len() >= 25_000);
        assert!(start.elapsed().as_secs() < 10);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in prop::collection::vec(prop::collection::vec("[=+'@\",\n\r\ta-c \u{e9}-]{0,8}", 1..5), 0..6)) {
            let text: Vec<u8> = rows.iter().flat_map(|row| join(row)).collect();
            let read: Vec<_> = split(&text).into_iter().map(|row| row.cells.unwrap()).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn no_byte_is_lost(text in prop::collection::vec(prop::sample::select(b"ab,\"\n\r\xff".to_vec()), 0..60)) {
            let joined: Vec<u8> = split(&text).into_iter().flat_map(|row| row.raw).collect();
            prop_assert_eq!(joined, text);
        }

        /// The csv crate, an independent reader, reads what we write in the same way.
        #[test]
        fn another_reader_agrees(rows in prop::collection::vec(prop::collection::vec("[\",\na-c \u{e9}]{0,6}", 2..5), 1..6)) {
            let text: Vec<u8> = rows.iter().flat_map(|row| join(row)).collect();
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&text[..]);
            let read: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
