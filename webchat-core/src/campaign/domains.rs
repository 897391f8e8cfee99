//! Which sites may carry the window: the browser's `Origin` held against the campaign's list.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

use crate::limits;

/// Where a page comes from: scheme, host and port of an HTTP `Origin` header.
///
/// The host is lower case and in its ASCII (IDNA) form. Written as `scheme://host:port`.
///
/// ```
/// use webchat_core::campaign::Origin;
///
/// let origin = Origin::parse("https://Café.example").unwrap();
/// assert_eq!(origin.to_string(), "https://xn--caf-dma.example:443");
/// assert_eq!(Origin::parse("null"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: Box<str>,
    port: u16,
}

impl Origin {
    /// The origin a header's value names; `None` for `null`, for schemes other than http and https
    /// and for whatever is not exactly `scheme://host` or `scheme://host:port`.
    pub fn parse(header: &str) -> Option<Self> {
        let (scheme, authority) = header.split_once("://")?;
        if !scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) || !is_bare(authority) {
            return None;
        }
        // What is left for the URL parser to know: letter case, IDNA, address forms, default ports.
        let url = Url::parse(header).ok()?;
        Some(Self {
            scheme: Scheme::named(url.scheme())?,
            host: url.host_str()?.into(),
            port: url.port_or_known_default()?,
        })
    }
}

impl fmt::Display for Origin {
    /// `scheme://host:port`, the port always written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme.name(), self.host, self.port)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(
                "origin: expected scheme, host and port such as https://shop.example:443",
            )
        })
    }
}

/// The sites that may carry a campaign's window. Empty is any site.
///
/// Written as a list of texts: `shop.example` (that host, either scheme, any port), `*.shop.example` (any
/// sub-domain at any depth, not `shop.example` itself), and either with a port (`shop.example:8443`) or
/// a scheme (`https://shop.example`), which then must be the page's. Hosts are compared whole, never
/// by part, after case folding and IDNA.
///
/// Source: seed, "Allowed Domains"; domain.md §7.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedDomains(Vec<Site>);

impl AllowedDomains {
    /// Reads a list as an administrator types it. Repeated entries count once.
    ///
    /// # Errors
    /// Every entry that is not a site, with its place in the list.
    pub fn parse<'a>(
        entries: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Vec<(usize, BadDomain)>> {
        let mut sites = Vec::new();
        let mut bad = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            match entry.parse::<Site>() {
                Ok(site) if sites.contains(&site) => {}
                Ok(site) if sites.len() < limits::ALLOWED_DOMAINS => sites.push(site),
                Ok(_) => bad.push((index, BadDomain::TooMany)),
                Err(problem) => bad.push((index, problem)),
            }
        }
        if bad.is_empty() {
            Ok(Self(sites))
        } else {
            Err(bad)
        }
    }

    /// Whether a page of this origin may carry the window. Without an origin (header missing, `null`
    /// or unreadable) only an empty list permits.
    pub fn permits(&self, origin: Option<&Origin>) -> bool {
        self.is_empty()
            || origin.is_some_and(|origin| self.0.iter().any(|site| site.is_home_of(origin)))
    }

    /// Nothing is listed: any site may carry the window.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries in their settled form: lower case, IDNA.
    pub fn iter(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(Site::to_string)
    }

    /// The sources for a `Content-Security-Policy: frame-ancestors` that says the same as
    /// [`permits`](Self::permits); `None` when any site may frame the window.
    ///
    /// The policy language has no IPv6 addresses; browsers pass over such an entry.
    pub fn frame_ancestors(&self) -> Option<String> {
        let sources: Vec<String> = self.0.iter().map(Site::csp_source).collect();
        (!sources.is_empty()).then(|| sources.join(" "))
    }
}

