//! One request of a case, and the expected response.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::template::{Variables, expand};

/// One request and the expected response.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Step {
    pub(super) method: String,
    pub(super) target: String,
    /// Header lines, besides `Host` and `Accept: */*`.
    pub(super) headers: Vec<String>,
    /// Whether these are all header lines, without the default ones.
    pub(super) bare: bool,
    /// The whole head as it is sent, line breaks included, instead of the four fields above.
    pub(super) raw: Option<String>,
    pub(super) body: Option<String>,
    /// A body of this many bytes without a pattern, instead of `body`.
    pub(super) noise: Option<usize>,
    /// Whether the body is compressed before it is sent.
    pub(super) gzip: bool,
    pub(super) sending: Sending,
    /// Whether the request is sent over HTTP/2, without TLS and without negotiation. The number of
    /// `expect.statuses` is then the number of streams on one connection that send it at once.
    pub(super) http2: bool,
    /// Header lines after a chunked body.
    pub(super) trailers: Vec<String>,
    /// The client's address; by default each case has its own.
    pub(super) from: Option<String>,
    /// How often the request is sent; each time the same is expected.
    pub(super) times: usize,
    /// Whether the request uses a new connection.
    pub(super) fresh: bool,
    /// The parts of the response's body or header lines that later steps write as `@{name}`: a
    /// name, and the text before the part. A part ends at a quotation mark or a semicolon.
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
    /// With its length, in pieces of a few bytes that are sent separately.
    Pieces,
    /// With its length, once the server has sent `100 Continue`, or not at all
    /// (`Expect: 100-continue`).
    Expecting,
    /// Announced with its length but not sent; the connection stays open.
    Withheld,
    /// As `withheld`, after the first 64 bytes, so that a server that reads ahead has something to
    /// read.
    Begun,
    /// Half of it; the connection stays open.
    Half,
    /// As `half`, in one chunk whose rest is missing.
    HalfChunked,
    /// Half of it; then the client closes its sending side.
    Aborted,
    /// As `aborted`, in one chunk whose rest is missing.
    AbortedChunked,
}

/// The expected response. Fields that are not set are not checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Expect {
    /// Any of these; 0 for a connection that is closed without a response. With several, frameworks
    /// may differ.
    pub(super) status: Vec<u16>,
    /// The statuses of the responses to requests that were sent together, in order.
    pub(super) statuses: Vec<u16>,
    /// The code of the refusal, in the event that has the request id of the response.
    pub(super) cause: Option<String>,
    /// Whether a handler was called.
    pub(super) handled: Option<bool>,
    /// Whether frameworks may differ in calling a handler. If so, that is not compared.
    pub(super) own_way: bool,
    /// Header fields and their values: `*` for any, `#` for a number, empty for a field that must
    /// not be present.
    pub(super) headers: BTreeMap<String, String>,
    /// Whether the server sent `100 Continue` to a client that expects it.
    pub(super) continued: Option<bool>,
    /// The body of the response.
    pub(super) body: Option<String>,
    /// A text that the body of the response contains.
    pub(super) contains: Option<String>,
    /// Whether the body of the response is the body that was sent.
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
    /// Whether the head has no length.
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
    /// The step with the variables of its case replaced.
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

    /// The step with the parts taken from earlier responses inserted.
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

    /// Takes the parts of this response that later steps use.
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
