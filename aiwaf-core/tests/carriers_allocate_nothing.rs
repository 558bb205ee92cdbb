//! Splitting a clean query, cookies and headers allocates nothing, and neither does a form with
//! escapes once the scratch buffers have grown.

use aiwaf_core::carriers::{Budget, Feed, Field, Halt, Limits, Scratch, cookies, headers, query};
use std::ops::ControlFlow;

fn split_all(scratch: &mut Scratch) -> Result<usize, Halt> {
    let mut bytes = 0;
    let mut sink = |field: Field<'_>| {
        bytes += field.value.len();
        ControlFlow::Continue(())
    };
    let mut budget = Budget::new(Limits::default());
    let mut feed = Feed::new(&mut budget, &mut sink);
    query::split(b"q=shoes&size=42&page=2", query::QUERY, scratch, &mut feed)?;
    query::split(b"name=O%27Brien&text=a+b", query::FORM, scratch, &mut feed)?;
    cookies::split(b"session=0123456789abcdef; theme=dark", scratch, &mut feed)?;
    let lines: [(&str, &[u8]); 4] = [
        ("accept", b"text/html,*/*;q=0.8"),
        ("user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0)"),
        ("cookie", b"a=b; c=d"),
        ("referer", b"https://shop.example/"),
    ];
    headers::split(lines, scratch, &mut feed)?;
    Ok(bytes)
}

#[test]
fn the_head_of_a_request_allocates_nothing() {
    let mut scratch = Scratch::default();
    assert!(split_all(&mut scratch).unwrap() > 100);
    let counted = allocation_counter::measure(|| {
        split_all(&mut scratch).unwrap();
    });
    assert_eq!(counted.count_total, 0);
}
