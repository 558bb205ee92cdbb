//! Kinds of attacks, and the severity of a finding.

/// The kind of attack that a finding is evidence of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Category {
    /// SQL injection.
    Sqli,
    /// Injection into the queries of document databases.
    Nosqli,
    /// Cross-site scripting.
    Xss,
    /// Path traversal and local file inclusion.
    Lfi,
    /// Remote file inclusion.
    Rfi,
    /// Commands for a shell.
    Rce,
    /// Code for the language that the service is written in.
    Code,
    /// Expressions for a template engine.
    Ssti,
    /// External entities and other abuse of XML.
    Xxe,
    /// Requests that the server is made to send.
    Ssrf,
    /// LDAP filters.
    Ldap,
    /// XPath expressions.
    Xpath,
    /// Header and response splitting.
    Crlf,
    /// JNDI lookups through a logger.
    Log4shell,
    /// Functions in environment variables.
    Shellshock,
    /// Prototype pollution.
    Prototype,
    /// Serialised objects.
    Deserialization,
    /// Server-side and edge-side includes.
    Ssi,
    /// Files that would run on the server.
    Upload,
    /// A known exploit that is none of the above.
    Exploit,
    /// An encoding whose only purpose is to hide something.
    Evasion,
}

impl Category {
    /// All of them.
    pub(crate) const ALL: [Self; 21] = [
        Self::Sqli,
        Self::Nosqli,
        Self::Xss,
        Self::Lfi,
        Self::Rfi,
        Self::Rce,
        Self::Code,
        Self::Ssti,
        Self::Xxe,
        Self::Ssrf,
        Self::Ldap,
        Self::Xpath,
        Self::Crlf,
        Self::Log4shell,
        Self::Shellshock,
        Self::Prototype,
        Self::Deserialization,
        Self::Ssi,
        Self::Upload,
        Self::Exploit,
        Self::Evasion,
    ];

    /// The name in settings, events and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqli => "sqli",
            Self::Nosqli => "nosqli",
            Self::Xss => "xss",
            Self::Lfi => "lfi",
            Self::Rfi => "rfi",
            Self::Rce => "rce",
            Self::Code => "code",
            Self::Ssti => "ssti",
            Self::Xxe => "xxe",
            Self::Ssrf => "ssrf",
            Self::Ldap => "ldap",
            Self::Xpath => "xpath",
            Self::Crlf => "crlf",
            Self::Log4shell => "log4shell",
            Self::Shellshock => "shellshock",
            Self::Prototype => "prototype",
            Self::Deserialization => "deserialization",
            Self::Ssi => "ssi",
            Self::Upload => "upload",
            Self::Exploit => "exploit",
            Self::Evasion => "evasion",
        }
    }
}

/// How strong the evidence of one finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Seen in attacks, and often elsewhere: 2 points.
    Low,
    /// Unusual outside attacks: 5 points.
    Medium,
    /// Rare outside attacks: 7 points.
    High,
    /// An attack: 10 points.
    Critical,
}

impl Severity {
    /// What a finding of this severity adds to the score of a request.
    #[must_use]
    pub const fn points(self) -> u32 {
        match self {
            Self::Low => 2,
            Self::Medium => 5,
            Self::High => 7,
            Self::Critical => 10,
        }
    }
}

/// How much evidence it takes to refuse a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Paranoia {
    /// 10 points: one critical finding or two medium ones. For services that receive text from
    /// people.
    #[default]
    One,
    /// 7 points: one finding of high severity is enough.
    Two,
    /// 5 points: one finding of medium severity is enough.
    Three,
    /// 2 points: any finding is enough. For interfaces that only programs use.
    Four,
}

impl Paranoia {
    /// The score at which a request is refused.
    #[must_use]
    pub const fn threshold(self) -> u32 {
        match self {
            Self::One => 10,
            Self::Two => 7,
            Self::Three => 5,
            Self::Four => 2,
        }
    }

    /// The level of a number from 1 to 4.
    #[must_use]
    pub const fn from_level(level: u8) -> Option<Self> {
        match level {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            3 => Some(Self::Three),
            4 => Some(Self::Four),
            _ => None,
        }
    }
}
