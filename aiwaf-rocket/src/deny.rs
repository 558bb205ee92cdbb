//! The route that refused requests are sent to instead of a handler.

use rocket::http::uri::Origin;
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::{Data, Request, Route};

use crate::kept::Kept;

/// The path of the route that refused requests are sent to.
const BASE: &str = "/__aiwaf";

/// Handles refused requests. The fairing replaces its response.
#[derive(Clone)]
struct Deny;

#[rocket::async_trait]
impl Handler for Deny {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        if Kept::of(request).denies() {
            return Outcome::Success(rocket::Response::new());
        }
        // A client that requests this path directly gets the same response as for any unknown path.
        Outcome::Forward((data, Status::NotFound))
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::ranked(isize::MIN, Method::Get, BASE, Deny)]
}

/// Sends a request to the deny route.
pub(crate) fn send(request: &mut Request<'_>) {
    // Rocket handles HEAD with the routes of GET and drops the body itself.
    if request.method() != Method::Head {
        request.set_method(Method::Get);
    }
    request.set_uri(Origin::const_new(BASE, None));
}
