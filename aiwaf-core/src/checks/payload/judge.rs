//! Judges every value of a request.

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
    /// The normalised path, which exemptions refer to.
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
        // Twice the threshold is reached, so no further value will change the answer.
        if self.findings.total() >= paranoia.threshold().saturating_mul(2) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

impl Judge<'_> {
    /// Whether the values judged so far are clean on every route: nothing was found, and no
    /// exemption applied.
    pub(super) fn found_nothing(&self) -> bool {
        self.findings.is_empty() && self.exempt.is_empty()
    }

    /// Judges a field for every category that is not exempt. Findings of an exempt category do not
    /// count, so they cannot hide others.
    fn judge_with_exemptions(&mut self, field: Field<'_>) {
        let (path, name) = (self.path, field.name);
        let applies = |exemption: &&PayloadExemption| {
            exemption.covers(path) && is_value(field.carrier) && exemption.names(name)
        };
        if self.exempt.iter().any(|exemption| applies(&exemption)) {
            self.findings.spare(|category| {
                let mut exempt = self.exempt.iter().filter(applies);
                exempt.any(|exemption| exemption.spares(category.as_str()))
            });
        }
        self.detector
            .judge(field, self.paranoia, self.scratch, self.findings);
        self.findings.spare(|_| false);
    }
}

/// Whether the carrier is a value under a name that the application chose: not a path, a header or
/// a name that the client chose.
fn is_value(carrier: Carrier) -> bool {
    !carrier.is_name()
        && !matches!(
            carrier,
            Carrier::Path | Carrier::Header | Carrier::OwnHeader | Carrier::PartHeader
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If a value is exempt as markup, its other readings are still judged, such as what it encodes
    /// in base64.
    #[test]
    fn what_is_exempt_hides_nothing_else() {
        let detector = Detector::new();
        let exemption = PayloadExemption {
            path: "/posts".to_owned(),
            fields: vec!["text".to_owned()],
            categories: vec!["xss".to_owned()],
        };
        let judged = |value: &[u8]| {
            let mut findings = Findings::new();
            let mut judge = Judge {
                detector: &detector,
                paranoia: Paranoia::One,
                scratch: &mut Scratch::default(),
                findings: &mut findings,
                exempt: std::slice::from_ref(&exemption),
                path: b"/posts/1",
            };
            let field = Field {
                carrier: Carrier::FormValue,
                name: b"text",
                value,
            };
            let _ = judge.field(field);
            findings
        };
        let markup = "<script>alert(document.cookie)</script><img src=x onerror=alert(1)>";
        assert!(judged(markup.as_bytes()).is_empty());
        // The second reading decodes the entities.
        let hidden = format!("{markup}&#39; union select password from users-- ");
        let found = judged(hidden.as_bytes());
        assert!(
            found
                .iter()
                .any(|finding| finding.category.as_str() == "sqli")
        );
        assert!(
            found
                .iter()
                .all(|finding| finding.category.as_str() != "xss")
        );
    }
}
