//! Looks up in the DNS whether one of an address's names is the bot's and resolves back to the
//! address.
//!
//! A name that an address claims counts only if it is in the bot's domain *and* the owner of the
//! domain confirms the address: anybody can give their own address the name `crawl.googlebot.com`.
//! Names outside the domains are not looked up at all, so nobody can make us look up a name of
//! their choice.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use aiwaf_core::{BotLookup, Tick};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc};

use super::BotsError;
use super::answers::{Answer, Answers, KEPT, Question};

/// How many addresses are looked up at a time.
const AT_ONCE: usize = 8;
/// How many more may wait. Addresses beyond that are not looked up until they come again.
const WAITING: usize = 64;
/// How long to wait for one server, how often to retry, and how long a whole lookup may take.
const TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 1;
const ALL: Duration = Duration::from_secs(8);
/// How many names of one address are checked.
const NAMES: usize = 4;

/// Looks up the names of bots in the DNS, on a thread of its own that ends when this is dropped.
///
/// Answers are kept: a positive one for 24 hours (and looked up again after 6), a negative one for
/// an hour, a failed lookup for a minute. 10,000 positive and 10,000 negative answers are kept, 8
/// addresses are looked up at a time, and 64 more may wait. Until the answer arrives, the bot is
/// unverified and treated like any other client.
///
/// ```
/// use aiwaf_core::Firewall;
/// use aiwaf_storage::DnsLookup;
///
/// let firewall = Firewall::builder()
///     .with_settings(|settings| {
///         let origins = vec!["googlebot.com".parse().unwrap(), "google.com".parse().unwrap()];
///         settings.headers.good_bots.insert("Googlebot".to_owned(), origins);
///     })
///     .bot_lookup(DnsLookup::with_server("127.0.0.1:53".parse()?)?)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DnsLookup {
    answers: Arc<Mutex<Answers>>,
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    question: Question,
    asked: Tick,
}

impl DnsLookup {
    /// Asks the servers in the system's settings (`/etc/resolv.conf`).
    ///
    /// # Errors
    /// If the settings cannot be read, or the thread cannot be started.
    pub fn system() -> Result<Self, BotsError> {
        Self::start(|| {
            let mut builder = TokioResolver::builder_tokio()?;
            limit(builder.options_mut());
            builder.build()
        })
    }

    /// Asks this server.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn with_server(server: SocketAddr) -> Result<Self, BotsError> {
        Self::start(move || {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let connections = connections.into_iter().map(|mut connection| {
                connection.port = server.port();
                connection
            });
            let server = NameServerConfig::new(server.ip(), true, connections.collect());
            let config = ResolverConfig::from_name_servers(vec![server]);
            let mut builder =
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
            limit(builder.options_mut());
            builder.build()
        })
    }

    fn start(
        resolver: impl FnOnce() -> Result<TokioResolver, NetError>,
    ) -> Result<Self, BotsError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(BotsError::Thread)?;
        let resolver = {
            let _inside = runtime.enter();
            resolver().map_err(|error| BotsError::Resolver(Box::new(error)))?
        };
        let answers = Arc::new(Mutex::new(Answers::new(KEPT)));
        let (jobs, waiting) = mpsc::channel(WAITING);
        let theirs = Arc::clone(&answers);
        thread::Builder::new()
            .name("aiwaf-dns".to_owned())
            .spawn(move || serve(&runtime, resolver, waiting, theirs))
            .map_err(BotsError::Thread)?;
        Ok(Self { answers, jobs })
    }
}

fn limit(options: &mut ResolverOpts) {
    options.timeout = TIMEOUT;
    options.attempts = ATTEMPTS;
    // The hosts file of this machine says nothing about the bot's operator.
    options.use_hosts_file = ResolveHosts::Never;
    // The answers are cached and bounded here.
    options.cache_size = 0;
}

