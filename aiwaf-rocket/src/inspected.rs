//! Bodies that are longer than what a fairing can see.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aiwaf_core::{BodyPlan, BodyRefused, BodyWatch, HeldBody, Refusal};
use parking_lot::Mutex;
use rocket::data::{ByteUnit, Data, DataStream, FromData, Outcome as DataOutcome};
use rocket::http::Status;
use rocket::tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use rocket::tokio::time::timeout;
use rocket::{Request, outcome};

use crate::head::Head;
use crate::kept::{Asked, Kept, Outcome};

/// How many bytes are read at a time.
const PIECE: usize = 8192;

/// Why a handler does not receive a body. The client gets the firewall's response, whatever
/// catchers do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotInspected {
    /// The firewall refused the body.
    #[error("the firewall refused the body")]
    Refused,
    /// The client disconnected or sent an invalid body.
    #[error("the body cannot be read: {0}")]
    Broken(#[from] io::Error),
    /// The fairing is not attached, so the body could not be inspected.
    #[error("aiwaf_rocket::Aiwaf is not attached")]
    NotAttached,
}

/// A data guard for a body that the firewall has inspected. Reading it yields the client's bytes,
/// unchanged and in order.
///
/// A multipart body that is longer than the held part is inspected while it is read, and ends in an
/// error if it is refused.
pub struct Inspected<'r> {
    /// The held part, until it has been read. Its bytes stay charged until then.
    held: Option<HeldBody>,
    /// Bytes that arrived beyond the limit.
    beyond: Vec<u8>,
    /// How many bytes of `held`, or afterwards of `beyond`, have been read.
    read: usize,
    rest: Option<DataStream<'r>>,
    /// A mutex only because handlers must be shareable between threads, and a watch is not.
    watch: Option<Mutex<BodyWatch>>,
    /// Set once the rest of the body was refused.
    refused: Option<BodyRefused>,
}

impl std::fmt::Debug for Inspected<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspected").finish_non_exhaustive()
    }
}

impl Inspected<'_> {
    /// Reads the whole body.
    ///
    /// # Errors
    /// If the body is longer than `limit` bytes, is incomplete, or is refused while it is read.
    pub async fn into_bytes(self, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        self.take(most).read_to_end(&mut bytes).await?;
        if bytes.len() > limit {
            let message = format!("the body is longer than {limit} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(bytes)
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Inspected<'r> {
    type Error = NotInspected;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> DataOutcome<'r, Self> {
        let kept = Kept::of(request);
        let Some(mut asked) = kept.take() else {
            return DataOutcome::Error((Status::InternalServerError, NotInspected::NotAttached));
        };
        let inspected = match asked.outcome {
            Outcome::AwaitsBody(plan) => inspect(request, &mut asked, plan, data).await,
            _ => Ok(Self::unlooked(data)),
        };
        if let Outcome::Refused(refusal, _) = &asked.outcome {
            request.local_cache(|| Some(Refusal::clone(refusal)));
        }
        kept.put(asked);
        match inspected {
            Ok(inspected) => outcome::Outcome::Success(inspected),
            Err(error) => outcome::Outcome::Error((Status::Forbidden, error)),
        }
    }
}

impl<'r> Inspected<'r> {
    /// A body that no check asks for, or that the fairing has seen completely.
    fn unlooked(data: Data<'r>) -> Self {
        Self {
            held: None,
            beyond: Vec::new(),
            read: 0,
            rest: Some(data.open(ByteUnit::max_value())),
            watch: None,
            refused: None,
        }
    }

    /// Reads from the bytes that have already arrived and returns whether any were left. Fully read
    /// buffers are freed.
    fn read_here(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        if let Some(held) = &self.held {
            if put_from(held.as_ref(), &mut self.read, buffer) {
                return true;
            }
            self.held = None;
            self.read = 0;
        }
        if put_from(&self.beyond, &mut self.read, buffer) {
            return true;
        }
        self.beyond = Vec::new();
        self.read = 0;
        false
    }
}

/// Copies as many unread bytes as fit, and returns whether there were any.
fn put_from(bytes: &[u8], read: &mut usize, buffer: &mut ReadBuf<'_>) -> bool {
    let waiting = bytes.get(*read..).unwrap_or_default();
    let length = waiting.len().min(buffer.remaining());
    buffer.put_slice(waiting.get(..length).unwrap_or_default());
    *read += length;
    !waiting.is_empty()
}

/// Holds as much of a body as the plan asks for, and has it inspected.
async fn inspect<'r>(
    request: &'r Request<'_>,
    asked: &mut Asked,
    plan: BodyPlan,
    data: Data<'r>,
) -> Result<Inspected<'r>, NotInspected> {
    let head = Head::of(request);
    let mut held = HeldBody::new(plan, head.announced()).of(&asked.exchange);
    let mut collected = Inspected::unlooked(data);
    let Inspected { rest, beyond, .. } = &mut collected;
    match timeout(plan.deadline, collect(&mut held, rest, beyond)).await {
        Err(_) => held.time_out(),
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            asked.outcome = Outcome::Broken;
            return Err(error.into());
        }
    }
    let Asked {
        firewall,
        exchange,
        outcome,
    } = asked;
    let decided = head.with_view(|view| firewall.inspect_held(view, exchange, &held));
    let mut watch = match decided {
        Ok(watch) => watch,
        Err(refusal) => {
            let answer = head.with_view(|view| firewall.respond(view, &refusal));
            *outcome = Outcome::Refused(refusal, answer);
            return Err(NotInspected::Refused);
        }
    };
    *outcome = match &watch {
        Some(watch) => Outcome::Watched(watch.late_refusal()),
        None => Outcome::Allowed,
    };
    if let Some(watch) = &mut watch {
        watch
            .chunk(&collected.beyond)
            .map_err(|_| NotInspected::Refused)?;
    }
    collected.held = Some(held);
    collected.watch = watch.map(Mutex::new);
    Ok(collected)
}

async fn collect(
    held: &mut HeldBody,
    rest: &mut Option<DataStream<'_>>,
    beyond: &mut Vec<u8>,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    while held.wants_more() {
        let Some(stream) = rest else { break };
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            *rest = None;
            break;
        }
        let arrived = piece.get(..length).unwrap_or_default();
        let taken = held.push(arrived);
        beyond.extend_from_slice(arrived.get(taken..).unwrap_or_default());
    }
    Ok(())
}

impl AsyncRead for Inspected<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // A reader that goes on after the error must not take the body for complete.
        if let Some(refused) = this.refused {
            return Poll::Ready(Err(io::Error::other(refused)));
        }
        // Nothing read into no room is not the end.
        if buffer.remaining() == 0 || this.read_here(buffer) {
            return Poll::Ready(Ok(()));
        }
        let Some(rest) = &mut this.rest else {
            return Poll::Ready(Ok(()));
        };
        let before = buffer.filled().len();
        ready!(Pin::new(rest).poll_read(cx, buffer))?;
        let arrived = buffer.filled().get(before..).unwrap_or_default();
        let Some(watch) = &mut this.watch else {
            return Poll::Ready(Ok(()));
        };
        let passed = match arrived {
            [] => {
                let ended = watch.get_mut().end();
                // A body that is read once more has no second end to look at.
                this.watch = None;
                ended
            }
            arrived => watch.get_mut().chunk(arrived),
        };
        if let Err(refused) = passed {
            buffer.set_filled(before);
            this.watch = None;
            this.rest = None;
            this.refused = Some(refused);
            return Poll::Ready(Err(io::Error::other(refused)));
        }
        Poll::Ready(Ok(()))
    }
}
