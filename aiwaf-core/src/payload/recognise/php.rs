//! PHP that is the whole value: a function call, or a call through a variable.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::{Bytes, is_word};

static CALL: Rule = Rule::recognised(
    "code-php-call",
    Category::Code,
    Severity::Critical,
    &[
        "print_r( )",
        "chr(123)",
        "exec /*x*/ (blah)",
        "exec #\n (1)",
        "subSTR($x)",
        "file_exists (\n)",
        "system(whoami)",
        "/get/substr()",
        "filegroup  (x)",
    ],
    &[
        "system (see below)",
        "exec (chief)",
        "Executive(s)",
        "my_print(x)",
        "file (1)",
        "print_r is a function",
        "copy(2)",
        "strlen",
        "strlen (x)",
    ],
)
.only(
    Carriers::NO_HEADERS
        .without(Carrier::Text)
        .without(Carrier::FileContent)
        .without(Carrier::FileName),
);
static VARIABLE: Rule = Rule::recognised(
    "code-php-variable-call",
    Category::Code,
    Severity::Critical,
    &[
        "$a(1)",
        "$$b(2)",
        "@$__[o](4)",
        "$_['x'][$_[1]](7)",
        "${'a'}(11)",
        "$x /*y*/ (1)",
        "$f(101).$f(120)",
        "$a(/*)$*/$b);",
    ],
    &[
        "$(id)",
        "$5 (five)",
        "costs $a (roughly)",
        "$el.find(x)",
        "${name}",
        "$a",
        "US$(1)",
        "$O(n \\log n)$ sorting",
        "$f(x)$",
    ],
)
.only(
    Carriers::NO_HEADERS
        .without(Carrier::Text)
        .without(Carrier::FileContent),
);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&CALL, &VARIABLE];

/// Calls that no pair of bytes shows because of what stands before the bracket.
pub(super) static ANCHORS: &[&[u8]] = &[
    b"exec (",
    b"system (",
    b"assert (",
    b"passthru (",
    b"shell_exec (",
    b"print_r (",
    b"file_exists (",
    b"phpinfo (",
    b"filegroup (",
    b"fopen (",
    b"popen (",
    b"base64_decode (",
];

/// PHP functions that no text writes with a bracket after them.
const FUNCTIONS: [&[u8]; 75] = [
    b"print_r",
    b"var_dump",
    b"var_export",
    b"shell_exec",
    b"proc_open",
    b"pcntl_exec",
    b"file_exists",
    b"file_get_contents",
    b"file_put_contents",
    b"is_file",
    b"is_dir",
    b"strrev",
    b"strlen",
    b"strpos",
    b"strtolower",
    b"strtoupper",
    b"str_replace",
    b"str_rot13",
    b"substr",
    b"chr",
    b"ord",
    b"hex2bin",
    b"bin2hex",
    b"base64_encode",
    b"base64_decode",
    b"gzinflate",
    b"gzuncompress",
    b"gzcompress",
    b"gzdecode",
    b"zlib_decode",
    b"unserialize",
    b"json_decode",
    b"passthru",
    b"popen",
    b"fopen",
    b"fputcsv",
    b"fwrite",
    b"fputs",
    b"fgets",
    b"readfile",
    b"unlink",
    b"scandir",
    b"opendir",
    b"readdir",
    b"getcwd",
    b"curl_init",
    b"curl_exec",
    b"phpinfo",
    b"phpversion",
    b"getenv",
    b"putenv",
    b"ini_get",
    b"ini_set",
    b"call_user_func",
    b"array_map",
    b"array_filter",
    b"usort",
    b"create_function",
    b"preg_replace",
    b"parse_str",
    b"get_cfg_var",
    b"posix_getuid",
    b"mysql_query",
    b"mysqli_query",
    b"assert_options",
    b"filegroup",
    b"fileowner",
    b"fileperms",
    b"strip_tags",
    b"is_array",
    b"date_add",
    b"array_diff",
    b"gethostbyname",
    b"ldap_get_entries",
    b"checkdate",
];

/// Functions whose names are words. They need more than a bracket to count as calls.
const WORDS: [&[u8]; 5] = [b"exec", b"system", b"assert", b"eval", b"file"];

/// The longest value that is read as one expression, and the longest comment in one.
const MAX_LINE: usize = 128;
/// How far the end of the arguments is searched for.
const MAX_ARGUMENTS: usize = 1024;
/// How many brackets may stand between a variable and its arguments.
const MAX_SUBSCRIPTS: usize = 8;

/// Judges `input` as PHP.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    if !input.bytes.any(Bytes::PAREN) {
        return;
    }
    let text = input.view.trim_ascii();
    let last = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let whole = if text.first() == Some(&b'/') {
        last
    } else {
        text
    };
    if whole.len() <= MAX_LINE && is_call(whole) {
        report(&CALL, cut(whole, 0, 64));
    }
    if has_turned_name(text) {
        report(&CALL, cut(text, 0, 64));
    }
    // A posted script has more than one line.
    let is_short = text.len() <= MAX_LINE && matches!(text.first(), Some(b'$' | b'@'))
        || Carriers::TARGET.contains(input.field.carrier);
    if is_short
        && input.bytes.any(Bytes::DOLLAR)
        && memchr::memchr_iter(b'$', text).any(|at| calls(text, at))
    {
        report(&VARIABLE, cut(text, 0, 64));
    }
}

