//! `stats`, `list`, `add`, `remove` and `exempt-path`, on every persistent store.

use std::process::Stdio;

use serde_json::json;

use crate::place::{Place, STORES};

#[test]
fn a_missing_store_is_made_by_add_alone() {
    for store in STORES {
        let place = Place::with_store(store);
        for arguments in [
            &["stats"][..],
            &["list"],
            &["remove", "blacklist", "192.0.2.1"],
            &["exempt-path", "list"],
            &["check", "GET", "/"],
        ] {
            let run = place.run(arguments);
            assert!(
                run.complaint().contains("does not exist"),
                "{store}: {run:?}"
            );
            assert_eq!(place.files(), 0, "{store} {arguments:?}");
        }
        let made = place.run(&["add", "whitelist", "192.0.2.1"]);
        assert!(made.expect(0).contains("Created"), "{store}: {made:?}");
        let again = place.run(&["add", "whitelist", "192.0.2.2"]);
        assert!(!again.expect(0).contains("Created"), "{store}: {again:?}");
    }
}

#[test]
fn what_is_added_is_listed_counted_and_removed() {
    for store in STORES {
        let place = Place::with_store(store);
        place
            .run(&["add", "whitelist", "192.0.2.1", "10.0.0.0/8"])
            .expect(0);
        place
            .run(&[
                "add",
                "blacklist",
                "203.0.113.10",
                "--reason",
                "SQL injection, \"again\"",
            ])
            .expect(0);
        place
            .run(&["add", "blacklist", "2001:db8::/48", "--for", "2h"])
            .expect(0);
        place
            .run(&["add", "keyword", "union select", "<script>"])
            .expect(0);
        place
            .run(&["exempt-path", "add", "/Webhook/", "--reason", "GitHub"])
            .expect(0);

        let all = place.run(&["list", "all"]);
        let all = all.expect(0);
        for line in [
            "Whitelisted IPs (2):\n",
            "  - 10.0.0.0/8\n",
            "  - 192.0.2.1\n",
            "Blacklisted IPs (2):\n",
            "  - 203.0.113.10 - SQL injection, \"again\" (20",
            "  - 2001:db8::/48 - Manual CLI addition (20",
            "[until 20",
            "Blocked Keywords (2):\n",
            "  - <script>\n",
            "  - union select\n",
            "Exempt Paths (1):\n",
            "  - /webhook/ (GitHub)\n",
            "Blocked Countries (0):\n",
        ] {
            assert!(all.contains(line), "{store}: {line:?} is not in {all}");
        }
        let stats = place.run(&["stats"]);
        assert!(
            stats
                .expect(0)
                .contains("Whitelisted IPs: 2\nBlacklisted IPs: 2\n"),
            "{store}"
        );
        assert!(stats.stdout.contains("Blocked Keywords: 2\n"), "{store}");
        let place_of = match store.split_once(':').unwrap() {
            ("csv", place) => format!("Storage Mode: CSV\nData Directory: {place}\n"),
            (_, place) => format!("Storage Mode: SQLite\nData File: {place}\n"),
        };
        assert!(stats.stdout.contains(&place_of), "{stats:?}");

        place.run(&["remove", "whitelist", "10.0.0.0/8"]).expect(0);
        place
            .run(&["remove", "blacklist", "203.0.113.10", "2001:db8::/48"])
            .expect(0);
        place.run(&["remove", "keyword", "union select"]).expect(0);
        place.run(&["exempt-path", "remove", "/webhook/"]).expect(0);
        let stats = place.json(&["stats"]);
        for (name, count) in [
            ("whitelist", 1),
            ("blacklist", 0),
            ("keywords", 1),
            ("paths", 0),
        ] {
            assert_eq!(stats[name], json!(count), "{store} {name}");
        }
    }
}

