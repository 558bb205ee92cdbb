//! Distinguishes the arguments of a command from the words that follow it in a sentence.

use super::super::find;
use super::names::{Command, command};
use crate::payload::squeeze::is_word;

/// `zsh 5.8`: a shell or a language with its version, in a list of programs.
pub(super) fn is_version(name: &[u8], argument: &[u8]) -> bool {
    let is_program = matches!(
        name,
        b"bash"
            | b"zsh"
            | b"sh"
            | b"ksh"
            | b"tcsh"
            | b"python"
            | b"python3"
            | b"ruby"
            | b"perl"
            | b"php"
            | b"node"
            | b"java"
            | b"gcc"
    );
    let len = argument
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let (version, rest) = argument.split_at_checked(len).unwrap_or_default();
    let mut parts = version.split(|byte| *byte == b'.');
    let is_number = parts.clone().count() < 4 && parts.all(|part| !part.is_empty());
    let is_over = matches!(rest.trim_ascii_start(), [] | [b'|' | b',', b' ', ..]);
    is_program && len > 0 && is_number && is_over
}

/// Whether `rest` looks like an argument, or is the end of the command.
pub(super) fn has_argument(rest: &[u8]) -> bool {
    let body = rest.trim_ascii_start();
    // `"; touch test #`: the shell ignores what follows.
    if body.trim_ascii_end().ends_with(b" #") {
        return true;
    }
    let spaced = body.len() < rest.len();
    match body {
        [] => true,
        [b'-', next, ..] => {
            spaced && (next.is_ascii_alphanumeric() || *next == b'-') && !body.starts_with(b"-- ")
        }
        [b'/', b' ', b'-' | b'>', ..] => spaced,
        [b'/', next, ..] => spaced && *next != b' ',
        [b'$' | b'%' | b'~' | b'*', ..] => spaced,
        [
            b';' | b'|' | b'&' | b'`' | b'>' | b'<' | b'#' | b'\n' | b'}',
            ..,
        ] => !spaced || body.len() <= 2 || body.first() != Some(&b'|'),
        [b'.', b'.' | b'/', ..] => spaced,
        [b'0'..=b'9', ..] => spaced,
        [b'a'..=b'z', b':', b'\\' | b'/', ..] => spaced,
        [b',', next, ..] => next.is_ascii_alphanumeric() || *next == b'/',
        _ => {
            find(body.get(..64).unwrap_or(body), b"://").is_some()
                || spaced && {
                    let len = body.iter().take_while(|b| is_word(**b)).count();
                    matches!(body.get(len), Some(b'.' | b'/' | b'\\'))
                        && body.get(len + 1).is_some_and(|b| is_word(*b))
                }
        }
    }
}

/// Whether `rest` looks like an argument of a command whose name is a word of everyday texts too.
/// There, a quantity follows such words: `at 10:00`, `Cat 6`, `top 5`, `less $20`, `set #2`.
pub(super) fn has_clear_argument(name: &[u8], rest: &[u8]) -> bool {
    let body = rest.trim_ascii_start();
    match body.len() < rest.len() && counts(body) {
        true => takes_number(name, body.trim_ascii_end()) || is_file(body),
        false => has_argument(rest),
    }
}

/// Like [`has_clear_argument`], for a name within a text of several words or lines. The argument
/// must be one that no sentence, list or table goes on with.
pub(super) fn has_sure_argument(name: &[u8], rest: &[u8]) -> bool {
    let body = rest.trim_ascii_start();
    let spaced = body.len() < rest.len();
    if body.trim_ascii_end().ends_with(b" #") {
        return true;
    }
    match body {
        [b'-', b'-', next, ..] => spaced && next.is_ascii_alphabetic(),
        [b'-', next, ..] => {
            spaced && (next.is_ascii_alphabetic() || next.is_ascii_digit() && counts_options(name))
        }
        [b'/'] | [b'/', b' ', b'-' | b'>' | b';' | b'|' | b'&', ..] => spaced,
        // Users and sections of a forum.
        [b'/', b'u' | b'r', b'/', ..] => false,
        [b'/', next, ..] => {
            spaced && (is_word(*next) || matches!(next, b'?' | b'*' | b'[' | b'.' | b'/'))
        }
        [b'~'] | [b'.', b'.'] => spaced,
        [b'~', b'/', ..] | [b'.', b'/', ..] | [b'.', b'.', b'/' | b'\\', ..] => spaced,
        [b'$', next, ..] => spaced && (next.is_ascii_alphabetic() || matches!(next, b'{' | b'(')),
        [b'%', next, after @ ..] => spaced && next.is_ascii_alphabetic() && after.contains(&b'%'),
        [b'*'] | [b'*', b'.' | b' ' | b';' | b'|' | b'&', ..] => spaced,
        [b'*', ..] => spaced && reads(name),
        [b'`', ..] => true,
        [b'<' | b'>', ..] => redirects(name, body, spaced),
        [b'a'..=b'z', b':', b'\\' | b'/', ..] => spaced,
        [b',', b'/', ..] | [b',', b'a'..=b'z', b':', ..] => true,
        _ if counts(body) => {
            takes_number(name, body.trim_ascii_end()) || reads(name) && is_file(body)
        }
        _ => spaced && (reads(name) && is_file(body) || fetches(name) && names_host(body)),
    }
}

