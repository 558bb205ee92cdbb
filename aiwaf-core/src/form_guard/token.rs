//! The token: its content, its encoding and its signature.
//!
//! A token consists of a version, a key id, milliseconds since 1970, a nonce, a page, and the first
//! 16 bytes of HMAC-SHA256 over all of these, in hexadecimal digits.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::Mac;

use super::Key;

/// The first bytes of the hash of a page's path.
pub(crate) type PageHash = [u8; 8];

const VERSION: u8 = 1;
const SIGNED: usize = 1 + 4 + 8 + 8 + 8;
const MAC: usize = 16;
const LENGTH: usize = SIGNED + MAC;
/// Separates these signatures from any other use of the same key.
const DOMAIN: &[u8] = b"aiwaf form token";

/// The content of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    millis: u64,
    /// Different in every token.
    pub(crate) nonce: u64,
    /// The page that the token is for.
    pub(crate) page: PageHash,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// None of the keys signed it.
    Forged,
    /// It may have been signed by a key that is not, or no longer, known.
    UnknownKey,
}

impl Token {
    pub(super) fn new(now: SystemTime, page: PageHash) -> Self {
        let age = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            millis: u64::try_from(age.as_millis()).unwrap_or(u64::MAX),
            nonce: nonce(),
            page,
        }
    }

    /// When the token was signed.
    pub(crate) fn signed(&self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(Duration::from_millis(self.millis))
            .unwrap_or(UNIX_EPOCH)
    }

    /// Signs the token and encodes it as text.
    pub(super) fn sign(&self, key: &Key) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend_from_slice(&key.id);
        bytes.extend_from_slice(&self.millis.to_be_bytes());
        bytes.extend_from_slice(&self.nonce.to_be_bytes());
        bytes.extend_from_slice(&self.page);
        let mac = mac(key, &bytes).finalize().into_bytes();
        bytes.extend(mac.into_iter().take(MAC));
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The content of a token in text form, if one of the keys signed it.
    pub(super) fn verify(text: &[u8], keys: &[Key]) -> Result<Self, TokenFault> {
        let bytes = bytes(text).ok_or(TokenFault::Forged)?;
        let (signed, signature) = bytes.split_at_checked(SIGNED).ok_or(TokenFault::Forged)?;
        let (version, rest) = take::<1>(signed)?;
        let (id, rest) = take::<4>(rest)?;
        let (millis, rest) = take::<8>(rest)?;
        let (nonce, rest) = take::<8>(rest)?;
        let (page, _) = take::<8>(rest)?;
        if version != [VERSION] {
            return Err(TokenFault::Forged);
        }
        let key = keys
            .iter()
            .find(|key| key.id == id)
            .ok_or(TokenFault::UnknownKey)?;
        mac(key, signed)
            .verify_truncated_left(signature)
            .map_err(|_| TokenFault::Forged)?;
        Ok(Self {
            millis: u64::from_be_bytes(millis),
            nonce: u64::from_be_bytes(nonce),
            page,
        })
    }
}

fn mac(key: &Key, signed: &[u8]) -> hmac::Hmac<sha2::Sha256> {
    key.mac.clone().chain_update(DOMAIN).chain_update(signed)
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), TokenFault> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(TokenFault::Forged)?;
    Ok((*taken, rest))
}

/// A number that differs from call to call and from process to process. It need not be secret.
fn nonce() -> u64 {
    static RANDOM: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    RANDOM.hash_one(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Decodes lower-case hexadecimal digits, if there are exactly as many as in a token.
fn bytes(text: &[u8]) -> Option<[u8; LENGTH]> {
    if text.len() != 2 * LENGTH {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}
