//! The fairing: has each request inspected, and replaces the responses to refused requests.

use std::io::Cursor;
use std::sync::Arc;

use aiwaf_core::{BodyPlan, Exchange, Firewall, HeldBody, Refusal, ResponseView, Verdict};
use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Header, Status};
use rocket::tokio::time::timeout;
use rocket::{Build, Data, Request, Response, Rocket};

use crate::deny;
use crate::head::Head;
use crate::kept::{Asked, Kept, Outcome};
use crate::uninspected::Told;

/// The largest part of a body, in bytes, that Rocket lets a fairing see.
const PEEK: usize = 512;

/// Protects the application that it is attached to. This is a handle: clones share one engine.
#[derive(Clone, Debug)]
#[must_use = "it protects nothing until it is attached"]
pub struct Aiwaf {
    firewall: Arc<Firewall>,
    told: Arc<Told>,
}

aiwaf_storage::adapter_constructors!(Aiwaf);

impl Aiwaf {
    /// The firewall that inspects the requests.
    pub fn firewall(&self) -> &Arc<Firewall> {
        &self.firewall
    }
}

impl From<Arc<Firewall>> for Aiwaf {
    fn from(firewall: Arc<Firewall>) -> Self {
        Self {
            firewall,
            told: Arc::default(),
        }
    }
}

#[rocket::async_trait]
impl Fairing for Aiwaf {
    fn info(&self) -> Info {
        Info {
            name: "aiwaf",
            kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> rocket::fairing::Result {
        Ok(rocket.mount("/", deny::routes()))
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        let asked = self.ask(request, data).await;
        let denies = asked.outcome.denies();
        if let Outcome::Refused(refusal, _) = &asked.outcome {
            request.local_cache(|| Some(Refusal::clone(refusal)));
        }
        Kept::of(request).put(asked);
        if denies {
            deny::send(request);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(asked) = Kept::of(request).take() else {
            return;
        };
        let refused = match asked.outcome {
            Outcome::Refused(_, answer) => Some(answer),
            Outcome::Watched(late) => late.take().map(|(_, answer)| answer),
            Outcome::Allowed => None,
            Outcome::AwaitsBody(_) => {
                self.told.tell(request);
                None
            }
            Outcome::Broken => {
                *response = Response::build().status(Status::BadRequest).finalize();
                None
            }
        };
        if let Some(answer) = refused {
            *response = render(answer);
        }
        self.observe(asked.exchange, response);
    }
}

impl Aiwaf {
    async fn ask(&self, request: &Request<'_>, data: &mut Data<'_>) -> Asked {
        let mut head = Head::of(request);
        if !head.announces_body() && self.sends_all_the_same(data).await {
            head = head.with_unannounced_body();
        }
        let (verdict, mut exchange) = head.with_view(|view| self.firewall.inspect(view));
        let outcome = match verdict {
            Verdict::Allow => Outcome::Allowed,
            Verdict::Refuse(refusal) => self.refused(&head, refusal),
            Verdict::NeedBody(plan) => self.ask_about_body(&head, &mut exchange, plan, data).await,
        };
        Asked {
            firewall: Arc::clone(&self.firewall),
            exchange,
            outcome,
        }
    }

    /// Whether a body arrives although no header announces one. In HTTP/1 a request without a
    /// length has no body, which is known at once.
    async fn sends_all_the_same(&self, data: &mut Data<'_>) -> bool {
        let deadline = self.firewall.settings().payload.body_deadline;
        let first = timeout(deadline, data.peek(1)).await;
        first.map_or(true, |first| !first.is_empty())
    }

    async fn ask_about_body(
        &self,
        head: &Head<'_>,
        exchange: &mut Exchange,
        plan: BodyPlan,
        data: &mut Data<'_>,
    ) -> Outcome {
        let mut held = HeldBody::new(plan, head.announced()).of(exchange);
        if held.wants_more() {
            // Giving up halfway loses nothing, because bytes already read stay in the buffer.
            match timeout(plan.deadline, data.peek(PEEK)).await {
                Err(_) => held.time_out(),
                Ok(seen) => {
                    let length = seen.len();
                    let taken = held.push(seen);
                    let announced = head.announced();
                    let is_missing = announced.is_some_and(|announced| announced > length as u64);
                    // A body of exactly this length is complete, but Rocket has not checked whether
                    // more follows.
                    match data.peek_complete() || announced == Some(length as u64) {
                        // Rocket reads ahead and does not report that the client disconnected.
                        true if is_missing => return Outcome::Broken,
                        true => {}
                        false if length < PEEK => return Outcome::Broken,
                        false if taken == length => return Outcome::AwaitsBody(plan),
                        false => {}
                    }
                }
            }
        }
        let body = held.collected();
        match head.with_view(|view| self.firewall.inspect_body(view, exchange, plan, body)) {
            Verdict::Refuse(refusal) => self.refused(head, refusal),
            Verdict::Allow | Verdict::NeedBody(_) => Outcome::Allowed,
        }
    }

    fn refused(&self, head: &Head<'_>, refusal: Box<Refusal>) -> Outcome {
        let answer = head.with_view(|view| self.firewall.respond(view, &refusal));
        Outcome::Refused(refusal, answer)
    }

    fn observe(&self, exchange: Exchange, response: &Response<'_>) {
        let view = ResponseView {
            bytes: response
                .body()
                .preset_size()
                .and_then(|size| u64::try_from(size).ok()),
            content_type: response.headers().get_one("content-type"),
            ..ResponseView::new(response.status().code)
        };
        self.firewall.observe(exchange, &view);
    }
}

/// Converts the engine's response to the framework's, through a type that can hold only what HTTP
/// can express.
fn render<'r>(answer: aiwaf_core::Response) -> Response<'r> {
    let (head, body) = http::Response::<String>::from(answer).into_parts();
    let mut response = Response::new();
    response.set_status(Status::new(head.status.as_u16()));
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        response.adjoin_header(Header::new(name.as_str().to_owned(), value));
    }
    response.set_sized_body(body.len(), Cursor::new(body));
    response
}