/// `cat<flag`, `cat < /etc/x`, `> out.txt`; but not `less <3` and `shop > new`.
fn redirects(name: &[u8], body: &[u8], spaced: bool) -> bool {
    let signs = body.iter().take_while(|byte| matches!(byte, b'<' | b'>'));
    let target = body.get(signs.count()..).unwrap_or_default();
    let is_apart = spaced || target.first() == Some(&b' ');
    let reads = body.first() == Some(&b'<') && reads(name);
    let target = target.trim_ascii_start();
    match target {
        [b'/' | b'.' | b'&' | b'$', ..] => true,
        [first, ..] => first.is_ascii_alphabetic() && (!is_apart || reads || is_file(target)),
        [] => false,
    }
}

/// Whether a number follows, or a price, a percentage or a remark.
fn counts(body: &[u8]) -> bool {
    matches!(
        body,
        [b'0'..=b'9', ..]
            | [b'$' | b'#' | b'*' | b'+' | b'<' | b'~', b'0'..=b'9', ..]
            | [b'.', b'.', b'.', ..]
    )
}

/// Whether options of this command may be numbers: `tail -5`, `kill -9`, `ping -4`.
fn counts_options(name: &[u8]) -> bool {
    matches!(name, b"head" | b"tail" | b"kill" | b"ping" | b"killall")
}

/// Whether a number, and nothing else, is an argument of this command: `sleep 5`, `kill 1`,
/// `ping 10.0.0.1`.
fn takes_number(name: &[u8], body: &[u8]) -> bool {
    let is_end = |byte: &u8| b" ;|&#><)`}\n".contains(byte);
    let len = body.iter().position(is_end).unwrap_or(body.len());
    let (number, rest) = body.split_at_checked(len).unwrap_or_default();
    let number = match number {
        [number @ .., b's' | b'm' | b'h'] if name == b"sleep" => number,
        number => number,
    };
    let is_number = number.first().is_some_and(u8::is_ascii_digit)
        && number.iter().all(|byte| {
            byte.is_ascii_hexdigit() || matches!(byte, b'.' | b'x' | b'+')
        })
        // `5cc`, `6ed`: a number and its unit.
        && (number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
            || matches!(number, [b'0', b'x', ..] | [b'0'..=b'9', b'e', b'0'..=b'9', ..]));
    let dots = number.iter().filter(|byte| **byte == b'.').count();
    match name {
        b"echo" | b"expr" | b"seq" | b"printf" | b"exec" | b"usleep" | b"chmod" | b"waitfor" => {
            true
        }
        b"sleep" | b"timeout" | b"kill" | b"ping" => {
            is_number && (dots > 2 || goes_on_as_command(rest))
        }
        b"host" | b"mtr" | b"ftp" | b"sftp" | b"finger" => is_number && dots == 3,
        // Addresses may be one number: `curl 2130706433/a`, `nc 127.1 80`.
        _ if fetches(name) && command(name) == Command::Certain => {
            let is_address = |byte: &u8| byte.is_ascii_hexdigit() || b".x/:".contains(byte);
            number.iter().take_while(|byte| is_address(byte)).count() > 6
                || number.starts_with(b"0x")
                || dots > 0 && rest.trim_ascii().first().is_some_and(u8::is_ascii_digit)
                || number.contains(&b'/')
        }
        _ => false,
    }
}

/// Whether after a number comes the end of the command, an option, or another command, and no
/// sentence: `sleep 5 2>&1`, `timeout 5 id`.
fn goes_on_as_command(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii();
    match rest {
        []
        | [
            b';' | b'|' | b'&' | b'#' | b'>' | b'<' | b')' | b'`' | b'}' | b'-' | b'/',
            ..,
        ] => true,
        [b'0'..=b'9', after @ ..] => matches!(after, [] | [b'>' | b' ' | b';' | b'|', ..]),
        _ => {
            let word = first_word(rest);
            word == b"id"
                || command(word) == Command::Certain
                || matches!(word, b"ping" | b"sleep" | b"yes" | b"sh")
        }
    }
}

/// Whether a command connects to the host that it is given.
fn fetches(name: &[u8]) -> bool {
    matches!(
        name,
        b"ping"
            | b"host"
            | b"ftp"
            | b"sftp"
            | b"mtr"
            | b"finger"
            | b"git"
            | b"svn"
            | b"hg"
            | b"pip"
            | b"pip3"
            | b"npm"
            | b"gem"
            | b"start"
            | b"mount"
            | b"deno"
            | b"curl"
            | b"wget"
            | b"nc"
            | b"ncat"
            | b"netcat"
            | b"telnet"
            | b"ssh"
            | b"nmap"
            | b"dig"
            | b"nslookup"
            | b"traceroute"
            | b"tracert"
            | b"socat"
            | b"whois"
            | b"fping"
            | b"hping3"
            | b"nping"
            | b"arping"
            | b"masscan"
            | b"tftp"
    )
}

