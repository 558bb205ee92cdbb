//! Values for the columns of a row that somebody else inserts: `x','x','admin`, `x'),('y',1)-- a`.

/// The longest text that is read.
const LONGEST: usize = 256;

/// Whether a text ends the string that contains it and gives the next columns of the row, or begins
/// another row and cuts off what follows.
pub(super) fn continues_row(text: &[u8]) -> bool {
    text.len() <= LONGEST && (fills_columns(text) || begins_another(text))
}

/// `x','x','admin`: plain words, joined by nothing but the ends of strings, one of them the name or
/// the password of an account. Other programs join lists in the same way.
fn fills_columns(text: &[u8]) -> bool {
    let mut columns = 0;
    let mut names_account = false;
    let mut rest = text;
    loop {
        let end = memchr::memchr(b'\'', rest).unwrap_or(rest.len());
        let (column, after) = rest.split_at(end);
        if !is_plain(column) {
            return false;
        }
        columns += 1;
        names_account |= is_account(column);
        match after.strip_prefix(b"','") {
            Some(next) => rest = next,
            None => return after.is_empty() && columns > 2 && names_account,
        }
    }
}

/// An administrator, or a password as it is stored.
fn is_account(column: &[u8]) -> bool {
    let names = [b"admin".as_slice(), b"administrator", b"root"];
    names.iter().any(|name| column.eq_ignore_ascii_case(name)) || column.starts_with(b"$2")
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
            "10','11','12",
            "red','green','blue",
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
