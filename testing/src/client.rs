//! A raw HTTP/1.1 client: sends exactly the bytes it is given, from any loopback address.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// How long a server may keep a client waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
}

/// One response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, without its transfer coding.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of the first field with that name, which must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// Connects from 127.0.0.1.
    ///
    /// # Errors
    /// If connecting fails.
    pub fn connect(server: SocketAddr) -> io::Result<Self> {
        Self::connect_from(1, server)
    }

    /// Connects from 127.0.0.`last`, which the server sees as another client.
    ///
    /// # Errors
    /// If connecting fails.
    pub fn connect_from(last: u8, server: SocketAddr) -> io::Result<Self> {
        Self::connect_as(Ipv4Addr::new(127, 0, 0, last), server)
    }

    /// Connects from an address, for example from any of 127.0.0.0/8.
    ///
    /// # Errors
    /// If connecting fails.
    pub fn connect_as(source: Ipv4Addr, server: SocketAddr) -> io::Result<Self> {
        let source = SocketAddr::new(IpAddr::V4(source), 0);
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&source.into())?;
        socket.connect(&server.into())?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// If the server does not accept them.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes.as_ref())
    }

    /// Sends a request without a body and reads the response.
    ///
    /// # Errors
    /// If the connection breaks, or the response is not HTTP.
    pub fn request(&mut self, method: &str, target: &str, headers: &str) -> io::Result<Reply> {
        self.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: site.test\r\nAccept: */*\r\n{headers}\r\n"
        ))?;
        self.reply_to(method)
    }

    /// Sends a GET and reads the response.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn get(&mut self, target: &str) -> io::Result<Reply> {
        self.request("GET", target, "")
    }

    /// Sends a body with its length and reads the response.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn post(&mut self, target: &str, body: &[u8]) -> io::Result<Reply> {
        let length = format!("Content-Length: {}\r\n", body.len());
        self.head("POST", target, &length)?;
        self.send_or_listen(body)?;
        self.reply_to("POST")
    }

    /// Sends a body in chunks of an uneven length and reads the response. `trailers` are header
    /// lines.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn post_chunked(&mut self, target: &str, body: &[u8], trailers: &str) -> io::Result<Reply> {
        let announced = if trailers.is_empty() {
            ""
        } else {
            "Trailer: x-checksum\r\n"
        };
        let fields = format!("Transfer-Encoding: chunked\r\n{announced}");
        self.head("POST", target, &fields)?;
        let mut coded = Vec::with_capacity(body.len() + body.len() / 100);
        for chunk in body.chunks(3677) {
            coded.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            coded.extend_from_slice(chunk);
            coded.extend_from_slice(b"\r\n");
        }
        coded.extend_from_slice(format!("0\r\n{trailers}\r\n").as_bytes());
        self.send_or_listen(&coded)?;
        self.reply_to("POST")
    }

    /// Sends the head of a request that has a body.
    ///
    /// # Errors
    /// If the server does not accept it.
    pub fn head(&mut self, method: &str, target: &str, headers: &str) -> io::Result<()> {
        self.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: site.test\r\nAccept: */*\r\n\
             Content-Type: application/octet-stream\r\n{headers}\r\n"
        ))
    }

    /// Sends bytes to a server that may refuse and close before it has all of them; in that case
    /// only its response counts.
    ///
    /// # Errors
    /// If the server does not accept them and has not closed.
    pub fn send_or_listen(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.send(bytes) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
                ) =>
            {
                Ok(())
            }
            sent => sent,
        }
    }

    /// Closes the sending side of the connection.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn finish(&mut self) -> io::Result<()> {
        self.stream.get_ref().shutdown(Shutdown::Write)
    }

    /// Reads everything until the server closes.
    ///
    /// # Errors
    /// If the server does not close in time.
    pub fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
            _ => Ok(rest),
        }
    }

    /// Reads one response to a request with this method, skipping interim ones.
    ///
    /// # Errors
    /// If the connection breaks, or the response is not HTTP.
    pub fn reply_to(&mut self, method: &str) -> io::Result<Reply> {
        loop {
            let reply = self.next_reply_to(method)?;
            if reply.status != 100 {
                return Ok(reply);
            }
        }
    }

    /// Reads the next response to a request with this method, which may be the interim
    /// `100 Continue`.
    ///
    /// # Errors
    /// If the connection breaks, or the response is not HTTP.
    pub fn next_reply_to(&mut self, method: &str) -> io::Result<Reply> {
        let mut reply = self.read_head()?;
        if method != "HEAD" && !matches!(reply.status, 100 | 101 | 204 | 304) {
            reply.body = self.read_body(&reply)?;
        }
        Ok(reply)
    }

    /// Reads the head of a response, interim or final.
    ///
    /// # Errors
    /// If the connection breaks, or the response is not HTTP.
    pub fn read_head(&mut self) -> io::Result<Reply> {
        let line = self.read_line()?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| invalid(format!("no status line: {line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| invalid(format!("no header line: {line:?}")))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Reply {
            status,
            headers,
            body: Vec::new(),
        })
    }

    fn read_body(&mut self, reply: &Reply) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if reply.header("transfer-encoding") == Some("chunked") {
            loop {
                let line = self.read_line()?;
                let length = usize::from_str_radix(&line, 16)
                    .map_err(|_| invalid(format!("no chunk length: {line:?}")))?;
                let mut chunk = vec![0; length];
                self.stream.read_exact(&mut chunk)?;
                body.append(&mut chunk);
                self.read_line()?;
                if length == 0 {
                    return Ok(body);
                }
            }
        }
        match reply.header("content-length") {
            Some(length) => {
                let length = length
                    .parse()
                    .map_err(|_| invalid(format!("no length: {length:?}")))?;
                body.resize(length, 0);
                self.stream.read_exact(&mut body)?;
            }
            None => body = self.read_to_end()?,
        }
        Ok(body)
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        Ok(line)
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
