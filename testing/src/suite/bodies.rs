//! Bodies: what is inspected, what is refused, what reaches the handler.

use std::time::{Duration, Instant};

use aiwaf_core::settings::Preset;
use aiwaf_core::{BodyBudget, BodyPlan, Firewall, Protection, Protections};

use super::{connect, is_refusal, plain, reading, start};
use crate::{BodyReader, Launch, Recorder, Site};

/// Bytes without a pattern, so that a lost, doubled or swapped piece always shows.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        // The high bit is set, so no byte is a letter of the word that the reader refuses.
        (state >> 24) as u8 | 0x80
    })
    .take(length)
    .collect()
}

pub fn bodies_arrive_byte_for_byte(launch: Launch) {
    let plan = BodyReader::default().0;
    let site = reading(launch, plan);
    all_bodies_come_back(&site);
}

pub fn bodies_that_nobody_asks_for_arrive_too(launch: Launch) {
    all_bodies_come_back(&plain(launch));
}

fn all_bodies_come_back(site: &Site) {
    let mut client = connect(site);
    for length in [0, 1, 511, 512, 513, 8192, 65_537, 1_000_000] {
        let body = noise(length);
        let reply = client.post("/echo", &body).unwrap();
        assert!(
            reply.status == 200 && reply.body == body,
            "{length} bytes with their length"
        );
        let reply = client.post_chunked("/echo", &body, "").unwrap();
        assert!(
            reply.status == 200 && reply.body == body,
            "{length} bytes in chunks"
        );
    }
}

pub fn an_attack_in_the_body_never_reaches_the_handler(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    for at in [0, 600, 70_000, 999_990] {
        let mut body = noise(1_000_000);
        body.splice(at..at + 6, *b"ATTACK");
        is_refusal(&connect(&site).post("/echo", &body).unwrap());
        is_refusal(&connect(&site).post_chunked("/echo", &body, "").unwrap());
    }
    assert_eq!(site.calls(), 0);
}

pub fn too_much_body_is_refused(launch: Launch) {
    let site = reading(
        launch,
        BodyPlan {
            limit: 1000,
            ..BodyReader::default().0
        },
    );
    assert_eq!(
        connect(&site).post("/echo", &noise(1000)).unwrap().status,
        200
    );
    assert_eq!(
        connect(&site)
            .post_chunked("/echo", &noise(1000), "")
            .unwrap()
            .status,
        200
    );
    for length in [1001, 3000] {
        let reply = connect(&site).post("/echo", &noise(length)).unwrap();
        assert_eq!(reply.status, 413);
        assert_eq!(reply.text(), "{\"error\":\"content_too_large\"}\n");
        let reply = connect(&site)
            .post_chunked("/echo", &noise(length), "")
            .unwrap();
        assert_eq!(reply.status, 413);
    }
    assert_eq!(site.calls(), 2);
}

pub fn a_slow_body_is_refused(launch: Launch) {
    let site = reading(
        launch,
        BodyPlan {
            deadline: Duration::from_millis(150),
            ..BodyReader::default().0
        },
    );
    let mut client = connect(&site);
    client
        .head("POST", "/echo", "Content-Length: 100\r\n")
        .unwrap();
    client.send("the rest never comes").unwrap();
    let reply = client.reply_to("POST").unwrap();
    assert_eq!(reply.status, 408);
    assert_eq!(reply.text(), "{\"error\":\"request_timeout\"}\n");
    assert_eq!(site.calls(), 0);
}

pub fn an_aborted_body_is_no_verdict(launch: Launch) {
    let recorder = Recorder::default();
    let builder = Firewall::builder()
        .check_after(BodyReader::default())
        .check_after(recorder.clone());
    let (site, firewall) = start(launch, builder);
    for head in ["Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut client = connect(&site);
        client.head("POST", "/echo", head).unwrap();
        // Both bodies are incomplete: a chunk of 60 bytes, and a declared length of 100.
        client
            .send("3c\r\nhalf of a body that has an ATTAC")
            .unwrap();
        client.finish().unwrap();
        client.read_to_end().unwrap();
    }
    assert_eq!(site.calls(), 0);
    assert_eq!(firewall.state().bans.len(), 0);
    assert_eq!(connect(&site).get("/").unwrap().status, 200);
    // Aborted requests are observed like all others, because the access log has every request.
    let seen = recorder.wait_for(3);
    let statuses: Vec<u16> = seen.iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [400, 400, 200]);
}

pub fn a_refusal_by_head_does_not_wait_for_the_body(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let mut client = connect(&site);
    client
        .head("POST", "/.env", "Content-Length: 1000000\r\n")
        .unwrap();
    // Not one byte of the body has been sent.
    is_refusal(&client.reply_to("POST").unwrap());
    assert_eq!(site.calls(), 0);
}

