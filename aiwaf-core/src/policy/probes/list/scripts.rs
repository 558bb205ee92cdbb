//! Scripts of other platforms, and the shells that attackers leave among them.

use super::super::{End, Group, Start};

#[rustfmt::skip] // One text per line would hide the groups.
pub(super) const GROUPS: &[Group] = &[
    Group {
        start: Start::Within,
        end: End::Name,
        texts: &[
            ".php", ".php3", ".php4", ".php5", ".php7", ".php8", ".phtml", ".phar", ".asp", ".aspx", ".ashx", ".asmx",
            ".axd", ".asa", ".jsp", ".jspx", ".jspa", ".jspf", ".cgi", ".cfm", ".cfml", ".cfc", ".nsf",
        ],
    },
    Group {
        start: Start::Root,
        end: End::Segment,
        texts: &[
            "/shell", "/webshell", "/c99", "/r57", "/wso25", "/backdoor",
        ],
    },
    Group {
        start: Start::Root,
        end: End::Word,
        texts: &[
            "/cgi-bin", "/cgi-sys", "/cgi-mod", "/fcgi-bin", "/scgi-bin", "/_vti_bin", "/_vti_pvt",
        ],
    },
    Group {
        start: Start::Segment,
        end: End::Anywhere,
        texts: &[
            "/nmaplowercheck", "/teorema505", "/cgi-bin/luci", "/cgi-bin/test",
        ],
    },
    Group {
        start: Start::Segment,
        end: End::Name,
        texts: &[
            "/c99shell", "/r57shell", "/b374k", "/alfashell", "/filemanager", "/root.exe", "/cmd.exe",
        ],
    },
];