#[test]
fn adding_twice_changes_nothing_and_removing_what_is_not_there_is_1() {
    for store in STORES {
        let place = Place::with_store(store);
        let add = ["add", "blacklist", "203.0.113.10"];
        place.run(&add).expect(0);
        let run = place.run(&add);
        assert!(run.expect(0).contains("Already there"), "{store}: {run:?}");
        assert_eq!(
            place.json(&["list", "blacklist"])["blacklist"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        let run = place.run(&["remove", "blacklist", "203.0.113.11"]);
        assert!(run.expect(1).contains("203.0.113.11 not found"), "{store}");
        // Existing values are removed even beside a missing one.
        place
            .run(&["remove", "blacklist", "203.0.113.10", "203.0.113.11"])
            .expect(1);
        assert_eq!(place.json(&["list", "blacklist"])["blacklist"], json!([]));
    }
}

#[test]
fn what_is_said_twice_keeps_its_end_and_its_reason() {
    for store in STORES {
        let place = Place::with_store(store);
        let value = ["add", "blacklist", "203.0.113.10"];
        let with = |options: &[&'static str]| [&value[..], options].concat();
        place
            .run(&with(&["--reason", "x", "--for", "2h"]))
            .expect(0);
        let before = place.json(&["list", "blacklist"]);
        let run = place.run(&value);
        let told = run.expect(0);
        assert!(
            told.starts_with("Already there: 203.0.113.10 - x (20") && told.contains("[until 20"),
            "{store}: {told}"
        );
        let told = place.json(&["add", "blacklist", "203.0.113.10/32"]);
        assert_eq!(told["values"][0]["changed"], json!(false), "{store}");
        assert_eq!(told["values"][0]["kept"], before["blacklist"][0], "{store}");
        assert_eq!(place.json(&["list", "blacklist"]), before, "{store}");

        let run = place.run(&with(&["--reason", "y"]));
        let told = run.expect(0);
        assert!(
            told.contains("Added 203.0.113.10") && told.contains("Replaced: 203.0.113.10 - x (20"),
            "{store}: {told}"
        );
        let told = place.json(&with(&["--for", "1h"]));
        assert_eq!(told["values"][0]["replaced"]["reason"], json!("y"));
        let entry = &place.json(&["list", "blacklist"])["blacklist"][0];
        assert_eq!(entry["reason"], json!("Manual CLI addition"), "{store}");
        assert_ne!(entry["until"], json!(null), "{store}");
    }
}

#[test]
fn an_exempt_path_that_is_said_twice_keeps_its_reason() {
    for store in STORES {
        let place = Place::with_store(store);
        let add = ["exempt-path", "add", "/webhook/"];
        place
            .run(&["exempt-path", "add", "/Webhook/", "--reason", "GitHub"])
            .expect(0);
        let run = place.run(&add);
        assert_eq!(run.expect(0), "Already there: /webhook/ (GitHub)\n");
        let run = place.run(&[&add[..], &["--reason", "GitLab"]].concat());
        assert!(run.expect(0).contains("Replaced: /webhook/ (GitHub)"));
        let listed = place.json(&["list", "paths"]);
        assert_eq!(listed["paths"][0]["reason"], json!("GitLab"), "{store}");
    }
}

#[test]
fn an_automatic_ban_gives_way_to_what_a_person_says() {
    let place = Place::with_store("csv:records");
    std::fs::create_dir(place.path().join("records")).unwrap();
    place.write(
        "records/blacklist.csv",
        "ip,reason,added_date,until,cause,offences\n\
         203.0.113.10,probe,2025-09-14T10:30:00Z,2999-01-01T00:00:00Z,probe,1\n",
    );
    let before = place.json(&["list", "blacklist"]);
    assert_eq!(before["blacklist"][0]["origin"], json!("automatic"));
    let run = place.run(&["add", "blacklist", "203.0.113.10"]);
    assert!(
        run.expect(0).contains("Replaced: 203.0.113.10 - probe"),
        "{run:?}"
    );
    let entry = &place.json(&["list", "blacklist"])["blacklist"][0];
    assert_eq!(
        (&entry["origin"], &entry["until"]),
        (&json!("manual"), &json!(null))
    );
}

#[test]
fn many_values_come_from_standard_input() {
    for store in STORES {
        let place = Place::with_store(store);
        let input = "203.0.113.1\n\n  203.0.113.2  \n203.0.113.3\n";
        let run = place.run_with_input(&["add", "blacklist", "-", "203.0.113.4"], input);
        assert_eq!(run.expect(0).matches("Added").count(), 4, "{store}");
        let run = place.run_with_input(&["remove", "blacklist", "-"], input);
        assert_eq!(run.expect(0).matches("Removed").count(), 3, "{store}");
        assert_eq!(place.json(&["stats"])["blacklist"], json!(1));
    }
}

#[test]
fn standard_input_without_a_value_changes_nothing() {
    for store in STORES {
        let place = Place::with_store(store);
        for (arguments, complaint) in [
            (["add", "blacklist", "-"], "nothing to add"),
            (["exempt-path", "add", "-"], "nothing to add"),
            (["remove", "keyword", "-"], "nothing to remove"),
        ] {
            for input in ["", "\n \n", "\u{feff}\n"] {
                let run = place.run_with_input(&arguments, input);
                assert!(run.complaint().contains(complaint), "{store}: {run:?}");
                assert_eq!(place.files(), 0, "{store} {arguments:?}");
            }
        }
    }
}

#[test]
fn a_mark_of_the_encoding_is_no_part_of_the_first_value() {
    let place = Place::with_store("sqlite:records.db");
    let add = ["add", "blacklist", "-"];
    let run = place.run_with_input(&add, "\u{feff}203.0.113.1\r\n203.0.113.2\r\n");
    assert_eq!(run.expect(0).matches("Added").count(), 2, "{run:?}");
    let listed = place.json(&["list", "blacklist"]);
    assert_eq!(listed["blacklist"][0]["network"], json!("203.0.113.1"));
}

#[test]
fn a_bad_value_says_what_to_do_and_changes_nothing() {
    for store in STORES {
        let place = Place::with_store(store);
        for (arguments, complaint) in [
            (
                &["add", "blacklist", "203.0.113.1", "203.0.113.300"][..],
                "203.0.113.300",
            ),
            (&["add", "whitelist", "localhost"], "expected for example"),
            (&["add", "whitelist", "0.0.0.0/0"], "--force"),
            (&["add", "blacklist", "::/0"], "--force"),
            (
                &["add", "blacklist", "203.0.113.1", "--for", "2 weeks"],
                "2 weeks",
            ),
            (&["add", "blacklist", "203.0.113.1", "--for", "0s"], "2h"),
            (
                &["add", "blacklist", "203.0.113.1", "--for", "2"],
                "\"2\" has no unit",
            ),
            (&["add", "keyword", "  "], "keyword"),
            (&["exempt-path", "add", "health"], "health"),
            (&["exempt-path", "add", "/"], "exempt every path"),
            (&["add", "whitelist"], "required"),
        ] {
            let run = place.run(arguments);
            assert!(
                run.complaint().contains(complaint),
                "{arguments:?}: {run:?}"
            );
            assert_eq!(place.files(), 0, "{store} {arguments:?}");
        }
        place
            .run(&["add", "blacklist", "0.0.0.0/0", "--force"])
            .expect(0);
    }
}

#[test]
fn a_bad_line_among_many_leaves_the_list_as_it_was() {
    for store in STORES {
        let place = Place::with_store(store);
        place.run(&["add", "blacklist", "192.0.2.1"]).expect(0);
        let input = "203.0.113.1\n203.0.113.2\nnonsense\n203.0.113.3\n";
        for direction in ["add", "remove"] {
            let run = place.run_with_input(&[direction, "blacklist", "192.0.2.1", "-"], input);
            assert!(run.complaint().contains("nonsense"), "{store}: {run:?}");
            assert_eq!(
                place.json(&["stats"])["blacklist"],
                json!(1),
                "{store} {direction}"
            );
        }
    }
}

#[test]
fn every_answer_is_json_if_asked_for() {
    for store in STORES {
        let place = Place::with_store(store);
        let added = place.json(&[
            "add",
            "blacklist",
            "203.0.113.10",
            "--reason",
            "x",
            "--for",
            "2h",
        ]);
        assert_eq!(added["created"], json!(true));
        assert_eq!(
            added["values"],
            json!([{ "value": "203.0.113.10", "changed": true }])
        );
        let listed = place.json(&["list", "blacklist"]);
        let entry = &listed["blacklist"][0];
        assert_eq!(entry["network"], json!("203.0.113.10"));
        assert_eq!(entry["reason"], json!("x"));
        assert_eq!(entry["origin"], json!("manual"));
        assert!(entry["until"].as_str().unwrap().ends_with('Z'));
        assert!(listed.get("whitelist").is_none(), "only what was asked for");
        let removed = place.json(&["remove", "blacklist", "203.0.113.10"]);
        assert_eq!(removed["action"], json!("remove"));
        let run = place.run(&["add", "blacklist", "nonsense", "--json"]);
        let error: serde_json::Value = serde_json::from_str(run.complaint()).unwrap();
        assert!(error["error"].as_str().unwrap().contains("nonsense"));
    }
}

#[test]
fn a_command_line_that_cannot_be_read_is_told_as_json_too() {
    let place = Place::new();
    for (arguments, told) in [
        (&["--json", "frob"][..], "frob"),
        (&["frob", "--json"], "frob"),
        (&["add", "--json"], "subcommand"),
        (&["--json", "add"], "see --help"),
        (&["--json"], "subcommand"),
        (&["add", "blacklist", "--json"], "<ADDRESS>"),
        (
            &["add", "blacklist", "192.0.2.1", "--for", "2", "--json"],
            "has no unit",
        ),
    ] {
        let run = place.run(arguments);
        let error: serde_json::Value = serde_json::from_str(run.complaint()).unwrap();
        let error = error["error"].as_str().unwrap();
        assert!(error.contains(told), "{arguments:?}: {error}");
        assert!(
            !error.starts_with("error") && !error.contains("Usage"),
            "{error}"
        );
    }
    let run = place.run(&["frob", "--", "--json"]);
    assert!(run.complaint().starts_with("error: "), "{run:?}");
    let run = place.run(&["--json", "--help"]);
    assert!(run.expect(0).contains("Usage"), "help is for people");
}

#[test]
fn the_memory_of_a_service_is_out_of_reach() {
    let place = Place::new();
    for arguments in [
        &["stats"][..],
        &["list"],
        &["add", "whitelist", "192.0.2.1"],
    ] {
        let run = place.run(arguments);
        let complaint = run.complaint();
        assert!(
            complaint.contains("memory") && complaint.contains("--store"),
            "{complaint}"
        );
    }
}

#[test]
fn the_store_is_found_in_the_file_the_environment_and_the_command_line() {
    let place = Place::new();
    place.write("aiwaf.toml", "store = \"csv:from_file\"\n");
    place.run(&["add", "keyword", "one"]).expect(0);
    assert!(place.path().join("from_file/keywords.csv").exists());
    let mut environment = place.command(&["add", "keyword", "two"]);
    environment.envs([
        ("AIWAF_USE_CSV", "true"),
        ("AIWAF_DATA_DIR", "from_environment"),
    ]);
    assert!(environment.output().unwrap().status.success());
    assert!(place.path().join("from_environment/keywords.csv").exists());
    place
        .run(&["--data-dir", "from_flag", "add", "keyword", "three"])
        .expect(0);
    assert!(place.path().join("from_flag/keywords.csv").exists());
    place
        .run(&["add", "keyword", "four", "--store", "sqlite:from_flag.db"])
        .expect(0);
    assert!(place.path().join("from_flag.db").exists());
}

#[test]
fn settings_of_another_directory_do_not_lead_to_another_store_unseen() {
    for store in STORES {
        let place = Place::new();
        std::fs::create_dir(place.path().join("app")).unwrap();
        place.write("app/aiwaf.toml", format!("store = {store:?}\n"));
        let (kind, name) = store.split_once(':').unwrap();
        let beside = format!("app/{name}");
        let from_file =
            |arguments: &[&str]| place.run(&[arguments, &["--config", "app/aiwaf.toml"]].concat());
        place
            .run(&[
                "add",
                "keyword",
                "x",
                "--store",
                &format!("{kind}:{beside}"),
            ])
            .expect(0);

        for arguments in [
            &["stats"][..],
            &["add", "keyword", "y"],
            &["check", "GET", "/"],
        ] {
            let run = from_file(arguments);
            let complaint = run.complaint();
            for text in [&format!("{kind}:/"), &beside, "does not exist", "use --"] {
                assert!(complaint.contains(text), "{store}: {text}: {complaint}");
            }
        }
        assert!(!place.path().join(name).exists(), "{store}");
        let run = from_file(&["config", "check"]);
        assert!(
            run.expect(0).contains("next to the settings"),
            "{store}: {run:?}"
        );

        // An explicit path on the command line raises no doubt.
        let spec = format!("{kind}:{beside}");
        let run = from_file(&["stats", "--store", &spec]);
        assert!(
            run.expect(0).contains("Keywords: 1") && run.stderr.is_empty(),
            "{run:?}"
        );
        let mut environment = place.command(&["stats", "--config", "app/aiwaf.toml"]);
        let output = environment.env("AIWAF_STORE", &spec).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );

        place
            .run(&["add", "keyword", "z", "--store", store])
            .expect(0);
        let mut variable = place.command(&["stats", "--json"]);
        let output = variable
            .env("AIWAF_CONFIG", "app/aiwaf.toml")
            .output()
            .unwrap();
        assert!(output.status.success());
        let told: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(
            told["warning"].as_str().unwrap().contains(&beside),
            "{told}"
        );
    }
}

#[test]
fn a_store_that_is_nowhere_yet_is_named_before_it_is_made() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("app")).unwrap();
    place.write("app/aiwaf.toml", "store = \"csv:records\"\n");
    let add = ["add", "keyword", "x", "--config", "app/aiwaf.toml"];
    let run = place.run(&add);
    assert!(run.expect(0).contains("Created"));
    assert!(
        run.stderr.starts_with("warning: the store is csv:/"),
        "{run:?}"
    );
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    // Now the store is only here.
    assert_eq!(place.run(&add).stderr, "");
}

