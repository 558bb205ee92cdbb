//! `logging`, and what a ban keeps of the request that caused it.

use aiwaf_storage::{Access, Manager};
use serde_json::Value;

use crate::site::{HEADERS, Site};

/// The lines of `access.log` and those of `aiwaf.log` after four requests, one of them refused.
fn lines(format: &str) -> (Vec<String>, Vec<String>) {
    let site = Site::classic(&format!(
        "access_log = {{ dir = \"logs\", format = \"{format}\" }}"
    ));
    assert_eq!(site.get(1, "/"), 200);
    assert_eq!(site.get(1, "/search?param=value"), 200);
    assert_eq!(site.post(2, "/contact", "", "message=hello"), 200);
    assert_eq!(site.get(1, "/admin.php"), 403);
    let left = site.close();
    let lines = |name: &str| left.read(name).lines().map(str::to_owned).collect();
    (lines("logs/access.log"), lines("logs/aiwaf.log"))
}

fn check(format: &str, header: usize, marks: [&str; 4]) {
    let (access, refusals) = lines(format);
    assert_eq!(access.len(), 4 + header, "{access:#?}");
    for (line, mark) in access[header..].iter().zip(marks) {
        assert!(line.contains(mark), "{mark} is not in {line}");
    }
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    assert!(
        refusals[0].contains("[AIWAF] BLOCKED 127.0.0.1") && refusals[0].contains("/admin.php")
    );
}

#[test]
fn case_64_combined() {
    let marks = [
        "\"GET / HTTP/1.1\" 200 ",
        "\"GET /search?param=value HTTP/1.1\" 200 ",
        "\"POST /contact HTTP/1.1\" 200 ",
        "\"GET /admin.php HTTP/1.1\" 403 ",
    ];
    check("combined", 0, marks);
}

#[test]
fn case_64_common() {
    let marks = [
        "\"GET / HTTP/1.1\" 200 ",
        "\"GET /search?param=value HTTP/1.1\" 200 ",
        "\"POST /contact HTTP/1.1\" 200 ",
        "\"GET /admin.php HTTP/1.1\" 403 ",
    ];
    check("common", 0, marks);
}

#[test]
fn case_64_csv() {
    check("csv", 1, [",GET,", ",/search", ",POST,", ",403,"]);
}

#[test]
fn case_64_json() {
    let (access, refusals) = lines("json");
    let read: Vec<Value> = access
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let statuses: Vec<_> = read
        .iter()
        .map(|line| line["status_code"].as_u64())
        .collect();
    assert_eq!(statuses, [200, 200, 200, 403].map(Some));
    assert_eq!(read[3]["blocked"], true);
    assert_eq!(refusals.len(), 1);
}

/// The evidence that the blacklist keeps of a POST by a client with a bad user agent, if any.
fn evidence(settings: &str, more: &str) -> Option<Value> {
    let site = Site::classic(&format!(
        "store = \"csv:records\"\nprotections.enable = [\"header_validation\"]\n{settings}"
    ));
    let headers = format!("{HEADERS}User-Agent: curl/8.0.1\r\nAuthorization: secret\r\n{more}");
    let reply = site.ask(1, "POST /login?x=1", &headers, "");
    assert_eq!(reply.status, 403);
    let folder = site.close().folder();
    let spec = format!("csv:{}", folder.path().join("records").display());
    let mut store = Manager::open(&spec, Access::MustExist).unwrap();
    let [denied] = &store.list_blacklist().unwrap()[..] else {
        panic!("one client was banned");
    };
    let kept = denied.evidence.as_ref()?;
    assert!(!kept.contains("secret"), "{kept}");
    Some(serde_json::from_str(kept).unwrap())
}

#[test]
fn case_51_a_ban_keeps_the_request_without_its_secrets() {
    let settings = "redact = [\"authorization\"]\n\
        record_requests = { enabled = true, headers = [\"User-Agent\", \"Authorization\"] }";
    let kept = evidence(settings, "").unwrap();
    assert_eq!(kept["path"], "/login");
    assert_eq!(kept["query"], "x=1");
    assert_eq!(kept["method"], "POST");
    assert_eq!(kept["headers"]["User-Agent"], "curl/8.0.1");
    assert_eq!(kept["headers"]["Authorization"], "[REDACTED]");
}

#[test]
fn case_52_nothing_is_kept_unless_asked_for() {
    assert_eq!(evidence("", ""), None);
}

#[test]
fn case_53_what_is_kept_is_bounded() {
    let long = format!("Referer: http://shop.test/{}\r\n", "x".repeat(500));
    let kept = evidence(
        "record_requests = { enabled = true, max_bytes = 70 }",
        &long,
    )
    .unwrap();
    assert_eq!(kept["path"], "/login");
    assert_eq!(kept["method"], "POST");
    assert_eq!(kept["host"], "shop.test");
    assert_eq!(kept["truncated"], true);
    assert!(kept.to_string().len() <= 70, "{kept}");
}
