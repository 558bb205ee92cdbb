//! Fields whose name makes a framework call or build what their value names.

use super::{Input, Report, cut};
use crate::payload::category::{Category, Severity};
use crate::payload::field::Carrier;
use crate::payload::rules::{Carriers, Rule};
use crate::payload::squeeze::is_word;

static TYPE: Rule = Rule::recognised(
    "code-serialised-type-name",
    Category::Deserialization,
    Severity::Critical,
    &[],
    &["java.net.Inet4Address", "org.apache.tomcat.dbcp"],
)
.only(Carriers::NONE.with(Carrier::JsonValue));
static METHOD: Rule = Rule::recognised(
    "exploit-form-method",
    Category::Exploit,
    Severity::Critical,
    &[],
    &["__construct", "PUT"],
)
.only(Carriers::VALUES);

static ROLE: Rule = Rule::recognised(
    "exploit-role",
    Category::Exploit,
    Severity::Critical,
    &[],
    &["_admin", "admin"],
)
.only(Carriers::NONE.with(Carrier::JsonValue));

static RECON: Rule = Rule::recognised(
    "rce-named-command",
    Category::Rce,
    Severity::Critical,
    &[],
    &["whoami", "ifconfig"],
)
.only(Carriers::VALUES);

/// The rules of this recogniser.
pub(super) static RULES: &[&Rule] = &[&TYPE, &METHOD, &ROLE, &RECON];

/// The commands with which somebody tries a shell that he has found. Words of other meanings (`id`,
/// `date`) are left out.
const PROBES: [&[u8]; 6] = [
    b"whoami",
    b"ifconfig",
    b"ipconfig",
    b"netstat",
    b"tasklist",
    b"systeminfo",
];

/// The usual names of the field of a web shell that takes the command.
const SHELLS: [&[u8]; 6] = [b"cmd", b"command", b"exec", b"execute", b"shell", b"system"];

/// The role that permits everything on a document database.
const ADMIN: &[u8] = b"_admin";

/// The PHP method that constructs an object.
const CONSTRUCT: &[u8] = b"__construct";

/// Prefixes of classes that open, look up or load something when they are built, as named in proofs
/// of concept for Fastjson and Jackson. Classes of the same packages that services exchange
/// (numbers, errors, pages) are left out.
const CLASSES: [&[u8]; 43] = [
    b"java.net.inet",
    b"java.net.url",
    b"java.lang.class",
    b"java.lang.autocloseable",
    b"java.lang.runtime",
    b"java.lang.process",
    b"java.io.",
    b"javax.swing.",
    b"javax.script.",
    b"javax.naming.",
    b"javax.management.",
    b"javax.el.",
    b"com.sun.",
    b"com.mchange.",
    b"com.zaxxer.",
    b"com.alibaba.druid.",
    b"com.ibatis.",
    b"com.caucho.",
    b"com.p6spy.",
    b"com.newrelic.",
    b"org.apache.xbean.",
    b"org.apache.shiro.",
    b"org.apache.commons.",
    b"org.apache.ibatis.",
    b"org.apache.tomcat.",
    b"org.apache.catalina.",
    b"org.apache.cocoon.",
    b"org.apache.hadoop.",
    b"org.apache.aries.",
    b"org.apache.axis2.",
    b"org.apache.openjpa.",
    b"org.apache.xalan.",
    b"org.apache.activemq.",
    b"org.springframework.jndi.",
    b"org.springframework.aop.",
    b"org.springframework.beans.",
    b"org.springframework.context.",
    b"org.springframework.transaction.",
    b"org.hibernate.jmx.",
    b"org.codehaus.groovy.",
    b"ch.qos.logback.",
    b"oracle.jdbc.",
    b"br.com.anteros.",
];

/// Literals that the gate must not pass.
pub(super) fn anchors() -> impl Iterator<Item = &'static [u8]> {
    let names = [CONSTRUCT, ADMIN];
    names.into_iter().chain(PROBES).chain(CLASSES)
}

