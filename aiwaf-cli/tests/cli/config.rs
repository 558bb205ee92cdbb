//! `config check` and `config show`.

use serde_json::json;

use crate::place::Place;

#[test]
fn settings_that_hold_are_told_with_their_sources() {
    let place = Place::new();
    let run = place.run(&["config", "check"]);
    assert!(run.expect(0).contains("the defaults alone"));
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
