//! The whitelist and the blacklist.

use std::time::{Duration, SystemTime};

use aiwaf_core::store::{AllowedNetwork, Change, DeniedNetwork, Origin, StoreError};
use ipnet::IpNet;

use super::entries::{end, parse_network};
use super::held::Subject;
use super::{Manager, ManagerError, Width, is_in_force, now};

impl Manager {
    /// The whitelist, sorted by network.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_whitelist(&mut self) -> Result<Vec<AllowedNetwork>, StoreError> {
        let mut list = self.records()?.allowed;
        list.sort_by_key(|allowed| allowed.network);
        Ok(list)
    }

    /// The blacklist, sorted by network, without entries that have ended.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_blacklist(&mut self) -> Result<Vec<DeniedNetwork>, StoreError> {
        let now = SystemTime::now();
        let mut list = self.records()?.denied;
        list.retain(|denied| is_in_force(denied, now));
        list.sort_by_key(|denied| denied.network);
        Ok(list)
    }

    /// Lets an address or a network pass every check.
    ///
    /// # Errors
    /// If it is not an address or network, or is too wide.
    pub fn add_whitelist(&mut self, network: &str, width: Width) -> Result<bool, ManagerError> {
        let network = parse_network(network, width)?;
        // An existing entry keeps its date.
        let same = self.about([Subject::Allowed(network)])?.allowed;
        if !same.is_empty() {
            return Ok(false);
        }
        let added = now();
        self.make(&[Change::Allow(AllowedNetwork { network, added })])
    }

    /// Removes an address or a network from the whitelist.
    ///
    /// # Errors
    /// If it is not an address or network.
    pub fn remove_whitelist(&mut self, network: &str) -> Result<bool, ManagerError> {
        let network = parse_network(network, Width::Forced)?;
        self.make(&[Change::Disallow(network)])
    }

    /// Refuses an address or a network, for a while or (`None`) permanently. This replaces an
    /// automatic ban of the same network.
    ///
    /// # Errors
    /// If it is not an address or network, is too wide, or the duration is zero or over 1000 years.
    pub fn add_blacklist(
        &mut self,
        network: &str,
        reason: &str,
        duration: Option<Duration>,
        width: Width,
    ) -> Result<bool, ManagerError> {
        let network = parse_network(network, width)?;
        let added = now();
        let until = duration.map(|duration| end(added, duration)).transpose()?;
        let is_there = |old: &DeniedNetwork| {
            old.origin == Origin::Manual
                && old.reason == reason
                && (old.until, until) == (None, None)
        };
        let same = self.about([Subject::Denied(network)])?.denied;
        if same.iter().any(is_there) {
            return Ok(false);
        }
        self.make(&[Change::Deny(DeniedNetwork {
            network,
            reason: reason.to_owned(),
            added,
            until,
            origin: Origin::Manual,
            evidence: None,
        })])
    }

    /// Removes an address or a network from the blacklist, whoever added it. A running firewall
    /// also forgets its strikes and offences.
    ///
    /// For a single address this also ends the automatic bans that cover it, of its IPv6 prefix or
    /// of a whole neighbourhood. Wider networks that a person listed stay.
    ///
    /// # Errors
    /// If it is not an address or network.
    pub fn remove_blacklist(&mut self, network: &str) -> Result<bool, ManagerError> {
        let network = parse_network(network, Width::Forced)?;
        let mut changes = vec![Change::Undeny(network)];
        if network.prefix_len() == network.max_prefix_len() {
            let over = self.about(wider(network).map(Subject::Denied))?.denied;
            let bans = over.iter().filter(|old| old.origin != Origin::Manual);
            changes.extend(bans.map(|ban| Change::EndBan(ban.network)));
        }
        self.make(&changes)
    }
}

/// The networks that contain a network, without the network itself.
fn wider(network: IpNet) -> impl Iterator<Item = IpNet> {
    (0..network.prefix_len())
        .filter_map(move |length| IpNet::new(network.addr(), length).ok())
        .map(|wider| wider.trunc())
}
