//! What is counted through the `metrics` facade, behind the feature of that name; nothing without it.
//!
//! `docs/events.md` names every counter and gauge, and `tests/metrics.rs` holds them to it.

use crate::state::TableUse;
use crate::verdict::Cause;

/// The protection in a label, where no setting turns the cause off.
#[cfg(feature = "metrics")]
const NONE: &str = "none";

/// A request that was inspected, whatever became of it.
#[inline]
pub(super) fn request() {
    #[cfg(feature = "metrics")]
    metrics::counter!("aiwaf_requests_total").increment(1);
}

/// A refusal, or (`mode` is `monitor`) what would have been one.
#[inline]
pub(super) fn refused(cause: &Cause, mode: &'static str) {
    #[cfg(feature = "metrics")]
    {
        let protection = cause
            .protection()
            .map_or(NONE, |protection| protection.name());
        metrics::counter!(
            "aiwaf_refusals_total",
            "protection" => protection,
            "cause" => cause.code(),
            "mode" => mode,
        )
        .increment(1);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = (cause, mode);
}

/// A ban that this engine made.
#[inline]
pub(super) fn banned(cause: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("aiwaf_bans_total", "cause" => cause).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = cause;
}

/// A policy that was swapped in.
#[inline]
pub(super) fn swapped() {
    #[cfg(feature = "metrics")]
    metrics::counter!("aiwaf_swaps_total").increment(1);
}

/// A part that has begun to be degraded, or has recovered.
#[inline]
pub(super) fn degraded(part: &'static str, is_degraded: bool) {
    #[cfg(feature = "metrics")]
    {
        if is_degraded {
            metrics::counter!("aiwaf_degradations_total", "part" => part).increment(1);
        }
        metrics::gauge!("aiwaf_degraded", "part" => part).set(f64::from(u8::from(is_degraded)));
    }
    #[cfg(not(feature = "metrics"))]
    let _ = (part, is_degraded);
}

/// How full the tables are.
pub(super) fn tables(tables: impl FnOnce() -> [TableUse; 6]) {
    #[cfg(feature = "metrics")]
    for table in tables() {
        metrics::gauge!("aiwaf_table_entries", "table" => table.name).set(table.entries as f64);
        metrics::gauge!("aiwaf_table_capacity", "table" => table.name).set(table.capacity as f64);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = tables;
}
