//! Good bots that are verified by name. The DNS lookups run on a thread of their own, so no request
//! waits for them.

#[cfg(feature = "dns")]
mod answers;
#[cfg(feature = "dns")]
mod dns;

use aiwaf_core::FirewallBuilder;

#[cfg(feature = "dns")]
pub use dns::DnsLookup;

/// The name under which this part is reported as degraded.
pub(crate) const PART: &str = "headers.good_bots";

/// Why bots cannot be verified by name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BotsError {
    /// The resolver cannot be set up: this system has no resolver settings, or none that can be
    /// read.
    #[cfg(feature = "dns")]
    #[error("headers.good_bots: bot names cannot be looked up: {0}")]
    Resolver(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The lookup thread cannot be started.
    #[cfg(feature = "dns")]
    #[error("headers.good_bots: cannot start the lookup thread: {0}")]
    Thread(#[source] std::io::Error),
    /// This build cannot look up names.
    #[cfg(not(feature = "dns"))]
    #[error(
        "headers.good_bots names domains, but this program was built without the feature `dns` of aiwaf-storage"
    )]
    NotBuiltIn,
}

/// Makes a builder look up the names of bots if its settings name domains, as
/// [`start`](crate::start) does.
///
/// # Errors
/// If lookups are not possible here.
pub(crate) fn with_bot_lookup(builder: FirewallBuilder) -> Result<FirewallBuilder, BotsError> {
    if !builder.current_settings().headers.names_domains() {
        return Ok(builder);
    }
    #[cfg(feature = "dns")]
    return Ok(builder.bot_lookup(DnsLookup::system()?));
    #[cfg(not(feature = "dns"))]
    Err(BotsError::NotBuiltIn)
}

/// Like [`with_bot_lookup`], but if lookups are not possible, no bot is verified by name.
pub(crate) fn with_bot_lookup_or_none(builder: FirewallBuilder) -> FirewallBuilder {
    let nobody = builder.bot_lookup(|_, _: &std::sync::Arc<[String]>, _| false);
    #[cfg(feature = "dns")]
    if let Ok(lookup) = DnsLookup::system() {
        return nobody.bot_lookup(lookup);
    }
    nobody
}

#[cfg(test)]
#[cfg(not(feature = "dns"))]
mod tests {
    use aiwaf_core::{Firewall, Health, Settings};

    fn settings() -> Settings {
        let mut settings = Settings::default();
        let origins = vec!["examplebot.test".parse().unwrap()];
        settings
            .headers
            .good_bots
            .insert("ExampleBot".to_owned(), origins);
        settings
    }

    #[test]
    fn a_build_that_looks_no_names_up_says_so() {
        let error = crate::start(Firewall::builder().settings(settings())).unwrap_err();
        assert!(error.to_string().contains("feature `dns`"), "{error}");
    }

    #[test]
    fn the_shared_firewall_starts_all_the_same_and_is_degraded() {
        let firewall = crate::start::start_anyhow(Ok(settings()));
        let Health::Degraded(reason) = firewall.health() else {
            panic!("reported as good");
        };
        assert!(reason.contains("good_bots"), "{reason}");
        assert_eq!(
            *firewall.settings(),
            settings(),
            "everything else is as set"
        );
    }
}
