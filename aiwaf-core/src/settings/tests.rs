use std::time::Duration;

use super::*;
use crate::protection::Protection;

fn load(file: &str, env: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Layers::new()
        .file("aiwaf.toml", file)?
        .environment(env.iter().copied())?
        .settings()
}

#[test]
fn a_later_layer_wins() {
    let settings = load(
        "preset = \"strict\"\n[rate_limit]\nmax = 50\nwindow = \"10s\"",
        &[
            ("AIWAF_RATE_MAX", "60"),
            ("HOME", "/root"),
            ("AIWAF_DISABLE", "payload, uuid_tamper"),
        ],
    )
    .unwrap();
    assert_eq!(settings.rate_limit.max, 60);
    assert_eq!(settings.rate_limit.window, Duration::from_secs(10));
    assert_eq!(settings.rate_limit.client_max, 600, "the preset's default");
    assert!(settings.protections.disable.contains(Protection::Payload));
}

#[test]
fn the_header_that_names_the_client_has_no_case() {
    for name in ["X-Real-IP", "x-real-ip", "X-REAL-IP"] {
        let of_file = load(&format!("client_ip.header = {name:?}"), &[]);
        let of_variable = load("", &[("AIWAF_CLIENT_IP_HEADER", name)]);
        for settings in [of_file, of_variable] {
            let header = settings.unwrap().client_ip.header;
            assert_eq!(header, crate::client::ForwardingHeader::XRealIp);
        }
    }
    let error = load("client_ip.header = \"X-Client\"", &[]).unwrap_err();
    assert!(error.to_string().contains("x-real-ip"), "{error}");
}

#[test]
fn the_file_keeps_the_presets_other_defaults() {
    for preset in ["balanced", "strict", "monitor", "classic"] {
        let settings = load(&format!("preset = {preset:?}"), &[]).unwrap();
        assert_eq!(settings, settings.preset.settings());
    }
}

#[test]
fn what_is_shown_reads_back() {
    let mut settings = Settings::default();
    settings.path_rules.push(PathRule {
        prefix: "/api/".to_owned(),
        mode: Some(crate::protection::Mode::Monitor),
        ..PathRule::default()
    });
    assert_eq!(load(&settings.to_toml(), &[]).unwrap(), settings);
}

#[test]
fn an_error_names_the_place_the_value_and_what_was_expected() {
    for (file, env, parts) in [
        (
            "[rate_limit]\nmaximum = 5",
            vec![],
            vec!["aiwaf.toml", "line 2", "maximum", "expected"],
        ),
        (
            "[rate_limit]\nmax = \"many\"",
            vec![],
            vec!["aiwaf.toml", "line 2", "many", "expected u32"],
        ),
        (
            "preset = \"paranoid\"",
            vec![],
            vec!["line 1", "paranoid", "balanced"],
        ),
        (
            "[rate_limit]\nmax = 300",
            vec![],
            vec!["rate_limit.flood", "200", "at least rate_limit.max (300)"],
        ),
        (
            "[rate_limit]\nwindow = \"soon\"",
            vec![],
            vec!["soon", "not a duration"],
        ),
        ("exempt_paths = [\"(\"]", vec![], vec!["exempt_paths", "("]),
        (
            "[bans]\ndurations = [\"15m\", \"120000000000000d\"]",
            vec![],
            vec!["bans.durations", "100 years"],
        ),
        (
            "[bans]\ndurations = [\"0s\"]",
            vec![],
            vec!["bans.durations", "1 s to"],
        ),
        ("[bans]\nhalf_life = \"0s\"", vec![], vec!["bans.half_life"]),
        (
            "[[path_rules]]\nprefix = \"/a\"\nrate_limit = { window = \"0s\" }",
            vec![],
            vec!["path_rules[0].rate_limit.window", "100 ms"],
        ),
        (
            "[[path_rules]]\nprefix = \"/a\"\nbody_limit = 0",
            vec![],
            vec!["path_rules[0].body_limit", "67,108,864"],
        ),
        (
            "[payload]\nbody_limit = 67108865",
            vec![],
            vec!["payload.body_limit", "67,108,864"],
        ),
        (
            "[[path_rules]]\nprefix = \"/%7Eadmin/\"",
            vec![],
            vec!["path_rules[0].prefix", "/~admin/"],
        ),
        (
            "[[path_rules]]\nprefix = \"/A\"\n[[path_rules]]\nprefix = \"/a\"",
            vec![],
            vec!["path_rules[1].prefix", "path_rules[0]"],
        ),
        (
            "[[payload.exempt]]\npath = \"/a//b\"",
            vec![],
            vec!["payload.exempt[0].path", "/a//b", "empty segments"],
        ),
        (
            "honeypot.guarded_paths = [\"/a?b\"]",
            vec![],
            vec!["honeypot.guarded_paths", "/a?b"],
        ),
        (
            "[[payload.exempt]]\npath = \"posts\"",
            vec![],
            vec!["payload.exempt[0].path", "slash"],
        ),
        (
            "[[payload.exempt]]\npath = \"/posts\"\ncategories = [\"sql\"]",
            vec![],
            vec!["payload.exempt[0].categories", "sqli"],
        ),
        (
            "[client_ip]\ntrusted_proxies = [\"10.0.0.0/99\"]",
            vec![],
            vec!["10.0.0.0/99", "not a network"],
        ),
        (
            "",
            vec![("AIWAF_RATE_MAX", "x")],
            vec!["AIWAF_RATE_MAX", "x", "whole number"],
        ),
        (
            "",
            vec![("AIWAF_PRESET", "x")],
            vec!["AIWAF_PRESET", "x", "balanced"],
        ),
        (
            "",
            vec![("AIWAF_ENABLE", "wafting")],
            vec!["AIWAF_ENABLE", "wafting", "ip_keyword_block"],
        ),
        (
            "",
            vec![("AIWAF_PATH_RULES", "[{")],
            vec!["AIWAF_PATH_RULES", "JSON"],
        ),
    ] {
        let message = load(file, &env).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{message:?} should say {part:?}");
        }
    }
}