#[test]
fn a_corrupt_store_is_named_and_left_alone() {
    let place = Place::with_store("sqlite:records.db");
    let garbage = b"this is no database, and never was one".repeat(100);
    place.write("records.db", &garbage);
    for arguments in [&["stats"][..], &["add", "whitelist", "192.0.2.1"]] {
        let run = place.run(arguments);
        assert!(run.complaint().contains("records.db"), "{run:?}");
    }
    assert_eq!(
        std::fs::read(place.path().join("records.db")).unwrap(),
        garbage
    );
}

#[test]
fn a_bad_row_is_reported_kept_and_hides_nothing() {
    let place = Place::with_store("csv:records");
    place.run(&["add", "whitelist", "192.0.2.1"]).expect(0);
    let file = place.path().join("records/whitelist.csv");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str("not-an-address,2025-09-14T10:30:00\n192.0.2.9,2025-09-14T10:30:00\n");
    std::fs::write(&file, text).unwrap();
    let run = place.run(&["list", "whitelist"]);
    assert!(run.expect(0).contains("192.0.2.9"), "{run:?}");
    assert_eq!(place.json(&["stats"])["problems"], json!(1));
    let run = place.run(&["config", "check"]);
    assert!(run.expect(0).contains("not-an-address"), "{run:?}");
    place.run(&["remove", "whitelist", "192.0.2.1"]).expect(0);
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("not-an-address")
    );
}

