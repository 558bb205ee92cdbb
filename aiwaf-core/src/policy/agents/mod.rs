//! Identifies scanners, libraries and bots by their user agents, in one pass over the value.

mod familiar;
mod list;

use std::net::IpAddr;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use familiar::unfamiliar;
use list::{CLASSIC_GOOD_BOTS, CLASSIC_SUSPECTS, GENERIC_CLIENTS, SCANNERS};

use super::RangeSet;
use super::keywords::{KeywordError, compile};
use crate::settings::{BotOrigin, GenericClients, Preset, Settings};

/// The meaning of a name in a user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Scanner(&'static str),
    Generic(&'static str),
    /// The number of a good bot in the settings.
    Bot(usize),
    /// One of the predecessor's suspect words: its place in the order.
    Suspect(usize),
    ClassicBot,
}

/// What a user agent claims about its sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The name of a vulnerability scanner.
    pub scanner: Option<&'static str>,
    /// The name of a library or tool.
    pub generic: Option<&'static str>,
    /// Whether the user agent names a good bot and the address is in that bot's networks.
    pub verified_bot: bool,
    /// A good bot that may also be verified by domain name: its number, for [`Agents::domains`].
    pub named_bot: Option<usize>,
    /// The first of the predecessor's suspect words.
    pub suspect: Option<&'static str>,
    /// Whether the user agent names one of the predecessor's good bots for which no origins are
    /// configured.
    pub classic_bot: bool,
}

/// The addresses and domains that a good bot uses.
#[derive(Debug)]
struct Origins {
    ranges: RangeSet,
    domains: Arc<[String]>,
}

impl Origins {
    fn new(origins: &[BotOrigin]) -> Self {
        let networks = origins.iter().filter_map(|origin| match origin {
            BotOrigin::Network(network) => Some(*network),
            BotOrigin::Domain(_) => None,
        });
        let domains = origins.iter().filter_map(|origin| match origin {
            BotOrigin::Network(_) => None,
            BotOrigin::Domain(domain) => Some(domain.clone()),
        });
        Self {
            ranges: RangeSet::new(networks),
            domains: domains.collect(),
        }
    }
}

/// The compiled names.
#[derive(Debug)]
pub struct Agents {
    automaton: AhoCorasick,
    sorts: Vec<Sort>,
    bots: Vec<Origins>,
    /// Whether no name can occur in, or overlap, the text that all browsers send.
    skips_familiar: bool,
}

impl Agents {
    /// Compiles the names that are relevant under these settings.
    ///
    /// # Errors
    /// If the automaton would be too large.
    pub fn new(settings: &Settings) -> Result<Self, KeywordError> {
        let classic = settings.preset == Preset::Classic;
        let bots = &settings.headers.good_bots;
        let mut names: Vec<(&str, Sort)> = Vec::new();
        names.extend(SCANNERS.iter().map(|name| (*name, Sort::Scanner(name))));
        if classic {
            let suspects = CLASSIC_SUSPECTS.iter().enumerate();
            names.extend(suspects.map(|(at, name)| (*name, Sort::Suspect(at))));
            let unverifiable = CLASSIC_GOOD_BOTS
                .iter()
                .filter(|name| !bots.keys().any(|bot| bot.eq_ignore_ascii_case(name)));
            names.extend(unverifiable.map(|name| (*name, Sort::ClassicBot)));
        } else if settings.headers.generic_clients == GenericClients::Refuse {
            let generic = GENERIC_CLIENTS.iter();
            names.extend(generic.map(|name| (*name, Sort::Generic(name))));
        }
        for (number, name) in bots.keys().enumerate() {
            names.push((name.trim(), Sort::Bot(number)));
        }
        let patterns: Vec<Vec<u8>> = names
            .iter()
            .map(|(name, _)| name.as_bytes().to_vec())
            .collect();
        let automaton =
            compile(&patterns, true).map_err(|source| KeywordError::new(patterns.len(), source))?;
        let is_word = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Ok(Self {
            skips_familiar: bots.keys().all(is_word) && !automaton.is_match(familiar::TEXTS),
            automaton,
            sorts: names.into_iter().map(|(_, sort)| sort).collect(),
            bots: bots.values().map(|origins| Origins::new(origins)).collect(),
        })
    }

