//! Where a request's page comes from, and whether that is this server or a site the campaign allows.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue};
use url::Url;
use webchat_core::campaign::Origin;

use crate::request::Peer;

/// The page's origin: `None` when the browser sent none, `null`, two of them, or nonsense.
///
/// Browsers leave `Origin` out of GET requests to the page's own server. They then say `same-origin` in a
/// header that no page can set, and the origin is this server's own.
pub(crate) fn of(headers: &HeaderMap, peer: Peer, public: Option<&Url>) -> Option<Origin> {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => Origin::parse(origin.to_str().ok()?),
        (None, None) => {
            let site = headers.get("sec-fetch-site")?;
            (site == "same-origin").then(|| own(headers, peer, public))?
        }
        _ => None,
    }
}

/// Whether the request comes from a page of this server. A request without any word of its origin does not.
pub(crate) fn is_own(headers: &HeaderMap, peer: Peer, public: Option<&Url>) -> bool {
    let page = of(headers, peer, public);
    page.is_some() && page == own(headers, peer, public)
}

/// Whether the request says that it comes from a page of another server. One without any word of its
/// origin does not: browsers always say it when they send more than a GET.
pub(crate) fn is_foreign(headers: &HeaderMap, peer: Peer, public: Option<&Url>) -> bool {
    headers.contains_key(ORIGIN) && !is_own(headers, peer, public)
}

/// The `access-control-allow-origin` that answers this request's `Origin`.
pub(crate) fn echo(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ORIGIN).cloned()
}

/// This server's origin: as configured, else as the request addressed it.
fn own(headers: &HeaderMap, peer: Peer, public: Option<&Url>) -> Option<Origin> {
    match public {
        Some(url) => Origin::parse(url.as_str().trim_end_matches('/')),
        None => {
            let scheme = if peer.secure { "https" } else { "http" };
            let host = headers.get(HOST)?.to_str().ok()?;
            Origin::parse(&format!("{scheme}://{host}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: Peer = Peer {
        address: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        secure: false,
    };

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_own_pages_are_told_from_all_others() {
        let own = |fields: &[(&'static str, &str)]| is_own(&headers(fields), PEER, None);
        let host = ("host", "chat.example:8080");
        assert!(own(&[host, ("origin", "http://chat.example:8080")]));
        assert!(own(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(!own(&[host]));
        assert!(!own(&[host, ("origin", "null")]));
        assert!(!own(&[host, ("origin", "http://chat.example")]));
        assert!(!own(&[host, ("origin", "https://chat.example:8080")]));
        assert!(!own(&[
            host,
            ("origin", "http://evil.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        let twice = [
            host,
            ("origin", "http://chat.example:8080"),
            ("origin", "http://evil.example"),
        ];
        assert!(!own(&twice));
    }

    #[test]
    fn a_configured_address_goes_before_what_the_request_says() {
        let public = Url::parse("https://chat.example").unwrap();
        let headers = headers(&[("host", "evil.example"), ("origin", "http://evil.example")]);
        assert!(!is_own(&headers, PEER, Some(&public)));
        let behind_proxy =
            self::headers(&[("host", "10.0.0.1"), ("origin", "https://chat.example")]);
        assert!(is_own(&behind_proxy, PEER, Some(&public)));
    }
}
