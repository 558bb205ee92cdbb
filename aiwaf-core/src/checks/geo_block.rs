//! `geo_block`: the country of the client.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Check, Inspection, Outcome};
use crate::client::{Standing, is_inside};
use crate::geo::{Countries, Country};
use crate::protection::Protection;
use crate::verdict::Cause;

#[derive(Debug)]
pub(crate) struct GeoBlock {
    countries: Arc<Countries>,
}

impl GeoBlock {
    pub(crate) fn new(countries: Arc<Countries>) -> Self {
        Self { countries }
    }

    /// The country of an address. Internal addresses have no country, whatever the database says.
    fn country(&self, address: IpAddr) -> Option<Country> {
        if is_inside(address) {
            return None;
        }
        self.countries.find(address)
    }
}

impl Check for GeoBlock {
    fn name(&self) -> &'static str {
        Protection::GeoBlock.name()
    }

    fn protection(&self) -> Protection {
        Protection::GeoBlock
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        let rules = &request.policy.geo;
        let Some(client) = request.client.filter(|_| !rules.is_empty()) else {
            return Outcome::Pass;
        };
        // A health check from a proxy is not a visitor.
        if client.standing == Standing::TrustedProxy {
            return Outcome::Pass;
        }
        let country = self.country(client.address);
        if rules.refuses(country) {
            return Outcome::Refuse(Cause::Country { country });
        }
        Outcome::Pass
    }
}
