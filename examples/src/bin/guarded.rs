//! Two forms in axum: one with the hidden fields of the form guard, and one without.
//!
//! To see a form expire without waiting, write `ahead 25h` to its standard input: its clock
//! advances by that.

use std::io::BufRead;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use aiwaf_axum::Aiwaf;
use aiwaf_core::settings::parse_duration;
use aiwaf_core::{Clock, Firewall, SystemClock, Tick};
use aiwaf_examples::{announce, builder, listen, log, told_to_end};
use anyhow::Result;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

/// The system's clock, advanced.
#[derive(Clone, Default)]
struct Ahead {
    system: SystemClock,
    seconds: Arc<AtomicU64>,
}

impl Ahead {
    fn by(&self) -> Duration {
        Duration::from_secs(self.seconds.load(Ordering::Relaxed))
    }

    /// Advances the clock as standard input says, until that ends.
    fn listen(self) {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let moved = line.strip_prefix("ahead ").map(parse_duration);
            if let Some(Ok(by)) = moved {
                self.seconds.fetch_add(by.as_secs(), Ordering::Relaxed);
                println!("{} s ahead", self.by().as_secs());
            }
        }
    }
}

impl Clock for Ahead {
    fn now(&self) -> Tick {
        self.system.now().plus(self.by())
    }

    fn wall(&self) -> SystemTime {
        self.system.wall() + self.by()
    }
}

fn form(action: &str, hidden: &str) -> Html<String> {
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Write to us</title></head>\n\
         <body><form method=\"post\" action=\"{action}\">{hidden}\n\
         <textarea name=\"message\"></textarea><button>Send</button></form></body></html>\n"
    ))
}

fn routes(firewall: &Arc<Firewall>) -> Router {
    let firewall = Arc::clone(firewall);
    // Fields are made for each page, because a token is valid once.
    let guarded = async move || form("/contact", &firewall.form_fields("/contact"));
    let thanks = async || Html("<!doctype html>\n<title>Thank you</title>\n<p>Thank you\n");
    Router::new()
        .route("/contact", get(guarded).post(thanks))
        .route("/note", get(async || form("/note", "")).post(thanks))
}

#[tokio::main]
async fn main() -> Result<()> {
    log()?;
    let clock = Ahead::default();
    let builder = builder(["/contact", "/note"])?
        .with_settings(|settings| settings.honeypot.guarded_paths = vec!["/contact".to_owned()])
        .clock(clock.clone());
    let firewall = aiwaf_storage::start(builder)?;
    let app = routes(&firewall).layer(Aiwaf::new(firewall.clone()));
    let ending = told_to_end()?;
    let listener = listen()?;
    announce("guarded", &listener)?;
    thread::spawn(move || clock.listen());
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(TcpListener::from_std(listener)?, app)
        .with_graceful_shutdown(ending)
        .await?;
    Ok(())
}
