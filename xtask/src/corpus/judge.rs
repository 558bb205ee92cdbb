//! Sends a row through the engine, as an adapter would.

use std::net::{IpAddr, Ipv4Addr};

use aiwaf_core::settings::Layers;
use aiwaf_core::{
    Cause, CollectedBody, Firewall, Peer, RequestView, ResponseView, RouteMatch, Settings, Verdict,
};
use anyhow::{Context, Result, ensure};

use super::options::{Options, Routes};
use super::row::Row;

/// The engine with the requested settings.
pub(crate) struct Judge {
    firewall: Firewall,
    routes: Routes,
}

impl Judge {
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let firewall = Firewall::builder()
            .settings(settings(options)?)
            .build()
            .context("the engine cannot be built")?;
        Ok(Self {
            firewall,
            routes: options.routes,
        })
    }

    /// Why the row was refused, if it was.
    pub(super) fn judge(&self, row: &Row, number: usize) -> Result<Option<Cause>> {
        let lines = row.lines();
        let headers = pairs(&lines);
        let view = self.view(row, &headers, number)?;
        Ok(self.decide(&view, row.body().unwrap_or_default()))
    }

    /// The row as a view for the engine.
    pub(crate) fn view<'a>(
        &self,
        row: &'a Row,
        headers: &'a [(&'a str, &'a [u8])],
        number: usize,
    ) -> Result<RequestView<'a>> {
        Ok(RequestView {
            headers,
            peer: Peer::Address(client(number)?),
            route: match self.routes {
                Routes::Known => RouteMatch::Pattern(row.route()),
                Routes::Absent => RouteMatch::Absent,
            },
            ..RequestView::new(&row.method, row.path.as_bytes())
        })
    }

    /// Runs head, body if the engine needs it, and the response that the service would have given.
    pub(crate) fn decide(&self, view: &RequestView<'_>, body: &[u8]) -> Option<Cause> {
        let (mut verdict, mut exchange) = self.firewall.inspect(view);
        if let Verdict::NeedBody(plan) = verdict {
            let collected = if body.len() <= plan.limit {
                CollectedBody::Whole(body)
            } else {
                CollectedBody::TooLarge
            };
            verdict = self
                .firewall
                .inspect_body(view, &mut exchange, plan, collected);
        }
        let (status, cause) = match verdict {
            Verdict::Refuse(refusal) => (refusal.status, Some(refusal.cause)),
            _ => (self.served(), None),
        };
        self.firewall.observe(exchange, &ResponseView::new(status));
        cause
    }

    /// The status of the handler: a service without the route answers 404.
    const fn served(&self) -> u16 {
        match self.routes {
            Routes::Known => 200,
            Routes::Absent => 404,
        }
    }
}

/// The lines as an adapter passes them.
pub(crate) fn pairs(lines: &[(String, String)]) -> Vec<(&str, &[u8])> {
    lines
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect()
}

fn settings(options: &Options) -> Result<Settings> {
    let mut settings = match &options.config {
        None => Settings::default(),
        Some(path) => {
            let shown = path.display().to_string();
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
            Layers::new().file(&shown, &text)?.settings()?
        }
    };
    if let Some(only) = options.only {
        settings.protections.enable = only;
    }
    if options.no_exemptions {
        settings.exempt_paths = Some(Vec::new());
    }
    Ok(settings)
}

/// The address of the row with this number. Each row has its own /24, so that state kept for one
/// row does not affect the next.
fn client(number: usize) -> Result<IpAddr> {
    const FIRST: u32 = u32::from_be_bytes([20, 0, 0, 7]);
    let number = u32::try_from(number)?;
    // 20.0.0.0 to 99.255.255.255: all of them public addresses.
    ensure!(
        number < 80 << 16,
        "more rows than there are client addresses"
    );
    Ok(IpAddr::V4(Ipv4Addr::from(FIRST + (number << 8))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(options: &Options, line: &str) -> Option<Cause> {
        let row: Row = serde_json::from_str(line).unwrap();
        Judge::new(options).unwrap().judge(&row, 3).unwrap()
    }

    #[test]
    fn a_route_that_exists_is_no_probe() {
        let row = r#"{"method":"GET","path":"/x.php?a","headers":{"Accept":"*/*"}}"#;
        let absent = Options {
            only: Some(
                [aiwaf_core::Protection::IpKeywordBlock]
                    .into_iter()
                    .collect(),
            ),
            ..Options::default()
        };
        assert_eq!(judge(&absent, row).map(|cause| cause.code()), Some("probe"));
        let known = Options {
            routes: Routes::Known,
            ..absent
        };
        assert_eq!(judge(&known, row), None);
    }

    #[test]
    fn clients_are_far_apart() {
        assert_ne!(client(0).unwrap(), client(1).unwrap());
        assert!(client(80 << 16).is_err());
    }
}
