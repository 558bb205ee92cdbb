//! A store in memory.

use std::collections::BTreeMap;

use aiwaf_core::store::{
    AllowedNetwork, Change, CountryRecord, DeniedNetwork, ExemptPathRecord, KeywordRecord, Origin,
    Records, Store, StoreError, StoreVersion,
};
use ipnet::IpNet;

/// Keeps records for as long as it lives. No other process sees them.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    allowed: BTreeMap<IpNet, AllowedNetwork>,
    denied: BTreeMap<IpNet, DeniedNetwork>,
    keywords: BTreeMap<String, KeywordRecord>,
    exempt_paths: BTreeMap<String, ExemptPathRecord>,
    countries: BTreeMap<String, CountryRecord>,
}

impl MemoryStore {
    fn apply_one(&mut self, change: &Change) -> bool {
        match change {
            Change::Allow(new) => put(&mut self.allowed, new.network, new),
            Change::Disallow(network) => self.allowed.remove(network).is_some(),
            Change::Deny(new) => {
                let yields = |old: &DeniedNetwork| old.yields_to(new);
                self.denied.get(&new.network).is_none_or(yields)
                    && put(&mut self.denied, new.network, new)
            }
            Change::Undeny(network) => self.denied.remove(network).is_some(),
            Change::EndBan(network) => {
                let automatic = |old: &DeniedNetwork| old.origin != Origin::Manual;
                self.denied.get(network).is_some_and(automatic)
                    && self.denied.remove(network).is_some()
            }
            Change::AddKeyword(new) => put(&mut self.keywords, new.keyword.clone(), new),
            Change::RemoveKeyword(keyword) => self.keywords.remove(keyword).is_some(),
            Change::AddExemptPath(new) => put(&mut self.exempt_paths, new.path.clone(), new),
            Change::RemoveExemptPath(path) => self.exempt_paths.remove(path).is_some(),
            Change::AddCountry(new) => put(&mut self.countries, new.country.clone(), new),
            Change::RemoveCountry(code) => self.countries.remove(code).is_some(),
        }
    }
}

fn put<K: Ord, V: Clone + PartialEq>(map: &mut BTreeMap<K, V>, key: K, new: &V) -> bool {
    map.insert(key, new.clone()).as_ref() != Some(new)
}

impl Store for MemoryStore {
    fn describe(&self) -> String {
        "memory".to_owned()
    }

    fn load(&mut self) -> Result<Records, StoreError> {
        let mut records = Records::default();
        records.allowed = self.allowed.values().cloned().collect();
        records.denied = self.denied.values().cloned().collect();
        records.keywords = self.keywords.values().cloned().collect();
        records.exempt_paths = self.exempt_paths.values().cloned().collect();
        records.countries = self.countries.values().cloned().collect();
        Ok(records)
    }

    fn apply(&mut self, changes: &[Change]) -> Result<Vec<bool>, StoreError> {
        Ok(changes
            .iter()
            .map(|change| self.apply_one(change))
            .collect())
    }

    fn version(&mut self) -> Result<StoreVersion, StoreError> {
        Ok(StoreVersion::default())
    }
}
