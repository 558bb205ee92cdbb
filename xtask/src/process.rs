//! Information about a process, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Clock ticks per second: the unit of `/proc` on every Linux.
const TICKS: u32 = 100;

/// The processor time of a process, including the system's time for it, to a hundredth of a second.
pub(crate) fn cpu_time(id: u32) -> Result<Duration> {
    let path = format!("/proc/{id}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    ticks(&stat)
        .map(|ticks| Duration::from_secs(1) / TICKS * ticks)
        .with_context(|| format!("{path} has no times"))
}

/// The sum of the 14th and 15th field. The second field, the program's name in brackets, may
/// contain anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Resident memory of a process in kB.
pub(crate) fn memory(id: u32) -> Result<u64> {
    let path = format!("/proc/{id}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1))
        .with_context(|| format!("no VmRSS in {path}"))?
        .parse()
        .context("VmRSS is no number")
}

/// How many files and sockets a process has open.
pub(crate) fn open_files(id: u32) -> Result<usize> {
    let path = format!("/proc/{id}/fd");
    let entries = fs::read_dir(&path).with_context(|| format!("cannot read {path}"))?;
    Ok(entries.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 17 0 0 20 0 3 0 99 1 2";
        assert_eq!(ticks(stat), Some(267));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn this_process_has_memory_and_files() {
        let id = std::process::id();
        assert!(memory(id).unwrap() > 100);
        assert!(open_files(id).unwrap() >= 3);
        cpu_time(id).unwrap();
    }
}
