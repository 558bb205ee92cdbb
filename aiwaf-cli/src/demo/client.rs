//! A small HTTP/1.1 client that chooses its source address.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// How long one response may take. The site is on this machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the site distinguishes the demo's clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Each client binds its own loopback address.
    Address,
    /// For systems with only one loopback address: each client comes through a trusted proxy, which
    /// names the client's address.
    Proxy,
}

impl Origin {
    /// The way that works on this system.
    pub(crate) async fn of_this_system(site: SocketAddr, source: IpAddr) -> Self {
        match connect(site, Some(source)).await {
            Ok(_) => Self::Address,
            Err(_) => Self::Proxy,
        }
    }
}

/// One client of the site, with its connection kept open.
pub(crate) struct Client {
    site: SocketAddr,
    source: IpAddr,
    origin: Origin,
    connection: Option<TcpStream>,
}

/// One request, as the client writes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<&'a str>,
}

/// The parts of a response that the demo looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
}

impl Client {
    pub(crate) fn new(site: SocketAddr, source: IpAddr, origin: Origin) -> Self {
        Self {
            site,
            source,
            origin,
            connection: None,
        }
    }

    /// Sends a request and waits for the response.
    pub(crate) async fn send(&mut self, request: &Request<'_>) -> Result<Answer> {
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        answer
            .with_context(|| format!("no answer within {} s", PATIENCE.as_secs()))
            .flatten()
            .with_context(|| format!("{} {}", request.method, request.target))
    }

    async fn exchange(&mut self, request: &Request<'_>) -> Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let source = (self.origin == Origin::Address).then_some(self.source);
                connect(self.site, source).await?
            }
        };
        connection.write_all(self.write(request).as_bytes()).await?;
        let (answer, reusable) = read_answer(&mut connection).await?;
        self.connection = reusable.then_some(connection);
        Ok(answer)
    }

    fn write(&self, request: &Request<'_>) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
        let mut line = |name: &str, value: &str| {
            text.extend([name, ": ", value, "\r\n"]);
        };
        line("Host", &self.site.to_string());
        for (name, value) in request.headers {
            line(name, value);
        }
        if self.origin == Origin::Proxy {
            line("X-Forwarded-For", &self.source.to_string());
        }
        if let Some(body) = request.body {
            line("Content-Length", &body.len().to_string());
        }
        text.push_str("\r\n");
        text.push_str(request.body.unwrap_or_default());
        text
    }
}

async fn connect(site: SocketAddr, source: Option<IpAddr>) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(source) = source {
        socket
            .bind(SocketAddr::new(source, 0))
            .with_context(|| format!("bind {source}"))?;
    }
    let stream = socket
        .connect(site)
        .await
        .with_context(|| format!("connect to {site}"))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one response; returns whether the connection can carry another.
async fn read_answer(connection: &mut TcpStream) -> Result<(Answer, bool)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = head_end(&bytes) {
            break end;
        }
        if connection.read_buf(&mut bytes).await? == 0 {
            bail!("the site closed the connection before it answered");
        }
    };
    let body = bytes.split_off(end);
    let head = String::from_utf8_lossy(&bytes);
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("the answer has no status")?;
    let field = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let answer = Answer {
        status,
        request_id: field("x-request-id"),
    };
    let closes = field("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let length = match field("content-length") {
        Some(length) => length
            .parse()
            .context("the answer's length is not a number")?,
        None if status == 204 => 0,
        // Finding the end of the body is not worth it: the next request uses a new connection.
        None => return Ok((answer, false)),
    };
    let missing = usize::saturating_sub(length, body.len());
    let mut rest = vec![0; missing];
    connection.read_exact(&mut rest).await?;
    Ok((answer, !closes))
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\r\n\r\n";
    let at = bytes.windows(END.len()).position(|window| window == END)?;
    Some(at + END.len())
}