    /// What a user agent claims, and whether the address confirms it.
    pub fn claims(&self, agent: &[u8], address: Option<IpAddr>) -> Claims {
        let mut found = Found::default();
        if self.skips_familiar {
            for part in unfamiliar(agent)
                .into_iter()
                .filter(|part| !part.is_empty())
            {
                self.search(part, address, &mut found);
            }
        } else {
            self.search(agent, address, &mut found);
        }
        found.claims.suspect = found
            .suspect
            .and_then(|place| CLASSIC_SUSPECTS.get(place).copied());
        found.claims
    }

    /// The domains in which a good bot's addresses have names.
    pub fn domains(&self, bot: usize) -> Option<&Arc<[String]>> {
        self.bots.get(bot).map(|origins| &origins.domains)
    }

    fn search(&self, text: &[u8], address: Option<IpAddr>, found: &mut Found) {
        for hit in self.automaton.find_overlapping_iter(text) {
            let whole = is_whole_word(text, hit.range());
            match self.sorts.get(hit.pattern().as_usize()) {
                Some(Sort::Scanner(name)) if whole => found.claims.scanner = Some(name),
                Some(Sort::Generic(name)) if whole => found.claims.generic = Some(name),
                Some(Sort::Bot(number)) if whole => {
                    let Some((bot, address)) = self.bots.get(*number).zip(address) else {
                        continue;
                    };
                    found.claims.verified_bot |= bot.ranges.contains(address);
                    if !bot.domains.is_empty() {
                        found.claims.named_bot.get_or_insert(*number);
                    }
                }
                Some(Sort::Suspect(place)) => {
                    let first = found.suspect.unwrap_or(*place).min(*place);
                    found.suspect = Some(first);
                }
                Some(Sort::ClassicBot) => found.claims.classic_bot = true,
                _ => {}
            }
        }
    }
}

#[derive(Default)]
struct Found {
    claims: Claims,
    /// The place of the first suspect in the predecessor's order.
    suspect: Option<usize>,
}

