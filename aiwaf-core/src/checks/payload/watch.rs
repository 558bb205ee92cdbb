//! Judges a multipart body that is longer than the held part, part by part while it streams.

use std::sync::Arc;

use super::body::limit;
use super::judge::Judge;
use super::{Workbench, conclude, exemptions};
use crate::carriers::content_type::ContentType;
use crate::carriers::multipart::Multipart;
use crate::carriers::{Budget, Feed, Halt};
use crate::checks::{Inspection, Outcome, Watch};
use crate::headers::Header;
use crate::held::{BodyBudget, Charge};
use crate::payload::Detector;
use crate::redact::SecretNames;
use crate::settings::{PayloadExemption, PayloadSettings};
use crate::verdict::Cause;

pub(super) struct MultipartWatch {
    detector: Arc<Detector>,
    settings: PayloadSettings,
    exempt: Vec<PayloadExemption>,
    secrets: SecretNames,
    path: Vec<u8>,
    /// `None` once the body has ended or can no longer be parsed.
    multipart: Option<Multipart>,
    /// Charged for the bytes that `multipart` keeps.
    charge: Charge,
    budget: Budget,
    bench: Workbench,
}

impl MultipartWatch {
    /// A watch over the body of this request, or the cause to refuse it if parsers would disagree
    /// about its boundary.
    pub(super) fn new(detector: &Arc<Detector>, request: &Inspection<'_>) -> Result<Self, Cause> {
        let content_type = request.headers.get(Header::ContentType).unwrap_or_default();
        let multipart =
            Multipart::new(&ContentType::parse(content_type)).map_err(Cause::PayloadMalformed)?;
        let settings = request.policy.settings.payload.clone();
        Ok(Self {
            detector: Arc::clone(detector),
            path: request.path.as_bytes().to_vec(),
            multipart: Some(multipart),
            charge: Charge::none(BodyBudget::process()).of(request.client.as_ref()),
            budget: Budget::new(settings.limits(limit(request))),
            bench: Workbench::default(),
            exempt: exemptions(&settings, request).to_vec(),
            secrets: request.policy.secrets.clone(),
            settings,
        })
    }

    fn step(&mut self, bytes: Option<&[u8]>) -> Outcome {
        let Workbench {
            carriers,
            payload,
            findings,
        } = &mut self.bench;
        let mut judge = Judge {
            detector: &self.detector,
            paranoia: self.settings.paranoia(),
            scratch: payload,
            findings,
            exempt: &self.exempt,
            path: &self.path,
        };
        let mut feed = Feed::new(&mut self.budget, &mut judge);
        let end: Result<(), Halt> = match bytes {
            Some(bytes) => match &mut self.multipart {
                Some(multipart) => multipart.push(bytes, carriers, &mut feed),
                None => Ok(()),
            },
            None => match self.multipart.take() {
                Some(multipart) => multipart.finish(carriers, &mut feed),
                None => Ok(()),
            },
        };
        if end.is_err() {
            // Nothing after this point can be parsed, and bytes that are not parsed must not be
            // kept.
            self.multipart = None;
        }
        let outcome = conclude(&self.settings, &self.secrets, findings, end);
        let held = self.multipart.as_ref().map_or(0, Multipart::held);
        if outcome == Outcome::Pass && !self.charge.set(held) {
            return Outcome::Refuse(Cause::NoRoomForBody);
        }
        outcome
    }
}

impl Watch for MultipartWatch {
    fn chunk(&mut self, bytes: &[u8]) -> Outcome {
        self.step(Some(bytes))
    }

    fn end(&mut self) -> Outcome {
        self.step(None)
    }
}

/// A body that was refused before its first byte.
pub(in crate::checks) struct Refused(pub(in crate::checks) Cause);

impl Watch for Refused {
    fn chunk(&mut self, _: &[u8]) -> Outcome {
        Outcome::Refuse(self.0.clone())
    }

    fn end(&mut self) -> Outcome {
        Outcome::Refuse(self.0.clone())
    }
}
