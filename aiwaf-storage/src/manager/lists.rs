//! The keywords, the exempt paths and the countries.

use aiwaf_core::store::{Change, CountryRecord, ExemptPathRecord, KeywordRecord, StoreError};

use super::entries::{InvalidEntry, parse_country, parse_keyword, parse_path};
use super::held::Subject;
use super::{Manager, ManagerError, now};

impl Manager {
    /// The keywords, sorted.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_keywords(&mut self) -> Result<Vec<KeywordRecord>, StoreError> {
        let mut list = self.records()?.keywords;
        list.sort_by(|a, b| a.keyword.cmp(&b.keyword));
        Ok(list)
    }

    /// Refuses requests that contain the keyword; returns whether it is new. `Union  Select` is the
    /// same as `union select`.
    ///
    /// # Errors
    /// If it is empty or longer than 1024 bytes.
    pub fn add_keyword(&mut self, keyword: &str) -> Result<bool, ManagerError> {
        let keyword = parse_keyword(keyword)?;
        let same = self.about([Subject::keyword(&keyword)])?.keywords;
        if !same.is_empty() {
            return Ok(false);
        }
        let added = now();
        self.make(&[Change::AddKeyword(KeywordRecord { keyword, added })])
    }

    /// Removes the keyword, whatever letter case it was added in.
    ///
    /// # Errors
    /// If it is empty or longer than 1024 bytes.
    pub fn remove_keyword(&mut self, keyword: &str) -> Result<bool, ManagerError> {
        let keyword = parse_keyword(keyword)?;
        let same = self.about([Subject::keyword(&keyword)])?.keywords;
        let changes: Vec<_> = same
            .into_iter()
            .map(|old| Change::RemoveKeyword(old.keyword))
            .collect();
        self.make(&changes)
    }

    /// The exempt paths of the store, sorted, without those of the settings.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_exempt_paths(&mut self) -> Result<Vec<ExemptPathRecord>, StoreError> {
        let mut list = self.records()?.exempt_paths;
        list.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(list)
    }

    /// Exempts a path: `/path`, `/directory/` for everything under it, or `*.extension`. Letter
    /// case does not matter.
    ///
    /// # Errors
    /// If it is not such a pattern.
    pub fn add_exempt_path(&mut self, path: &str, reason: &str) -> Result<bool, ManagerError> {
        let path = parse_path(path)?;
        if path == "/" {
            return Err(InvalidEntry::EveryPath(path).into());
        }
        let is_there = |old: &ExemptPathRecord| old.path == path && old.reason == reason;
        let same = self.about([Subject::path(&path)])?.exempt_paths;
        if same.iter().any(is_there) {
            return Ok(false);
        }
        // Other spellings of it, in files written by hand, would stay beside it.
        let others = same.into_iter().filter(|old| old.path != path);
        let mut changes: Vec<_> = others
            .map(|old| Change::RemoveExemptPath(old.path))
            .collect();
        changes.push(Change::AddExemptPath(ExemptPathRecord {
            path,
            reason: reason.to_owned(),
            added: now(),
        }));
        self.make(&changes)
    }

    /// Removes an exempt path.
    ///
    /// # Errors
    /// If it is not a valid pattern.
    pub fn remove_exempt_path(&mut self, path: &str) -> Result<bool, ManagerError> {
        let same = self.about([Subject::path(path)])?.exempt_paths;
        let changes: Vec<_> = same
            .into_iter()
            .map(|old| Change::RemoveExemptPath(old.path))
            .collect();
        if changes.is_empty() {
            parse_path(path)?;
            return Ok(false);
        }
        self.make(&changes)
    }

    /// The blocked countries, sorted.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn list_countries(&mut self) -> Result<Vec<CountryRecord>, StoreError> {
        let mut list = self.records()?.countries;
        list.sort_by(|a, b| a.country.cmp(&b.country));
        Ok(list)
    }

    /// Blocks a country by its two-letter code, in any letter case.
    ///
    /// # Errors
    /// If it is not such a code.
    pub fn add_country(&mut self, country: &str) -> Result<bool, ManagerError> {
        let country = parse_country(country)?;
        let same = self.about([Subject::Country(country.clone())])?.countries;
        if !same.is_empty() {
            return Ok(false);
        }
        let added = now();
        self.make(&[Change::AddCountry(CountryRecord { country, added })])
    }

    /// Unblocks a country.
    ///
    /// # Errors
    /// If it is not a two-letter code.
    pub fn remove_country(&mut self, country: &str) -> Result<bool, ManagerError> {
        let country = parse_country(country)?;
        self.make(&[Change::RemoveCountry(country)])
    }
}
