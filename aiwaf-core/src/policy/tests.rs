use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::normalize::PathTraits;
use crate::request::RouteMatch;
use crate::settings::{PathRule, RateOverride};
use crate::store::{AllowedNetwork, DeniedNetwork, Origin};

fn now() -> Moment {
    Moment {
        tick: Tick::from_micros(1_000_000_000),
        wall: UNIX_EPOCH + Duration::from_secs(1_800_000_000),
    }
}

fn compile(settings: Settings, records: &Records) -> Policy {
    Policy::compile(Arc::new(settings), records, Arc::default(), now()).unwrap()
}

fn denied(network: &str, until: Option<u64>) -> DeniedNetwork {
    DeniedNetwork {
        network: network.parse().unwrap(),
        reason: format!("{network} is bad"),
        added: now().wall,
        until: until.map(|seconds| now().wall + Duration::from_secs(seconds)),
        origin: Origin::Manual,
        evidence: None,
    }
}

#[test]
fn the_most_specific_network_names_the_reason_and_denials_end() {
    let records = Records {
        denied: vec![
            denied("10.0.0.0/8", None),
            denied("10.1.0.0/16", Some(60)),
            denied("9.9.9.9/32", Some(1)),
        ],
        allowed: vec![AllowedNetwork {
            network: "10.2.0.0/16".parse().unwrap(),
            added: now().wall,
        }],
        ..Records::default()
    };
    let policy = compile(Settings::default(), &records);
    let reason = |address: &str, after: u64| {
        policy
            .denial(
                address.parse().unwrap(),
                true,
                now().tick.plus(Duration::from_secs(after)),
            )
            .map(|denial| denial.network.to_string())
    };
    assert_eq!(reason("10.1.1.1", 0).as_deref(), Some("10.1.0.0/16"));
    assert_eq!(reason("10.1.1.1", 61).as_deref(), Some("10.0.0.0/8"));
    assert_eq!(reason("9.9.9.9", 0).as_deref(), Some("9.9.9.9/32"));
    assert_eq!(reason("9.9.9.9", 2), None);
    assert!(policy.is_allowed("10.2.3.4".parse().unwrap()));
}

#[test]
fn the_longest_prefix_wins_and_rules_do_not_merge() {
    let mut settings = Settings::default();
    settings.path_rules = vec![
        PathRule {
            prefix: "/myapp/".into(),
            disable: Protections::of([Protection::HeaderValidation]),
            ..PathRule::default()
        },
        PathRule {
            prefix: "/myapp/api/".into(),
            disable: Protections::of([Protection::RateLimit]),
            ..PathRule::default()
        },
    ];
    let policy = compile(settings, &Records::default());
    let scope = policy.scope(
        "GET",
        b"/MyApp/api/data",
        PathTraits::default(),
        RouteMatch::Unknown,
    );
    assert!(!scope.run.contains(Protection::RateLimit));
    assert!(scope.run.contains(Protection::HeaderValidation));
}

#[test]
fn a_rule_that_raises_max_alone_raises_flood_in_proportion() {
    let mut settings = Settings::default();
    settings.path_rules = vec![PathRule {
        prefix: "/api".into(),
        rate_limit: RateOverride {
            max: Some(2000),
            ..RateOverride::default()
        },
        ..PathRule::default()
    }];
    let policy = compile(settings, &Records::default());
    let limits = policy
        .scope("GET", b"/api/x", PathTraits::default(), RouteMatch::Unknown)
        .limits;
    assert_eq!(
        (limits.max, limits.flood, limits.client_max),
        (2000, 4000, 2000)
    );
    assert_eq!(
        policy
            .scope("GET", b"/apix", PathTraits::default(), RouteMatch::Unknown)
            .limits
            .max,
        100
    );
}

