//! Literals that the gate has to search for on behalf of the recognisers.

use crate::payload::gate::Anchor;

use super::{batch, header, named, names, path, php, sql, url};

/// Text without which a recogniser finds nothing, for attacks that no pair of bytes shows.
pub(in crate::payload) fn anchors<'a>() -> impl Iterator<Item = Anchor<'a>> {
    [
        path::ANCHORS,
        names::ANCHORS,
        sql::ANCHORS,
        url::ANCHORS,
        CALLS,
        php::ANCHORS,
        batch::ANCHORS,
        header::ANCHORS,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(named::anchors())
    .map(|text| -> Anchor<'a> { Anchor::from(text) })
}

/// The [`anchors`] that are evidence in headers too.
pub(in crate::payload) fn header_anchors<'a>() -> impl Iterator<Item = Anchor<'a>> {
    [
        path::ANCHORS,
        sql::ANCHORS,
        sql::HEADER_ANCHORS,
        CALLS,
        SCRIPTS,
        header::ANCHORS,
    ]
    .into_iter()
    .flatten()
    .map(|text| Anchor::from(*text))
}

/// Calls of functions that prove an injection, with white space before the bracket. Without it, the
/// last letter and the bracket are a signal.
static CALLS: &[&[u8]] = &[
    b"alert (",
    b"prompt (",
    b"confirm (",
    b"eval (",
    b"settimeout (",
    b"setinterval (",
    b"execscript (",
    b"fromcharcode (",
    b"atob (",
    b"unescape (",
    b"fetch (",
    b"importscripts (",
    b"msgbox (",
];
/// The beginnings of URLs that run script, for headers. In other values, the letter and the colon
/// are a signal.
static SCRIPTS: &[&[u8]] = &[b"script:", b"data:"];