impl Serialize for AllowedDomains {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for AllowedDomains {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<String>::deserialize(deserializer)?;
        Self::parse(entries.iter().map(String::as_str)).map_err(|bad| {
            let first = bad.first().map_or(BadDomain::Host, |(_, problem)| *problem);
            serde::de::Error::custom(format_args!("allowed domain: expected {first}"))
        })
    }
}

/// Why an entry of the list is not a site; the text says what is expected instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDomain {
    /// Not a host name or an address.
    #[error("a host such as shop.example, *.shop.example or shop.example:8443")]
    Host,
    /// A lone `*`.
    #[error("a host, or an empty list to allow any site")]
    Anything,
    /// A `*` that does not stand for the whole first label of a name.
    #[error("a * only as the first label of a host name, such as *.shop.example")]
    Wildcard,
    /// A scheme that pages of a browser cannot have here.
    #[error("no scheme, http:// or https://")]
    Scheme,
    /// A path, a query, or a user name.
    #[error("a host without path, query or user name")]
    MoreThanHost,
    /// A port that is none.
    #[error("a port from 1 to 65535")]
    Port,
    /// An IPv6 address without brackets.
    #[error("an IPv6 address in brackets, such as [2001:db8::1]")]
    Brackets,
    /// The list is longer than [`limits::ALLOWED_DOMAINS`].
    #[error("at most {} domains", limits::ALLOWED_DOMAINS)]
    TooMany,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn named(name: &str) -> Option<Self> {
        [Self::Http, Self::Https]
            .into_iter()
            .find(|scheme| scheme.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Site {
    /// `None` is either.
    scheme: Option<Scheme>,
    reach: Reach,
    /// `None` is any.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reach {
    Host(Box<str>),
    /// The text after `*`, with its leading dot.
    SubDomains(Box<str>),
}

impl Site {
    fn is_home_of(&self, origin: &Origin) -> bool {
        let host = match &self.reach {
            Reach::Host(host) => origin.host == *host,
            // The suffix begins with a dot, so it ends at a label's border; something must precede it.
            Reach::SubDomains(suffix) => origin
                .host
                .strip_suffix(&**suffix)
                .is_some_and(|labels| !labels.is_empty()),
        };
        host && self.scheme.is_none_or(|scheme| scheme == origin.scheme)
            && self.port.is_none_or(|port| port == origin.port)
    }

    /// In this language `http` stands for both schemes, and a port left out for the default one only.
    fn csp_source(&self) -> String {
        let scheme = self.scheme.unwrap_or(Scheme::Http).name();
        match self.port {
            Some(port) => format!("{scheme}://{}:{port}", self.reach),
            None => format!("{scheme}://{}:*", self.reach),
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = self.scheme {
            write!(f, "{}://", scheme.name())?;
        }
        self.reach.fmt(f)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host),
            Self::SubDomains(suffix) => write!(f, "*{suffix}"),
        }
    }
}

impl FromStr for Site {
    type Err = BadDomain;

    /// Also takes what people paste: blanks around, a slash or a root dot at the end.
    fn from_str(entry: &str) -> Result<Self, BadDomain> {
        let entry = entry.trim();
        let (scheme, rest) = match entry.split_once("://") {
            Some((name, rest)) => (Some(Scheme::named(name).ok_or(BadDomain::Scheme)?), rest),
            None => (None, entry),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest == "*" {
            return Err(BadDomain::Anything);
        }
        if rest.contains(['/', '\\', '?', '#', '@']) {
            return Err(BadDomain::MoreThanHost);
        }
        let (host, port) = split_port(rest)?;
        let reach = match host.strip_prefix("*.") {
            Some(base) => match settle(base)? {
                Host::Domain(base) => Reach::SubDomains(format!(".{base}").into()),
                _ => return Err(BadDomain::Wildcard),
            },
            None if host.contains('*') => return Err(BadDomain::Wildcard),
            None => Reach::Host(settle(host)?.to_string().into()),
        };
        Ok(Self {
            scheme,
            reach,
            port,
        })
    }
}

fn split_port(rest: &str) -> Result<(&str, Option<u16>), BadDomain> {
    // The colons within brackets belong to the address.
    let after_address = rest.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = rest[after_address..].find(':') else {
        return Ok((rest, None));
    };
    let (host, port) = rest.split_at(after_address + colon);
    let port = &port[1..];
    if port.contains(':') {
        return Err(BadDomain::Brackets);
    }
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(number) if digits && number > 0 => Ok((host, Some(number))),
        _ => Err(BadDomain::Port),
    }
}

/// Whether the text is a host name (not an address) as the URL standard and IDNA have it.
pub(crate) fn names_a_host(text: &str) -> bool {
    matches!(settle(text), Ok(Host::Domain(_)))
}

/// The host in the form browsers send it.
fn settle(host: &str) -> Result<Host<String>, BadDomain> {
    if !is_bare(host) {
        return Err(BadDomain::Host);
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    match Host::parse(host) {
        Ok(Host::Domain(name)) if is_host_name(&name) => Ok(Host::Domain(name)),
        // The parser also reads `1.2.3` and `0x7f.1` as addresses; nobody means that here.
        Ok(Host::Ipv4(address)) if address.to_string() == host => Ok(Host::Ipv4(address)),
        Ok(Host::Ipv6(address)) => Ok(Host::Ipv6(address)),
        _ => Err(BadDomain::Host),
    }
}

/// Nothing in the text that a URL parser would drop, decode or take as a border.
fn is_bare(authority: &str) -> bool {
    let foreign = |c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\' | '?' | '#' | '@' | '%')
    };
    !authority.is_empty() && !authority.contains(foreign)
}

/// Letters, digits, hyphens and underscores between dots: safe to repeat in a header.
fn is_host_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    name.len() <= 253
        && name
            .split('.')
            .all(|label| (1..=63).contains(&label.len()) && label.bytes().all(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> AllowedDomains {
        AllowedDomains::parse(entries.iter().copied()).unwrap()
    }

    fn permits(entry: &str, origin: &str) -> bool {
        list(&[entry]).permits(Origin::parse(origin).as_ref())
    }

    #[test]
    fn an_origin_header_is_a_scheme_a_host_and_a_port_and_nothing_else() {
        let reads = |header: &str| Origin::parse(header).map(|origin| origin.to_string());
        for (header, origin) in [
            ("https://shop.example", "https://shop.example:443"),
            ("http://shop.example", "http://shop.example:80"),
            ("HTTPS://SHOP.Example:443", "https://shop.example:443"),
            ("https://shop.example:8443", "https://shop.example:8443"),
            (
                "https://bücher.example",
                "https://xn--bcher-kva.example:443",
            ),
            (
                "https://xn--bcher-kva.example",
                "https://xn--bcher-kva.example:443",
            ),
            ("http://127.0.0.1:5173", "http://127.0.0.1:5173"),
            ("http://[::1]:5173", "http://[::1]:5173"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]:80"),
            ("https://shop.example.", "https://shop.example.:443"),
        ] {
            assert_eq!(reads(header).as_deref(), Some(origin), "{header}");
            let json = serde_json::to_string(&Origin::parse(header)).unwrap();
            assert_eq!(json, format!("\"{origin}\""));
            assert_eq!(
                serde_json::from_str::<Origin>(&json).ok(),
                Origin::parse(header)
            );
        }
        assert!(serde_json::from_str::<Origin>(r#""null""#).is_err());
        for garbage in [
            "",
            "null",
            "NULL",
            "shop.example",
            "//shop.example",
            "https:shop.example",
            "https://",
            "https:///shop.example",
            "https://shop.example/",
            "https://shop.example/path",
            "https://shop.example?x",
            "https://shop.example#x",
            "https://shop.example\\@evil.example",
            "https://shop.example@evil.example",
            "https://user:pass@shop.example",
            "https://shop.example https://evil.example",
            "https://shop.example, https://evil.example",
            " https://shop.example",
            "https://shop.example\t",
            "https://sh%6fp.example",
            "https://shop.example:0x50",
            "https://shop.example:99999",
            "https://[::1",
            "https://::1",
            "file://",
            "file:///C:/page.html",
            "chrome-extension://abcdefgh",
            "ftp://shop.example",
            "data:text/html,x",
            "javascript://shop.example",
            "https://a..\u{0}b",
        ] {
            assert_eq!(reads(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn a_host_matches_whole_and_nothing_that_looks_like_it() {
        for (entry, origin) in [
            ("shop.example", "https://shop.example"),
            ("shop.example", "http://shop.example"),
            ("shop.example", "https://shop.example:8443"),
            ("SHOP.Example", "https://shop.example"),
            (" shop.example ", "https://shop.example"),
            ("shop.example.", "https://shop.example"),
            ("shop.example/", "https://shop.example"),
            ("https://shop.example/", "https://shop.example"),
            ("https://shop.example", "https://shop.example:8443"),
            ("shop.example:443", "https://shop.example"),
            ("shop.example:80", "http://shop.example"),
            ("shop.example:8443", "http://shop.example:8443"),
            ("bücher.example", "https://xn--bcher-kva.example"),
            ("BÜCHER.example", "https://bücher.example"),
            ("xn--bcher-kva.example", "https://bücher.example"),
            ("faß.example", "https://xn--fa-hia.example"),
            ("localhost", "http://localhost:5173"),
            ("127.0.0.1", "http://127.0.0.1:5173"),
            ("[::1]", "http://[::1]:5173"),
            ("[0:0:0:0:0:0:0:1]:5173", "http://[::1]:5173"),
            ("*.shop.example", "https://www.shop.example"),
            ("*.shop.example", "https://a.b.shop.example:8443"),
            ("*.shop.example:8443", "https://a.shop.example:8443"),
            ("https://*.shop.example", "https://a.shop.example"),
            ("my_shop.example", "https://my_shop.example"),
        ] {
            assert!(permits(entry, origin), "{entry} should permit {origin}");
        }
        for (entry, origin) in [
            ("shop.example", "https://www.shop.example"),
            ("shop.example", "https://evilshop.example"),
            ("shop.example", "https://shop.example.evil.example"),
            ("shop.example", "https://shop.example.evil"),
            ("shop.example", "https://shop.exampl"),
            ("shop.example", "https://example"),
            ("shop.example", "https://shop.example."),
            ("shop.example", "https://evil.example#shop.example"),
            ("shop.example", "https://shop.example@evil.example"),
            ("shop.example", "https://sh\u{43e}p.example"),
            ("shop.example:443", "http://shop.example"),
            ("shop.example:8443", "https://shop.example"),
            ("https://shop.example", "http://shop.example"),
            ("http://shop.example", "https://shop.example"),
            ("*.shop.example", "https://shop.example"),
            ("*.shop.example", "https://evilshop.example"),
            ("*.shop.example", "https://www.shop.example.evil"),
            ("*.shop.example", "https://wwwshop.example"),
            ("*.shop.example:8443", "https://a.shop.example"),
            ("127.0.0.1", "http://127.0.0.2"),
            ("[::1]", "http://[::2]"),
        ] {
            assert!(
                !permits(entry, origin),
                "{entry} should not permit {origin}"
            );
        }
    }

    #[test]
    fn without_an_origin_only_an_empty_list_permits() {
        let any = AllowedDomains::default();
        let some = list(&["shop.example"]);
        let null = Origin::parse("null");
        assert!(any.permits(None) && any.permits(null.as_ref()));
        assert!(!some.permits(None) && !some.permits(null.as_ref()));
    }

    #[test]
    fn what_is_not_a_site_is_refused_and_says_why() {
        for (entry, why) in [
            ("", BadDomain::Host),
            ("   ", BadDomain::Host),
            (".", BadDomain::Host),
            ("shop..example", BadDomain::Host),
            (".shop.example", BadDomain::Host),
            ("shop example", BadDomain::Host),
            ("shop.example;script-src", BadDomain::Host),
            ("shop.example,other.example", BadDomain::Host),
            ("'none'", BadDomain::Host),
            ("sh%6fp.example", BadDomain::Host),
            ("1.2.3", BadDomain::Host),
            ("0x7f.0.0.1", BadDomain::Host),
            ("1.2.3.4.5", BadDomain::Host),
            ("xn--a.example", BadDomain::Host),
            ("*", BadDomain::Anything),
            ("https://*", BadDomain::Anything),
            ("*shop.example", BadDomain::Wildcard),
            ("www.*.example", BadDomain::Wildcard),
            ("*.127.0.0.1", BadDomain::Wildcard),
            ("*.*.example", BadDomain::Host),
            ("ftp://shop.example", BadDomain::Scheme),
            ("file:///page.html", BadDomain::Scheme),
            ("shop.example/contact", BadDomain::MoreThanHost),
            ("https://shop.example/contact?x=1", BadDomain::MoreThanHost),
            ("user@shop.example", BadDomain::MoreThanHost),
            ("https://user:pass@shop.example", BadDomain::MoreThanHost),
            ("shop.example:", BadDomain::Port),
            ("shop.example:0", BadDomain::Port),
            ("shop.example:65536", BadDomain::Port),
            ("shop.example:+80", BadDomain::Port),
            ("shop.example:*", BadDomain::Port),
            ("::1", BadDomain::Brackets),
            ("2001:db8::1", BadDomain::Brackets),
        ] {
            assert_eq!(
                AllowedDomains::parse([entry]),
                Err(vec![(0, why)]),
                "{entry}"
            );
        }
        let label = "a".repeat(64);
        assert!(AllowedDomains::parse([label.as_str()]).is_err());
    }

    #[test]
    fn all_bad_entries_are_told_at_once_and_repeated_ones_count_once() {
        let bad = AllowedDomains::parse(["*", "shop.example", "::1"]).unwrap_err();
        assert_eq!(bad, [(0, BadDomain::Anything), (2, BadDomain::Brackets)]);
        assert_eq!(
            list(&["shop.example", "SHOP.example."]),
            list(&["shop.example"])
        );

        let many: Vec<String> = (0..=limits::ALLOWED_DOMAINS)
            .map(|n| format!("s{n}.example"))
            .collect();
        let bad = AllowedDomains::parse(many.iter().map(String::as_str)).unwrap_err();
        assert_eq!(bad, [(limits::ALLOWED_DOMAINS, BadDomain::TooMany)]);
    }

    #[test]
    fn the_frame_policy_says_the_same_as_the_list() {
        assert_eq!(AllowedDomains::default().frame_ancestors(), None);
        let sites = list(&["Shop.example", "*.bücher.example:8443", "https://127.0.0.1"]);
        assert_eq!(
            sites.frame_ancestors().unwrap(),
            "http://shop.example:* http://*.xn--bcher-kva.example:8443 https://127.0.0.1:*"
        );
    }

    #[test]
    fn a_list_is_written_as_texts_and_read_back() {
        let sites = list(&["Shop.example", "https://*.bücher.example:8443", "[::1]:80"]);
        let json = serde_json::to_string(&sites).unwrap();
        assert_eq!(
            json,
            r#"["shop.example","https://*.xn--bcher-kva.example:8443","[::1]:80"]"#
        );
        assert_eq!(
            serde_json::from_str::<AllowedDomains>(&json).unwrap(),
            sites
        );
        let error = serde_json::from_str::<AllowedDomains>(r#"["*"]"#)
            .unwrap_err()
            .to_string();
        assert!(error.contains("empty list"), "{error}");
    }
}