/// Judges `input` by the name of its field.
pub(super) fn judge(input: &Input<'_>, report: &mut Report<'_>) {
    let (name, text) = (input.field.name, input.squeezed);
    // A form names its intended HTTP method in this field, and a framework calls the method of that
    // name on the request.
    if name == b"_method" && text == CONSTRUCT {
        report(&METHOD, text);
    }
    if (name == b"roles" || name.ends_with(b".roles")) && text == ADMIN {
        report(&ROLE, text);
    }
    let last = last_step(name);
    if PROBES.contains(&text) && SHELLS.iter().any(|shell| last.eq_ignore_ascii_case(shell)) {
        report(&RECON, text);
    }
    // The type of an object in a document. Linked data has one too, but it is not a Java class.
    if (name == b"@type" || name.ends_with(b".@type")) && is_built_in(text) {
        report(&TYPE, cut(text, 0, 64));
    }
}

/// The last step of a name: `cmd` in `data.cmd` and `shell[cmd]`.
fn last_step(name: &[u8]) -> &[u8] {
    let name = name.strip_suffix(b"]").unwrap_or(name);
    let mut steps = name.rsplit(|byte| matches!(byte, b'.' | b'['));
    steps.next().unwrap_or_default()
}

/// Whether a text is the name of one of those classes and not of an error.
fn is_built_in(text: &[u8]) -> bool {
    CLASSES.iter().any(|class| text.starts_with(class))
        && text
            .iter()
            .all(|byte| is_word(*byte) || matches!(byte, b'.' | b'$'))
        && !text.ends_with(b"exception")
}

#[cfg(test)]
mod tests {
    use crate::payload::field::{Carrier, Field};
    use crate::payload::{Detector, Findings, Paranoia, Scratch};

    fn is_refused(carrier: Carrier, name: &str, value: &str) -> bool {
        let (name, value) = (name.as_bytes(), value.as_bytes());
        let field = Field {
            carrier,
            name,
            value,
        };
        let scratch = &mut Scratch::default();
        let points = Detector::new().judge(field, Paranoia::One, scratch, &mut Findings::new());
        points >= Paranoia::One.threshold()
    }

    #[test]
    fn a_name_gives_a_value_its_meaning() {
        for (carrier, name, value, refused) in [
            (Carrier::JsonValue, "@type", "java.net.Inet4Address", true),
            (
                Carrier::JsonValue,
                "a.@type",
                "com.sun.rowset.JdbcRowSetImpl",
                true,
            ),
            (
                Carrier::JsonValue,
                "@type",
                "org.apache.xbean.JndiConverter",
                true,
            ),
            (Carrier::JsonValue, "@type", "Product", false),
            (
                Carrier::JsonValue,
                "@type",
                "type.googleapis.com/google.rpc.ErrorInfo",
                false,
            ),
            (Carrier::JsonValue, "@type", "com.shop.orders.Order", false),
            (Carrier::JsonValue, "@type", "java.lang.String", false),
            (Carrier::JsonValue, "@type", "java.net.URI", false),
            (
                Carrier::JsonValue,
                "@type",
                "java.io.FileNotFoundException",
                false,
            ),
            (
                Carrier::JsonValue,
                "@type",
                "org.springframework.data.domain.PageImpl",
                false,
            ),
            (Carrier::JsonValue, "@type", "__construct", false),
            (
                Carrier::JsonValue,
                "package",
                "java.net.Inet4Address",
                false,
            ),
            (
                Carrier::JsonValue,
                "my@type",
                "java.net.Inet4Address",
                false,
            ),
            (Carrier::JsonValue, "roles", "_admin", true),
            (Carrier::JsonValue, "docs.roles", "_admin", true),
            (Carrier::JsonValue, "roles", "admin", false),
            (Carrier::JsonValue, "user", "_admin", false),
            (Carrier::QueryValue, "cmd", "whoami", true),
            (Carrier::FormValue, "Command", "ipconfig", true),
            (Carrier::JsonValue, "data.cmd", "whoami", true),
            (Carrier::FormValue, "shell[cmd]", "whoami", true),
            (Carrier::QueryValue, "q", "whoami", false),
            (Carrier::QueryValue, "cmdline", "whoami", false),
            (Carrier::QueryValue, "cmd", "login", false),
            (Carrier::FormValue, "_method", "__construct", true),
            (Carrier::QueryValue, "_method", "__construct", true),
            (Carrier::FormValue, "_method", "PUT", false),
            (Carrier::QueryValue, "q", "__construct", false),
        ] {
            assert_eq!(is_refused(carrier, name, value), refused, "{name}={value}");
        }
    }
}
