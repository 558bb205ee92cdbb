//! The connections: what they begin to send, and where they are dropped.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use socket2::{Domain, Socket, Type};

/// Random numbers that are the same in every run: xorshift.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        // Mixed, so that adjacent seeds give unrelated numbers.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below this one.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.0 % bound).unwrap_or_default()
    }
}

/// Opens this many connections, keeps some of them open at once, and drops the oldest first.
pub(super) fn drop_in_turn(
    server: SocketAddr,
    connections: u64,
    at_once: usize,
    mut dice: Dice,
) -> Result<()> {
    let requests = requests();
    let mut open = VecDeque::new();
    for _ in 0..connections {
        let request = requests.get(dice.below(requests.len()));
        let request = request.map_or(b"".as_slice(), Vec::as_slice);
        open.push_back(begin(server, request, &mut dice)?);
        if open.len() > at_once.min(1 + dice.below(at_once * 2)) {
            open.pop_front();
        }
    }
    Ok(())
}

/// Sends a part of a request or all of it; in the latter case it may also read some of the
/// response.
fn begin(server: SocketAddr, request: &[u8], dice: &mut Dice) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let from = Ipv4Addr::new(127, 3, 0, u8::try_from(1 + dice.below(200))?);
    socket.bind(&SocketAddr::new(IpAddr::V4(from), 0).into())?;
    socket.connect(&server.into())?;
    if dice.below(2) == 0 {
        // Dropping the connection then resets it.
        socket.set_linger(Some(Duration::ZERO))?;
    }
    let mut stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    // Neither side may wait for the other: a part of a long body may fill the buffers between them.
    stream.set_write_timeout(Some(Duration::from_millis(200)))?;
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    // In one of four cases, all of it.
    let end = match dice.below(4) {
        0 => request.len(),
        // A head is short compared with a body, and must get its share.
        1 => dice.below(request.len().min(600)),
        _ => dice.below(request.len() + 1),
    };
    let part = request.get(..end).unwrap_or(request);
    let pause = dice.below(part.len() + 1);
    let (now, later) = part.split_at(pause);
    if send(&mut stream, now)? {
        if dice.below(3) == 0 {
            thread::yield_now();
        }
        if send(&mut stream, later)? && end == request.len() && dice.below(2) == 0 {
            read_some(&mut stream, dice);
        }
    }
    Ok(stream)
}

/// Whether the server accepted it. A server that has refused may have closed already.
fn send(stream: &mut TcpStream, bytes: &[u8]) -> Result<bool> {
    match stream.write_all(bytes) {
        Ok(()) => Ok(true),
        Err(error) if is_over(error.kind()) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn is_over(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BrokenPipe
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::WouldBlock
            | ErrorKind::TimedOut
    )
}

/// Errors do not matter: the connection is about to be dropped.
fn read_some(stream: &mut TcpStream, dice: &mut Dice) {
    let mut piece = [0; 2048];
    let length = 1 + dice.below(piece.len());
    if let Some(piece) = piece.get_mut(..length) {
        let _ = stream.read(piece);
    }
}

/// Requests of every kind: heads, bodies that are held, bodies that are watched, refused ones,
/// several at once, HTTP/2.
fn requests() -> Vec<Vec<u8>> {
    let head = |line: &str, fields: &str| {
        format!("{line} HTTP/1.1\r\nHost: shop.test\r\nAccept: */*\r\n{fields}\r\n").into_bytes()
    };
    let sized = |target: &str, kind: &str, body: &[u8]| {
        let fields = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        [head(&format!("POST {target}"), &fields).as_slice(), body].concat()
    };
    let json =
        |length: usize| format!("{{\"a\":\"{}\"}}", "0123456789".repeat(length)).into_bytes();
    let chunked = {
        let fields = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
        let mut request = head("POST /api/echo", fields);
        for chunk in json(5000).chunks(3677) {
            request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            request.extend_from_slice(chunk);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\n");
        request
    };
    let upload = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n{}\r\n--b--\r\n",
        "x".repeat(2_500_000)
    );
    let attack = b"{\"a\":\"<script>alert(1)</script>\"}";
    let get = head("GET /search?q=tea", "");
    vec![
        get.clone(),
        head("GET /.env", ""),
        head("GET /static/style.css", ""),
        get.repeat(10),
        sized("/api/echo", "application/json", &json(20)),
        sized("/api/echo", "application/json", &json(20_000)),
        sized("/api/echo", "application/octet-stream", &vec![0xa5; 1_000_000]),
        sized("/api/echo", "application/json", attack),
        sized("/.env", "application/json", &json(5000)),
        sized("/upload", "multipart/form-data; boundary=b", upload.as_bytes()),
        chunked,
        head("GET /cart", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        // The preface of HTTP/2, empty settings, and the head of `GET /`.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x0e\x01\x05\0\0\0\x01\x82\x86\x84\x41\x09shop.test".to_vec(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dice_fall_everywhere_and_the_same_way_again() {
        let falls = |seed| {
            let mut dice = Dice::new(seed);
            (0..1000).map(|_| dice.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(falls(7), falls(7));
        assert_ne!(falls(7), falls(8));
        for number in 0..10 {
            assert!(falls(7).contains(&number), "{number}");
        }
    }
}
