//! A set of networks as merged, sorted, disjoint ranges, each with the label of its most specific
//! network.
//!
//! The layout is the one that rule engines use for IP lists: two sorted arrays and a binary search,
//! here with an index over the top 16 bits of IPv4. A set is immutable; a new one is built off the
//! request path.

use std::net::IpAddr;

use ipnet::IpNet;

/// The index of a network in the list that the set was built from.
pub type Label = u32;

const NO_LABEL: Label = Label::MAX;

/// Networks, looked up by address. The most specific network wins.
///
/// ```
/// use aiwaf_core::policy::RangeSet;
/// let set = RangeSet::new(["10.0.0.0/8".parse().unwrap(), "10.1.0.0/16".parse().unwrap()]);
/// assert_eq!(set.find("10.1.2.3".parse().unwrap()), Some(1));
/// assert_eq!(set.find("10.2.2.3".parse().unwrap()), Some(0));
/// assert_eq!(set.find("11.2.2.3".parse().unwrap()), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RangeSet {
    v4: Ranges<u32>,
    /// For each top half of an IPv4 address, the first range that ends in or after it.
    v4_index: Vec<u32>,
    v6: Ranges<u128>,
    /// For each network, the narrowest network that contains it.
    wider: Vec<(Label, Label)>,
}

#[derive(Clone, Debug, Default)]
struct Ranges<A> {
    starts: Vec<A>,
    ends: Vec<A>,
    labels: Vec<Label>,
}

/// With fewer ranges than this, a binary search over all of them is as fast as the index.
const INDEX_FROM: usize = 256;

impl RangeSet {
    /// Builds the set. A label is the position of the network in the list.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        let mut v4 = Vec::new();
        let mut v6 = Vec::new();
        for (label, network) in networks.into_iter().enumerate() {
            let label = Label::try_from(label).unwrap_or(NO_LABEL - 1);
            match crate::client::canonical_network(network) {
                IpNet::V4(net) => {
                    v4.push((u32::from(net.network()), u32::from(net.broadcast()), label))
                }
                IpNet::V6(net) => v6.push((
                    u128::from(net.network()),
                    u128::from(net.broadcast()),
                    label,
                )),
            }
        }
        let mut wider = Vec::new();
        let v4 = Ranges::flatten(v4, &mut wider);
        let v6 = Ranges::flatten(v6, &mut wider);
        wider.sort_unstable();
        wider.shrink_to_fit();
        Self {
            v4_index: index_v4(&v4.ends),
            v4,
            v6,
            wider,
        }
    }

    /// The label of the most specific network that contains the address.
    pub fn find(&self, address: IpAddr) -> Option<Label> {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let address = u32::from(v4);
                let top = (address >> 16) as usize;
                let (from, to) = match (self.v4_index.get(top), self.v4_index.get(top + 1)) {
                    // The last range that begins in this block may be the first one that ends in
                    // the next.
                    (Some(from), Some(to)) => {
                        (*from as usize, (*to as usize + 1).min(self.v4.ends.len()))
                    }
                    _ => (0, self.v4.ends.len()),
                };
                self.v4.find(address, from, to)
            }
            IpAddr::V6(v6) => self.v6.find(u128::from(v6), 0, self.v6.ends.len()),
        }
    }

    /// The labels of all networks that contain the address, most specific first.
    pub fn find_all(&self, address: IpAddr) -> impl Iterator<Item = Label> {
        std::iter::successors(self.find(address), |label| {
            let at = self.wider.binary_search_by_key(label, |(inner, _)| *inner);
            self.wider.get(at.ok()?).map(|(_, outer)| *outer)
        })
    }

    /// Whether any network contains the address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.find(address).is_some()
    }

    /// Whether the set has no network.
    pub fn is_empty(&self) -> bool {
        self.v4.ends.is_empty() && self.v6.ends.is_empty()
    }

    /// How many disjoint ranges the set has.
    pub fn len(&self) -> usize {
        self.v4.ends.len() + self.v6.ends.len()
    }

    /// The memory used by the arrays, in bytes.
    pub fn memory(&self) -> usize {
        self.v4.ends.capacity() * (4 + 4 + 4)
            + self.v6.ends.capacity() * (16 + 16 + 4)
            + self.v4_index.capacity() * 4
            + self.wider.capacity() * (4 + 4)
    }
}

fn index_v4(ends: &[u32]) -> Vec<u32> {
    if ends.len() < INDEX_FROM {
        return Vec::new();
    }
    let mut index = Vec::with_capacity(65_537);
    let mut at = 0;
    for top in 0..=65_536_u64 {
        while ends.get(at).is_some_and(|end| u64::from(*end) < top << 16) {
            at += 1;
        }
        index.push(u32::try_from(at).unwrap_or(u32::MAX));
    }
    index
}

trait Address: Copy + Ord {
    fn next(self) -> Option<Self>;
    fn previous(self) -> Option<Self>;
}

impl Address for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Address for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl<A: Address> Ranges<A> {
    fn find(&self, address: A, from: usize, to: usize) -> Option<Label> {
        let within = self.ends.get(from..to)?;
        let at = from + within.partition_point(|end| *end < address);
        let start = self.starts.get(at)?;
        (*start <= address).then(|| self.labels.get(at).copied())?
    }

