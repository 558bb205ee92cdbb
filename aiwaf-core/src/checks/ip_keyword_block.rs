//! `ip_keyword_block`: built-in probes for paths that no route serves, and the operator's keywords.
//!
//! IP lists and bans are decided by the firewall itself, before every check.

mod body;

use super::payload::{self, Refused};
use super::{Check, Inspection, Outcome, SeenBody, Watch};
use crate::normalize::PathTraits;
use crate::policy::{Keywords, has_literal_segment};
use crate::protection::Protection;
use crate::settings::OnFailure;
use crate::verdict::Cause;

#[derive(Debug)]
pub(crate) struct IpKeywordBlock;

impl Check for IpKeywordBlock {
    fn name(&self) -> &'static str {
        Protection::IpKeywordBlock.name()
    }

    fn protection(&self) -> Protection {
        Protection::IpKeywordBlock
    }

    fn head(&self, request: &Inspection<'_>) -> Outcome {
        let spent = request.path.traits().has(PathTraits::SPENT);
        if spent && request.policy.settings.failure.spent == OnFailure::Refuse {
            return Outcome::Refuse(Cause::SpentPath);
        }
        if let Some(text) = probe(request) {
            return Outcome::Refuse(Cause::Probe { text });
        }
        let keywords = &request.policy.keywords;
        if keywords.is_empty() {
            return Outcome::Pass;
        }
        let query = request.target.query.unwrap_or_default();
        let path = request
            .policy
            .probes
            .without_allowed(request.path.as_bytes());
        let found = keyword(keywords, &path, "path").or_else(|| keyword(keywords, query, "query"));
        match found {
            Some(cause) => Outcome::Refuse(cause),
            None if request.policy.settings.keywords.in_body => {
                payload::body_plan(request).map_or(Outcome::Pass, Outcome::NeedBody)
            }
            None => Outcome::Pass,
        }
    }

    fn body(&self, request: &Inspection<'_>, body: SeenBody<'_>) -> Outcome {
        body::judge(request, body)
    }

    fn watch(&self, request: &Inspection<'_>) -> Option<Box<dyn Watch>> {
        Some(match body::KeywordWatch::new(request) {
            Ok(watch) => Box::new(watch),
            Err(cause) => Box::new(Refused(cause)),
        })
    }
}

/// The first probe in the path whose segments the matched route does not contain literally.
fn probe(request: &Inspection<'_>) -> Option<&'static str> {
    let path = request.path.as_bytes();
    let hit = request.policy.probes.find(path, |hit| {
        let touched = path.get(hit.segments.clone()).unwrap_or_default();
        let is_route = |pattern: &str| {
            touched
                .split(|byte| *byte == b'/')
                .all(|segment| has_literal_segment(pattern, segment))
        };
        !request.scope.pattern.is_some_and(is_route)
    });
    hit.map(|hit| hit.text)
}

fn keyword(keywords: &Keywords, raw: &[u8], place: &'static str) -> Option<Cause> {
    Some(Cause::Keyword {
        keyword: keywords.find_in(raw)?.into(),
        place,
    })
}