/// Other tests of the process hold bodies too; the room is free once they have ended.
pub fn what_is_given_up_gives_its_room_back(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let half = vec![b'x'; 50_000];
    let mut given_up = Vec::new();
    for _ in 0..20 {
        let mut client = connect(&site);
        client
            .head("POST", "/echo", "Content-Length: 100000\r\n")
            .unwrap();
        client.send(&half).unwrap();
        given_up.push(client);
    }
    let held = || BodyBudget::process().held();
    let deadline = Instant::now() + Duration::from_secs(60);
    while held() < 20 * half.len() {
        assert!(Instant::now() < deadline, "only {} are held", held());
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(given_up);
    while held() > 0 {
        assert!(Instant::now() < deadline, "{} are still held", held());
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(site.calls(), 0);
}

pub fn a_monitor_hands_on_what_it_could_not_hold(launch: Launch) {
    let plan = BodyPlan {
        limit: 10_000,
        ..BodyReader::default().0
    };
    let builder = Firewall::builder()
        .with_settings(|settings| settings.preset = Preset::Monitor)
        .check_after(BodyReader(plan));
    let (site, _) = start(launch, builder);
    let mut body = noise(300_000);
    body.splice(..6, *b"ATTACK");
    let sized = connect(&site).post("/echo", &body).unwrap();
    assert!(sized.status == 200 && sized.body == body);
    let chunked = connect(&site).post_chunked("/echo", &body, "").unwrap();
    assert!(chunked.status == 200 && chunked.body == body);
    let short = connect(&site).post("/echo", b"an ATTACK").unwrap();
    assert!(short.status == 200 && short.body == b"an ATTACK");
    assert_eq!(connect(&site).get("/.env").unwrap().status, 404);
}

pub fn an_upgrade_is_seen_by_its_head(launch: Launch) {
    let site = reading(launch, BodyReader::default().0);
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let reply = connect(&site).request("GET", "/items/7", upgrade).unwrap();
    assert_eq!((reply.status, reply.text().as_str()), (200, "7"));
    is_refusal(&connect(&site).request("GET", "/.env", upgrade).unwrap());
}

pub fn an_upgrade_field_hides_no_body(launch: Launch) {
    let site = reading(
        launch,
        BodyPlan {
            deadline: Duration::from_millis(300),
            ..BodyReader::default().0
        },
    );
    for protocol in ["websocket", "h2c", "x"] {
        let mut client = connect(&site);
        let fields = format!("Connection: Upgrade\r\nUpgrade: {protocol}\r\nContent-Length: 6\r\n");
        client.head("POST", "/echo", &fields).unwrap();
        client.send("ATTACK").unwrap();
        let reply = client.reply_to("POST").unwrap();
        // In a framework that treats everything that follows as the other protocol, the body never
        // ends.
        assert!(matches!(reply.status, 403 | 408), "{protocol} {reply:?}");
    }
    assert_eq!(site.calls(), 0);
}

/// An upload of `bytes` bytes, followed by a comment field.
fn upload(bytes: usize, comment: &str) -> Vec<u8> {
    let part = |head: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    let mut body = part("name=\"file\"; filename=\"photo.bin\"").into_bytes();
    body.extend(noise(bytes));
    body.extend(b"\r\n");
    body.extend(part("name=\"comment\"").bytes());
    body.extend(format!("{comment}\r\n--b--\r\n").bytes());
    body
}

pub fn a_long_upload_is_watched_while_it_passes(launch: Launch) {
    let builder = Firewall::builder().with_settings(|settings| {
        settings.payload.body_limit = 64 << 10;
        settings.protections.enable = Protections::of([Protection::Payload]);
    });
    let (site, _) = start(launch, builder);
    let send = |body: &[u8]| {
        let mut client = connect(&site);
        let length = body.len();
        client
            .send(format!(
                "POST /echo HTTP/1.1\r\nHost: site.test\r\nContent-Length: {length}\r\n\
                 Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            ))
            .unwrap();
        // The server may respond, and close, before it has everything.
        let _ = client.send(body);
        client.reply_to("POST")
    };
    for length in [1000, 1_000_000] {
        let harmless = upload(length, "what a nice shop");
        let reply = send(&harmless).unwrap();
        assert!(reply.status == 200 && reply.body == harmless, "{length}");
    }
    let calls = site.calls();
    is_refusal(&send(&upload(1000, "<script>alert(document.cookie)</script>")).unwrap());
    assert_eq!(site.calls(), calls, "short enough to be held whole");
    is_refusal(
        &send(&upload(
            1_000_000,
            "<script>alert(document.cookie)</script>",
        ))
        .unwrap(),
    );
}
