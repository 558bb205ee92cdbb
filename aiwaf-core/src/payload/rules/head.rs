//! Text that has no legitimate use in the head of a request or of a part.
//!
//! Values may contain it: a post about LDAP filters, a link to a cloud's documentation.

use super::{Carriers, Category, Rule, Severity};
use crate::payload::field::Carrier;
use crate::payload::recognise::LISTENERS;

const HEADERS: Carriers = Carriers(0)
    .with(Carrier::Header)
    .with(Carrier::OwnHeader)
    .with(Carrier::PartHeader);

/// Headers, and the names and values in the target.
const HEADERS_AND_TARGET: Carriers = Carriers::TARGET.with(Carrier::PartHeader);

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "xxe-entity-header",
        category: Category::Xxe,
        severity: Severity::Critical,
        carriers: HEADERS,
        any: &["!entity %", "<!entity", "<!doctype"],
        with: &["system", "public"],
        hits: &["foo!ENTITY % bar SYSTEM"],
        misses: &["identity system", "Mozilla/5.0 (X11; Linux x86_64)"],
    },
    Rule {
        id: "ldap-filter-header",
        category: Category::Ldap,
        severity: Severity::Critical,
        carriers: HEADERS,
        any: &[
            "*)(uid=",
            "*)(cn=",
            "*)(mail=",
            "*)(objectclass=",
            "*)(|(",
            "*)(&(",
            "*))(|(",
            "*))(&(",
            ")(|(uid=",
            ")(|(cn=",
        ],
        with: &[],
        hits: &["*)(uid=*))(|(uid=*", "admin*)(|(mail=*"],
        misses: &[
            "Mozilla/5.0 (X11; Linux x86_64) (KHTML, like Gecko)",
            "(a)(b)",
            "text/*;q=0.8",
        ],
    },
    Rule {
        id: "prototype-header",
        category: Category::Prototype,
        severity: Severity::Critical,
        carriers: HEADERS,
        any: &[
            "__proto__",
            "constructor[prototype",
            "constructor.prototype",
            "\"constructor\":{\"prototype\"",
        ],
        with: &[],
        hits: &[
            "{\"__proto__\":{\"isAdmin\":true}}",
            "a=1; constructor[prototype][x]=1",
        ],
        misses: &[
            "prototype.js",
            "https://example.com/constructor",
            "proto=https",
        ],
    },
    // Hosts whose purpose is to report who contacted them: a service that opens the URL, or looks
    // up the name, reveals itself.
    Rule {
        id: "ssrf-listening-host",
        category: Category::Ssrf,
        severity: Severity::Critical,
        carriers: HEADERS_AND_TARGET,
        any: &LISTENERS,
        with: &[],
        hits: &["http://x.burpcollaborator.net/y", "x.oast.pro"],
        misses: &["https://www.interact.shop/", "toast.me"],
    },
    // The same hosts without a subdomain, in the position of a host.
    Rule {
        id: "ssrf-listening-root",
        category: Category::Ssrf,
        severity: Severity::Critical,
        carriers: HEADERS_AND_TARGET,
        any: &[
            "@oast.me~",
            "@oast.pro~",
            "@oast.fun~",
            "@oast.live~",
            "@oast.site~",
            "@oast.online~",
            "@interact.sh~",
            "@interactsh.com~",
            "//oast.me~",
            "//oast.pro~",
            "//oast.fun~",
            "//oast.live~",
            "//oast.site~",
            "//oast.online~",
            "//interact.sh~",
            "//interactsh.com~",
        ],
        with: &[],
        hits: &["example.com@oast.me/", "https://interact.sh"],
        misses: &["https://www.interact.shop/", "me@toast.me", "oast.me"],
    },
    // A type inside the type: the service is to read the body in another way than an inspector.
    Rule {
        id: "evasion-content-type",
        category: Category::Evasion,
        severity: Severity::Critical,
        carriers: HEADERS,
        any: &[
            "boundary=\"application/",
            "boundary=\"text/",
            "boundary=\"multipart/",
            "boundary=\"image/",
            "boundary=application/",
            "boundary=text/",
            "boundary=multipart/",
        ],
        with: &[],
        hits: &["application/x-www-form-urlencoded;boundary=\"application/json\""],
        misses: &[
            "multipart/form-data; boundary=----WebKitFormBoundaryx",
            "multipart/related; type=\"text/xml\"; boundary=\"x\"",
        ],
    },
    Rule {
        id: "ssrf-metadata-url",
        category: Category::Ssrf,
        severity: Severity::Critical,
        carriers: HEADERS.with(Carrier::Path).with(Carrier::Text),
        any: &[
            "://169.254.169.254",
            ":/169.254.169.254",
            "/169.254.169.254/latest/",
            "://metadata.google.internal",
            "://100.100.100.200/",
            "://[fd00:ec2::254]",
        ],
        with: &[],
        hits: &[
            "/proxy/http://169.254.169.254/latest/meta-data/",
            "/fetch/http://metadata.google.internal/computeMetadata/v1/",
            "/api/cors/http/169.254.169.254/latest/meta-data",
        ],
        misses: &[
            "/networks/169.254.0.0",
            "/proxy/https://example.com/169.254.169.254",
            "/docs/metadata.google.internal",
        ],
    },
    Rule {
        id: "code-serialised-segment",
        category: Category::Deserialization,
        severity: Severity::Critical,
        carriers: Carriers::PATH,
        any: &[
            "/o:1:\"", "/o:2:\"", "/o:3:\"", "/o:4:\"", "/o:5:\"", "/o:6:\"", "/o:7:\"", "/o:8:\"",
            "/o:9:\"", "/o:10:\"", "/o:11:\"", "/o:12:\"", "/o:13:\"", "/o:14:\"", "/o:15:\"",
            "/o:16:\"", "/o:17:\"", "/o:18:\"", "/o:19:\"", "/o:20:\"",
        ],
        with: &[":{", ":\""],
        hits: &["/cart/O:8:\"stdClass\":1:{s:1:\"a\";i:1;}"],
        misses: &["/o:8", "/ratio:8:5", "/a/o:8:1:{"],
    },
    // Types that make a server run an upload, whatever its name is.
    Rule {
        id: "upload-type",
        category: Category::Upload,
        severity: Severity::Critical,
        carriers: Carriers::NONE.with(Carrier::PartHeader),
        any: &["application/x-httpd-php", "application/x-httpd-cgi"],
        with: &[],
        hits: &["application/x-httpd-php"],
        misses: &["application/x-www-form-urlencoded", "application/php+json"],
    },
];
