//! Signed form fields: exact timing and a trap, valid across machines and without state per client.
//!
//! An application puts [`FormGuard::fields`] into each form of a page. The fields are a token,
//! which says when and for which page it was signed, and a trap field, which no person sees. When
//! the form is submitted, the engine verifies them in the inspected body:
//!
//! | submitted form | response | weight |
//! | --- | --- | --- |
//! | in time, for the first time | passes | |
//! | sooner than `honeypot.min_form_time` | 403 | 10 |
//! | with the trap filled in, or with a forged token | 403 | 50 |
//! | older than `honeypot.max_page_time`, of another page, or signed with a removed key | 409, reload the page | 0 |
//! | for the second time, but by the same client within 10 s | passes | |
//! | for the second time | 403 | 10 |
//! | without a token, on one of `honeypot.guarded_paths` | 403 | 10 |
//! | without a token, elsewhere | as if there were no guard | |
//!
//! ```
//! use aiwaf_core::Firewall;
//!
//! let firewall = Firewall::builder()
//!     .with_settings(|settings| {
//!         settings.honeypot.keys = vec!["a secret of at least sixteen bytes".into()];
//!         settings.honeypot.guarded_paths = vec!["/contact".into()];
//!     })
//!     .build()?;
//! let page = format!(
//!     "<form method=post action=/contact>{}<textarea name=text></textarea><button>Send</button></form>",
//!     firewall.form_fields("/contact"),
//! );
//! # assert!(page.contains("aiwaf_token"));
//! # Ok::<(), aiwaf_core::BuildError>(())
//! ```
//!
//! # Keys
//!
//! `honeypot.keys` (`AIWAF_FORM_KEYS`): the first key signs, all keys verify. To rotate, put a new
//! key in front and remove the old one a day later. Write `env:NAME` to keep a key out of the file.
//! Without keys, the process generates a random one. Its tokens are then valid on this machine
//! until the process restarts; a token submitted later or elsewhere is answered with 409.
//!
//! # Limitations
//!
//! A token is not bound to a client or a session: a person may load a page at home and submit it on
//! the train. It does not protect against cross-site request forgery. Each token can be used once,
//! as long as the bounded memory of this process remembers it.

mod token;

use std::fmt;
use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::normalize::{normalize_path, split_target};
pub(crate) use token::{PageHash, Token, TokenFault as VerifyFault};

/// The name of the field that carries the token.
pub(crate) const TOKEN_FIELD: &str = "aiwaf_token";
/// The prefix of the trap's name. The rest is derived from the key and differs from site to site.
const TRAP_PREFIX: &str = "topic_";
/// The minimum length of a key in bytes: 128 bits.
const KEY_LENGTH: usize = 16;

/// Signs and verifies the fields of forms. See the [module documentation](self).
#[derive(Clone)]
pub struct FormGuard {
    keys: Vec<Key>,
}

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormKeyError {
    /// No key was given.
    #[error("a form guard needs at least one key")]
    None,
    /// A key is too short to withstand guessing.
    #[error("a key of {0} bytes is too short; expected at least {KEY_LENGTH}")]
    Short(usize),
    /// The environment variable for a key is not set or not valid text.
    #[error("the environment variable {0} is not set or not valid text; expected a key")]
    Variable(String),
    /// The operating system cannot provide random numbers.
    #[error("cannot generate a random key: {0}")]
    Random(getrandom::Error),
}

#[derive(Clone)]
struct Key {
    id: [u8; 4],
    mac: Hmac<Sha256>,
    trap: String,
}

