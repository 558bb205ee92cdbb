//! Where refused requests go instead of to a handler.

use rocket::http::uri::Origin;
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::{Data, Request, Route};

use crate::kept::Kept;

/// The path of the route that refused requests are sent to.
const BASE: &str = "/__aiwaf";

/// Takes what was refused. The fairing replaces its answer.
#[derive(Clone)]
struct Deny;

#[rocket::async_trait]
impl Handler for Deny {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        if Kept::of(request).denies() {
            return Outcome::Success(rocket::Response::new());
        }
        // A client that asks for this very path gets what any other unknown path gets.
        Outcome::Forward((data, Status::NotFound))
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::ranked(isize::MIN, Method::Get, BASE, Deny)]
}

/// Sends a request to the route above.
pub(crate) fn send(request: &mut Request<'_>) {
    // Rocket answers HEAD by the routes of GET, and leaves out the body by itself.
    if request.method() != Method::Head {
        request.set_method(Method::Get);
    }
    request.set_uri(Origin::const_new(BASE, None));
}
