//! Black-box tests through the firewall, as an adapter calls it.

use crate::settings::{GenericClients, Layers, PathRule, Preset, RequiredHeaders};
use crate::{
    Firewall, Header, ManualClock, Mode, Peer, Protection, Protections, RequestView, RoutePolicy,
    Settings, Verdict, Version,
};
use std::net::IpAddr;

mod bots;
mod browsers;
mod predecessor;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

const CUBOT: &str = "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.6045.66 Mobile Safari/537.36";

const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";

const FIREFOX_91: &str =
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:91.0) Gecko/20100101 Firefox/91.0";

fn only(change: impl FnOnce(&mut Settings)) -> Firewall {
    let mut settings = Settings::default();
    change(&mut settings);
    settings.protections.enable = Protections::of([Protection::HeaderValidation]);
    Firewall::builder()
        .settings(settings)
        .clock(ManualClock::default())
        .build()
        .unwrap()
}

fn classic() -> Firewall {
    only(|settings| *settings = Preset::Classic.settings())
}

/// Uses a separate address for each call, so that a ban from one case does not affect the next.
fn ask(firewall: &Firewall, client: u8, method: &str, lines: &[(&str, &str)]) -> Option<String> {
    ask_for(firewall, client, method, "/page", Version::Http11, lines)
}

fn ask_for(
    firewall: &Firewall,
    client: u8,
    method: &str,
    target: &str,
    version: Version,
    lines: &[(&str, &str)],
) -> Option<String> {
    let headers: Vec<(&str, &[u8])> = lines.iter().map(|(n, v)| (*n, v.as_bytes())).collect();

    let view = RequestView {
        headers: &headers,
        version,
        peer: Peer::Address(IpAddr::from([203, 0, 113, client])),
        ..RequestView::new(method, target.as_bytes())
    };
    let (verdict, _) = firewall.inspect(&view);
    match verdict {
        Verdict::Refuse(refusal) => Some(refusal.cause.to_string()),
        _ => None,
    }
}

const NAVIGATION: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[test]
fn a_missing_header_strikes_nobody_and_other_faults_do() {
    let firewall = only(|_| {});
    let bare = [("user-agent", CHROME)];
    for _ in 0..30 {
        let cause = ask(&firewall, 1, "GET", &bare).unwrap();
        assert_eq!(cause, "Missing required headers: accept");
    }
    // Five different faults of 20 each.
    for value in ["x", "+1", "0x1", "1,1", ""] {
        let path = format!("/{value}");
        let lines = [("content-length", value)];
        assert!(ask_for(&firewall, 2, "POST", &path, Version::Http11, &lines).is_some());
    }
    let after = ask(&firewall, 2, "GET", &[]).unwrap();
    assert!(
        after.starts_with("the client is banned: the length of the body"),
        "{after}"
    );
}

#[test]
fn modes_exemptions_and_rules_are_respected() {
    let lines = [("user-agent", "nikto")];
    for (change, refused) in [
        ((|_: &mut Settings| {}) as fn(&mut Settings), true),
        (|settings| settings.headers.mode = Mode::Monitor, false),
        (|settings| settings.headers.mode = Mode::Off, false),
        (|settings| *settings = Preset::Monitor.settings(), false),
        (
            |settings| settings.exempt_paths_extra = vec!["/page".to_owned()],
            false,
        ),
        (
            |settings| settings.headers.required = RequiredHeaders::All(vec![]),
            false,
        ),
        (
            |settings| {
                settings.path_rules = vec![PathRule {
                    prefix: "/page".to_owned(),
                    disable: Protections::of([Protection::HeaderValidation]),
                    ..PathRule::default()
                }];
            },
            false,
        ),
    ] {
        let firewall = only(change);
        for _ in 0..2 {
            assert_eq!(ask(&firewall, 1, "GET", &lines).is_some(), refused);
        }
    }
    let firewall = Firewall::builder()
        .route(
            "/page",
            RoutePolicy::exempt_from([Protection::HeaderValidation]),
        )
        .build()
        .unwrap();
    assert_eq!(ask(&firewall, 1, "GET", &lines), None);
}

#[test]
fn settings_that_cannot_hold_are_errors_with_their_value() {
    let load = |file: &str| {
        let layers = Layers::new().file("aiwaf.toml", file)?;
        layers.settings()
    };
    for (file, part) in [
        ("[headers]\nrequired = \"all\"", "browsers"),
        ("[headers]\nrequired = [\"User Agent\"]", "user agent"),
        ("[headers]\nmax_count = 3", "headers.max_count = 3"),
        ("[headers.good_bots]\nx = []", "good_bots"),
        (
            "[headers.good_bots]\ngooglebot = [\"66.249.64.0/99\"]",
            "66.249.64.0/99",
        ),
    ] {
        let message = load(file).unwrap_err().to_string();
        assert!(message.contains(part), "{message} should say {part}");
    }
    let shown = load("[headers.required]\nget = [\"User-Agent\"]\n[headers.good_bots]\ngooglebot = [\"66.249.64.0/19\"]").unwrap();
    assert_eq!(load(&shown.to_toml()).unwrap(), shown);
    assert_eq!(Header::from_name("via"), Some(Header::Via));
}