#[test]
fn path_rules_come_from_the_environment_as_json() {
    let rules = r#"[{"prefix": "/api/", "disable": ["header_validation"], "rate_limit": {"max": 1000, "window": "10s"}}]"#;
    let settings = load("", &[("AIWAF_PATH_RULES", rules)]).unwrap();
    assert_eq!(settings.path_rules[0].rate_limit.max, Some(1000));
    assert!(
        settings.path_rules[0]
            .disable
            .contains(Protection::HeaderValidation)
    );
}

#[test]
fn the_predecessors_way_to_choose_csv_is_honoured() {
    let store = |env: &[(&str, &str)]| load("", env).unwrap().store;
    assert_eq!(store(&[("AIWAF_USE_CSV", "true")]), "csv:aiwaf_data");
    assert_eq!(
        store(&[("AIWAF_USE_CSV", "1"), ("AIWAF_DATA_DIR", "/var/lib/aiwaf")]),
        "csv:/var/lib/aiwaf"
    );
    assert_eq!(store(&[("AIWAF_USE_CSV", "false")]), "memory");
    // The predecessor used files by default, and its tool read only the directory.
    let directory = ("AIWAF_DATA_DIR", "/var/lib/aiwaf");
    assert_eq!(store(&[directory]), "csv:/var/lib/aiwaf");
    assert_eq!(store(&[directory, ("AIWAF_USE_CSV", "0")]), "memory");
    assert_eq!(store(&[("AIWAF_DATA_DIR", " ")]), "memory");
    let other = ("AIWAF_STORE", "sqlite:x.db");
    assert_eq!(store(&[directory, other]), "sqlite:x.db");
    let of_file = load("store = \"sqlite:y.db\"", &[directory]).unwrap();
    assert_eq!(of_file.store, "sqlite:y.db");
    assert_eq!(
        store(&[("AIWAF_USE_CSV", "1"), ("AIWAF_STORE", "memory")]),
        "memory"
    );
}

#[test]
fn an_unknown_variable_is_noted() {
    let layers = Layers::new()
        .environment([("AIWAF_PORT", "tcp://10.0.0.1"), ("PATH", "/bin")])
        .unwrap();
    assert_eq!(layers.notes().len(), 1);
    assert!(layers.notes()[0].contains("AIWAF_PORT"));
}

