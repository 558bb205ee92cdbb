//! The predecessor's own cases. `H` holds the headers that its tests send with every request.

use super::*;

const H: [(&str, &str); 4] = [
    ("accept", NAVIGATION),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate"),
    ("connection", "keep-alive"),
];

fn with_h(agent: &str) -> Option<String> {
    let lines = [&[("user-agent", agent)], H.as_slice()].concat();
    ask(&classic(), 1, "GET", &lines)
}

#[test]
fn case_17_and_18_user_agents() {
    assert_eq!(
        with_h("").as_deref(),
        Some("Missing required headers: user-agent")
    );
    assert_eq!(
        with_h("short").as_deref(),
        Some("Suspicious user agent: Too short")
    );
    assert_eq!(
        with_h("sh").as_deref(),
        Some("Suspicious user agent: Too short")
    );
    assert_eq!(with_h("Test Browser 1.0"), None);
}

#[test]
fn words_and_lengths() {
    for (agent, reason) in [
        ("My test crawler 1", "Pattern: crawler"),
        ("curl/8.5.0 python bot", "Pattern: bot"),
        (CUBOT, "Pattern: bot"),
        ("Something Mozilla/4.0", "Pattern: mozilla/4.0$"),
        ("123456789", "Too short"),
    ] {
        assert_eq!(
            with_h(agent),
            Some(format!("Suspicious user agent: {reason}"))
        );
    }
    assert_eq!(with_h("1234567890"), None);
    assert_eq!(with_h(&"x".repeat(500)), None);
    let long = with_h(&"x".repeat(501));
    assert_eq!(long.as_deref(), Some("Suspicious user agent: Too long"));
    assert_eq!(
        with_h("Googlebot/2.1 (+http://www.google.com/bot.html)"),
        None
    );
    assert!(with_h("Googlebot sqlmap/1.8").is_some());
}

#[test]
fn combinations() {
    let agent = ("user-agent", "Test Browser 1.0");
    let case = |version, agent: &'static str, lines: &[(&'static str, &'static str)]| {
        let lines = [&[("user-agent", agent)], lines].concat();
        ask_for(&classic(), 1, "GET", "/page", version, &lines)
    };
    for (version, agent, lines, reason) in [
        (
            Version::Http2,
            "Mozilla/4.0 (compatible)",
            H.as_slice(),
            "HTTP/2 with old browser user agent",
        ),
        (
            Version::Http11,
            agent.1,
            &[("accept", "*/*"), ("connection", "close")],
            "Generic Accept header without language/encoding",
        ),
        (
            Version::Http11,
            agent.1,
            &[("accept", "text/html")],
            "Missing all browser-standard headers",
        ),
        (
            Version::Http10,
            CHROME,
            H.as_slice(),
            "Modern browser with HTTP/1.0",
        ),
    ] {
        assert_eq!(
            case(version, agent, lines),
            Some(format!("Suspicious headers: {reason}"))
        );
    }
}

#[test]
fn case_37_only_a_user_agent() {
    let cause = ask(&classic(), 1, "GET", &[("user-agent", "Test Browser 1.0")]);
    assert_eq!(cause.as_deref(), Some("Missing required headers: accept"));
}

#[test]
fn case_38_a_method_whose_list_is_empty() {
    let settings = Layers::new()
        .environment([
            ("AIWAF_PRESET", "classic"),
            ("AIWAF_REQUIRED_HEADERS", r#"{"HEAD": []}"#),
        ])
        .unwrap()
        .settings()
        .unwrap();
    let firewall = only(|all| *all = settings);
    assert_eq!(ask(&firewall, 1, "HEAD", &[]), None);
    assert!(ask(&firewall, 1, "GET", &[]).is_some());
}

#[test]
fn its_causes_ban_at_once_and_without_end() {
    let firewall = classic();
    assert!(ask(&firewall, 1, "GET", &[]).is_some());
    let honest = [&[("user-agent", "Test Browser 1.0")], H.as_slice()].concat();
    let banned = ask(&firewall, 1, "GET", &honest).unwrap();
    assert_eq!(
        banned,
        "the client is banned: Missing required headers: user-agent, accept"
    );
}

#[test]
fn case_20_a_rule_disables_it_under_a_prefix() {
    let firewall = only(|settings| {
        *settings = Preset::Classic.settings();
        settings.path_rules = vec![PathRule {
            prefix: "/myapp/api/".to_owned(),
            disable: Protections::of([Protection::HeaderValidation]),
            ..PathRule::default()
        }];
    });
    let lines = [&[("user-agent", "")], H.as_slice()].concat();
    let ask = |target| ask_for(&firewall, 1, "GET", target, Version::Http11, &lines);
    assert_eq!(ask("/myapp/api/data"), None);
    assert!(ask("/myapp/ui").is_some());
}
