//! Signed tokens that are not signed.

use super::{Carriers, Category, Rule, Severity};
use crate::payload::field::Carrier;

pub(super) const RULES: &[Rule] = &[
    // Tokens that declare themselves unsigned, in base64 and, where the header is read, as text.
    Rule {
        id: "exploit-unsigned-token",
        category: Category::Exploit,
        severity: Severity::Critical,
        carriers: Carriers::ALL.without(Carrier::Text),
        any: &[
            "~eyjhbgcioijub25l",
            "~eyjhbgcioijot05f",
            "~eyjhbgcioijob25l",
            "~eyj0exaioijkv1qilcjhbgcioijub25l",
            "~eyj0exaioijkv1qilcjhbgcioijot05f",
            "~eyjhbgcioiaibm9uz",
        ],
        with: &["."],
        hits: &["Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ0ZXN0In0."],
        misses: &[
            "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.x",
            "eyJhbGciOiJub25l",
        ],
    },
    Rule {
        id: "exploit-unsigned-token-header",
        category: Category::Exploit,
        severity: Severity::Critical,
        carriers: Carriers::ALL
            .without(Carrier::Text)
            .without(Carrier::FileContent),
        any: &[
            "\"alg\":\"none\"",
            "\"alg\": \"none\"",
            "\"alg\" : \"none\"",
            "\"alg\" :\"none\"",
        ],
        with: &["^{"],
        hits: &["eyJ0eXAiOiJKV1QiLCJhbGciOiJuT25FIn0.eyJyb2xlIjoiYWRtaW4ifQ."],
        misses: &["the header {\"alg\":\"none\"} is dangerous", "alg: none"],
    },
];
