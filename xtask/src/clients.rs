//! `cargo xtask clients`: measures the memory for two million distinct clients, and checks that a
//! ban survives them.

use std::net::{IpAddr, Ipv4Addr};

use aiwaf_core::{Firewall, Peer, RequestView, ResponseView, Verdict};
use anyhow::{Result, ensure};

use crate::process;

const CLIENTS: u32 = 2_000_000;
const BANNED: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// Bans one client, sends one request from each of two million others, and prints the process's
/// memory on the way.
pub(crate) fn run() -> Result<()> {
    let firewall = Firewall::builder().build()?;
    for probe in [b"/.env".as_slice(), b"/wp-login.php"] {
        ensure!(!allows(&firewall, BANNED, probe), "a probe was allowed");
    }
    ensure!(!allows(&firewall, BANNED, b"/"), "two probes ban");
    println!("{:>10}  {:>10}  {:>8}", "clients", "memory kB", "slots");
    for number in 0..=CLIENTS {
        if number.is_multiple_of(CLIENTS / 10) {
            let slots = firewall.state().rates.len();
            println!(
                "{number:>10}  {:>10}  {slots:>8}",
                process::memory(std::process::id())?
            );
        }
        // From 11.0.0.0 on, so that none of them is the banned client.
        let client = IpAddr::from((0x0b00_0000 + number).to_be_bytes());
        ensure!(allows(&firewall, client, b"/"), "{client} was refused");
    }
    ensure!(!allows(&firewall, BANNED, b"/"), "the ban is gone");
    println!("the ban set before them still holds");
    Ok(())
}

fn allows(firewall: &Firewall, client: IpAddr, target: &[u8]) -> bool {
    let view = RequestView {
        peer: Peer::Address(client),
        headers: &[("host", b"shop.example"), ("accept", b"*/*")],
        ..RequestView::new("GET", target)
    };
    let (verdict, exchange) = firewall.inspect(&view);
    let allowed = verdict == Verdict::Allow;
    firewall.observe(
        exchange,
        &ResponseView::new(if allowed { 200 } else { 403 }),
    );
    allowed
}