/// `(~\x8f\x97)(`: the name of a function with its bits inverted, so that no letter of it remains.
fn has_turned_name(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = super::find(rest, b"(~") {
        rest = rest.get(at + 2..).unwrap_or_default();
        let name = rest.iter().take_while(|byte| **byte >= 0x80).count();
        // Valid UTF-8 would be letters.
        let is_turned = name > 2 && std::str::from_utf8(cut(rest, 0, name)).is_err();
        if is_turned && rest.get(name..name + 2) == Some(b")(") {
            return true;
        }
    }
    false
}

/// Whether the whole text is a call of one function.
fn is_call(text: &[u8]) -> bool {
    let text = text.strip_suffix(b";").unwrap_or(text).trim_ascii_end();
    let Some(text) = text.strip_suffix(b")") else {
        return false;
    };
    let (name, rest) = name(text);
    let (gap, rest) = gap(rest);
    let Some(arguments) = rest.strip_prefix(b"(") else {
        return false;
    };
    let is = |known: &&[u8]| name.eq_ignore_ascii_case(known);
    if FUNCTIONS.iter().any(is) {
        // With only blanks before the bracket, it is a word of another language: `strlen (x)`.
        let is_glued = gap.is_empty() || !gap.iter().all(u8::is_ascii_whitespace);
        return is_glued
            || ANCHORS
                .iter()
                .any(|known| known.strip_suffix(b" (").is_some_and(|known| is(&known)));
    }
    if !WORDS.iter().any(is) {
        return false;
    }
    let arguments = arguments.trim_ascii();
    let quoted = matches!(arguments.first(), Some(b'$' | b'\'' | b'"' | b'/' | b'.'));
    let commented = gap.len() > 1 || gap.iter().any(|byte| *byte != b' ');
    // `file('x')` is a call in many languages; `exec(x)` is not called without a purpose.
    let evaluates = !name.eq_ignore_ascii_case(b"file");
    let word = arguments.iter().all(|byte| is_word(*byte)) && arguments.len() > 2;
    commented || evaluates && (arguments.is_empty() || quoted || gap.is_empty() && word)
}

/// Whether the variable whose `$` stands at `at` is called, in a place where an expression may
/// begin.
fn calls(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_ascii_end();
    let begins = before
        .last()
        .is_none_or(|byte| matches!(byte, b'=' | b';' | b'@' | b'$' | b'.' | b'(' | b'{' | b','));
    let Some(rest) = text.get(at + 1..).filter(|_| begins) else {
        return false;
    };
    let (name, mut rest) = name(rest);
    let named = name.first().is_some_and(|byte| !byte.is_ascii_digit());
    if !named && rest.first() != Some(&b'{') {
        return false;
    }
    // Subscripts of the variable: `[..]` and `{..}`.
    for _ in 0..MAX_SUBSCRIPTS {
        let (space, after) = gap(rest);
        match after.first() {
            Some(b'[') => match within(after, b'[', b']') {
                Some(after) => rest = after,
                None => return false,
            },
            Some(b'{') => match within(after, b'{', b'}') {
                Some(after) => rest = after,
                None => return false,
            },
            // `$a (roughly)`: a price.
            Some(b'(') => {
                let worded = space == b" " && !before.is_empty();
                let end = memchr::memchr(b')', cut(after, 0, MAX_ARGUMENTS));
                return !worded && end.is_some_and(|end| !is_formula(after, end));
            }
            _ => return false,
        }
    }
    false
}

/// `$O(n \log n)$`: a formula between two dollar signs, without strings, comments or variables.
fn is_formula(call: &[u8], end: usize) -> bool {
    let inside = call.get(1..end).unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b" \\+-^_,.".contains(byte);
    call.get(end + 1) == Some(&b'$') && inside.iter().all(is_part)
}

/// A name, and what follows it.
fn name(text: &[u8]) -> (&[u8], &[u8]) {
    let len = text
        .iter()
        .take(48)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    text.split_at_checked(len).unwrap_or((text, b""))
}

/// White space and comments, and what follows them.
fn gap(text: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        let end = match rest {
            [b'/', b'*', ..] => super::find(cut(rest, 2, MAX_LINE), b"*/").map(|at| at + 4),
            [b'#', ..] | [b'/', b'/', ..] => {
                memchr::memchr2(b'\n', b'\r', cut(rest, 0, MAX_LINE)).map(|at| at + 1)
            }
            _ => None,
        };
        match end.and_then(|end| rest.get(end..)) {
            Some(after) => rest = after,
            None => {
                let len = text.len() - rest.len();
                return text.split_at_checked(len).unwrap_or((b"", text));
            }
        }
    }
}

/// What follows the bracket that closes the one at the start of the text.
fn within(text: &[u8], open: u8, close: u8) -> Option<&[u8]> {
    const LONGEST: usize = 128;
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate().take(LONGEST) {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return text.get(at + 1..);
            }
        }
    }
    None
}