/// `x.test`, `install http://x.test/a`: a host as the first word, or a URL soon after it.
fn names_host(body: &[u8]) -> bool {
    let head = body.get(..64).unwrap_or(body);
    let word = head.split(|byte| b" ;|&)".contains(byte)).next();
    let mut parts = word.unwrap_or_default().split(|byte| *byte == b'.');
    let is_part =
        |part: &[u8]| !part.is_empty() && part.iter().all(|byte| is_word(*byte) || *byte == b'-');
    let last = parts.clone().next_back().unwrap_or_default();
    find(head, b"://").is_some()
        || parts.clone().count() > 1
            && parts.all(is_part)
            && last.len() > 1
            && last.iter().all(u8::is_ascii_alphabetic)
}

/// Whether a command reads or changes the file that it is given.
fn reads(name: &[u8]) -> bool {
    matches!(
        name,
        b"cat"
            | b"head"
            | b"tail"
            | b"less"
            | b"more"
            | b"type"
            | b"rev"
            | b"od"
            | b"sort"
            | b"source"
            | b"touch"
            | b"vi"
            | b"vim"
            | b"nano"
            | b"tee"
            | b"del"
            | b"copy"
            | b"move"
            | b"sh"
            | b"python"
            | b"node"
            | b"java"
            | b"lua"
            | b"fold"
            | b"pr"
            | b"paste"
            | b"comm"
            | b"diff"
            | b"cmp"
            | b"column"
            | b"expand"
            | b"fmt"
            | b"bat"
            | b"uniq"
            | b"shuf"
            | b"gc"
    )
}

/// `flag.txt`, `.env`, `a/b`: a word with the ending of a file or with a directory.
fn is_file(body: &[u8]) -> bool {
    const LONGEST_END: usize = 10;
    let mut words = body.split(|byte| b" ;|&)><".contains(byte));
    let word = words.next().unwrap_or_default();
    let is_sign = |byte: &u8| is_word(*byte) || b"/-.~\\*".contains(byte);
    let mut parts = word.rsplitn(2, |byte| *byte == b'.');
    let (end, name) = (parts.next().unwrap_or_default(), parts.next());
    let has_end = (1..=LONGEST_END).contains(&end.len())
        && end.iter().all(u8::is_ascii_alphanumeric)
        && end.first().is_some_and(u8::is_ascii_alphabetic)
        && name.is_some_and(|name| !name.is_empty() || end.len() > 1);
    let has_directory = || {
        let mut parts = word.split(|byte| matches!(byte, b'/' | b'\\'));
        parts.clone().count() > 1
            && parts.all(|part| {
                part.len() > 1
                    && part
                        .first()
                        .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'.')
            })
            && word != b"and/or"
    };
    word.iter().all(is_sign) && (has_end || has_directory())
}

/// Whether `rest` is an argument that is specific to this command: `exec id`, `dd if=/x`,
/// `ip addr`.
pub(super) fn takes(name: &[u8], rest: &[u8]) -> bool {
    let body = rest.trim_ascii();
    match name {
        b"exec" | b"env" => {
            let word = first_word(body);
            word.len() > 1 && command(word) != Command::None && rest.first() == Some(&b' ')
        }
        b"sudo" | b"doas" | b"nohup" => {
            let word = first_word(body);
            let after = body.get(word.len()..).unwrap_or_default();
            command(word) != Command::None && (has_argument(after) || takes(word, after))
        }
        // Words of other texts too, so the command must be no word.
        _ if runs_another(name) || matches!(name, b"eval" | b"time" | b"busybox") => {
            let word = first_word(body);
            let after = body.get(word.len()..).unwrap_or_default();
            let is_clear = word == b"id" || command(word) == Command::Certain;
            rest.first() == Some(&b' ') && is_clear && has_argument(after)
        }
        b"alias" => assigns(body),
        b"cd" => matches!(body, [b'/' | b'~' | b'.', ..]),
        b"dd" => body.starts_with(b"if=") || body.starts_with(b"of="),
        b"find" => body.starts_with(b". -") || body.starts_with(b"/ -"),
        b"ip" => matches!(
            body,
            b"a" | b"addr" | b"address" | b"r" | b"route" | b"link" | b"n" | b"neigh"
        ),
        _ => false,
    }
}

/// Commands that run the command after them, and are words of other texts too.
pub(super) fn runs_another(name: &[u8]) -> bool {
    matches!(
        name,
        b"command" | b"nice" | b"setsid" | b"ionice" | b"xargs" | b"runuser" | b"watch"
    )
}

/// `x=y`: an argument of `alias`.
pub(super) fn assigns(body: &[u8]) -> bool {
    let named = |byte: &&u8| is_word(**byte) || matches!(byte, b'-' | b'.' | b':');
    let name = body.iter().take_while(named).count();
    name > 0 && matches!(body.get(name..), Some([b'=', next, ..]) if *next != b' ' && *next != b'=')
}

pub(super) fn first_word(text: &[u8]) -> &[u8] {
    let mut words = text.trim_ascii_start().split(|byte| !is_word(*byte));
    words.next().unwrap_or_default()
}
