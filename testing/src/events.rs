//! The log of a test process, as text.

use std::io;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static START: Once = Once::new();

fn log() -> MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Captures everything that the process logs, from the first call on.
pub fn capture() {
    START.call_once(|| {
        tracing_subscriber::fmt()
            .with_writer(|| Writer)
            .with_ansi(false)
            .init();
    });
}

/// Everything captured so far.
pub fn captured() -> String {
    String::from_utf8_lossy(&log()).into_owned()
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        log().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
