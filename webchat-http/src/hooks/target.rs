//! Where a webhook goes: the address is looked up, checked and only then connected to, so that nobody can make this
//! server talk to its own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use ipnet::IpNet;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};
use webchat_core::problem::Problem;

use super::letter::Letter;
use crate::outgoing::{self, Sender};

/// Bytes of an answer that are read; more are of no interest.
const ANSWER_BYTES: usize = 64 * 1024;

/// Networks beside the public internet that webhooks may go to, and without encryption.
#[derive(Clone, Debug, Default)]
pub struct Networks(pub Vec<IpNet>);

impl Networks {
    fn named(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.named(address) || is_public(address)
    }
}

/// A URL that may be delivered to, as far as that can be said before its name is looked up.
#[derive(Debug)]
pub(crate) struct Target {
    host: Host<String>,
    port: u16,
    secure: bool,
    /// As it stands in the request line.
    path: String,
    authority: String,
    networks: Networks,
}

impl Target {
    /// # Errors
    /// If it is no `http` or `https` URL, holds a password, or leads to an address that is barred.
    pub(crate) fn parse(text: &str, networks: &Networks) -> Result<Self, Problem> {
        let wrong = |expected: &str| Problem::new("url", text, expected);
        let url =
            Url::parse(text).map_err(|_| wrong("a URL such as https://example.com/webchat"))?;
        let secure = match url.scheme() {
            "https" => true,
            "http" if !networks.0.is_empty() => false,
            _ => return Err(wrong("an https URL")),
        };
        if !url.username().is_empty() || url.password().is_some() || text.len() > 2_000 {
            return Err(wrong("at most 2000 characters and no name or password"));
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(wrong("a URL with a host"));
        };
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        if literal.is_some_and(|address| !networks.permits(address)) {
            return Err(wrong("a public address"));
        }
        let query = url
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            secure,
            path: format!("{}{query}", url.path()),
            authority,
            networks: networks.clone(),
        })
    }

    /// An open connection to an address that was checked.
    async fn connect(&self) -> Result<Sender, String> {
        let stream = self.dial().await?;
        outgoing::speak(stream, self.secure.then_some((&self.host, &[]))).await
    }

    async fn dial(&self) -> Result<TcpStream, String> {
        let addresses: Vec<SocketAddr> = match &self.host {
            Host::Ipv4(address) => vec![(*address, self.port).into()],
            Host::Ipv6(address) => vec![(*address, self.port).into()],
            Host::Domain(name) => {
                let found = tokio::net::lookup_host((name.as_str(), self.port)).await;
                let found = found.map_err(|error| format!("{name} is not known: {error}"))?;
                found.collect()
            }
        };
        // One barred address is enough: a name that means both inside and outside is a trick.
        if let Some(barred) = addresses
            .iter()
            .find(|address| !self.may_go_to(address.ip()))
        {
            return Err(format!("{} is not public", barred.ip()));
        }
        let mut last = "the name has no address".to_owned();
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = format!("{address} does not answer: {error}"),
            }
        }
        Err(last)
    }

    fn may_go_to(&self, address: IpAddr) -> bool {
        match self.secure {
            true => self.networks.permits(address),
            false => self.networks.named(address.to_canonical()),
        }
    }
}

/// A connection that is kept for the next delivery.
pub(crate) struct Line {
    authority: String,
    sender: Sender,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 2xx.
    Taken,
    /// The receiver does not want this event.
    Refused(String),
    /// 410: it wants none any more.
    Gone,
    /// It could not be reached, or failed.
    Failed(String),
}

impl Outcome {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Outcome::Taken => "delivered",
            Outcome::Refused(_) => "refused",
            Outcome::Gone => "gone",
            Outcome::Failed(_) => "failed",
        }
    }
}

/// One attempt, over the connection of the one before if it still stands.
pub(crate) async fn deliver(
    target: &Target,
    line: &mut Option<Line>,
    letter: &Letter,
    secret: &[u8; 32],
    seconds: i64,
    patience: Duration,
) -> Outcome {
    let attempt = async {
        let kept = line
            .take()
            .filter(|line| line.authority == target.authority);
        let mut sender = match kept.filter(|line| line.sender.is_ready()) {
            Some(line) => line.sender,
            None => target.connect().await?,
        };
        let request = request(target, letter, secret, seconds)?;
        let answer = sender.send_request(request).await;
        let answer = answer.map_err(|error| format!("no answer: {error}"))?;
        let status = answer.status();
        // Read to its end, so that the connection can carry the next one.
        let read = Limited::new(answer.into_body(), ANSWER_BYTES)
            .collect()
            .await;
        if read.is_ok() {
            let authority = target.authority.clone();
            *line = Some(Line { authority, sender });
        }
        Ok(judge(status))
    };
    match timeout(patience, attempt).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => Outcome::Failed(error),
        Err(_) => Outcome::Failed(format!("no answer within {} s", patience.as_secs_f32())),
    }
}

fn request(
    target: &Target,
    letter: &Letter,
    secret: &[u8; 32],
    seconds: i64,
) -> Result<Request<Full<Bytes>>, String> {
    let signature = letter
        .signature(secret, seconds)
        .ok_or("it cannot be signed")?;
    let request = Request::post(&target.path)
        .header(HOST, &target.authority)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("webchat/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", &letter.id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature)
        .body(Full::new(letter.body.clone()));
    request.map_err(|error| error.to_string())
}

fn judge(status: StatusCode) -> Outcome {
    let said = format!("status {}", status.as_u16());
    match status {
        StatusCode::GONE => Outcome::Gone,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Outcome::Failed(said)
        }
        _ if status.is_success() => Outcome::Taken,
        // A redirect would lead past the check of the address, so it is not followed.
        _ if status.is_client_error() || status.is_redirection() => Outcome::Refused(said),
        _ => Outcome::Failed(said),
    }
}

/// Whether an address is one of the public internet's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let barred = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !barred
}

/// Global unicast, without what carries an IPv4 address inside or is for documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = (0x2000..0x4000).contains(&a);
    let special =
        a == 0x2002 || (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || (a == 0x3fff && b < 0x1000);
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_let_through() {
        let none = Networks::default();
        for barred in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!none.permits(barred.parse().unwrap()), "{barred}");
        }
        for public in [
            "93.184.216.34",
            "8.8.8.8",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(none.permits(public.parse().unwrap()), "{public}");
        }
        let inside = Networks(vec!["10.1.0.0/16".parse().unwrap()]);
        assert!(inside.permits("10.1.2.3".parse().unwrap()));
        assert!(inside.permits("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!inside.permits("10.2.2.3".parse().unwrap()));
    }

    #[test]
    fn a_url_is_refused_before_anything_is_sent() {
        let none = Networks::default();
        let loopback = Networks(vec!["127.0.0.0/8".parse().unwrap()]);
        for url in [
            "",
            "ftp://example.com/",
            "http://example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://user@example.com/",
            "https://u:p@example.com/",
        ] {
            assert!(Target::parse(url, &none).is_err(), "{url}");
        }
        assert!(Target::parse("https://example.com/a?b", &none).is_ok());
        assert!(Target::parse("http://127.0.0.1:9/", &loopback).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let target = Target::parse("https://localhost/", &Networks::default()).unwrap();
        let error = target.dial().await.unwrap_err();
        assert!(error.contains("is not public"), "{error}");
    }
}