impl FormGuard {
    /// A guard with these keys, of at least 16 bytes each. The first signs, all verify.
    ///
    /// # Errors
    /// If there is no key, or one is too short.
    pub fn new<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Result<Self, FormKeyError> {
        let keys: Vec<Key> = keys
            .into_iter()
            .map(|key| Key::new(key.as_ref()))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(FormKeyError::None);
        }
        Ok(Self { keys })
    }

    /// A guard with the keys of the settings. `env:NAME` is read from the environment.
    ///
    /// # Errors
    /// If there is no key, one is too short, or a variable is not set.
    pub fn from_settings(keys: &[String]) -> Result<Self, FormKeyError> {
        let keys: Vec<String> = keys
            .iter()
            .map(|key| match key.strip_prefix("env:") {
                Some(name) => {
                    std::env::var(name).map_err(|_| FormKeyError::Variable(name.to_owned()))
                }
                None => Ok(key.clone()),
            })
            .collect::<Result<_, _>>()?;
        Self::new(keys)
    }

    /// A guard with a new random key. Its tokens are valid in this process only.
    ///
    /// # Errors
    /// If the operating system cannot provide random numbers.
    pub fn random() -> Result<Self, FormKeyError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(FormKeyError::Random)?;
        Self::new([key])
    }

    /// The hidden HTML fields of a form that stands on `page` or is submitted to it. `page` is a
    /// path. `now` is the wall-clock time.
    ///
    /// Each call creates a new token. The result needs no escaping and no inline style.
    pub fn fields(&self, page: &str, now: SystemTime) -> String {
        // A guard always has at least one key.
        let Some(key) = self.keys.first() else {
            return String::new();
        };
        let token = Token::new(now, page_hash(page.as_bytes())).sign(key);
        let trap = &key.trap;
        format!(
            "<input type=\"hidden\" name=\"{TOKEN_FIELD}\" value=\"{token}\">\
             <div hidden=\"\" aria-hidden=\"true\"><label>Leave this empty\
             <input type=\"text\" name=\"{trap}\" value=\"\" tabindex=\"-1\" autocomplete=\"off\"></label></div>"
        )
    }

    /// The content of a token, if one of the keys signed it.
    pub(crate) fn verify(&self, token: &[u8]) -> Result<Token, VerifyFault> {
        Token::verify(token, &self.keys)
    }

    /// Whether a field with this name is the trap of any of the keys.
    pub(crate) fn is_trap(&self, name: &[u8]) -> bool {
        name.starts_with(TRAP_PREFIX.as_bytes())
            && self.keys.iter().any(|key| key.trap.as_bytes() == name)
    }
}

/// Omits the keys.
impl fmt::Debug for FormGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormGuard")
            .field("keys", &self.keys.len())
            .finish()
    }
}

impl Key {
    fn new(secret: &[u8]) -> Result<Self, FormKeyError> {
        if secret.len() < KEY_LENGTH {
            return Err(FormKeyError::Short(secret.len()));
        }
        let mac = Hmac::<Sha256>::new_from_slice(secret)
            .map_err(|_| FormKeyError::Short(secret.len()))?;
        let derived = |purpose: &[u8]| {
            let bytes = mac.clone().chain_update(purpose).finalize().into_bytes();
            let mut four = [0; 4];
            for (to, from) in four.iter_mut().zip(bytes) {
                *to = from;
            }
            four
        };
        let trap = u32::from_be_bytes(derived(b"aiwaf form trap name"));
        Ok(Self {
            id: derived(b"aiwaf form key id"),
            trap: format!("{TRAP_PREFIX}{trap:08x}"),
            mac,
        })
    }
}

/// The hash of a page that a token contains. The path is normalised as every check sees it.
pub(crate) fn page_hash(page: &[u8]) -> PageHash {
    hash_of_path(normalize_path(&split_target(page)).as_bytes())
}

/// Same as [`page_hash`], for a path that is already normalised.
pub(crate) fn hash_of_path(path: &[u8]) -> PageHash {
    let digest = Sha256::digest(path);
    let mut hash = [0; 8];
    for (to, from) in hash.iter_mut().zip(digest) {
        *to = from;
    }
    hash
}

#[cfg(test)]
mod tests;
