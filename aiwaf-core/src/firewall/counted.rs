//! Counters and gauges of the `metrics` facade. Without the feature of that name, nothing is
//! counted.
//!
//! `docs/events.md` names every counter and gauge, and `tests/metrics.rs` checks that list.

use crate::state::TableUse;
use crate::verdict::Cause;

/// The `protection` label of causes that no setting turns off.
#[cfg(feature = "metrics")]
const NONE: &str = "none";

/// Counts an inspected request, whatever the verdict.
#[inline]
pub(super) fn request() {
    #[cfg(feature = "metrics")]
    metrics::counter!("aiwaf_requests_total").increment(1);
}

/// Counts a refusal, or, if `mode` is `monitor`, a request that would have been refused.
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

/// Counts a ban that this engine made.
#[inline]
pub(super) fn banned(cause: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("aiwaf_bans_total", "cause" => cause).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = cause;
}

/// Counts a policy swap.
#[inline]
pub(super) fn swapped() {
    #[cfg(feature = "metrics")]
    metrics::counter!("aiwaf_swaps_total").increment(1);
}

/// Counts a part that has become degraded, or records that it has recovered.
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

/// Records how full the tables are.
pub(super) fn tables(tables: impl FnOnce() -> [TableUse; 6]) {
    #[cfg(feature = "metrics")]
    for table in tables() {
        metrics::gauge!("aiwaf_table_entries", "table" => table.name).set(table.entries as f64);
        metrics::gauge!("aiwaf_table_capacity", "table" => table.name).set(table.capacity as f64);
    }
    #[cfg(not(feature = "metrics"))]
    let _ = tables;
}
