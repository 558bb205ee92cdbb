//! Sends a step over a real socket.

use std::io::{self, Write};
use std::net::Ipv4Addr;

use aiwaf_testing::{Client, Reply};
use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::step::{Sending, Step};
use super::template::bytes;

/// The size of a chunk, which is not the size of any buffer.
pub(super) const CHUNK: usize = 3677;
/// The size of a piece that is sent separately.
const PIECE: usize = 7;

/// The body of a step on the wire, before its transfer coding.
pub(super) fn body(step: &Step) -> Result<Option<Vec<u8>>> {
    let plain = match (&step.body, step.noise) {
        (Some(text), _) => Some(text.clone().into_bytes()),
        (None, Some(length)) => Some(noise(length)),
        (None, None) => None,
    };
    match plain {
        Some(plain) if step.gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&plain)?;
            Ok(Some(encoder.finish()?))
        }
        plain => Ok(plain),
    }
}

/// Bytes without letters and without a pattern, so that a lost, doubled or swapped piece always
/// shows.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0] | 0x80
    })
    .take(length)
    .collect()
}

/// Opens a connection from an address.
pub(super) fn connect(from: Ipv4Addr, server: std::net::SocketAddr) -> Result<Client> {
    Client::connect_as(from, server).with_context(|| format!("cannot connect from {from}"))
}

/// The responses to a step.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Whether the server sent `100 Continue`.
    pub(super) continued: bool,
    /// The responses; empty if the server closes without one.
    pub(super) replies: Vec<Reply>,
}

/// Sends the request and reads every response.
pub(super) fn exchange(client: &mut Client, step: &Step, body: Option<&[u8]>) -> Result<Answers> {
    if let (Sending::Expecting, Some(body)) = (step.sending, body) {
        return expecting(client, step, body).context("no answer");
    }
    match send(client, step, body) {
        // A server that has refused may close before it has everything; then only its response
        // counts.
        Err(error) if !is_closed(&error) => return Err(error).context("cannot send"),
        _ => {}
    }
    let mut replies = Vec::new();
    for _ in 0..step.expect.statuses.len().max(1) {
        match client.reply_to(&step.method) {
            Ok(reply) => replies.push(reply),
            Err(error) if is_closed(&error) => break,
            Err(error) => return Err(error).context("no answer"),
        }
    }
    Ok(Answers {
        continued: false,
        replies,
    })
}

/// Sends the head, and the body only after `100 Continue`.
fn expecting(client: &mut Client, step: &Step, body: &[u8]) -> io::Result<Answers> {
    client.send(head(step, Some(body)))?;
    let first = client.next_reply_to(&step.method)?;
    let continued = first.status == 100;
    let reply = if continued {
        client.send(body)?;
        client.reply_to(&step.method)?
    } else {
        first
    };
    Ok(Answers {
        continued,
        replies: vec![reply],
    })
}

fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::UnexpectedEof
    )
}

fn send(client: &mut Client, step: &Step, body: Option<&[u8]>) -> io::Result<()> {
    client.send(head(step, body))?;
    let Some(body) = body else {
        return Ok(());
    };
    let half = first_half(body);
    let half_a_chunk = || [format!("{:x}\r\n", body.len()).as_bytes(), half].concat();
    match step.sending {
        Sending::Sized | Sending::Expecting => client.send(body),
        Sending::Chunked => client.send(chunked(body, &step.trailers)),
        Sending::Pieces => body.chunks(PIECE).try_for_each(|piece| client.send(piece)),
        Sending::Withheld => Ok(()),
        Sending::Begun => client.send(body.get(..64).unwrap_or(body)),
        Sending::Half => client.send(half),
        Sending::HalfChunked => client.send(half_a_chunk()),
        Sending::Aborted => client.send(half).and_then(|()| client.finish()),
        Sending::AbortedChunked => client.send(half_a_chunk()).and_then(|()| client.finish()),
    }
}

pub(super) fn first_half(body: &[u8]) -> &[u8] {
    body.get(..body.len() / 2).unwrap_or_default()
}

fn head(step: &Step, body: Option<&[u8]>) -> Vec<u8> {
    if let Some(raw) = &step.raw {
        return bytes(raw);
    }
    let mut head = format!("{} {} HTTP/1.1\r\n", step.method, step.target);
    if !step.bare {
        head.push_str("Host: shop.test\r\nAccept: */*\r\n");
    }
    for line in &step.headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    match body {
        None => {}
        Some(_) if step.sending.is_chunked() => head.push_str("Transfer-Encoding: chunked\r\n"),
        Some(body) => head.push_str(&format!("Content-Length: {}\r\n", body.len())),
    }
    if step.sending == Sending::Expecting {
        head.push_str("Expect: 100-continue\r\n");
    }
    if step.gzip {
        head.push_str("Content-Encoding: gzip\r\n");
    }
    head.push_str("\r\n");
    bytes(&head)
}

fn chunked(body: &[u8], trailers: &[String]) -> Vec<u8> {
    let mut coded = Vec::with_capacity(body.len() + body.len() / 100);
    for chunk in body.chunks(CHUNK) {
        coded.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        coded.extend_from_slice(chunk);
        coded.extend_from_slice(b"\r\n");
    }
    coded.extend_from_slice(b"0\r\n");
    for line in trailers {
        coded.extend_from_slice(line.as_bytes());
        coded.extend_from_slice(b"\r\n");
    }
    coded.extend_from_slice(b"\r\n");
    coded
}

/// The address of a step, otherwise that of the case.
pub(super) fn address(step: &Step, own: Ipv4Addr) -> Result<Ipv4Addr> {
    let Some(text) = &step.from else {
        return Ok(own);
    };
    let address: Ipv4Addr = text
        .parse()
        .with_context(|| format!("from = {text:?} is no address"))?;
    ensure!(address.is_loopback(), "from = {text:?} is not on loopback");
    Ok(address)
}
