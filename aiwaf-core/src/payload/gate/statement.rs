//! Words that begin a statement but are no signal by themselves.

/// Verbs that begin an SQL statement but are no signal by themselves.
pub(in crate::payload) const VERBS: [&[u8]; 14] = [
    b"insert",
    b"delete",
    b"drop",
    b"truncate",
    b"alter",
    b"create",
    b"exec",
    b"execute",
    b"shutdown",
    b"rename",
    b"grant",
    b"revoke",
    b"attach",
    b"select",
];

/// SQL clauses that a value may begin with (`order by 3`), and commands that take a number as an
/// argument (`sleep 5`, `expr 1 + 2`).
const CLAUSES: [&[u8]; 5] = [b"order", b"group", b"ping", b"sleep", b"expr"];

/// All of these words.
pub(in crate::payload) fn statement_words() -> impl Iterator<Item = &'static [u8]> {
    VERBS.iter().chain(&CLAUSES).copied()
}

/// The same commands with a directory of any name before them.
pub(super) const IN_DIRECTORY: [&[u8]; 2] = [b"/ping", b"/sleep"];

/// Whether `value`, decoded or not, begins with one of [`VERBS`] or [`CLAUSES`].
pub(super) fn begins_statement(value: &[u8]) -> bool {
    match value {
        // Characters that a shell accepts before a command.
        [b'!' | b'@', rest @ ..] => {
            let signs = rest.iter().take_while(|byte| matches!(byte, b'!' | b'@'));
            let signs = signs.count();
            begins_statement_unsigned(rest.get(signs..).unwrap_or_default())
        }
        _ => begins_statement_unsigned(value),
    }
}

fn begins_statement_unsigned(value: &[u8]) -> bool {
    // The first two letters rule out most values.
    let may_begin = value.first_chunk::<2>().is_some_and(|[first, second]| {
        matches!(
            [first | 0x20, second | 0x20],
            [b'i', b'n']
                | [b'd', b'e' | b'r']
                | [b't', b'r']
                | [b'a', b'l' | b't']
                | [b'c' | b'g' | b'o', b'r']
                | [b'e', b'x']
                | [b's', b'h' | b'e' | b'l']
                | [b'r', b'e']
                | [b'p', b'i']
        )
    });
    may_begin && is_statement_word(value)
}

/// Whether `value` begins with one of the words and continues after it.
fn is_statement_word(value: &[u8]) -> bool {
    let len = value
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let word = value.get(..len).unwrap_or_default();
    value
        .get(len)
        .is_some_and(|next| matches!(next, b' ' | b'+' | b'%' | b'\t' | b'\r' | b'\n'))
        && statement_words().any(|known| word.eq_ignore_ascii_case(known))
}
