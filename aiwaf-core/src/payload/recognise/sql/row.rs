//! Values for the columns of a row that somebody else inserts: `x','x','admin`, `x'),('y',1)-- a`.

/// The longest text that is read.
const LONGEST: usize = 256;

/// Whether a text ends the string that contains it and gives the next columns of the row, or begins
/// another row and cuts off what follows.
pub(super) fn continues_row(text: &[u8]) -> bool {
    text.len() <= LONGEST && (fills_columns(text) || begins_another(text))
}

/// `x','x','admin`: plain words, joined by nothing but the ends of strings. A list that somebody
/// quotes begins and ends with a quote.
fn fills_columns(text: &[u8]) -> bool {
    let mut columns = 0;
    let mut rest = text;
    while let Some(quote) = memchr::memchr(b'\'', rest) {
        let (column, after) = rest.split_at(quote);
        let Some(next) = after.strip_prefix(b"','") else {
            return false;
        };
        if !is_plain(column) {
            return false;
        }
        columns += 1;
        rest = next;
    }
    columns >= 2 && is_plain(rest)
}

fn is_plain(column: &[u8]) -> bool {
    let may_stand = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-' | b'.' | b'@' | b'$')
    };
    !column.is_empty() && column.iter().all(may_stand)
}

/// `x'),('y',1)-- a`: the first quote ends a string, and the row with it.
fn begins_another(text: &[u8]) -> bool {
    let Some(quote) = memchr::memchr(b'\'', text) else {
        return false;
    };
    let (column, after) = text.split_at(quote);
    let mut rest = after.get(1..).unwrap_or_default();
    for sign in [b')', b',', b'('] {
        match rest.trim_ascii_start() {
            [first, tail @ ..] if *first == sign => rest = tail,
            _ => return false,
        }
    }
    let is_cut = [b"--".as_slice(), b"/*"]
        .iter()
        .any(|sign| memchr::memmem::find(rest, sign).is_some())
        || rest.trim_ascii_end().ends_with(b"#");
    is_cut && (column.is_empty() || is_plain(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_rows_are_told_from_lists() {
        for text in [
            "x','x','admin",
            "mallory','$2y$10$abcdef','admin@x.test','1",
            "x'),('y',1)-- a",
            "x' ) , ( 'y', 1) /*",
            "'),('y',1)#",
        ] {
            assert!(continues_row(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "x",
            "x','y",
            "'a','b','c'",
            "a', 'b', 'c",
            "a','b','f(c)",
            "'','',''",
            "f('a'),('b')",
            "(see 'a'),('b') -- two",
            "x'),('y',1)",
            "rock 'n' roll",
        ] {
            assert!(!continues_row(text.as_bytes()), "{text}");
        }
    }
}
