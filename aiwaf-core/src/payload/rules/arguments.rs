//! Settings and arguments with which a service loads, calls or runs what somebody else chose.

use super::{Carrier, Carriers, Category, Rule, Severity};

pub(super) const RULES: &[Rule] = &[
    // Properties that make a running service load something, or query its database, if they are set
    // from outside.
    Rule {
        id: "exploit-property",
        category: Category::Exploit,
        severity: Severity::Critical,
        carriers: Carriers::VALUES,
        any: &[
            "^spring.cloud.bootstrap.location^",
            "^spring.main.sources^",
            "^spring.datasource.data^",
            "^spring.datasource.hikari.connection-init-sql^",
            "^spring.datasource.hikari.connection-test-query^",
            "^eureka.client.serviceurl.defaultzone^",
        ],
        with: &[],
        hits: &["spring.cloud.bootstrap.location", "spring.main.sources"],
        misses: &[
            "spring.application.name",
            "what is spring.main.sources for?",
            "spring.datasource.url",
        ],
    },
    // Arguments that make a server contact another one, load a library, call a function, or build
    // an object that calls one.
    Rule {
        id: "exploit-argument",
        category: Category::Exploit,
        severity: Severity::Critical,
        carriers: Carriers::NO_HEADERS,
        any: &[
            "autodiscover/autodiscover.json?@",
            "^autodiscover/autodiscover.json?",
            // A PHP session that is overwritten.
            "\";user|s.",
            "sqlj.install_jar('http",
            "action=function name=",
            "^guzzlehttp\\psr7\\fnstream^",
            "^org.mvel2.sh.shellsession^",
            // A file server includes the file that is named between the tags.
            "<include>/etc/",
            "<include>/proc/",
            "<include>sessions.obj",
            "<include>c:\\windows",
            "<include>users/mainusers/",
            // Options that make a program run another one.
            "^--open-files-in-pager=",
            "^--upload-pack=",
            "^--receive-pack=",
            "^--checkpoint-action=exec",
            "^-oproxycommand=",
            "^ext::sh ",
        ],
        with: &[],
        hits: &[
            "CALL sqlj.install_jar('http://x.test/a', 'X', 0)",
            "GuzzleHttp\\Psr7\\FnStream",
            "Autodiscover/autodiscover.json?a=x@y.test",
            "a:a'\";user|s.\"1\";",
            "<INCLUDE>/etc/</INCLUDE>",
            "--open-files-in-pager=id;",
            "--upload-pack=touch x",
        ],
        misses: &[
            "use GuzzleHttp\\Psr7\\FnStream;",
            "Use git grep --open-files-in-pager=less foo",
            "/autodiscover/autodiscover.json",
            "https://x.test/autodiscover/autodiscover.json?Email=a@x.test",
            "<includes><include>/templates/**</include></includes>",
            "<include>C:\\projects\\src</include>",
        ],
    },
    // Options that make a database driver build or read something for the server that it connects
    // to.
    Rule {
        id: "exploit-driver",
        category: Category::Exploit,
        severity: Severity::Critical,
        carriers: Carriers::NO_HEADERS,
        any: &["autodeserialize=true", "allowurlinlocalinfile=true"],
        with: &["interceptors=", "allowloadlocalinfile=true"],
        hits: &[
            "127.0.0.1:3306/x?autoDeserialize=true&queryInterceptors=com.x.Y",
            "//x?allowLoadLocalInfile=true&allowUrlInLocalInfile=true",
        ],
        misses: &[
            "autoDeserialize=true is dangerous, never use it",
            "jdbc:mysql://db/x?queryInterceptors=com.example.tracing.Interceptor",
        ],
    },
    // An argument for the interpreter, with which a framework lets the client choose the environment
    // that it runs in.
    Rule {
        id: "exploit-environment",
        category: Category::Exploit,
        severity: Severity::Critical,
        carriers: Carriers::NONE
            .with(Carrier::QueryName)
            .with(Carrier::QueryFlag),
        any: &["^--env^", "^--env="],
        with: &[],
        hits: &["--env", "--env=local"],
        misses: &["env", "--environment", "a --env"],
    },
    // What the front end of a mail server asks its back end, with the identity that it vouches for.
    Rule {
        id: "exploit-mail-back-end",
        category: Category::Exploit,
        severity: Severity::Critical,
        carriers: Carriers::VALUES,
        any: &[
            ":444/mapi/",
            ":444/ecp/",
            ":444/ews/",
            ":444/autodiscover/",
            ":444/powershell",
        ],
        with: &["@"],
        hits: &[
            "admin@x.test:444/mapi/emsmdb?MailboxId=1",
            "a@x.test:444/ecp/proxyLogon.ecp",
            "a@x.test:444/ews/exchange.asmx",
            "a@x.test:444/autodiscover/autodiscover.xml",
            "a@x.test:444/powershell",
        ],
        misses: &[
            "https://mail.x.test:444/ews/exchange.asmx",
            "a@x.test:444/mail",
        ],
    },
];
