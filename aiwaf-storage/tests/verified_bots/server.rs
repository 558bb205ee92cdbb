//! A DNS server over UDP that knows a few records and logs the questions.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

/// Name, type and value, all as text.
type Record = (String, String, String);

/// Runs until the test process ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    records: Arc<Mutex<Vec<Record>>>,
    questions: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers with these records, and "no such name" for everything else.
    pub(crate) fn start(records: &[(&str, &str, &str)]) -> Self {
        let server = Self::run(true);
        for (name, sort, value) in records {
            server.add(name, sort, value);
        }
        server
    }

    /// Never answers.
    pub(crate) fn silent() -> Self {
        Self::run(false)
    }

    pub(crate) fn add(&self, name: &str, sort: &str, value: &str) {
        let record = (name.to_owned(), sort.to_owned(), value.to_owned());
        self.records.lock().unwrap().push(record);
    }

    /// The questions so far, in order: type and name, in lower case.
    pub(crate) fn questions(&self) -> Vec<String> {
        self.questions.lock().unwrap().clone()
    }

    /// The number of distinct questions.
    pub(crate) fn distinct(&self) -> usize {
        self.questions().into_iter().collect::<BTreeSet<_>>().len()
    }

    fn run(answers: bool) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: socket.local_addr().unwrap(),
            records: Arc::default(),
            questions: Arc::default(),
        };
        let (records, questions) = (Arc::clone(&server.records), Arc::clone(&server.questions));
        thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                let Some(query) = Query::read(&packet[..length]) else {
                    continue;
                };
                questions
                    .lock()
                    .unwrap()
                    .push(format!("{} {}", query.sort, query.name));
                if answers {
                    let records = records.lock().unwrap();
                    let values = records.iter().filter_map(|(name, sort, value)| {
                        let is_asked_for = name.eq_ignore_ascii_case(&query.name);
                        (is_asked_for && *sort == query.sort).then_some(value.as_str())
                    });
                    let _ = socket.send_to(&query.answer(values), from);
                }
            }
        });
        server
    }
}

struct Query {
    id: [u8; 2],
    /// The question as received: name, type, class.
    question: Vec<u8>,
    name: String,
    sort: &'static str,
}

impl Query {
    fn read(packet: &[u8]) -> Option<Self> {
        let id = packet.get(..2)?.try_into().ok()?;
        let mut at = 12;
        let mut labels = Vec::new();
        loop {
            let length = usize::from(*packet.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            let label = packet.get(at..at + length)?;
            labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
            at += length;
        }
        let sort = match packet.get(at..at + 2)? {
            [0, 1] => "A",
            [0, 12] => "PTR",
            [0, 28] => "AAAA",
            _ => "other",
        };
        Some(Self {
            id,
            question: packet.get(12..at + 4)?.to_vec(),
            name: labels.join("."),
            sort,
        })
    }

    /// Answers with the records, or "no such name".
    fn answer<'v>(&self, values: impl Iterator<Item = &'v str>) -> Vec<u8> {
        let records: Vec<Vec<u8>> = values.map(data).collect();
        let code = if records.is_empty() { 3 } else { 0 };
        let mut packet = self.id.to_vec();
        packet.extend([0x81, 0x80 | code, 0, 1, 0]);
        packet.push(u8::try_from(records.len()).unwrap());
        packet.extend([0; 4]);
        packet.extend(&self.question);
        let sort_and_class = &self.question[self.question.len() - 4..];
        for record in records {
            // A pointer to the name in the question, and a lifetime of one minute.
            packet.extend([0xc0, 12]);
            packet.extend(sort_and_class);
            packet.extend([0, 0, 0, 60]);
            packet.extend(u16::try_from(record.len()).unwrap().to_be_bytes());
            packet.extend(record);
        }
        packet
    }
}

/// An address or a name, encoded as in a record.
fn data(value: &str) -> Vec<u8> {
    match value.parse() {
        Ok(IpAddr::V4(v4)) => v4.octets().to_vec(),
        Ok(IpAddr::V6(v6)) => v6.octets().to_vec(),
        Err(_) => {
            let mut bytes = Vec::new();
            for label in value.split('.') {
                bytes.push(u8::try_from(label.len()).unwrap());
                bytes.extend(label.as_bytes());
            }
            bytes.push(0);
            bytes
        }
    }
}
