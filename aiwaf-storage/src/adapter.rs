//! The constructors that the handles of all adapters share.

/// Adds the constructors `new` and `from_config` and an implementation of `Default` to an adapter's
/// handle, which must be `From<Arc<Firewall>>`.
#[macro_export]
macro_rules! adapter_constructors {
    ($handle:ty) => {
        impl $handle {
            /// Uses this firewall. Create the handle once and clone it: handles that share a
            /// firewall share its limits and bans.
            pub fn new(firewall: ::std::sync::Arc<$crate::Firewall>) -> Self {
                firewall.into()
            }

            /// Uses a new firewall, started from a settings file and the environment.
            ///
            /// # Errors
            /// If the file is missing, a setting is invalid, or the store cannot be opened or read.
            pub fn from_config(
                path: impl ::core::convert::AsRef<::std::path::Path>,
            ) -> ::core::result::Result<Self, $crate::StartError> {
                $crate::from_config(path).map(Self::new)
            }
        }

        /// Uses the one firewall of this process ([`aiwaf_storage::shared`]($crate::shared)),
        /// configured by `./aiwaf.toml` and the environment. It always starts: if the settings are
        /// invalid, an error is logged and the balanced defaults are used instead.
        impl ::core::default::Default for $handle {
            fn default() -> Self {
                Self::new($crate::shared())
            }
        }
    };
}
