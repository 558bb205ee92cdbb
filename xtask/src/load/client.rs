//! The clients: each sends a request, waits for the response, and repeats.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use socket2::{Domain, Socket, Type};

/// The request to repeat, and the expected response.
pub(super) struct Load {
    pub(super) name: &'static str,
    request: &'static str,
    status: &'static str,
}

/// A page, requested as by a browser.
pub(super) const GET: Load = Load {
    name: "GET",
    request: concat!(
        "GET /search?q=tea+pot&sort=price&page=2 HTTP/1.1\r\n",
        "Host: shop.example\r\n",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n",
        "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n",
        "Accept-Encoding: gzip, deflate, br, zstd\r\n",
        "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-User: ?1\r\n",
        "Referer: http://shop.example/search?q=tea\r\n",
        "Cookie: theme=dark; consent=all; visit=7f3c9a52e1\r\n",
        "Upgrade-Insecure-Requests: 1\r\n\r\n",
    ),
    status: "200",
};

/// An order, whose body is inspected.
pub(super) const POST: Load = Load {
    name: "POST",
    request: concat!(
        "POST /api/orders HTTP/1.1\r\n",
        "Host: shop.example\r\n",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n",
        "Accept: application/json\r\nAccept-Language: en-GB,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br\r\n",
        "Origin: http://shop.example\r\nReferer: http://shop.example/cart\r\n",
        "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n",
        "Content-Type: application/json\r\nContent-Length: 80\r\n\r\n",
        "{\"item\":2,\"quantity\":3,\"note\":\"For O'Brien, please ring twice & leave at door.\"}",
    ),
    status: "201",
};

/// The page, requested by a banned client.
pub(super) const REFUSED: Load = Load {
    name: "banned",
    request: GET.request,
    status: "403",
};

/// A period of load.
#[derive(Debug, Default)]
pub(super) struct Slice {
    /// The length of the period.
    pub(super) time: Duration,
    /// How long each response took, in microseconds.
    pub(super) waits: Vec<u32>,
    /// The processor time that the server's process spent on it.
    pub(super) processor: Duration,
}

impl Slice {
    pub(super) fn requests(&self) -> f64 {
        self.waits.len() as f64
    }

    pub(super) fn a_second(&self) -> f64 {
        self.requests() / self.time.as_secs_f64()
    }
}

/// Loads a server from an address for a period.
pub(super) fn run(
    server: SocketAddr,
    load: &Load,
    from: Ipv4Addr,
    time: Duration,
    connections: usize,
) -> Result<Slice> {
    let began = Instant::now();
    let until = began + time;
    let waits = thread::scope(|scope| {
        let clients: Vec<_> = (0..connections)
            .map(|_| scope.spawn(move || ask(server, load, from, until)))
            .collect();
        let mut all = Vec::new();
        for client in clients {
            let waits = client.join().map_err(|_| anyhow!("a client panicked"))?;
            all.append(&mut waits?);
        }
        anyhow::Ok(all)
    })?;
    ensure!(!waits.is_empty(), "no answer at all");
    Ok(Slice {
        time: began.elapsed(),
        waits,
        processor: Duration::ZERO,
    })
}

fn ask(server: SocketAddr, load: &Load, from: Ipv4Addr, until: Instant) -> Result<Vec<u32>> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(IpAddr::V4(from), 0).into())?;
    socket.connect(&server.into())?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut stream = BufReader::with_capacity(16 << 10, stream);
    let mut waits = Vec::with_capacity(1 << 16);
    let mut line = String::new();
    while Instant::now() < until {
        let sent = Instant::now();
        stream.get_mut().write_all(load.request.as_bytes())?;
        let status = answer(&mut stream, &mut line).context("no answer")?;
        ensure!(status == load.status, "answered {status}");
        let wait = sent.elapsed().as_micros();
        waits.push(u32::try_from(wait).unwrap_or(u32::MAX));
    }
    Ok(waits)
}

/// Reads one response, whose head must have a length, and returns its status.
fn answer(stream: &mut BufReader<TcpStream>, line: &mut String) -> io::Result<String> {
    let mut status = String::new();
    let mut length = 0;
    loop {
        line.clear();
        if stream.read_line(line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if status.is_empty() {
            line.get(9..12).unwrap_or("?").clone_into(&mut status);
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    io::copy(&mut stream.take(length), &mut io::sink())?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_that_a_request_tells_is_the_length_of_its_body() {
        let (head, body) = POST.request.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
    }
}
