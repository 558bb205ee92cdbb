//! The texts of the probes, grouped by target.
//!
//! They come from public scanners, word lists and the logs of ordinary web servers. A text that is
//! also a word in ordinary paths is listed under [`Start::Root`](super::Start::Root) or together
//! with the part that follows it.

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
