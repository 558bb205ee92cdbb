//! Scanners, programs and good bots.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::Tick;

#[test]
fn scanners_are_refused_and_banned_whatever_the_settings_say_of_clients() {
    let firewall = only(|settings| settings.headers.generic_clients = GenericClients::Allow);
    let lines = [
        ("user-agent", "sqlmap/1.8#stable (https://sqlmap.org)"),
        ("accept", "*/*"),
    ];
    let first = ask(&firewall, 1, "GET", &lines).unwrap();
    assert_eq!(first, "the user agent belongs to a scanner: sqlmap");
    let honest = [
        ("user-agent", CHROME),
        ("accept", NAVIGATION),
        ("accept-language", "de"),
    ];
    let second = ask(&firewall, 1, "GET", &honest).unwrap();
    assert!(second.starts_with("the client is banned"), "{second}");
    assert_eq!(ask(&firewall, 2, "GET", &honest), None);
}

#[test]
fn generic_clients_are_refused_where_the_settings_say_so() {
    let strict = only(|settings| *settings = Preset::Strict.settings());
    let lines = [("user-agent", "python-requests/2.31.0"), ("accept", "*/*")];
    let cause = ask(&strict, 1, "GET", &lines).unwrap();
    assert_eq!(
        cause,
        "the user agent belongs to an HTTP library or tool: python-requests"
    );
    assert_eq!(ask(&only(|_| {}), 1, "GET", &lines), None);
}

#[test]
fn a_verified_bot_is_spared_and_an_impostor_is_a_client_like_any_other() {
    let strict = only(|settings| {
        *settings = Preset::Strict.settings();
        let networks = vec!["203.0.113.0/25".parse().unwrap()];
        settings
            .headers
            .good_bots
            .insert("examplebot".to_owned(), networks);
    });
    let lines = [
        ("user-agent", "ExampleBot/1.0 (python-requests/2.31)"),
        ("accept", "*/*"),
    ];
    assert_eq!(ask(&strict, 1, "GET", &lines), None);
    assert!(ask(&strict, 200, "GET", &lines).is_some());
}

#[test]
fn a_bot_may_be_known_by_its_name_as_soon_as_that_has_been_looked_up() {
    let known = Arc::new(AtomicBool::new(false));
    let lookup = {
        let known = Arc::clone(&known);
        move |_: IpAddr, domains: &Arc<[String]>, _: Tick| {
            assert_eq!(**domains, ["examplebot.test"]);
            known.load(Ordering::SeqCst)
        }
    };
    let mut settings = Preset::Strict.settings();
    let origins = ["examplebot.test", "203.0.113.0/25"].map(|origin| origin.parse().unwrap());
    settings
        .headers
        .good_bots
        .insert("examplebot".to_owned(), origins.to_vec());
    let builder = || Firewall::builder().settings(settings.clone());
    let error = builder().build().unwrap_err().to_string();
    assert!(error.contains("headers.good_bots"), "{error}");
    let firewall = builder().bot_lookup(lookup).build().unwrap();
    let lines = [
        ("user-agent", "ExampleBot/1.0 (python-requests/2.31)"),
        ("accept", "*/*"),
    ];
    assert_eq!(ask(&firewall, 1, "GET", &lines), None, "by its network");
    assert!(ask(&firewall, 200, "GET", &lines).is_some());
    known.store(true, Ordering::SeqCst);
    assert_eq!(ask(&firewall, 200, "GET", &lines), None, "by its name");
    let scanner = [("user-agent", "examplebot sqlmap/1.8"), ("accept", "*/*")];
    assert!(ask(&firewall, 201, "GET", &scanner).is_some());
}

/// Regression: a genuine bot's first request came before the lookup of its address had finished,
/// and banned the bot permanently.
#[test]
fn a_bot_is_not_banned_while_its_name_is_being_looked_up() {
    let known = Arc::new(AtomicBool::new(false));
    let lookup = {
        let known = Arc::clone(&known);
        move |_: IpAddr, _: &Arc<[String]>, _: Tick| known.load(Ordering::SeqCst)
    };
    let mut settings = Preset::Classic.settings();
    settings.headers.good_bots.insert(
        "examplebot".to_owned(),
        vec!["examplebot.test".parse().unwrap()],
    );
    let builder = Firewall::builder().settings(settings);
    let firewall = builder.bot_lookup(lookup).build().unwrap();
    let lines = [("user-agent", "ExampleBot/1.0"), ("accept", "*/*")];
    let first = ask(&firewall, 1, "GET", &lines).unwrap();
    assert_eq!(
        first,
        "the bot's address is not verified to belong to its domains"
    );
    known.store(true, Ordering::SeqCst);
    assert_eq!(ask(&firewall, 1, "GET", &lines), None);
    // A client that claims to be a different bot is banned as usual.
    // The name of a bot beside a scanner's spares no scanner.
    let scanner = [("user-agent", "examplebot sqlmap/1.8"), ("accept", "*/*")];
    known.store(false, Ordering::SeqCst);
    ask(&firewall, 3, "GET", &scanner).unwrap();
    assert!(ask(&firewall, 3, "GET", &lines).unwrap().contains("banned"));
    let other = [("user-agent", "otherbot"), ("accept", "*/*")];
    assert!(
        ask(&firewall, 2, "GET", &other)
            .unwrap()
            .starts_with("Suspicious")
    );
    assert!(ask(&firewall, 2, "GET", &lines).unwrap().contains("banned"));
}
