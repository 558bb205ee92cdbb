//! The records of a store, indexed by subject, so that one change among thousands does not search
//! all of them.

use std::collections::BTreeMap;

use aiwaf_core::store::{Change, Records, RowProblem};
use ipnet::IpNet;

use super::entries::{folded_keyword, folded_path};

/// The subject of a record. Records with the same subject differ only in spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Allowed(IpNet),
    Denied(IpNet),
    Keyword(String),
    Path(String),
    Country(String),
}

impl Subject {
    pub(super) fn keyword(keyword: &str) -> Self {
        Self::Keyword(folded_keyword(keyword))
    }

    pub(super) fn path(path: &str) -> Self {
        Self::Path(folded_path(path))
    }

    fn of(change: &Change) -> Self {
        match change {
            Change::Allow(new) => Self::Allowed(new.network),
            Change::Disallow(network) => Self::Allowed(*network),
            Change::Deny(new) => Self::Denied(new.network),
            Change::Undeny(network) | Change::EndBan(network) => Self::Denied(*network),
            Change::AddKeyword(new) => Self::keyword(&new.keyword),
            Change::RemoveKeyword(keyword) => Self::keyword(keyword),
            Change::AddExemptPath(new) => Self::path(&new.path),
            Change::RemoveExemptPath(path) => Self::path(path),
            Change::AddCountry(new) => Self::Country(new.country.clone()),
            Change::RemoveCountry(code) => Self::Country(code.clone()),
        }
    }
}

/// See the [module](self).
#[derive(Default)]
pub(super) struct Held {
    about: BTreeMap<Subject, Records>,
    problems: Vec<RowProblem>,
}

impl Held {
    pub(super) fn new(records: Records) -> Self {
        let mut held = Self {
            problems: records.problems,
            ..Self::default()
        };
        for allowed in records.allowed {
            let about = held.place(Subject::Allowed(allowed.network));
            about.allowed.push(allowed);
        }
        for denied in records.denied {
            let about = held.place(Subject::Denied(denied.network));
            about.denied.push(denied);
        }
        for keyword in records.keywords {
            let about = held.place(Subject::keyword(&keyword.keyword));
            about.keywords.push(keyword);
        }
        for path in records.exempt_paths {
            let about = held.place(Subject::path(&path.path));
            about.exempt_paths.push(path);
        }
        for country in records.countries {
            let about = held.place(Subject::Country(country.country.clone()));
            about.countries.push(country);
        }
        held
    }

    fn place(&mut self, subject: Subject) -> &mut Records {
        self.about.entry(subject).or_default()
    }

    /// Makes a change; returns whether anything changed.
    pub(super) fn apply(&mut self, change: &Change) -> bool {
        self.place(Subject::of(change)).apply(change)
    }

    /// The records about these subjects.
    pub(super) fn about(&self, subjects: impl IntoIterator<Item = Subject>) -> Records {
        let found = subjects
            .into_iter()
            .filter_map(|subject| self.about.get(&subject));
        together(found)
    }

    /// All records.
    pub(super) fn records(&self) -> Records {
        let mut records = together(self.about.values());
        records.problems.clone_from(&self.problems);
        records
    }
}

fn together<'a>(parts: impl Iterator<Item = &'a Records>) -> Records {
    let mut records = Records::default();
    for part in parts {
        records.allowed.extend_from_slice(&part.allowed);
        records.denied.extend_from_slice(&part.denied);
        records.keywords.extend_from_slice(&part.keywords);
        records.exempt_paths.extend_from_slice(&part.exempt_paths);
        records.countries.extend_from_slice(&part.countries);
    }
    records
}
