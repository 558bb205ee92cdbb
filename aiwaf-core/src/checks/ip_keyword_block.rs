//! `ip_keyword_block`: built-in probes where no such route exists, and the operator's keywords.
//!
//! IP lists and bans come before every check and are decided by the firewall itself.

use super::{Check, Inspection, Outcome, SeenBody, payload};
use crate::normalize::{PathTraits, fold_text};
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
        let found = keyword(keywords, request.path.as_bytes(), "path")
            .or_else(|| keyword(keywords, query, "query"));
        match found {
            Some(cause) => Outcome::Refuse(cause),
            None if request.policy.settings.keywords.in_body => {
                payload::body_plan(request).map_or(Outcome::Pass, Outcome::NeedBody)
            }
            None => Outcome::Pass,
        }
    }

    fn body(&self, request: &Inspection<'_>, body: SeenBody<'_>) -> Outcome {
        match keyword(&request.policy.keywords, body.bytes, "body") {
            Some(cause) => Outcome::Refuse(cause),
            None => Outcome::Pass,
        }
    }
}

/// The first probe in the path that no known route takes by name.
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
    let folded = fold_text(raw);
    let (keyword, _) = keywords.find(folded.as_bytes())?;
    Some(Cause::Keyword {
        keyword: keyword.into(),
        place,
    })
}