    /// Turns nested networks into disjoint ranges, each labelled with its innermost network.
    /// Networks nest or are disjoint, so one pass with a stack of the open ones is enough. Records
    /// in `wider` which network each one is nested in.
    fn flatten(mut networks: Vec<(A, A, Label)>, wider: &mut Vec<(Label, Label)>) -> Self {
        // Outer networks come before inner ones. Of two equal networks, the later entry counts as
        // the inner one.
        networks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        let mut ranges = Self {
            starts: Vec::with_capacity(networks.len()),
            ends: Vec::with_capacity(networks.len()),
            labels: Vec::with_capacity(networks.len()),
        };
        let mut open: Vec<(A, Label)> = Vec::new();
        let mut cursor: Option<A> = None;
        for (start, end, label) in networks {
            while let Some((outer_end, outer_label)) =
                open.pop_if(|(outer_end, _)| *outer_end < start)
            {
                cursor = ranges.close(cursor, outer_end, outer_label);
            }
            if let (Some((_, outer_label)), Some(before)) = (open.last(), start.previous()) {
                ranges.close(cursor, before, *outer_label);
            }
            cursor = Some(start);
            if let Some((_, outer)) = open.last() {
                wider.push((label, *outer));
            }
            open.push((end, label));
        }
        while let Some((end, label)) = open.pop() {
            cursor = ranges.close(cursor, end, label);
        }
        ranges.starts.shrink_to_fit();
        ranges.ends.shrink_to_fit();
        ranges.labels.shrink_to_fit();
        ranges
    }

    /// Ends the current range at `end`, unless it has already ended. The next range begins after
    /// `end`.
    fn close(&mut self, cursor: Option<A>, end: A, label: Label) -> Option<A> {
        if let Some(start) = cursor
            && start <= end
        {
            self.starts.push(start);
            self.ends.push(end);
            self.labels.push(label);
            return end.next();
        }
        cursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    /// The networks that contain the address, most specific first; of equal networks, the last
    /// first.
    fn naive(networks: &[IpNet], address: IpAddr) -> Vec<Label> {
        let having = networks.iter().enumerate();
        let mut having: Vec<_> = having.filter(|(_, net)| net.contains(&address)).collect();
        having.sort_by_key(|(at, net)| std::cmp::Reverse((net.prefix_len(), *at)));
        having.into_iter().map(|(at, _)| at as Label).collect()
    }

    fn network() -> impl Strategy<Value = IpNet> {
        let v4 = (0u32..4096, 18u8..=32).prop_map(|(a, len)| {
            IpNet::new(Ipv4Addr::from(a << 4).into(), len)
                .unwrap()
                .trunc()
        });
        let v6 = (0u128..4096, 112u8..=128).prop_map(|(a, len)| {
            IpNet::new(Ipv6Addr::from((0x2001_0db8 << 96) | a).into(), len)
                .unwrap()
                .trunc()
        });
        prop_oneof![3 => v4, 1 => v6]
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_scan(networks in prop::collection::vec(network(), 0..60), probes in prop::collection::vec(0u32..70_000, 200)) {
            let set = RangeSet::new(networks.iter().copied());
            for probe in probes {
                let v4 = IpAddr::from(Ipv4Addr::from(probe));
                let v6 = IpAddr::from(Ipv6Addr::from((0x2001_0db8 << 96) | u128::from(probe)));
                prop_assert_eq!(set.find_all(v4).collect::<Vec<_>>(), naive(&networks, v4));
                prop_assert_eq!(set.find_all(v6).collect::<Vec<_>>(), naive(&networks, v6));
            }
        }

        #[test]
        fn the_index_changes_nothing(seed in prop::collection::vec((any::<u32>(), 8u8..=32), 300..400), probes: Vec<u32>) {
            let networks: Vec<IpNet> = seed.iter().map(|(a, len)| IpNet::new(Ipv4Addr::from(*a).into(), *len).unwrap().trunc()).collect();
            let indexed = RangeSet::new(networks.iter().copied());
            prop_assert!(!indexed.v4_index.is_empty() || indexed.len() < INDEX_FROM);
            let plain = RangeSet { v4_index: Vec::new(), ..indexed.clone() };
            for probe in probes.into_iter().chain(seed.iter().map(|(a, _)| *a)) {
                let address = IpAddr::from(Ipv4Addr::from(probe));
                prop_assert_eq!(indexed.find(address), plain.find(address));
                prop_assert_eq!(indexed.find(address), naive(&networks, address).first().copied());
            }
        }
    }

    #[test]
    fn the_ends_of_the_address_space_are_addresses() {
        let set = RangeSet::new([
            "255.255.255.255/32".parse().unwrap(),
            "0.0.0.0/32".parse().unwrap(),
            "::ffff:9.9.9.9/128".parse().unwrap(),
        ]);
        assert_eq!(set.find("255.255.255.255".parse().unwrap()), Some(0));
        assert_eq!(set.find("0.0.0.0".parse().unwrap()), Some(1));
        assert_eq!(set.find("9.9.9.9".parse().unwrap()), Some(2));
        assert_eq!(set.find("1.1.1.1".parse().unwrap()), None);
    }
    /// A million networks may take 12 MiB: three numbers each, and the index.
    #[test]
    fn a_network_takes_twelve_bytes() {
        let address = |number: u32| Ipv4Addr::from(0x0100_0000 + number * 2);
        let networks = (0..100_000).map(|number| IpNet::from(IpAddr::from(address(number))));
        let set = RangeSet::new(networks);
        assert_eq!(set.len(), 100_000);
        assert!(
            set.memory() <= 100_000 * 12 + 65_537 * 4,
            "{}",
            set.memory()
        );
    }
}