#[test]
fn the_access_log_is_off_until_a_directory_is_set() {
    let directory = |variables: &[(&str, &str)]| {
        let layers = Layers::new().environment(variables.to_vec()).unwrap();
        let settings = layers.settings().unwrap();
        settings.access_log.directory().map(str::to_owned)
    };
    assert_eq!(directory(&[]), None);
    assert_eq!(
        directory(&[("AIWAF_LOG_DIR", "/var/log/a")]).as_deref(),
        Some("/var/log/a")
    );
    assert_eq!(
        directory(&[("AIWAF_ENABLE_LOGGING", "true")]).as_deref(),
        Some("aiwaf_logs")
    );
    assert_eq!(
        directory(&[("AIWAF_ENABLE_LOGGING", "0"), ("AIWAF_LOG_DIR", "logs")]),
        None
    );
}

#[test]
fn sizes_and_formats_of_the_access_log_are_checked() {
    let settings = Layers::new()
        .file(
            "a",
            "[access_log]\ndir = \"logs\"\nmax_size = \"1 MiB\"\nformat = \"json\"",
        )
        .unwrap()
        .settings()
        .unwrap();
    assert_eq!(settings.access_log.max_size, 1 << 20);
    let again = Layers::new().file("b", &settings.to_toml()).unwrap();
    assert_eq!(again.settings().unwrap(), settings);
    for (text, part) in [
        (
            "[access_log]\nmax_size = \"1 KiB\"",
            "expected at least 64 KiB",
        ),
        ("[access_log]\ndir = \"\"", "expected a directory"),
        ("[access_log]\nkeep = 5000", "expected at most 1,000"),
        ("[access_log]\nformat = \"apache\"", "expected one of"),
        ("[access_log]\nmax_size = \"lots\"", "is not a size"),
    ] {
        let error = Layers::new()
            .file("c", text)
            .and_then(|layers| layers.settings())
            .unwrap_err();
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}

#[test]
fn a_variable_that_is_spelled_as_its_setting_is_told_its_name() {
    let notes = |name: &str| {
        let layers = Layers::new().environment([(name, "7")]).unwrap();
        layers.notes().join("\n")
    };
    for name in ["AIWAF_RATE_LIMIT_MAX", "AIWAF_RATE_LIMIT__MAX"] {
        assert!(notes(name).contains("AIWAF_RATE_MAX"), "{}", notes(name));
    }
    assert!(
        notes("AIWAF_CLIENT_IP__TRUSTED_PROXIES").contains("use AIWAF_TRUSTED_PROXIES"),
        "{}",
        notes("AIWAF_CLIENT_IP__TRUSTED_PROXIES")
    );
    assert_eq!(
        notes("AIWAF_SERVICE_PORT"),
        "environment variable AIWAF_SERVICE_PORT is not a setting of aiwaf"
    );
}

#[test]
fn the_predecessors_list_of_secret_headers_takes_nothing_from_ours() {
    let name = "AIWAF_EXTENDED_REQUEST_INFO_REDACT_HEADERS";
    let redact = load("", &[(name, "Authorization, X-Secret")])
        .unwrap()
        .redact;
    let has = |name: &str| {
        redact
            .iter()
            .filter(|known| known.eq_ignore_ascii_case(name))
            .count()
    };
    assert_eq!([has("password"), has("token"), has("x-secret")], [1, 1, 1]);
    let all = Settings::default().redact;
    assert!(all.iter().all(|known| has(known) == 1), "{redact:?}");
}

/// The variables in `docs/settings.md` are exactly those that exist, and its tables name real
/// settings.
#[test]
fn the_page_of_settings_is_true() {
    let page = include_str!("../../../docs/settings.md");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `AIWAF_"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), VARIABLES.len());
    for (row, variable) in rows.iter().zip(VARIABLES) {
        assert_eq!(row[1].trim_matches('`'), variable.name);
        assert_eq!(row[2].trim_matches('`'), variable.setting, "{row:?}");
    }
    let tables: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(tables.len(), 4);
    for table in tables {
        let settings = load(table, &[]).unwrap();
        assert_ne!(settings, Settings::default(), "{table}");
    }
    let units = page.split("its unit: ").nth(1).unwrap();
    for duration in units.split(". ").next().unwrap().split(", ") {
        parse_duration(duration.trim_matches('`')).unwrap();
    }
}
