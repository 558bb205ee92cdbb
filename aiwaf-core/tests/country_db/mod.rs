//! Writes a tiny MaxMind DB file (format 2.0): a search tree of 24-bit records over IPv6, the data,
//! the metadata.

// Only tests and benches write databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::IpAddr;

use ipnet::IpNet;

/// How a database stores the code of a country.
// Each file that includes this module uses other items of it.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layout {
    /// `{"country": {"iso_code": "DE"}}`, as MaxMind does.
    Nested,
    /// `{"country_code": "DE", "country": "Germany"}`, as IPinfo does.
    Flat,
    /// `{"country": "DE"}`
    Bare,
    /// No code at all.
    None,
}

#[derive(Clone, Copy)]
enum Record {
    Empty,
    Node(usize),
    Data(usize),
}

/// The bytes of a database with these networks, which must not overlap.
pub(crate) fn database(layout: Layout, networks: &[(&str, &str)]) -> Vec<u8> {
    let mut nodes = vec![[Record::Empty; 2]];
    let mut data = Vec::new();
    for (network, code) in networks {
        let network: IpNet = network.parse().unwrap();
        let offset = data.len();
        write_entry(layout, code, &mut data);
        insert(&mut nodes, network, offset);
    }
    let mut bytes = Vec::new();
    for record in nodes.iter().flatten() {
        let value = match *record {
            Record::Empty => nodes.len(),
            Record::Node(node) => node,
            Record::Data(offset) => nodes.len() + 16 + offset,
        };
        bytes.extend_from_slice(&(value as u32).to_be_bytes()[1..]);
    }
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(&data);
    bytes.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    write_metadata(nodes.len(), &mut bytes);
    bytes
}

fn insert(nodes: &mut Vec<[Record; 2]>, network: IpNet, offset: usize) {
    // IPv4 is stored below 96 leading zero bits.
    let (bits, length) = match network.network() {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), network.prefix_len() + 96),
        IpAddr::V6(v6) => (u128::from(v6), network.prefix_len()),
    };
    let mut at = 0;
    for depth in 0..length {
        let side = (bits >> (127 - depth) & 1) as usize;
        if depth + 1 == length {
            nodes[at][side] = Record::Data(offset);
            return;
        }
        at = match nodes[at][side] {
            Record::Node(next) => next,
            _ => {
                nodes.push([Record::Empty; 2]);
                nodes[at][side] = Record::Node(nodes.len() - 1);
                nodes.len() - 1
            }
        };
    }
}

fn write_entry(layout: Layout, code: &str, out: &mut Vec<u8>) {
    match layout {
        Layout::Nested => {
            write_map(1, out);
            write_text("country", out);
            write_map(1, out);
            write_text("iso_code", out);
            write_text(code, out);
        }
        Layout::Flat => {
            write_map(2, out);
            write_text("country", out);
            write_text("Some Country", out);
            write_text("country_code", out);
            write_text(code, out);
        }
        Layout::Bare | Layout::None => {
            write_map(1, out);
            let name = if matches!(layout, Layout::Bare) {
                "country"
            } else {
                "asn"
            };
            write_text(name, out);
            write_text(code, out);
        }
    }
}

fn write_metadata(node_count: usize, out: &mut Vec<u8>) {
    write_map(9, out);
    for (name, kind, value) in [
        ("binary_format_major_version", 5, 2),
        ("binary_format_minor_version", 5, 0),
        ("node_count", 6, node_count as u64),
        ("record_size", 5, 24),
        ("ip_version", 5, 6),
        ("build_epoch", 9, 1_767_225_600),
    ] {
        write_text(name, out);
        write_number(kind, value, out);
    }
    write_text("database_type", out);
    write_text("Test-Country", out);
    write_text("languages", out);
    // An array of one element: type 11 does not fit into the three bits of the first byte.
    out.extend_from_slice(&[1, 11 - 7]);
    write_text("en", out);
    write_text("description", out);
    write_map(1, out);
    write_text("en", out);
    write_text("test", out);
}

fn write_map(pairs: u8, out: &mut Vec<u8>) {
    out.push(7 << 5 | pairs);
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    assert!(text.len() < 29, "longer texts need a longer length");
    out.push(2 << 5 | text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

fn write_number(kind: u8, value: u64, out: &mut Vec<u8>) {
    let bytes = value.to_be_bytes();
    let digits = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(8)..];
    let length = digits.len() as u8;
    if kind < 8 {
        out.push(kind << 5 | length);
    } else {
        out.extend_from_slice(&[length, kind - 7]);
    }
    out.extend_from_slice(digits);
}
