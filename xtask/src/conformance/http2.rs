//! Sends a step over HTTP/2, without TLS and without negotiating HTTP/2 first.

use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use aiwaf_testing::Reply;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use tokio::net::TcpSocket;
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::send::{Answers, CHUNK, first_half};
use super::step::{Sending, Step};

/// How long a server may keep a client waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens a connection from an address, and sends the request on as many streams as responses are
/// expected.
pub(super) fn exchange(
    from: Ipv4Addr,
    server: SocketAddr,
    step: &Step,
    body: Option<&[u8]>,
) -> Result<Answers> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let asked = async { timeout(PATIENCE, ask(from, server, step, body)).await };
    let replies = runtime.block_on(asked).context("no answer in time")??;
    Ok(Answers {
        continued: false,
        replies,
    })
}

async fn ask(
    from: Ipv4Addr,
    server: SocketAddr,
    step: &Step,
    body: Option<&[u8]>,
) -> Result<Vec<Reply>> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    let stream = socket.connect(server).await?;
    stream.set_nodelay(true)?;
    let (client, connection) = h2::client::handshake(stream).await?;
    let driven = tokio::spawn(connection);
    let mut client = client.ready().await?;
    let mut streams = Vec::new();
    for _ in 0..step.expect.statuses.len().max(1) {
        client = client.ready().await?;
        streams.push(open(&mut client, step, body)?);
    }
    let mut answers = Vec::new();
    for (answer, mut sending) in streams {
        if let (Some(sending), Some(body)) = (&mut sending, body) {
            // A server that has refused does not accept the rest; only its response counts.
            let _ = send(sending, step, body).await;
        }
        // Kept while the response is read, because dropping it would reset the request.
        answers.push((answer, sending));
    }
    let mut replies = Vec::new();
    for (answer, _sending) in answers {
        replies.extend(read(answer).await?);
    }
    driven.abort();
    Ok(replies)
}

/// Sends the head. Returns the stream for the body, if there is one.
fn open(
    client: &mut SendRequest<Bytes>,
    step: &Step,
    body: Option<&[u8]>,
) -> Result<(ResponseFuture, Option<SendStream<Bytes>>)> {
    let mut request = Request::builder()
        .method(step.method.as_str())
        .uri(format!("http://shop.test{}", step.target))
        .body(())?;
    *request.headers_mut() = fields(&step.headers)?;
    let headers = request.headers_mut();
    if !step.bare {
        headers.insert("accept", HeaderValue::from_static("*/*"));
    }
    if let Some(body) = body.filter(|_| !step.sending.is_chunked()) {
        headers.insert("content-length", body.len().into());
    }
    let (answer, sending) = client.send_request(request, body.is_none())?;
    Ok((answer, body.map(|_| sending)))
}

fn fields(lines: &[String]) -> Result<HeaderMap> {
    let mut fields = HeaderMap::new();
    for line in lines {
        let (name, value) = line
            .split_once(": ")
            .with_context(|| format!("no header line: {line:?}"))?;
        let name: HeaderName = name.parse()?;
        fields.append(name, HeaderValue::from_bytes(value.as_bytes())?);
    }
    Ok(fields)
}

async fn send(sending: &mut SendStream<Bytes>, step: &Step, body: &[u8]) -> Result<()> {
    match step.sending {
        Sending::Withheld => Ok(()),
        Sending::Begun => data(sending, body.get(..64).unwrap_or(body), false).await,
        Sending::Half | Sending::HalfChunked => data(sending, first_half(body), false).await,
        Sending::Aborted | Sending::AbortedChunked => {
            data(sending, first_half(body), false).await?;
            sending.send_reset(h2::Reason::CANCEL);
            Ok(())
        }
        Sending::Sized | Sending::Chunked | Sending::Pieces | Sending::Expecting => {
            data(sending, body, step.trailers.is_empty()).await?;
            if !step.trailers.is_empty() {
                sending.send_trailers(fields(&step.trailers)?)?;
            }
            Ok(())
        }
    }
}

/// Sends all of it as fast as the server accepts it.
async fn data(sending: &mut SendStream<Bytes>, body: &[u8], is_last: bool) -> Result<()> {
    let mut rest = body;
    while !rest.is_empty() {
        sending.reserve_capacity(rest.len().min(CHUNK));
        let granted = poll_fn(|cx| sending.poll_capacity(cx)).await;
        let granted = granted.context("the stream is closed")??.min(rest.len());
        let (now, later) = rest.split_at(granted);
        sending.send_data(Bytes::copy_from_slice(now), is_last && later.is_empty())?;
        rest = later;
    }
    if body.is_empty() && is_last {
        sending.send_data(Bytes::new(), true)?;
    }
    Ok(())
}

/// Reads a response; `None` if either side reset the stream.
async fn read(answer: ResponseFuture) -> Result<Option<Reply>> {
    let answer = match answer.await {
        Ok(answer) => answer,
        Err(error) if error.is_reset() || error.is_io() || error.is_go_away() => return Ok(None),
        Err(error) => return Err(error).context("no answer"),
    };
    let (head, body) = answer.into_parts();
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    ensure!(
        !head.headers.contains_key("connection"),
        "HTTP/2 knows no Connection field"
    );
    Ok(Some(Reply {
        status: head.status.as_u16(),
        headers: head.headers.iter().map(field).collect(),
        body: collect(body).await?,
    }))
}

async fn collect(mut body: RecvStream) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(piece) = body.data().await {
        match piece {
            Ok(piece) => {
                body.flow_control().release_capacity(piece.len())?;
                all.extend_from_slice(&piece);
            }
            // The server has responded and does not want the rest of the body.
            Err(error) if error.is_reset() => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}
