//! `config check` and `config show`.

use serde_json::json;

use crate::place::Place;

#[test]
fn settings_that_hold_are_told_with_their_sources() {
    let place = Place::new();
    let run = place.run(&["config", "check"]);
    assert!(run.expect(0).contains("defaults only"));
    assert!(
        run.stdout.contains("store = \"memory\""),
        "a surprise is worth a note"
    );

    place.write(
        "aiwaf.toml",
        "preset = \"strict\"\nstore = \"csv:records\"\n",
    );
    let mut command = place.command(&["config", "check", "--json"]);
    command.envs([("AIWAF_RATE_MAX", "50"), ("AIWAF_RATEMAX", "50")]);
    let output = command.output().unwrap();
    assert!(output.status.success());
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["sources"], json!(["aiwaf.toml", "AIWAF_RATE_MAX"]));
    assert_eq!(told["preset"], json!("strict"));
    assert_eq!(told["store_state"], json!("missing"));
    assert!(told["notes"].to_string().contains("AIWAF_RATEMAX"));
    assert_eq!(place.files(), 1, "checking makes no store");
}

#[test]
fn settings_that_do_not_hold_are_an_error_with_place_and_value() {
    for (text, complaints) in [
        (
            "[rate_limit]\nmax = 100\nmaxx = 5\n",
            ["aiwaf.toml", "maxx"],
        ),
        ("[rate_limit]\nwindow = \"soon\"\n", ["aiwaf.toml", "soon"]),
        ("[rate_limit]\nmax = 100\nflood = 50\n", ["flood", "50"]),
        ("store = \"file:x\"\n", ["file:x", "csv:DIR"]),
        ("not toml", ["aiwaf.toml", "line 1"]),
    ] {
        let place = Place::new();
        place.write("aiwaf.toml", text);
        let run = place.run(&["config", "check"]);
        for complaint in complaints {
            assert!(run.complaint().contains(complaint), "{text:?}: {run:?}");
        }
        let run = place.run(&["--json", "config", "check"]);
        let told: serde_json::Value = serde_json::from_str(run.expect(2)).unwrap();
        assert_eq!(told["valid"], json!(false), "{text:?}");
        assert_eq!(run.stderr, "", "{text:?}");
        let error = told["errors"][0].as_str().unwrap();
        for complaint in complaints {
            assert!(error.contains(complaint), "{text:?}: {error}");
        }
    }
}

#[test]
fn settings_with_which_no_service_starts_do_not_hold() {
    let nonsense = "[geo]\ndatabase = \"countries.mmdb\"\nblock = [\"CN\"]\n";
    for (text, complaint) in [
        ("[geo]\nblock = [\"CN\"]\n", "geo.block"),
        (nonsense, "countries.mmdb"),
        (
            "[access_log]\ndir = \"file/logs\"\n",
            "file is not a directory",
        ),
        ("store = \"sqlite:file/x.db\"\n", "file is not a directory"),
        ("store = \"csv:file/records\"\n", "file is not a directory"),
    ] {
        let place = Place::new();
        place.write("aiwaf.toml", text);
        place.write("countries.mmdb", "nonsense");
        place.write("file", "");
        let run = place.run(&["config", "check"]);
        assert!(run.complaint().contains(complaint), "{text:?}: {run:?}");
        assert_eq!(place.files(), 3, "{text:?}: checking makes nothing");
    }
    let place = Place::new();
    let mut command = place.command(&["config", "check"]);
    command.env("AIWAF_GEO_BLOCK_COUNTRIES", "CN");
    assert_eq!(command.output().unwrap().status.code(), Some(2));
}

#[test]
fn what_does_not_run_is_not_told_as_if_it_did() {
    let place = Place::new();
    let told = place.json(&["config", "check"]);
    assert_eq!(
        told["protections"],
        json!([
            "ip_keyword_block",
            "rate_limit",
            "honeypot",
            "header_validation",
            "uuid_tamper",
            "payload",
            "custom"
        ])
    );
    assert_eq!(told["access_log"], json!(null));
    let notes = told["notes"].to_string();
    assert!(notes.contains("nothing is learned from logs"), "{notes}");
    assert!(notes.contains("ai_anomaly is not built yet"), "{notes}");

    place.write(
        "aiwaf.toml",
        "store = \"sqlite:x.db\"\n[payload]\nmode = \"off\"\n[access_log]\ndir = \"logs\"\n",
    );
    let told = place.json(&["config", "check"]);
    let running = told["protections"].to_string();
    assert!(
        running.contains("logging") && !running.contains("payload"),
        "{running}"
    );
    assert_eq!(told["access_log"], json!("logs"));
    let notes = told["notes"].to_string();
    assert!(!notes.contains("learned"), "{notes}");
    assert!(notes.contains("feature `sqlite`"), "{notes}");
    assert_eq!(place.files(), 1, "checking makes neither store nor log");
}