impl BotLookup for DnsLookup {
    fn is_within(&self, address: IpAddr, domains: &Arc<[String]>, now: Tick) -> bool {
        let question = Question {
            address,
            domains: Arc::clone(domains),
        };
        let mut answers = self.answers.lock();
        let (is_verified, is_to_be_asked) = answers.find(&question, now);
        if is_to_be_asked {
            answers.asking(question.clone());
            let job = Job {
                question,
                asked: now,
            };
            if let Err(refused) = self.jobs.try_send(job) {
                answers.withdraw(&refused.into_inner().question);
            }
        }
        is_verified
    }
}

/// Works until every sender is dropped.
fn serve(
    runtime: &Runtime,
    resolver: TokioResolver,
    mut waiting: mpsc::Receiver<Job>,
    answers: Arc<Mutex<Answers>>,
) {
    let free = Arc::new(Semaphore::new(AT_ONCE));
    runtime.block_on(async move {
        while let Ok(permit) = Arc::clone(&free).acquire_owned().await
            && let Some(job) = waiting.recv().await
            // After closing, nobody waits for what is still in the queue.
            && !waiting.is_closed()
        {
            let (resolver, answers) = (resolver.clone(), Arc::clone(&answers));
            tokio::spawn(async move {
                let _permit = permit;
                let question = job.question.clone();
                // A separate task: if it panicked here, the question would stay open for ever.
                let verifying = tokio::spawn(async move {
                    tokio::time::timeout(ALL, verify(&resolver, &question)).await
                });
                let answer = match verifying.await {
                    Ok(Ok(answer)) => answer,
                    Ok(Err(_)) | Err(_) => Answer::Failed,
                };
                tracing::debug!(
                    target: "aiwaf",
                    event = "bot_looked_up",
                    client = %job.question.address,
                    answer = ?answer,
                );
                answers.lock().settle(job.question, answer, job.asked);
            });
        }
    });
}

async fn verify(resolver: &TokioResolver, question: &Question) -> Answer {
    let claimed = match resolver.reverse_lookup(Name::from(question.address)).await {
        Ok(claimed) => claimed,
        Err(error) => return nothing(&error),
    };
    let names = claimed
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::PTR(name) if is_within(name, &question.domains) => Some(&name.0),
            _ => None,
        });
    let mut answer = Answer::Refuted;
    for name in names.take(NAMES) {
        match leads_to(resolver, name, question.address).await {
            Ok(true) => return Answer::Verified,
            Ok(false) => {}
            Err(error) => answer = nothing(&error),
        }
    }
    answer
}

/// The answer for an error: refuted if there is no such record, otherwise failed.
fn nothing(error: &NetError) -> Answer {
    if error.is_no_records_found() {
        Answer::Refuted
    } else {
        Answer::Failed
    }
}

async fn leads_to(
    resolver: &TokioResolver,
    name: &Name,
    address: IpAddr,
) -> Result<bool, NetError> {
    let record = match address {
        IpAddr::V4(_) => RecordType::A,
        IpAddr::V6(_) => RecordType::AAAA,
    };
    let found = resolver.lookup(name.clone(), record).await?;
    Ok(found.answers().iter().any(|record| match &record.data {
        RData::A(v4) => address == IpAddr::V4(v4.0),
        RData::AAAA(v6) => address == IpAddr::V6(v6.0),
        _ => false,
    }))
}

/// Whether a name is one of the domains or is in one of them, compared label by label.
fn is_within(name: &Name, domains: &[String]) -> bool {
    let name = name.to_lowercase().to_ascii();
    let name = name.strip_suffix('.').unwrap_or(&name);
    domains.iter().any(|domain| {
        name.strip_suffix(domain.as_str())
            .is_some_and(|host| host.is_empty() || host.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lie_in_a_domain_label_by_label() {
        let domains = ["googlebot.com".to_owned(), "search.msn.com".to_owned()];
        for (name, within) in [
            ("crawl-66-249-66-1.googlebot.com.", true),
            ("Crawl.GoogleBot.COM.", true),
            ("googlebot.com.", true),
            ("msnbot-1.search.msn.com.", true),
            ("notgooglebot.com.", false),
            ("googlebot.com.evil.test.", false),
            ("msn.com.", false),
            (".", false),
        ] {
            let name = Name::from_ascii(name).unwrap();
            assert_eq!(is_within(&name, &domains), within, "{name}");
        }
    }
}
