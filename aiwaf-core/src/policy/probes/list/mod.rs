//! The texts, by what they look for.
//!
//! They are what public scanners, word lists and the logs of any web server show being asked for. A text that
//! is also a word of ordinary paths stands under [`Start::Root`](super::Start::Root) or with the part behind it.

mod consoles;
mod devices;
mod leftovers;
mod products;
mod scripts;
mod secrets;

use super::Group;

/// Every group of built-in probes.
pub(super) const GROUPS: [&[Group]; 6] = [
    scripts::GROUPS,
    secrets::GROUPS,
    leftovers::GROUPS,
    consoles::GROUPS,
    devices::GROUPS,
    products::GROUPS,
];