#[test]
fn where_the_log_is_written_is_told() {
    let place = Place::new();
    let run = |what: &str, variables: &[(&str, &str)]| {
        let mut command = place.command(&["config", what]);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let enabled = ("AIWAF_ENABLE_LOGGING", "true");
    let shown = run("show", &[enabled]);
    assert!(
        shown.contains("# access_log.dir is not set: the log is written to \"aiwaf_logs\""),
        "{shown}"
    );
    assert!(run("show", &[]).contains("no log is written"));
    assert!(run("check", &[]).contains("access log   off"));
    let told = run("check", &[enabled]);
    assert!(told.contains("access log   aiwaf_logs"), "{told}");
    let off = [("AIWAF_ENABLE_LOGGING", "false"), ("AIWAF_LOG_DIR", "logs")];
    let told = run("check", &off);
    assert!(told.contains("until access_log.enabled is true"), "{told}");
}

#[test]
fn what_opens_everything_is_remarked_on() {
    let place = Place::new();
    let notes = |settings: &str| {
        place.write("aiwaf.toml", settings);
        place.json(&["config", "check"])["notes"].to_string()
    };
    let open = notes("exempt_paths_extra = [\"/\"]\n[client_ip]\ntrusted_proxies = [\"::/0\"]\n");
    assert!(open.contains("almost nothing is checked"), "{open}");
    assert!(open.contains("any client can claim any address"), "{open}");
    let usual =
        notes("exempt_paths_extra = [\"/x/\"]\n[client_ip]\ntrusted_proxies = [\"10.0.0.0/8\"]\n");
    assert!(
        !usual.contains("almost nothing") && !usual.contains("any client can claim"),
        "{usual}"
    );
}

#[test]
fn what_is_not_set_is_shown_with_what_it_comes_to() {
    let place = Place::new();
    let run = place.run(&["config", "show"]);
    let shown = run.expect(0);
    assert!(
        shown.contains("# exempt_paths is not set") && shown.contains("*.css"),
        "{shown}"
    );
    // The output of `show` is itself a valid settings file.
    place.write("aiwaf.toml", shown);
    place.run(&["config", "check"]).expect(0);
    place.write("aiwaf.toml", "exempt_paths = [\"/x/\"]\n");
    let run = place.run(&["config", "show"]);
    assert!(!run.expect(0).contains("# exempt_paths"), "{run:?}");
}

#[test]
fn the_settings_of_the_readme_hold_with_default_features() {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (settings, _) = rest.split_once("```").unwrap();
    let place = Place::new();
    place.write("aiwaf.toml", settings);
    let run = place.run(&["config", "check"]);
    assert!(!run.expect(0).contains("with the feature"), "{run:?}");
}

#[test]
fn keys_are_not_shown() {
    let place = Place::new();
    for arguments in [
        &["config", "show"][..],
        &["config", "show", "--json"],
        &["config", "check", "--json"],
    ] {
        let mut command = place.command(arguments);
        command.env("AIWAF_FORM_KEYS", "a-secret-of-many-bytes");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(!shown.contains("a-secret"), "{shown}");
        assert_eq!(
            shown.contains("[REDACTED]"),
            arguments[1] == "show",
            "{shown}"
        );
    }
}

#[test]
fn a_settings_file_that_cannot_be_read_is_an_error() {
    let place = Place::new();
    let run = place.run(&["stats", "--config", "elsewhere.toml"]);
    assert!(run.complaint().contains("elsewhere.toml"));
    std::fs::create_dir(place.path().join("aiwaf.toml")).unwrap();
    let run = place.run(&["config", "show"]);
    assert!(run.complaint().contains("aiwaf.toml"));
}

#[test]
fn what_is_shown_is_a_settings_file_again() {
    let place = Place::new();
    place.write("aiwaf.toml", "[rate_limit]\nmax = 50\nflood = 80\n");
    let shown = place.run(&["config", "show"]);
    assert!(shown.expect(0).contains("max = 50"));
    place.write("again.toml", &shown.stdout);
    let again = place.run(&["config", "show", "--config", "again.toml"]);
    assert_eq!(again.expect(0), shown.stdout);
    let told = place.json(&["config", "show"]);
    assert_eq!(told["rate_limit"]["flood"], json!(80));
}
