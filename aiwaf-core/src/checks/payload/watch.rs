//! A multipart body that is longer than what is held: judged part by part while it passes.

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
    /// Gone once the body is over, or cannot be read on.
    multipart: Option<Multipart>,
    /// For what is kept of it.
    charge: Charge,
    budget: Budget,
    bench: Workbench,
}

impl MultipartWatch {
    /// A watch over a body with this head; the cause to refuse it if its boundary is one that parsers disagree about.
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
            // Nothing behind it can be read any more, and what is not read must not be kept either.
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
