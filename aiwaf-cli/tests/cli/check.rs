//! `check`: verdicts, reasons, exit status.

use serde_json::json;

use crate::place::{Place, STORES};

#[test]
fn a_verdict_comes_with_its_steps() {
    let place = Place::new();
    let run = place.run(&["check", "GET", "http://shop.example/a/..%2f.env"]);
    let shown = run.expect(1);
    for text in [
        "/.env",
        "ip_lists",
        "rate_limit",
        "Refused with 403 (probe)",
        "203.0.113.1",
    ] {
        assert!(shown.contains(text), "{text:?} is not in {shown}");
    }
    let run = place.run(&["check", "GET", "/products?sort=price"]);
    assert!(run.expect(0).contains("Allowed"));
}

#[test]
fn a_known_route_is_spared() {
    let place = Place::new();
    place.run(&["check", "GET", "/wp-login.php"]).expect(1);
    place
        .run(&["check", "GET", "/wp-login.php", "--route", "/wp-login.php"])
        .expect(0);
}

#[test]
fn the_records_of_the_store_decide() {
    for store in STORES {
        let place = Place::with_store(store);
        place
            .run(&["add", "blacklist", "203.0.113.0/24", "--reason", "told so"])
            .expect(0);
        place.run(&["add", "whitelist", "192.0.2.1"]).expect(0);
        place.run(&["add", "keyword", "forbidden"]).expect(0);
        place.run(&["exempt-path", "add", "/open/"]).expect(0);
        let denied = place.json(&["check", "GET", "/"]);
        assert_eq!(
            denied["cause"]["code"],
            json!("denied"),
            "{store}: {denied}"
        );
        assert!(
            denied["cause"]["detail"]
                .as_str()
                .unwrap()
                .contains("told so")
        );
        let keyword = ["check", "GET", "/x?q=forbidden", "--peer"];
        place
            .run(&[&keyword[..], &["198.51.100.1"]].concat())
            .expect(1);
        place
            .run(&[&keyword[..], &["192.0.2.1"]].concat())
            .expect(0);
        place
            .run(&["check", "GET", "/open/.env", "--peer", "198.51.100.1"])
            .expect(0);
    }
}

#[test]
fn the_settings_decide_who_the_client_is() {
    let place = Place::new();
    place.write(
        "aiwaf.toml",
        "[client_ip]\ntrusted_proxies = [\"10.0.0.0/8\"]\n",
    );
    let header = "X-Forwarded-For: 198.51.100.7, 10.0.0.9";
    let told = place.json(&["check", "GET", "/", "--peer", "10.0.0.1", "-H", header]);
    assert_eq!(told["client"]["address"], json!("198.51.100.7"));
    let told = place.json(&["check", "GET", "/", "--peer", "203.0.113.9", "-H", header]);
    assert_eq!(told["client"]["address"], json!("203.0.113.9"));
}

#[test]
fn a_bot_that_is_known_by_its_name_is_an_unverified_one() {
    let place = Place::new();
    place.write(
        "aiwaf.toml",
        "preset = \"strict\"\n[headers.good_bots]\nExampleBot = [\"examplebot.test\", \"198.51.100.0/24\"]\n",
    );
    let agent = "User-Agent: ExampleBot/1 (python-requests/2)";
    let check = |peer| place.run(&["check", "GET", "/", "--peer", peer, "-H", agent]);
    check("198.51.100.7").expect(0);
    check("203.0.113.7").expect(1);
}

#[test]
fn what_a_refusal_means_for_the_client_is_told() {
    let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    for (preset, agent, told) in [
        ("balanced", "sqlmap/1.8", "adds 100 to the client's score"),
        // A browser that sends no Accept header.
        ("balanced", chrome, "does not count against the client"),
        ("classic", "curl/8.0", "bans the client at once"),
        ("classic", chrome, "bans the client at once"),
    ] {
        let place = Place::new();
        place.write("aiwaf.toml", format!("preset = \"{preset}\"\n"));
        let agent = format!("User-Agent: {agent}");
        let asked = ["check", "GET", "/", "-H", &agent];
        let run = place.run(&asked);
        let human = run.expect(1);
        assert!(human.contains(told), "{preset} {agent}: {human}");
        let json = place.json(&asked);
        let consequence = json["consequence"].as_str().unwrap();
        assert!(consequence.contains(told), "{json}");
    }
}

#[test]
fn a_body_is_looked_at() {
    let place = Place::new();
    place.write(
        "body.json",
        r#"{"q": "1' UNION SELECT password FROM users--"}"#,
    );
    let file = [
        "check",
        "POST",
        "/api",
        "-H",
        "Content-Type: application/json",
        "-d",
        "@body.json",
    ];
    let told = place.json(&file);
    assert_eq!(told["cause"]["code"], json!("payload"), "{told}");
    let form = place.run(&["check", "POST", "/contact", "-d", "message=hello+there"]);
    form.expect(0);
    assert!(form.stdout.contains("(body)"), "{form:?}");
}

#[test]
fn a_bad_question_says_what_to_do() {
    let place = Place::new();
    for (arguments, complaint) in [
        (&["check", "GET"][..], "required"),
        (&["check", "GET", "/", "--peer", "localhost"], "localhost"),
        (
            &["check", "GET", "/", "-H", "nonsense"],
            "expected a name and a value",
        ),
        (&["check", "GET", "/", "-d", "@missing"], "missing"),
        (&["check", "GET", "/", "--route", "no-slash"], "no-slash"),
        (&["check", "G T", "/"], "method \"G T\""),
        (&["check", "", "/"], "method \"\""),
        (&["check", "G\u{e9}T", "/"], "expected one word"),
        (&["check", "GET", ""], "URL \"\""),
        (&["check", "GET", "#x"], "URL \"#x\""),
        (&["check", "GET", "ftp://x/"], "expected http://, https://"),
        (&["check", "GET", "shop.example/x"], "begins with /"),
    ] {
        let run = place.run(arguments);
        assert!(
            run.complaint().contains(complaint),
            "{arguments:?}: {run:?}"
        );
    }
}

#[test]
fn malformed_targets_get_a_verdict() {
    let place = Place::new();
    for target in [
        "//x", "*", "/%zz", "/%00", "http://", "/a b", "/\u{e9}", "?",
    ] {
        let run = place.run(&["check", "GET", target]);
        assert!(matches!(run.status, 0 | 1), "{target}: {run:?}");
    }
}

#[test]
fn a_method_in_another_letter_case_is_remarked_on() {
    let place = Place::new();
    let run = place.run(&["check", "get", "/x"]);
    assert!(run.expect(0).contains("did you mean GET?"), "{run:?}");
    let told = place.json(&["check", "get", "/x"]);
    assert_eq!(told["request"]["method"], json!("get"));
    assert!(told["notes"][0].as_str().unwrap().contains("GET"), "{told}");
    for (method, url) in [("GET", "/"), ("PURGE", "/"), ("CONNECT", "x:443")] {
        let told = place.json(&["check", method, url]);
        assert_eq!(told["notes"], json!([]), "{method}");
        assert!(told["verdict"].is_string(), "{told}");
    }
}
