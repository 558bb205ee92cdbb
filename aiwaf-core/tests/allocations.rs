//! An allowed request allocates nothing.

mod browser;

use aiwaf_core::{Firewall, ResponseView, Verdict};
use browser::Visitor;

#[test]
fn a_benign_browser_get_allocates_nothing() {
    let firewall = Firewall::builder()
        .routes(["/", "/products/{id}", "/login"])
        .build()
        .unwrap();
    // Allocations once per thread do not count as part of a request: a shard's first table, a
    // thread's slot in the policy, the buffers for judging a value that the gate does not pass. A
    // cookie of visitor 13 has digits that a signature begins with, so it is judged.
    for number in [0, 13] {
        serve(&firewall, &Visitor::new(number));
    }
    let allocated = |visitor: &Visitor| allocation_counter::measure(|| serve(&firewall, visitor));
    let visitors: Vec<Visitor> = (1..200).map(Visitor::new).collect();
    // A new client may be the one for whom a table grows: in one run of a hundred, one of these.
    let grown = visitors
        .iter()
        .filter(|visitor| allocated(visitor).count_total > 0);
    assert!(grown.count() <= 4);
    for (number, visitor) in visitors.iter().enumerate() {
        let counted = allocated(visitor);
        assert_eq!(
            counted.count_total, 0,
            "visitor {number}: {} bytes",
            counted.bytes_total
        );
    }
}

#[test]
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| {
        std::hint::black_box(vec![1_u8; 100]);
    });
    assert_eq!(counted.count_total, 1);
}

fn serve(firewall: &Firewall, visitor: &Visitor) {
    let headers = visitor.headers();
    let (verdict, exchange) = firewall.inspect(&visitor.view(&headers));
    assert_eq!(verdict, Verdict::Allow);
    firewall.observe(exchange, &ResponseView::new(200));
}
