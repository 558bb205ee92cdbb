//! Maps the columns of each file to records.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use aiwaf_core::client::{canonical_network, host_network};
use aiwaf_core::policy::ExemptPath;
use aiwaf_core::store::{
    AllowedNetwork, Change, CountryRecord, DeniedNetwork, ExemptPathRecord, KeywordRecord, Origin,
};
use ipnet::IpNet;

use super::sheet::{Cells, Listed, Sheet};
use super::stamp;

/// The reason of a denial whose file has no reason column.
const NO_REASON: &str = "No reason provided";

fn read_network(cells: &Cells<'_>) -> Result<IpNet, String> {
    let text = cells.filled("ip").ok_or("it has no address")?;
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(host_network))
        .map(canonical_network)
        .map_err(|_| format!("{text:?} is not an address or network"))
}

/// A single address is written as one.
fn write_network(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// The date that a record was added. If it is unreadable, only the date is lost.
fn read_added(cells: &Cells<'_>, problems: &mut Vec<String>) -> SystemTime {
    let Some(text) = cells.filled("added_date") else {
        return UNIX_EPOCH;
    };
    stamp::read(text).unwrap_or_else(|| {
        problems.push(format!(
            "{text:?} is not a date; expected for example 2025-09-14T10:30:00Z"
        ));
        UNIX_EPOCH
    })
}

impl Listed for AllowedNetwork {
    type Key = IpNet;
    const FILE: &'static str = "whitelist.csv";
    const HEADER: &'static [&'static str] = &["ip", "added_date"];

    fn key(&self) -> IpNet {
        self.network
    }

    fn read(cells: &Cells<'_>, problems: &mut Vec<String>) -> Result<Self, String> {
        Ok(Self {
            network: read_network(cells)?,
            added: read_added(cells, problems),
        })
    }

    fn write(&self) -> Vec<(&'static str, String)> {
        vec![
            ("ip", write_network(self.network)),
            ("added_date", stamp::write(self.added)),
        ]
    }

    fn change(sheet: &mut Sheet<Self>, change: &Change) -> bool {
        match change {
            Change::Allow(new) => sheet.put(new),
            Change::Disallow(network) => sheet.remove(network),
            _ => false,
        }
    }
}

impl Listed for DeniedNetwork {
    type Key = IpNet;
    const FILE: &'static str = "blacklist.csv";
    const HEADER: &'static [&'static str] =
        &["ip", "reason", "added_date", "extended_request_info"];

    fn key(&self) -> IpNet {
        self.network
    }

    /// A denial with unreadable details still denies: a typing error must not let anybody in.
    fn read(cells: &Cells<'_>, problems: &mut Vec<String>) -> Result<Self, String> {
        let network = read_network(cells)?;
        let (reason, added) = read_reason_and_date(cells, problems);
        let until = cells.filled("until").and_then(|text| {
            let until = stamp::read(text);
            if until.is_none() {
                problems.push(format!(
                    "{text:?} is not a valid end date; the ban is treated as permanent"
                ));
            }
            until
        });
        let origin = match cells.filled("cause") {
            None => Origin::Manual,
            Some(cause) => Origin::Automatic {
                cause: cause.to_owned(),
                offences: read_offences(cells, problems),
            },
        };
        let evidence = cells
            .get("extended_request_info")
            .filter(|text| !text.is_empty());
        Ok(Self {
            network,
            reason,
            added,
            until,
            origin,
            evidence: evidence.map(str::to_owned),
        })
    }

    fn write(&self) -> Vec<(&'static str, String)> {
        let (cause, offences) = match &self.origin {
            Origin::Manual => (String::new(), String::new()),
            Origin::Automatic { cause, offences } => (cause.clone(), offences.to_string()),
        };
        vec![
            ("ip", write_network(self.network)),
            ("reason", self.reason.clone()),
            ("added_date", stamp::write(self.added)),
            (
                "extended_request_info",
                self.evidence.clone().unwrap_or_default(),
            ),
            ("until", self.until.map(stamp::write).unwrap_or_default()),
            ("cause", cause),
            ("offences", offences),
        ]
    }

    fn change(sheet: &mut Sheet<Self>, change: &Change) -> bool {
        match change {
            Change::Deny(new) => {
                sheet.get(&new.network).is_none_or(|old| old.yields_to(new)) && sheet.put(new)
            }
            Change::Undeny(network) => sheet.remove(network),
            Change::EndBan(network) => {
                let automatic = |old: &DeniedNetwork| old.origin != Origin::Manual;
                sheet.get(network).is_some_and(automatic) && sheet.remove(network)
            }
            _ => false,
        }
    }
}

