//! A browser's request: the benign request with which costs are measured.

use std::net::{IpAddr, Ipv4Addr};

use aiwaf_core::{Peer, RequestView, RouteMatch};

/// The platforms of the visitors' browsers.
const PLATFORMS: [&str; 5] = [
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "Linux; Android 10; K",
    "X11; CrOS x86_64 14541.0.0",
    "Linux; Android 14; SM-S918B",
];

/// The header lines of a Chrome following a link within a shop, with a kilobyte of cookies.
pub(crate) struct Visitor {
    peer: IpAddr,
    target: String,
    cookie: String,
    agent: String,
    brands: String,
    tag: String,
}

impl Visitor {
    /// The visitor with this number: an address, a path, a query, cookies and an entity tag that no
    /// other number has, and one of five hundred browsers.
    pub(crate) fn new(number: u32) -> Self {
        let version = 40 + number % 100;
        let platform = PLATFORMS
            .get(number as usize / 100 % PLATFORMS.len())
            .unwrap_or(&"X11; Linux x86_64");
        Self {
            agent: format!(
                "Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
            ),
            brands: format!(
                "\"Not;A=Brand\";v=\"99\", \"Google Chrome\";v=\"{version}\", \"Chromium\";v=\"{version}\""
            ),
            tag: format!("W/\"{number:x}-19a4b2c7d10\""),
            peer: IpAddr::V4(Ipv4Addr::from(0x2000_0000 + number)),
            target: format!(
                "/products/{number}-linen-shirt?colour=sand&size=M&utm_source=newsletter&page={}",
                number % 17
            ),
            cookie: cookie(number),
        }
    }

    /// The visitor's header lines.
    pub(crate) fn headers(&self) -> [(&str, &[u8]); 16] {
        [
            ("Host", b"shop.example"),
            (
                "sec-ch-ua",
                self.brands.as_bytes(),
            ),
            ("sec-ch-ua-mobile", b"?0"),
            ("sec-ch-ua-platform", b"\"Windows\""),
            ("Upgrade-Insecure-Requests", b"1"),
            (
                "User-Agent",
                self.agent.as_bytes(),
            ),
            (
                "Accept",
                b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
            ),
            ("Sec-Fetch-Site", b"same-origin"),
            ("Sec-Fetch-Mode", b"navigate"),
            ("Sec-Fetch-User", b"?1"),
            ("Sec-Fetch-Dest", b"document"),
            ("Referer", b"https://shop.example/products?page=2"),
            ("Accept-Encoding", b"gzip, deflate, br, zstd"),
            ("Accept-Language", b"en-GB,en;q=0.9,de;q=0.8"),
            ("Cookie", self.cookie.as_bytes()),
            ("If-None-Match", self.tag.as_bytes()),
        ]
    }

    /// The request for a product page, whose route the service has.
    pub(crate) fn view<'a>(&'a self, headers: &'a [(&'a str, &'a [u8])]) -> RequestView<'a> {
        RequestView {
            headers,
            peer: Peer::Address(self.peer),
            route: RouteMatch::Pattern("/products/{id}"),
            ..RequestView::new("GET", self.target.as_bytes())
        }
    }

    /// The visitor's address.
    #[allow(dead_code)]
    pub(crate) const fn peer(&self) -> IpAddr {
        self.peer
    }
}

/// Session, analytics and consent cookies, 1 KiB in all.
fn cookie(number: u32) -> String {
    let mut cookie = format!("session={number:08x}9f1c4e7ab2d05836; theme=dark; consent=1");
    let mut at = 0_u32;
    while cookie.len() < 1000 {
        let value = number.wrapping_mul(2_654_435_761).wrapping_add(at * 40_503);
        cookie.push_str(&format!("; _ga{at}=GS1.1.{value}.{}.1", value % 97));
        at += 1;
    }
    cookie
}