#[test]
fn default_exemptions_hold_for_get_and_head_and_spare_no_probe() {
    let policy = compile(Settings::default(), &Records::default());
    let scope = policy.scope("GET", b"/x.css", PathTraits::default(), RouteMatch::Unknown);
    assert_eq!(scope.counting, Counting::Tenfold);
    assert!(
        scope.run.contains(Protection::IpKeywordBlock) && scope.run.contains(Protection::Payload)
    );
    assert!(!scope.run.contains(Protection::HeaderValidation));
    assert_eq!(
        policy
            .scope(
                "POST",
                b"/x.css",
                PathTraits::default(),
                RouteMatch::Unknown
            )
            .counting,
        Counting::Full
    );
}

/// A path parameter, which some routers ignore, may lead to the handler that the rule is meant for
/// or to another one.
#[test]
fn of_a_rule_only_what_is_stricter_applies_to_a_path_of_two_readings() {
    let scope = |general: Mode, oversize, mode, body_limit| {
        let mut settings = Settings::default();
        settings.payload.mode = general;
        settings.payload.oversize = oversize;
        settings.payload.body_limit = 1000;
        settings.path_rules = vec![PathRule {
            prefix: "/admin/".into(),
            mode: Some(mode),
            body_limit: Some(body_limit),
            disable: Protections::of([Protection::HeaderValidation]),
            ..PathRule::default()
        }];
        let policy = compile(settings, &Records::default());
        let scope = policy.scope(
            "GET",
            b"/admin/1;x",
            PathTraits::AMBIGUOUS,
            RouteMatch::Unknown,
        );
        assert!(scope.run.contains(Protection::HeaderValidation));
        let blocks = scope.run.contains(Protection::Payload)
            && !scope.monitored.contains(Protection::Payload);
        (blocks, scope.body_limit)
    };
    use crate::settings::Oversize::{Pass, Refuse};
    for general in [Mode::Off, Mode::Monitor, Mode::Block] {
        assert_eq!(scope(general, Refuse, Mode::Block, 10), (true, Some(10)));
    }
    for lax in [Mode::Off, Mode::Monitor] {
        assert_eq!(scope(Mode::Block, Refuse, lax, 2000), (true, None));
    }
    assert_eq!(scope(Mode::Block, Pass, Mode::Off, 10), (true, None));
    assert_eq!(
        scope(Mode::Block, Pass, Mode::Off, 2000),
        (true, Some(2000))
    );
}

#[test]
fn requiring_wins_over_every_exemption() {
    let mut settings = Settings::default();
    settings.exempt_paths_extra = vec!["/hook".into()];
    settings.path_rules = vec![PathRule {
        prefix: "/hook".into(),
        require: Protections::of([Protection::RateLimit]),
        ..PathRule::default()
    }];
    let policy = compile(settings, &Records::default());
    let scope = policy.scope("POST", b"/hook", PathTraits::default(), RouteMatch::Unknown);
    assert_eq!(
        scope.run,
        Protections::of([Protection::RateLimit, Protection::Logging])
    );
    assert_eq!(scope.counting, Counting::Full);
}

#[test]
fn routes_share_counters_as_documented() {
    let mut routes = RouteTable::default();
    routes.add("/item/{id}", RoutePolicy::known()).unwrap();
    let with_table =
        Policy::compile(Arc::default(), &Records::default(), Arc::new(routes), now()).unwrap();
    assert_eq!(
        with_table
            .scope(
                "GET",
                b"/item/7",
                PathTraits::default(),
                RouteMatch::Unknown
            )
            .route,
        RouteKey::Table(1)
    );
    assert_eq!(
        with_table
            .scope("GET", b"/other", PathTraits::default(), RouteMatch::Unknown)
            .route,
        RouteKey::Absent
    );
    let without = compile(Settings::default(), &Records::default());
    assert_eq!(
        without
            .scope("GET", b"/other", PathTraits::default(), RouteMatch::Unknown)
            .route,
        RouteKey::Path
    );
    assert_eq!(
        without
            .scope("GET", b"/other", PathTraits::default(), RouteMatch::Absent)
            .route,
        RouteKey::Absent
    );
    assert_eq!(
        without
            .scope(
                "GET",
                b"/o",
                PathTraits::default(),
                RouteMatch::Pattern("/{x}")
            )
            .route,
        RouteKey::Pattern("/{x}")
    );
}