/// Whether a hit is a whole word. A letter or digit before the name, or a letter after it, makes it
/// part of another word. A version may follow (`libwhisker2`).
fn is_whole_word(text: &[u8], hit: std::ops::Range<usize>) -> bool {
    let byte = |at: Option<usize>| at.and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    let begins_inside = byte(Some(hit.start)).is_ascii_alphanumeric()
        && byte(hit.start.checked_sub(1)).is_ascii_alphanumeric();
    let ends_inside = byte(hit.end.checked_sub(1)).is_ascii_alphabetic()
        && byte(Some(hit.end)).is_ascii_alphabetic();
    !begins_inside && !ends_inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leaving_out_what_all_browsers_say_changes_nothing(
            start in prop::sample::select(vec![
                "Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (hydra)", "Mozilla/5.0 (sqlmap; x)", "Mozilla/5.0 ", "",
            ]),
            pieces in prop::collection::vec(prop::sample::select(vec![
                " AppleWebKit/", "537.36", " (KHTML, like Gecko)", " Chrome/", " Mobile", " Safari/", " Edg/", ")", " ", "1",
                "sqlmap", " ffuf", "dirb", "curl", "bot", "(hydra)", "owasp", " zap", " Gecko/", " Firefox/", "examplebot",
            ]), 0..6),
            preset in prop::sample::select(vec![Preset::Balanced, Preset::Strict, Preset::Classic]),
        ) {
            let mut settings = preset.settings();
            let ranges = vec!["66.249.64.0/19".parse().unwrap()];
            settings.headers.good_bots.insert("examplebot".into(), ranges);
            let quick = Agents::new(&settings).unwrap();
            prop_assert!(quick.skips_familiar);
            let whole = Agents { skips_familiar: false, ..Agents::new(&settings).unwrap() };
            let agent = start.to_owned() + &pieces.concat();
            let address = Some("66.249.66.1".parse().unwrap());
            prop_assert_eq!(quick.claims(agent.as_bytes(), address), whole.claims(agent.as_bytes(), address), "{}", agent);
        }
    }

    #[test]
    fn a_name_that_is_stuck_to_a_product_is_part_of_it() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140";
        let scanner = |rest: &str| claims(&Settings::default(), &format!("{chrome}{rest}")).scanner;
        assert_eq!(scanner("sqlmap"), None);
        assert_eq!(scanner(" sqlmap"), Some("sqlmap"));
        assert_eq!(scanner(" Safari/537.36 sqlmap/1.8"), Some("sqlmap"));
        assert_eq!(scanner(";nikto"), Some("nikto"));
    }

    #[test]
    fn a_bot_whose_name_is_a_browsers_turns_the_short_cut_off() {
        for name in ["Gecko", "some bot", "KHTML"] {
            let mut settings = Settings::default();
            settings.headers.good_bots.insert(name.into(), vec![]);
            assert!(!Agents::new(&settings).unwrap().skips_familiar, "{name}");
        }
    }

    fn claims(settings: &Settings, agent: &str) -> Claims {
        let agents = Agents::new(settings).unwrap();
        agents.claims(agent.as_bytes(), Some("66.249.66.1".parse().unwrap()))
    }

    #[test]
    fn scanners_are_found_wherever_their_name_stands() {
        for (agent, name) in [
            ("sqlmap/1.8.11#stable (https://sqlmap.org)", "sqlmap"),
            ("Mozilla/5.00 (Nikto/2.5.0) (Evasions:None)", "nikto"),
            ("Mozilla/5.0 zgrab/0.x", "zgrab"),
            ("masscan-ng/1.3", "masscan"),
            ("LIBWHISKER2/2.5", "libwhisker"),
            ("Fuzz Faster U Fool v2.1.0-dev", "fuzz faster u fool"),
            ("WPScan v3.8.25 (https://wpscan.com)", "wpscan"),
            ("x;nuclei", "nuclei"),
        ] {
            assert_eq!(claims(&Settings::default(), agent).scanner, Some(name));
        }
    }

    #[test]
    fn ordinary_products_are_no_scanners() {
        for agent in [
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36",
            "NucleiMed Viewer",
            "Techniktools/1.0",
            "SpannessusApp/2",
            "Mozilla/5.0 (Linux; Android 4.1; IM-A860S VEGA) AppleWebKit/534.30",
            "Opendirb0x/1",
            "Sanyo Katana/1.0",
            "QR Code Scanner/4.1 CFNetwork/1490.0.4",
            "SecurityAgent (unknown version) CFNetwork/902.2",
        ] {
            assert_eq!(
                claims(&Settings::default(), agent),
                Claims::default(),
                "{agent}"
            );
        }
    }

    #[test]
    fn generic_clients_matter_where_they_are_refused() {
        let strict = Preset::Strict.settings();
        for agent in [
            "curl/8.5.0",
            "python-requests/2.31.0",
            "Go-http-client/1.1",
            "Java/17.0.1",
        ] {
            assert_eq!(claims(&Settings::default(), agent).generic, None);
            assert!(claims(&strict, agent).generic.is_some(), "{agent}");
        }
        for agent in [
            "Javanese Keyboard/2",
            "CurlySms/1.0",
            "Pythonista3/340016 CFNetwork/1",
        ] {
            assert_eq!(claims(&strict, agent).generic, None, "{agent}");
        }
    }

    #[test]
    fn a_good_bot_is_good_where_its_address_bears_it_out() {
        let mut settings = Settings::default();
        let ranges = vec!["66.249.64.0/19".parse().unwrap()];
        settings
            .headers
            .good_bots
            .insert("Googlebot".into(), ranges);
        let agents = Agents::new(&settings).unwrap();
        let agent = b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        let from = |address: &str| agents.claims(agent, address.parse().ok()).verified_bot;
        assert!(from("66.249.66.1"));
        assert!(!from("203.0.113.7"));
        assert!(!agents.claims(agent, None).verified_bot);
    }

    #[test]
    fn the_predecessors_suspects_are_told_in_its_order() {
        let classic = Preset::Classic.settings();
        assert_eq!(claims(&classic, "curl-spider-bot").suspect, Some("bot"));
        assert_eq!(claims(&classic, "My-Nodepad").suspect, Some("node"));
        assert!(claims(&classic, "xGooglebotx").classic_bot);
    }
}