#[test]
fn escapes_of_a_terminal_are_made_visible() {
    let place = Place::with_store("sqlite:records.db");
    let add = [
        "add",
        "blacklist",
        "203.0.113.10",
        "--reason",
        "a\u{1b}[2Jb",
    ];
    place.run(&add).expect(0);
    let run = place.run(&["list", "blacklist"]);
    assert!(!run.expect(0).contains('\u{1b}'), "{run:?}");
}

#[test]
fn whoever_has_read_enough_is_not_complained_to() {
    let place = Place::with_store("csv:records");
    let many: Vec<_> = (0..=255).map(|n| format!("203.0.113.{n}")).collect();
    place
        .run_with_input(&["add", "blacklist", "-"], &many.join("\n"))
        .expect(0);
    let mut child = place
        .command(&["list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_keyword_is_the_same_in_every_letter_case() {
    for store in ["csv:records", "sqlite:records.db"] {
        let place = Place::with_store(store);
        place.run(&["add", "keyword", "Union Select"]).expect(0);
        place.run(&["add", "keyword", "UNION  select"]).expect(0);
        let list = place.json(&["list", "keywords"]);
        assert_eq!(list["keywords"].as_array().unwrap().len(), 1, "{list}");
        place.run(&["remove", "keyword", "union select"]).expect(0);
        place.run(&["remove", "keyword", "union select"]).expect(1);
    }
}
