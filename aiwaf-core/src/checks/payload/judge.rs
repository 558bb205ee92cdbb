//! Where every value of a request ends up.

use std::ops::ControlFlow;

use crate::carriers::{Carrier, Field, Sink};
use crate::payload::{Detector, Findings, Paranoia, Scratch};
use crate::settings::PayloadExemption;

/// Judges the fields that a carrier is split into.
pub(super) struct Judge<'a> {
    pub(super) detector: &'a Detector,
    pub(super) paranoia: Paranoia,
    pub(super) scratch: &'a mut Scratch,
    pub(super) findings: &'a mut Findings,
    pub(super) exempt: &'a [PayloadExemption],
    /// The normalised path, which exemptions are for.
    pub(super) path: &'a [u8],
}

impl Sink for Judge<'_> {
    fn field(&mut self, field: Field<'_>) -> ControlFlow<()> {
        let paranoia = self.paranoia;
        if self.exempt.is_empty() {
            self.detector
                .judge(field, paranoia, self.scratch, self.findings);
        } else {
            self.judge_with_exemptions(field);
        }
        // Twice the threshold: whatever else comes, the answer will not change.
        if self.findings.total() >= paranoia.threshold().saturating_mul(2) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

impl Judge<'_> {
    /// Judges a field by itself, and keeps of the findings only what no exemption is for.
    fn judge_with_exemptions(&mut self, field: Field<'_>) {
        let mut own = Findings::new();
        self.detector
            .judge(field, self.paranoia, self.scratch, &mut own);
        if own.is_empty() {
            return;
        }
        let (path, name) = (self.path, field.name);
        let applies = |exemption: &&PayloadExemption| {
            exemption.covers(path) && is_value(field.carrier) && exemption.names(name)
        };
        let exempt: Vec<_> = self.exempt.iter().filter(applies).collect();
        self.findings.absorb(own, |finding| {
            exempt
                .iter()
                .any(|exemption| exemption.spares(finding.category.as_str()))
        });
    }
}

/// What an application names a field for: no path, no header, no name that the client chose.
fn is_value(carrier: Carrier) -> bool {
    !carrier.is_name()
        && !matches!(
            carrier,
            Carrier::Path | Carrier::Header | Carrier::PartHeader
        )
}