/// Two writers of the predecessor write these columns in different orders to the same file, so a
/// row may have them in the reverse order of its header.
fn read_reason_and_date(cells: &Cells<'_>, problems: &mut Vec<String>) -> (String, SystemTime) {
    let reason = cells.get("reason");
    let date = cells.filled("added_date");
    if let (Some(reason), Some(date)) = (reason, date)
        && stamp::read(date).is_none()
        && let Some(added) = stamp::read(reason)
    {
        return (date.to_owned(), added);
    }
    (
        reason.unwrap_or(NO_REASON).to_owned(),
        read_added(cells, problems),
    )
}

fn read_offences(cells: &Cells<'_>, problems: &mut Vec<String>) -> u8 {
    let text = cells.filled("offences").unwrap_or("1");
    text.parse().unwrap_or_else(|_| {
        problems.push(format!(
            "{text:?} is not a number of offences; expected 1 to 255"
        ));
        1
    })
}

impl Listed for KeywordRecord {
    type Key = String;
    const FILE: &'static str = "keywords.csv";
    const HEADER: &'static [&'static str] = &["keyword", "added_date"];

    fn key(&self) -> String {
        self.keyword.clone()
    }

    fn read(cells: &Cells<'_>, problems: &mut Vec<String>) -> Result<Self, String> {
        Ok(Self {
            keyword: cells
                .filled("keyword")
                .ok_or("it has no keyword")?
                .to_owned(),
            added: read_added(cells, problems),
        })
    }

    fn write(&self) -> Vec<(&'static str, String)> {
        vec![
            ("keyword", self.keyword.clone()),
            ("added_date", stamp::write(self.added)),
        ]
    }

    fn change(sheet: &mut Sheet<Self>, change: &Change) -> bool {
        match change {
            Change::AddKeyword(new) => sheet.put(new),
            Change::RemoveKeyword(keyword) => sheet.remove(keyword),
            _ => false,
        }
    }
}

impl Listed for ExemptPathRecord {
    type Key = String;
    const FILE: &'static str = "path_exemptions.csv";
    const HEADER: &'static [&'static str] = &["path", "reason", "added_date"];

    fn key(&self) -> String {
        self.path.clone()
    }

    fn read(cells: &Cells<'_>, problems: &mut Vec<String>) -> Result<Self, String> {
        let path = cells.filled("path").ok_or("it has no path")?;
        // An invalid pattern would be listed but exempt nothing.
        ExemptPath::parse(path).map_err(|error| error.to_string())?;
        Ok(Self {
            path: path.to_owned(),
            reason: cells.get("reason").unwrap_or_default().to_owned(),
            added: read_added(cells, problems),
        })
    }

    fn write(&self) -> Vec<(&'static str, String)> {
        vec![
            ("path", self.path.clone()),
            ("reason", self.reason.clone()),
            ("added_date", stamp::write(self.added)),
        ]
    }

    fn change(sheet: &mut Sheet<Self>, change: &Change) -> bool {
        match change {
            Change::AddExemptPath(new) => sheet.put(new),
            Change::RemoveExemptPath(path) => sheet.remove(path),
            _ => false,
        }
    }
}

impl Listed for CountryRecord {
    type Key = String;
    const FILE: &'static str = "geo_blocked_countries.csv";
    const HEADER: &'static [&'static str] = &["country", "added_date"];

    fn key(&self) -> String {
        self.country.clone()
    }

    fn read(cells: &Cells<'_>, problems: &mut Vec<String>) -> Result<Self, String> {
        let country = cells
            .filled("country")
            .ok_or("it has no country")?
            .to_ascii_uppercase();
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(format!(
                "{country:?} is not a country; expected a code of two letters"
            ));
        }
        let added = read_added(cells, problems);
        Ok(Self { country, added })
    }

    fn write(&self) -> Vec<(&'static str, String)> {
        vec![
            ("country", self.country.clone()),
            ("added_date", stamp::write(self.added)),
        ]
    }

    fn change(sheet: &mut Sheet<Self>, change: &Change) -> bool {
        match change {
            Change::AddCountry(new) => sheet.put(new),
            Change::RemoveCountry(code) => sheet.remove(code),
            _ => false,
        }
    }
}
