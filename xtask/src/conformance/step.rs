//! One request of a case, and what is expected of its answer.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::template::{Variables, expand};

/// One request and what is expected of its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Step {
    pub(super) method: String,
    pub(super) target: String,
    /// Header lines, besides `Host` and `Accept: */*`.
    pub(super) headers: Vec<String>,
    /// Whether these are all header lines there are.
    pub(super) bare: bool,
    /// The whole head as it stands, line breaks included, instead of the four above.
    pub(super) raw: Option<String>,
    pub(super) body: Option<String>,
    /// A body of so many bytes that have no pattern, instead.
    pub(super) noise: Option<usize>,
    /// Whether the body is compressed before it is sent.
    pub(super) gzip: bool,
    pub(super) sending: Sending,
    /// Whether it goes over HTTP/2, without TLS and without asking first. Then `expect.statuses` says how many streams
    /// of one connection ask for the same at once.
    pub(super) http2: bool,
    /// Header lines after a chunked body.
    pub(super) trailers: Vec<String>,
    /// The client's address; one of its own for every case otherwise.
    pub(super) from: Option<String>,
    /// How often it is sent; the same is expected each time.
    pub(super) times: usize,
    /// Whether it goes over a connection of its own.
    pub(super) fresh: bool,
    /// Names, and the text before the part of the answer, of its body or its header lines, that later steps write as
    /// `@{name}`; it ends at a quotation mark or a semicolon.
    pub(super) take: BTreeMap<String, String>,
    pub(super) expect: Expect,
}

/// How a body is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sending {
    /// With its length.
    #[default]
    Sized,
    /// In chunks.
    Chunked,
    /// With its length, in pieces of a few bytes that each go out by themselves.
    Pieces,
    /// With its length, once the server has told the client to go on, or not at all (`Expect: 100-continue`).
    Expecting,
    /// Announced with its length and not sent, nor is the connection closed.
    Withheld,
    /// As `withheld`, after its first 64 bytes: who reads ahead has something to read.
    Begun,
    /// Half of it, and the connection stays open.
    Half,
    /// As `half`, in one chunk of which the rest is due.
    HalfChunked,
    /// Half of it, and then nothing will come any more.
    Aborted,
    /// As `aborted`, in one chunk of which the rest is due.
    AbortedChunked,
}

/// What is expected. What is not said is not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Expect {
    /// Any of these; 0 for a connection that is closed without an answer. Several: each framework has its own way.
    pub(super) status: Vec<u16>,
    /// The statuses of the answers to requests that were sent together, in turn.
    pub(super) statuses: Vec<u16>,
    /// The code of the refusal, in the event that has the request id of the answer.
    pub(super) cause: Option<String>,
    /// Whether a handler was called.
    pub(super) handled: Option<bool>,
    /// Whether each framework has its own way to answer, by a handler or without one: then that is not compared.
    pub(super) own_way: bool,
    /// Header fields and their values: `*` for any, `#` for a number, nothing for a field that must not be there.
    pub(super) headers: BTreeMap<String, String>,
    /// Whether the server told a client that expects it to go on.
    pub(super) continued: Option<bool>,
    /// The body of the answer.
    pub(super) body: Option<String>,
    /// What the body of the answer has.
    pub(super) contains: Option<String>,
    /// Whether the body of the answer is the body that was sent.
    pub(super) echoed: bool,
    /// An event that names the client.
    pub(super) event: Option<String>,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            bare: false,
            raw: None,
            body: None,
            noise: None,
            gzip: false,
            sending: Sending::Sized,
            http2: false,
            trailers: Vec::new(),
            from: None,
            times: 1,
            fresh: false,
            take: BTreeMap::new(),
            expect: Expect::default(),
        }
    }
}

impl Sending {
    /// Whether the head tells no length.
    pub(super) fn is_chunked(self) -> bool {
        matches!(
            self,
            Self::Chunked | Self::HalfChunked | Self::AbortedChunked
        )
    }
}

impl Expect {
    pub(super) fn says_something(&self) -> bool {
        !self.status.is_empty() || !self.statuses.is_empty() || self.handled.is_some()
    }
}

impl Step {
    /// The step with the variables of its case in their places.
    pub(super) fn expanded(&self, variables: &Variables) -> Result<Self> {
        let text = |template: &String| expand(template, variables);
        let optional = |template: &Option<String>| template.as_ref().map(text).transpose();
        let all = |templates: &[String]| templates.iter().map(text).collect::<Result<Vec<_>>>();
        Ok(Self {
            method: text(&self.method)?,
            target: text(&self.target)?,
            headers: all(&self.headers)?,
            raw: optional(&self.raw)?,
            body: optional(&self.body)?,
            trailers: all(&self.trailers)?,
            from: optional(&self.from)?,
            ..self.clone()
        })
    }

    /// The step with what was taken from earlier answers in its places.
    pub(super) fn with_taken(&self, taken: &Variables) -> Self {
        let mut step = self.clone();
        let texts = [Some(&mut step.target), step.body.as_mut()];
        for text in texts.into_iter().flatten().chain(&mut step.headers) {
            for (name, value) in taken {
                *text = text.replace(&format!("@{{{name}}}"), value);
            }
        }
        step
    }

    /// What later steps want of this answer.
    pub(super) fn taken_from(&self, answer: &str, taken: &mut Variables) -> Result<()> {
        for (name, before) in &self.take {
            let found = answer.split_once(before.as_str());
            let value = found.and_then(|(_, rest)| rest.split_once(['"', ';']));
            let (value, _) = value.with_context(|| format!("the answer has no {before:?}"))?;
            taken.insert(name.clone(), value.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_has_can_be_sent_back() {
        let step = Step {
            target: "/a?t=@{token}".to_owned(),
            body: Some("@{token}&@{other}".to_owned()),
            headers: vec!["Cookie: s=@{session}".to_owned()],
            take: [
                ("token".to_owned(), "value=\"".to_owned()),
                ("session".to_owned(), "session=".to_owned()),
            ]
            .into(),
            ..Step::default()
        };
        let mut taken = Variables::new();
        let answer = "<input value=\"abc\">\nset-cookie: session=12; HttpOnly\n";
        step.taken_from(answer, &mut taken).unwrap();
        let sent = step.with_taken(&taken);
        assert_eq!(sent.target, "/a?t=abc");
        assert_eq!(sent.headers, ["Cookie: s=12"]);
        assert_eq!(sent.body.as_deref(), Some("abc&@{other}"));
        assert!(step.taken_from("<input>", &mut taken).is_err());
    }
}
