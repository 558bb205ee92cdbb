//! Drives the engine as an adapter does: the head first, then the body as its pieces arrive.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aiwaf_core::{
    BodyPlan, CollectedBody, Exchange, Firewall, HeldBody, Longer, Peer, Protection, Protections,
    Refusal, RequestView, Verdict,
};

use super::carrier::Request;

/// How many bytes arrive at once. Requests alternate between these sizes.
const PIECES: [usize; 3] = [1, 7, 4096];

/// A firewall with only `payload` enabled, and a new visitor for each request.
pub(crate) struct Site {
    firewall: Arc<Firewall>,
    visitors: AtomicU32,
}

impl Site {
    pub(crate) fn new() -> Self {
        let firewall = Firewall::builder()
            .with_settings(|settings| {
                settings.protections.enable = Protections::of([Protection::Payload]);
            })
            .build()
            .unwrap();
        Self {
            firewall: Arc::new(firewall),
            visitors: AtomicU32::new(0),
        }
    }

    /// The code of the cause for which the request is refused, or `ok`.
    pub(crate) fn send(&self, request: &Request) -> &'static str {
        let number = self.visitors.fetch_add(1, Ordering::Relaxed);
        // Large bodies are not sent in small pieces, which would be millions.
        let first = usize::from(request.body.len() > 1 << 16) * 2;
        let piece = PIECES[first.max(number as usize % PIECES.len())];
        self.send_in_pieces(request, number, piece)
    }

    fn send_in_pieces(&self, request: &Request, number: u32, piece: usize) -> &'static str {
        let headers: Vec<(&str, &[u8])> = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        let view = RequestView {
            peer: Peer::Address(Ipv4Addr::from(0x2000_0000 + number).into()),
            headers: &headers,
            ..RequestView::new(request.method, &request.target)
        };
        let (verdict, mut exchange) = self.firewall.inspect(&view);
        let refusal = match verdict {
            Verdict::Allow => None,
            Verdict::Refuse(refusal) => Some(refusal),
            Verdict::NeedBody(plan) => {
                self.send_body(&view, &mut exchange, plan, request.body.chunks(piece))
            }
        };
        refusal.map_or("ok", |refusal| refusal.cause.code())
    }

    fn send_body<'a>(
        &self,
        view: &RequestView<'_>,
        exchange: &mut Exchange,
        plan: BodyPlan,
        mut pieces: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Box<Refusal>> {
        let mut held = HeldBody::new(plan, None);
        let mut left: &[u8] = b"";
        for piece in pieces.by_ref() {
            let taken = held.push(piece);
            left = &piece[taken..];
            if !held.wants_more() {
                break;
            }
        }
        match held.collected() {
            CollectedBody::Head(head) if plan.longer == Longer::Watch => {
                let mut watch = match self.firewall.watch_body(view, exchange, head) {
                    Ok(watch) => watch,
                    Err(refusal) => return Some(refusal),
                };
                let mut rest = std::iter::once(left).chain(pieces);
                let late = watch.late_refusal();
                let refused = rest.find_map(|piece| watch.chunk(piece).err());
                refused.or_else(|| watch.end().err())?;
                late.take().map(|(refusal, _)| refusal)
            }
            collected => match self.firewall.inspect_body(view, exchange, plan, collected) {
                Verdict::Refuse(refusal) => Some(refusal),
                _ => None,
            },
        }
    }
}
