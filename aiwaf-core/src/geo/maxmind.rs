//! Countries from the bytes of a MaxMind DB file.

use std::net::IpAddr;

use maxminddb::{MaxMindDbError, PathElement, Reader};

use super::{Country, CountryLookup};

/// Where databases keep the country code: those of MaxMind and DB-IP, of IPinfo, and older ones of
/// IPinfo.
const PATHS: [&[PathElement<'static>]; 3] = [
    &[PathElement::Key("country"), PathElement::Key("iso_code")],
    &[PathElement::Key("country_code")],
    &[PathElement::Key("country")],
];
/// How many networks are searched for a country before the database is taken to have none.
const SEARCHED: usize = 10_000;

/// Why bytes cannot be used as a country database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CountryDatabaseError {
    /// The bytes are not a MaxMind DB, or a damaged one.
    #[error("not a valid MaxMind DB file: {0}")]
    Unsound(#[from] Box<MaxMindDbError>),
    /// The database has no countries.
    #[error(
        "the MaxMind DB file of type {0:?} has no country for any network; expected a country or city database"
    )]
    NoCountry(String),
}

/// Looks up countries in a MaxMind DB file that is held in memory: GeoLite2 and GeoIP2 (Country or
/// City), DB-IP, IPinfo.
pub struct MaxMindCountries {
    reader: Reader<Vec<u8>>,
    path: &'static [PathElement<'static>],
}

impl std::fmt::Debug for MaxMindCountries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MaxMindCountries")
            .field("database_type", &self.reader.metadata().database_type)
            .finish_non_exhaustive()
    }
}

impl MaxMindCountries {
    /// Takes the bytes of a file and reads them once completely to check that they are valid. This
    /// takes about a second for a large file.
    ///
    /// # Errors
    /// If the bytes are not a MaxMind DB, or a damaged one, or one without countries.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CountryDatabaseError> {
        let reader = Reader::from_source(bytes).map_err(Box::new)?;
        reader.verify().map_err(Box::new)?;
        let path = country_path(&reader).map_err(Box::new)?;
        match path {
            Some(path) => Ok(Self { reader, path }),
            None => Err(CountryDatabaseError::NoCountry(
                reader.metadata().database_type.clone(),
            )),
        }
    }
}

/// The path under which this database keeps the country code.
fn country_path(
    reader: &Reader<Vec<u8>>,
) -> Result<Option<&'static [PathElement<'static>]>, MaxMindDbError> {
    for network in reader.networks(Default::default())?.take(SEARCHED) {
        let network = network?;
        let found = PATHS.into_iter().find(|path| {
            // A database may keep a name where another keeps a map. Such a path cannot be decoded
            // there.
            let code = network.decode_path::<&str>(path).ok().flatten();
            code.is_some_and(|code| code.parse::<Country>().is_ok())
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

impl CountryLookup for MaxMindCountries {
    fn country(&self, address: IpAddr) -> Option<Country> {
        let found = self.reader.lookup(address).ok()?;
        let code = found.decode_path::<&str>(self.path).ok()??;
        code.parse().ok()
    }
}
