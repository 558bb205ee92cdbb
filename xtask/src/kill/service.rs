//! The service as its clients see it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use aiwaf_testing::Client;
use anyhow::{Result, bail};

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until the service refuses this client, or no longer does; returns how long that took.
pub(super) fn wait_until(server: SocketAddr, client: Ipv4Addr, refused: bool) -> Result<Duration> {
    let started = Instant::now();
    while is_refused(server, client)? != refused {
        if started.elapsed() > PATIENCE {
            bail!("after {PATIENCE:?} the service has not obeyed");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(started.elapsed())
}

/// Whether the service refuses a client.
pub(super) fn is_refused(server: SocketAddr, client: Ipv4Addr) -> Result<bool> {
    match ask(server, client, "/")? {
        200 => Ok(false),
        403 => Ok(true),
        other => bail!("{client} was answered {other}"),
    }
}

/// The status of the response.
pub(super) fn ask(server: SocketAddr, client: Ipv4Addr, target: &str) -> Result<u16> {
    Ok(Client::connect_as(client, server)?.get(target)?.status)
}
