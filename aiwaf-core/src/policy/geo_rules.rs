//! The rules about which countries are refused, compiled.

use crate::geo::Country;
use crate::settings::{Preset, Settings, UnknownCountry};
use crate::store::CountryRecord;

/// A set of countries, with one bit for each pair of letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct CountrySet([u64; 11]);

impl FromIterator<Country> for CountrySet {
    fn from_iter<I: IntoIterator<Item = Country>>(countries: I) -> Self {
        let mut set = Self::default();
        for country in countries {
            let number = country.number();
            if let Some(word) = set.0.get_mut(number / 64) {
                *word |= 1 << (number % 64);
            }
        }
        set
    }
}

impl CountrySet {
    fn contains(&self, country: Country) -> bool {
        let number = country.number();
        let word = self.0.get(number / 64).copied().unwrap_or_default();
        word & 1 << (number % 64) != 0
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which countries are refused.
#[derive(Clone, Copy, Debug)]
pub struct GeoRules {
    blocked: CountrySet,
    allowed: CountrySet,
    blocks_unknown: bool,
}

impl GeoRules {
    /// Combines the lists of the settings with the stored one. A record that is not a valid country
    /// is ignored.
    pub fn new(settings: &Settings, stored: &[CountryRecord]) -> Self {
        let geo = &settings.geo;
        let stored = stored
            .iter()
            .filter_map(|record| record.country.parse().ok());
        let classic = settings.preset == Preset::Classic;
        let has_allowed = !geo.allow.is_empty();
        // The predecessor's allow list disabled the block lists and let unknown countries pass.
        let blocked = if classic && has_allowed {
            CountrySet::default()
        } else {
            geo.block.iter().copied().chain(stored).collect()
        };
        let unknown = geo.unknown.unwrap_or(if has_allowed && !classic {
            UnknownCountry::Block
        } else {
            UnknownCountry::Allow
        });
        Self {
            blocked,
            allowed: geo.allow.iter().copied().collect(),
            blocks_unknown: unknown == UnknownCountry::Block,
        }
    }

    /// Whether no client can be refused, so that no country needs to be looked up.
    pub fn is_empty(&self) -> bool {
        self.blocked.is_empty() && self.allowed.is_empty() && !self.blocks_unknown
    }

    /// Whether clients of this country are refused. `None` stands for an unknown country.
    pub fn refuses(&self, country: Option<Country>) -> bool {
        match country {
            None => self.blocks_unknown,
            Some(country) => {
                self.blocked.contains(country)
                    || !self.allowed.is_empty() && !self.allowed.contains(country)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn country(code: &str) -> Country {
        code.parse().unwrap()
    }

    fn rules(preset: Preset, block: &[&str], allow: &[&str], stored: &[&str]) -> GeoRules {
        let mut settings = preset.settings();
        settings.geo.block = block.iter().map(|code| country(code)).collect();
        settings.geo.allow = allow.iter().map(|code| country(code)).collect();
        let stored: Vec<CountryRecord> = stored
            .iter()
            .map(|code| CountryRecord {
                country: (*code).to_owned(),
                added: UNIX_EPOCH,
            })
            .collect();
        GeoRules::new(&settings, &stored)
    }

    #[test]
    fn lists_combine() {
        let (balanced, classic) = (Preset::Balanced, Preset::Classic);
        for (rules, expected) in [
            (rules(balanced, &[], &[], &[]), [false, false, false]),
            (rules(balanced, &["US"], &[], &[]), [true, false, false]),
            (
                rules(balanced, &["us"], &[], &["fr", "nowhere"]),
                [true, true, false],
            ),
            (rules(balanced, &[], &["US"], &[]), [false, true, true]),
            (
                rules(balanced, &["US"], &["US", "FR"], &[]),
                [true, false, true],
            ),
            (
                rules(balanced, &[], &["US", "FR"], &["FR"]),
                [false, true, true],
            ),
            (
                rules(classic, &["US"], &["US"], &["FR"]),
                [false, true, false],
            ),
            (rules(classic, &["US"], &[], &["FR"]), [true, true, false]),
        ] {
            let found = [Some(country("US")), Some(country("FR")), None].map(|c| rules.refuses(c));
            assert_eq!(found, expected, "{rules:?}");
        }
    }

    #[test]
    fn every_pair_of_letters_is_a_country_of_its_own() {
        let all: Vec<Country> = (b'A'..=b'Z')
            .flat_map(|a| (b'A'..=b'Z').map(move |b| [a, b]))
            .map(|pair| std::str::from_utf8(&pair).unwrap().parse().unwrap())
            .collect();
        for one in &all {
            let set: CountrySet = [*one].into_iter().collect();
            assert!(
                all.iter()
                    .all(|other| set.contains(*other) == (one == other))
            );
        }
    }
}
