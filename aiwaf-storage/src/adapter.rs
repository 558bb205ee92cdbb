//! What every adapter's handle has, whatever its framework.

/// Gives an adapter's handle, which is `From<Arc<Firewall>>`, the constructors that all adapters have: `new`,
/// `from_config` and `Default`.
#[macro_export]
macro_rules! adapter_constructors {
    ($handle:ty) => {
        impl $handle {
            /// Asks this firewall. Make it once and clone it: what shares a firewall shares its limits and bans.
            pub fn new(firewall: ::std::sync::Arc<$crate::Firewall>) -> Self {
                firewall.into()
            }

            /// Asks a firewall of its own, started from a settings file and the environment.
            ///
            /// # Errors
            /// If the file is missing, a setting does not hold, or the store cannot be opened or read.
            pub fn from_config(
                path: impl ::core::convert::AsRef<::std::path::Path>,
            ) -> ::core::result::Result<Self, $crate::StartError> {
                $crate::from_config(path).map(Self::new)
            }
        }

        /// Asks the one firewall of this process ([`aiwaf_storage::shared`]($crate::shared)), set by `./aiwaf.toml` and the
        /// environment. It always starts; settings that do not hold are logged as an error, and the balanced defaults
        /// take their place.
        impl ::core::default::Default for $handle {
            fn default() -> Self {
                Self::new($crate::shared())
            }
        }
    };
}
