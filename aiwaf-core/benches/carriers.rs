//! The cost of splitting clean carriers into fields, without judging them.
//!
//! Every iteration takes another of a hundred inputs, so that the branch predictor does not learn
//! one by heart.

use aiwaf_core::carriers::body::{self, Body};
use aiwaf_core::carriers::{Budget, Feed, Field, Halt, Limits, Scratch, cookies, headers, query};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write;
use std::hint::black_box;
use std::ops::ControlFlow;

/// How many different inputs a benchmark uses.
const INPUTS: usize = 100;

/// Deterministic words of different lengths.
struct Words(u64);

impl Words {
    fn next(&mut self) -> String {
        let mut word = String::new();
        for _ in 0..3 + self.below(9) {
            word.push((b'a' + self.below(26) as u8) as char);
        }
        word
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

fn pairs(seed: u64, separator: &str, bytes: usize) -> Vec<u8> {
    let (mut words, mut out) = (Words(seed), String::new());
    while out.len() < bytes {
        let _ = write!(
            out,
            "{}={}{}{separator}",
            words.next(),
            words.next(),
            words.next()
        );
    }
    out.truncate(bytes);
    out.into_bytes()
}

/// An array of records as web services exchange them, with numbers and nesting.
fn json(seed: u64, bytes: usize) -> Vec<u8> {
    let (mut words, mut out) = (Words(seed), String::from("["));
    while out.len() < bytes {
        let _ = write!(
            out,
            r#"{{"id":{},"name":"{} {}","tags":["{}","{}"],"active":true,"address":{{"street":"{} {}","zip":"{}"}},"note":"{} {} {} {}"}},"#,
            words.below(1_000_000),
            words.next(),
            words.next(),
            words.next(),
            words.next(),
            words.next(),
            words.below(200),
            words.below(99_999),
            words.next(),
            words.next(),
            words.next(),
            words.next(),
        );
    }
    out.push_str("null]");
    out.into_bytes()
}

fn xml(seed: u64, bytes: usize) -> Vec<u8> {
    let (mut words, mut out) = (
        Words(seed),
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><orders>"),
    );
    while out.len() < bytes {
        let _ = write!(
            out,
            "<order id=\"{}\"><item>{} {}</item><note>{}</note></order>",
            words.below(99_999),
            words.next(),
            words.next(),
            words.next()
        );
    }
    out.push_str("</orders>");
    out.into_bytes()
}

/// Twenty fields and a file of 64 KiB.
fn multipart(seed: u64) -> Vec<u8> {
    let (mut words, mut out) = (Words(seed), String::new());
    for _ in 0..20 {
        let _ = write!(
            out,
            "--boundary\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
            words.next(),
            words.next()
        );
    }
    out.push_str("--boundary\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n");
    out.extend((0..65_536).map(|_| (32 + words.below(90) as u8) as char));
    out.push_str("\r\n--boundary--\r\n");
    out.into_bytes()
}

fn bench(
    c: &mut Criterion,
    name: &str,
    inputs: &[Vec<u8>],
    split: impl Fn(&[u8], &mut Scratch, &mut Feed<'_, Sum>) -> Result<(), Halt>,
) {
    let mut group = c.benchmark_group("carriers");
    let bytes = inputs.iter().map(Vec::len).sum::<usize>() / inputs.len();
    group.throughput(Throughput::Bytes(bytes as u64));
    let mut scratch = Scratch::default();
    let mut turn = inputs.iter().cycle();
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || turn.next().map_or(&[][..], Vec::as_slice),
            |input| {
                let (mut budget, mut sum) = (Budget::new(Limits::default()), Sum(0));
                let mut feed = Feed::new(&mut budget, &mut sum);
                assert_eq!(split(black_box(input), &mut scratch, &mut feed), Ok(()));
                assert!(sum.0 > 0, "nothing was handed on");
                sum.0
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// A sink that only counts bytes.
struct Sum(usize);

impl aiwaf_core::carriers::Sink for Sum {
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()> {
        self.0 += field.value.len();
        ControlFlow::Continue(())
    }
}

fn inputs(make: impl Fn(u64) -> Vec<u8>) -> Vec<Vec<u8>> {
    (1..=INPUTS as u64).map(make).collect()
}

fn body_of(
    kind: &'static str,
) -> impl Fn(&[u8], &mut Scratch, &mut Feed<'_, Sum>) -> Result<(), Halt> {
    move |bytes, scratch, feed| {
        let body = Body {
            content_type: Some(kind.as_bytes()),
            content_encoding: None,
            bytes,
        };
        body::split(body, scratch, feed)
    }
}

fn carriers(c: &mut Criterion) {
    bench(
        c,
        "query 100 B",
        &inputs(|seed| pairs(seed, "&", 100)),
        |raw, scratch, feed| query::split(raw, query::QUERY, scratch, feed),
    );
    bench(
        c,
        "form 1 KiB",
        &inputs(|seed| pairs(seed, "&", 1024)),
        body_of("application/x-www-form-urlencoded"),
    );
    let escaped = inputs(|seed| pairs(seed, "%20+&", 1024));
    bench(
        c,
        "form 1 KiB, escapes",
        &escaped,
        body_of("application/x-www-form-urlencoded"),
    );
    bench(
        c,
        "cookies 1 KiB",
        &inputs(|seed| pairs(seed, "; ", 1024)),
        cookies::split,
    );
    bench(
        c,
        "json 1 KiB",
        &inputs(|seed| json(seed, 1024)),
        body_of("application/json"),
    );
    bench(
        c,
        "json 64 KiB",
        &inputs(|seed| json(seed, 64 << 10)),
        body_of("application/json"),
    );
    bench(
        c,
        "xml 64 KiB",
        &inputs(|seed| xml(seed, 64 << 10)),
        body_of("application/xml"),
    );
    bench(
        c,
        "multipart 64 KiB",
        &inputs(multipart),
        body_of("multipart/form-data; boundary=boundary"),
    );
    let agents = inputs(|seed| {
        format!("Mozilla/5.0 (X11; Linux x86_64; rv:{seed}.0) Gecko/20100101 Firefox/{seed}.0")
            .into_bytes()
    });
    bench(
        c,
        "headers of a browser",
        &agents,
        |agent, scratch, feed| {
            let lines: [(&str, &[u8]); 12] = [
            ("host", b"shop.example"),
            ("user-agent", agent),
            ("accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
            ("accept-language", b"de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7"),
            ("accept-encoding", b"gzip, deflate, br, zstd"),
            ("referer", b"https://shop.example/items/17"),
            ("connection", b"keep-alive"),
            ("cookie", b"session=0123456789abcdef; theme=dark"),
            ("upgrade-insecure-requests", b"1"),
            ("sec-fetch-dest", b"document"),
            ("sec-fetch-mode", b"navigate"),
            ("sec-fetch-site", b"same-origin"),
        ];
            headers::split(lines, scratch, feed)
        },
    );
}

criterion_group!(benches, carriers);
criterion_main!(benches);
