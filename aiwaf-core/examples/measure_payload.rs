//! Temporary harness.
use aiwaf_core::payload::{Carrier, Detector, Field, Findings, Paranoia, Scratch};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::BufRead;

fn form_decode(s: &[u8], plus: bool) -> Vec<u8> {
    let mut out = vec![];
    let mut i = 0;
    let hex = |b: u8| (b as char).to_digit(16);
    while i < s.len() {
        if s[i] == b'+' && plus {
            out.push(b' ');
        } else if s[i] == b'%'
            && i + 2 < s.len()
            && hex(s[i + 1]).is_some()
            && hex(s[i + 2]).is_some()
        {
            out.push((hex(s[i + 1]).unwrap() * 16 + hex(s[i + 2]).unwrap()) as u8);
            i += 2;
        } else {
            out.push(s[i]);
        }
        i += 1;
    }
    out
}
pub type F = (Carrier, Vec<u8>, Vec<u8>);
fn pairs(q: &[u8], n: Carrier, v: Carrier, out: &mut Vec<F>) {
    for p in q.split(|&b| b == b'&') {
        if p.is_empty() {
            continue;
        }
        let mut it = p.splitn(2, |&b| b == b'=');
        let name = form_decode(it.next().unwrap(), true);
        out.push((n, name.clone(), name.clone()));
        if let Some(val) = it.next() {
            out.push((v, name, form_decode(val, true)));
        }
    }
}
fn json(v: &Value, name: &str, out: &mut Vec<F>) {
    match v {
        Value::String(s) => out.push((Carrier::JsonValue, name.into(), s.clone().into_bytes())),
        Value::Array(a) => {
            for x in a {
                json(x, name, out)
            }
        }
        Value::Object(o) => {
            for (k, x) in o {
                out.push((Carrier::JsonKey, k.clone().into(), k.clone().into_bytes()));
                json(x, k, out)
            }
        }
        _ => {}
    }
}
fn fields(r: &Value) -> Vec<F> {
    let mut out = vec![];
    let target = r["path"].as_str().unwrap_or("");
    let (path, q) = target.split_once('?').unwrap_or((target, ""));
    out.push((Carrier::Path, vec![], path.as_bytes().to_vec()));
    pairs(
        q.as_bytes(),
        Carrier::QueryName,
        Carrier::QueryValue,
        &mut out,
    );
    let mut ct = String::new();
    if let Some(h) = r["headers"].as_object() {
        for (k, v) in h {
            let k = k.to_lowercase();
            let v = v.as_str().unwrap_or("");
            if k == "content-type" {
                ct = v.to_string();
            }
            if k == "cookie" {
                for p in v.split(';') {
                    let p = p.trim();
                    let (n, v) = p.split_once('=').unwrap_or((p, ""));
                    out.push((Carrier::CookieName, n.into(), n.into()));
                    out.push((
                        Carrier::CookieValue,
                        n.into(),
                        form_decode(v.as_bytes(), false),
                    ));
                }
                continue;
            }
            out.push((Carrier::Header, k.into_bytes(), v.as_bytes().to_vec()));
        }
    }
    let body: Vec<u8> = if let Some(b) = r["body"].as_str() {
        b.as_bytes().to_vec()
    } else {
        vec![]
    };
    if body.is_empty() {
        return out;
    }
    let ctl = ct.to_lowercase();
    if ctl.contains("urlencoded") {
        pairs(&body, Carrier::FormName, Carrier::FormValue, &mut out);
    } else if ctl.contains("json") {
        match serde_json::from_slice::<Value>(&body) {
            Ok(v) => json(&v, "", &mut out),
            Err(_) => out.push((Carrier::Text, vec![], body)),
        }
    } else if ctl.contains("xml") {
        let s = String::from_utf8_lossy(&body).to_string();
        if let Some(i) = s.find("<!DOCTYPE").or(s.find("<!doctype")) {
            out.push((Carrier::XmlDtd, vec![], s[i..].as_bytes().to_vec()));
        }
        for t in s.split(['<', '>']) {
            out.push((Carrier::XmlText, vec![], t.as_bytes().to_vec()));
            if t.contains("xi:") {
                out.push((Carrier::XmlAttribute, vec![], format!("<{t}>").into_bytes()));
            }
        }
    } else if let Some(b) = ct.split("boundary=").nth(1) {
        let s = String::from_utf8_lossy(&body)
            .to_string()
            .replace("\r\n", "\n");
        for part in s.split(&format!("--{b}")) {
            let Some((head, content)) = part.split_once("\n\n") else {
                continue;
            };
            let file = head.contains("filename=");
            for line in head.lines() {
                if let Some(i) = line.find("filename=") {
                    out.push((
                        Carrier::FileName,
                        vec![],
                        line[i + 9..].trim_matches('"').as_bytes().to_vec(),
                    ));
                }
            }
            out.push((
                if file {
                    Carrier::FileContent
                } else {
                    Carrier::PartValue
                },
                vec![],
                content.trim_end().as_bytes().to_vec(),
            ));
        }
    } else {
        out.push((Carrier::Text, vec![], body));
    }
    out
}
fn main() {
    let d = Detector::new();
    let mut scratch = Scratch::default();
    let args: Vec<String> = std::env::args().collect();
    let file = &args[1];
    let show = args.get(2).map(String::as_str).unwrap_or("");
    let attacks = file.contains("attack");
    let mut n: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut rules: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut gated, mut total_f) = (0u64, 0u64);
    for line in std::io::BufReader::new(std::fs::File::open(file).unwrap()).lines() {
        let r: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let cat = r["category"].as_str().unwrap().to_string();
        let fs = fields(&r);
        let mut f = Findings::new();
        for (c, nm, v) in &fs {
            let field = Field {
                carrier: *c,
                name: nm,
                value: v,
            };
            total_f += 1;
            if d.clean(field) {
                gated += 1;
            }
            d.judge(field, Paranoia::One, &mut scratch, &mut f);
        }
        let blocked = f.total() >= 10;
        let e = n.entry(cat.clone()).or_default();
        e.0 += 1;
        if blocked {
            e.1 += 1;
        }
        for x in &f {
            *rules.entry(x.rule).or_default() += 1;
        }
        if blocked != attacks
            && show != ""
            && (show == "all" || show == cat || show == r["source"].as_str().unwrap())
        {
            let fnd: Vec<String> = f
                .iter()
                .map(|x| {
                    format!(
                        "{}[{}]{}={:?}",
                        x.rule,
                        x.carrier.as_str(),
                        x.name,
                        x.excerpt
                    )
                })
                .collect();
            if attacks {
                println!(
                    "{} {} {:?} {} | {}",
                    cat,
                    r["loc"].as_str().unwrap_or(""),
                    r["payload"].as_str().unwrap_or(r["path"].as_str().unwrap()),
                    fnd.join(" "),
                    r["note"].as_str().unwrap_or("")
                );
            } else {
                println!(
                    "{} {} {}",
                    cat,
                    r["path"]
                        .as_str()
                        .unwrap()
                        .chars()
                        .take(100)
                        .collect::<String>(),
                    fnd.join(" ")
                );
            }
        }
    }
    let (mut t, mut b) = (0, 0);
    for (k, (a, c)) in &n {
        eprintln!("{k:28} {c:5}/{a:5} {:.1}%", 100.0 * *c as f64 / *a as f64);
        if !k.starts_with("scanner_") {
            t += a;
            b += c;
        }
    }
    eprintln!(
        "TOTAL {b}/{t} {:.3}%  gated {:.1}%",
        100.0 * b as f64 / t as f64,
        100.0 * gated as f64 / total_f as f64
    );
    if args.len() > 3 {
        for (k, v) in rules {
            eprintln!("  {k} {v}");
        }
    }
}
