//! Every attack in every position: in each carrier and slot, after decoys, after padding around
//! every bound, in bodies that arrive in pieces. Each is refused, or gets the verdict that says
//! which bound was reached.

// Helpers may fail like the test itself.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod attacks;
mod bounds;
mod carrier;
mod drive;

use attacks::Attack;
use carrier::{Carrier, Slot};
use drive::Site;

/// Sends every attack in every slot of these carriers among `decoys` decoys, and lists the attacks
/// that were let through.
fn missed(carriers: &[Carrier], slots: &[Slot], decoys: usize) -> Vec<String> {
    let site = Site::new();
    let mut missed = Vec::new();
    for attack in attacks::all() {
        for &carrier in carriers.iter().filter(|carrier| attack.fits(**carrier)) {
            for &slot in slots {
                let request = carrier.request(&attack.text, slot, decoys);
                let answer = site.send(&request);
                if answer != "payload" {
                    missed.push(format!("{} {carrier:?} {slot:?}: {answer}", attack.name));
                }
            }
        }
    }
    missed
}

#[track_caller]
fn assert_refused(carriers: &[Carrier]) {
    let mut all = missed(carriers, &Slot::ALL, 2);
    all.extend(missed(carriers, &[Slot::Last], 500));
    assert!(
        all.is_empty(),
        "{} let through:\n{}",
        all.len(),
        all.join("\n")
    );
}

#[test]
fn in_the_target() {
    assert_refused(&[
        Carrier::QueryName,
        Carrier::QueryValue,
        Carrier::QueryFlag,
        Carrier::Path,
    ]);
}

#[test]
fn in_cookies() {
    assert_refused(&[
        Carrier::CookieName,
        Carrier::CookieValue,
        Carrier::CookieLine,
    ]);
}

#[test]
fn in_headers() {
    assert_refused(&[
        Carrier::Header("Host"),
        Carrier::Header("User-Agent"),
        Carrier::Header("Referer"),
        Carrier::Header("Accept-Language"),
        Carrier::Header("X-Forwarded-For"),
        Carrier::Header("X-Shop-Campaign"),
    ]);
}

#[test]
fn in_forms() {
    assert_refused(&[Carrier::FormName, Carrier::FormValue]);
}

#[test]
fn in_json() {
    assert_refused(&[
        Carrier::JsonKey,
        Carrier::JsonValue,
        Carrier::JsonNested,
        Carrier::JsonArray,
        Carrier::JsonString,
    ]);
}

#[test]
fn in_xml() {
    assert_refused(&[
        Carrier::XmlText,
        Carrier::XmlAttribute,
        Carrier::XmlCdata,
        Carrier::XmlComment,
    ]);
}

#[test]
fn in_multipart() {
    assert_refused(&[
        Carrier::PartName,
        Carrier::PartValue,
        Carrier::FileName,
        Carrier::PartHeader,
    ]);
}

#[test]
fn in_text() {
    assert_refused(&[Carrier::Text, Carrier::TextLine]);
}

/// The text around the attacks is let through by itself, so it is not the reason why another test
/// passes.
#[test]
fn decoys_alone_are_let_through() {
    let site = Site::new();
    for carrier in Carrier::ALL {
        for decoys in [2, 500] {
            let request = carrier.request(b"plain", Slot::Middle, decoys);
            assert_eq!(site.send(&request), "ok", "{carrier:?} {decoys}");
        }
    }
}

#[test]
fn there_are_forty_attacks_and_every_exception_says_why() {
    let attacks: Vec<Attack> = attacks::all();
    assert_eq!(attacks.len(), 40);
    for attack in &attacks {
        assert!(
            Carrier::ALL.into_iter().filter(|c| attack.fits(*c)).count() > 12,
            "{} is left out of most carriers",
            attack.name
        );
    }
}
