//! What a request must look like before any route sees it, and who sent it.

use std::net::IpAddr;

use http::header::{HOST, TRANSFER_ENCODING};
use http::uri::Authority;
use http::{HeaderMap, Method, Request};
use ipnet::IpNet;

use crate::accept::Arrival;
use crate::limits;
use crate::refused::Refused;

/// Who sent a request: an extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The client's address, behind trusted proxies the one they report.
    pub(crate) address: IpAddr,
    /// The client's side of the connection is encrypted.
    pub(crate) secure: bool,
}

impl Peer {
    /// Whether a proxy that is trusted handed the request on.
    pub(crate) fn is_through(arrival: Arrival, trusted: &[IpNet]) -> bool {
        let nearest = arrival.from.ip().to_canonical();
        trusted.iter().any(|network| network.contains(&nearest))
    }

    /// The sender of a request that arrived so. What it says of itself in `x-forwarded-for` and
    /// `x-forwarded-proto` counts only if the connection is from a trusted proxy.
    pub(crate) fn of(headers: &HeaderMap, arrival: Arrival, trusted: &[IpNet]) -> Self {
        let trusts = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
        let nearest = arrival.from.ip().to_canonical();
        if !trusts(&nearest) {
            return Self {
                address: nearest,
                secure: arrival.encrypted,
            };
        }
        // Each proxy appends whom it heard from, so the last one that is no proxy of ours is the client.
        let hops: Vec<IpAddr> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map_while(|hop| hop.trim().parse().ok())
            .collect();
        let address = hops
            .iter()
            .rev()
            .map(IpAddr::to_canonical)
            .find(|hop| !trusts(hop))
            .unwrap_or(nearest);
        let secure = headers
            .get("x-forwarded-proto")
            .map_or(arrival.encrypted, |proto| {
                proto.as_bytes().eq_ignore_ascii_case(b"https")
            });
        Self { address, secure }
    }
}

/// Refuses shapes that different programs read differently, which is what request smuggling lives on.
///
/// No client of ours sends chunked bodies, so `Transfer-Encoding` is refused altogether; hyper drops a
/// `Content-Length` beside it without a trace, so the pair could not be told from chunked alone.
pub(crate) fn check_shape<B>(request: &Request<B>) -> Result<(), Refused> {
    let headers = request.headers();
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(Refused::new(
            "length_required",
            "transfer-encoding is not accepted, send content-length",
        ));
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) if is_host(host.as_bytes()) => host,
        _ => return Err(Refused::bad_request("expected one host header")),
    };
    // `CONNECT` names no path, and what comes after would stumble over that.
    if request.method() == Method::CONNECT || request.uri().path_and_query().is_none() {
        return Err(Refused::bad_request("expected an address with a path"));
    }
    if let Some(authority) = request.uri().authority()
        && !host
            .as_bytes()
            .eq_ignore_ascii_case(authority.as_str().as_bytes())
    {
        return Err(Refused::bad_request("host header and address differ"));
    }
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |address| address.as_str().len());
    if length > limits::URL_BYTES {
        return Err(Refused::new("uri_too_long", "the address is too long"));
    }
    Ok(())
}

/// Whether this is a name or an address, and a port at most.
fn is_host(host: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte);
    let Ok(authority) = Authority::try_from(host) else {
        return false;
    };
    let named = authority.host().len();
    let port_fits = named == host.len() || authority.port_u16().is_some();
    host.iter().all(plain) && named > 0 && port_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(from: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let arrival = Arrival {
            from: format!("{from}:1").parse().unwrap(),
            encrypted: false,
        };
        Peer::of(&headers, arrival, &trusted).address.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_may_say_who_the_client_is() {
        assert_eq!(peer("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(peer("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(
            peer("10.0.0.1", &["6.6.6.6, 203.0.113.9, 10.0.0.2"]),
            "203.0.113.9"
        );
        assert_eq!(peer("10.0.0.1", &["6.6.6.6", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(peer("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn ambiguous_requests_are_refused() {
        let status = |request: http::request::Builder| {
            check_shape(&request.body(()).unwrap())
                .err()
                .map(|refused| refused.response().status().as_u16())
        };
        let get = || Request::get("/x");
        assert_eq!(status(get().header("host", "a")), None);
        assert_eq!(status(get()), Some(400));
        assert_eq!(
            status(get().header("host", "a").header("host", "b")),
            Some(400)
        );
        assert_eq!(
            status(Request::get("http://b/").header("host", "a")),
            Some(400)
        );
        assert_eq!(status(Request::get("http://A/").header("host", "a")), None);
        let chunked = get()
            .header("host", "a")
            .header("transfer-encoding", "chunked");
        assert_eq!(status(chunked), Some(411));
        let long = format!("/{}", "x".repeat(limits::URL_BYTES));
        assert_eq!(status(Request::get(long).header("host", "a")), Some(414));
    }
}
