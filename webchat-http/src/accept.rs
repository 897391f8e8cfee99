//! The accept loop: hands connections to hyper, within limits, until told to stop.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::limits;
use crate::server::Settings;
use crate::tally;
use crate::tls::Tls;

/// How many connections may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// In all. Default [`limits::CONNECTIONS`].
    pub total: usize,
    /// From one address. Default [`limits::CONNECTIONS_PER_ADDRESS`]. Trusted proxies are exempt.
    pub per_address: usize,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            total: limits::CONNECTIONS,
            per_address: limits::CONNECTIONS_PER_ADDRESS,
        }
    }
}

/// How long a client may take; whoever takes longer is hung up on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// To send the head of a request, and for an idle connection. Default [`limits::HEAD_TIME`].
    pub head: Duration,
    /// To send the body of a request; for a file, each piece of it. Default [`limits::BODY_TIME`].
    pub body: Duration,
    /// To read something of what is written. Default [`limits::WRITE_STALL`].
    pub read: Duration,
    /// To say hello on a socket. Default [`limits::HELLO_TIME`].
    pub hello: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            head: limits::HEAD_TIME,
            body: limits::BODY_TIME,
            read: limits::WRITE_STALL,
            hello: limits::HELLO_TIME,
        }
    }
}

/// Where a request arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// The other end of the connection.
    pub(crate) from: SocketAddr,
    /// The connection is encrypted up to here.
    pub(crate) encrypted: bool,
}

/// Serves connections, encrypted ones if `settings` have TLS, until `stop`, then lets running requests finish for at most
/// [`limits::DRAIN_TIME`]. Upgraded connections are not waited for: they belong to whoever upgraded them.
pub(crate) async fn serve<F, A>(
    listener: TcpListener,
    door: Arc<Door>,
    settings: Arc<Settings>,
    stop: CancellationToken,
    answer: F,
) where
    F: Fn(Arrival, http::Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = warp::reply::Response> + Send + 'static,
{
    let (deadlines, tls) = (settings.deadlines, settings.tls.as_ref());
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(deadlines.head)
        .max_headers(limits::HEADERS)
        .max_header_size(limits::HEAD_BYTES)
        .max_buf_size(2 * limits::HEAD_BYTES);
    let running = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, from) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                rest_after(&error).await;
                continue;
            }
        };
        let Some(place) = door.enter(from.ip()) else {
            tally::refused("no_room");
            if tls.is_none() {
                turn_away(&stream);
            }
            continue;
        };
        if let Err(error) = tune(&stream, deadlines.read) {
            tracing::debug!(%error, "connection was gone before it was served");
            continue;
        }
        let line = Line::new(stream, place, deadlines.read);
        let (builder, answer) = (builder.clone(), answer.clone());
        let (tls, stop) = (tls.cloned(), stop.clone());
        running.spawn(async move {
            let arrival = Arrival {
                from,
                encrypted: tls.is_some(),
            };
            match tls {
                None => converse(&builder, line, arrival, stop, answer).await,
                Some(tls) => {
                    let Some(line) = greet(&tls, line, deadlines.head, &stop).await else {
                        return;
                    };
                    converse(&builder, line, arrival, stop, answer).await;
                }
            }
        });
    }
    drop(listener);
    running.close();
    if tokio::time::timeout(limits::DRAIN_TIME, running.wait())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

/// The handshake of an encrypted connection; `None` if it fails or does not come in time.
async fn greet(
    tls: &Tls,
    line: Line,
    time: Duration,
    stop: &CancellationToken,
) -> Option<TlsStream<Line>> {
    let handshake = tokio::time::timeout(time, tls.acceptor().accept(line));
    tokio::select! {
        () = stop.cancelled() => None,
        greeted = handshake => match greeted {
            Ok(Ok(line)) => Some(line),
            Ok(Err(error)) => {
                tally::refused("no_tls");
                tracing::debug!(%error, "a connection could not be encrypted");
                None
            }
            Err(_) => {
                tally::refused("no_tls");
                None
            }
        },
    }
}

/// Answers the requests of one connection until it ends, or after the next one when told to `stop`.
async fn converse<I, F, A>(
    builder: &http1::Builder,
    line: I,
    arrival: Arrival,
    stop: CancellationToken,
    answer: F,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Arrival, http::Request<Incoming>) -> A + Send + 'static,
    A: Future<Output = warp::reply::Response> + Send + 'static,
{
    let service = service_fn(move |request| {
        let response = answer(arrival, request);
        async move { Ok::<_, std::convert::Infallible>(response.await) }
    });
    let connection = builder.serve_connection(TokioIo::new(line), service);
    let mut connection = std::pin::pin!(connection.with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        if error.is_parse() {
            tally::refused("bad_head");
        } else if error.is_timeout() {
            tally::refused("slow_head");
        }
        tracing::debug!(%error, "connection ended early");
    }
}

/// Sends small messages at once, and lets the kernel hold little, and not for long, for a client that does not read:
/// what is answered and closed here may still wait there.
fn tune(stream: &TcpStream, stall: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(stall))?;
    #[cfg(not(target_os = "linux"))]
    let _ = stall;
    socket.set_send_buffer_size(limits::SEND_BUFFER)
}

/// Waits a little when the system is out of something; a single connection's failure needs no rest.
async fn rest_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        return;
    }
    tracing::error!(%error, "cannot accept connections");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Says that there is no room, if the socket takes it at once.
fn turn_away(stream: &TcpStream) {
    let answer = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    // Whether a crowd hears the answer does not matter; being closed is the message.
    let _ = stream.try_write(answer.as_bytes());
}

/// Counts who is inside.
#[derive(Debug)]
pub(crate) struct Door {
    crowd: Crowd,
    exempt: Vec<ipnet::IpNet>,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    total: usize,
    per_address: HashMap<IpAddr, usize>,
}

impl Door {
    /// A door that admits a `crowd`; the limit per address does not bind `exempt` networks.
    pub(crate) fn new(crowd: Crowd, exempt: Vec<ipnet::IpNet>) -> Arc<Self> {
        Arc::new(Self {
            crowd,
            exempt,
            inside: Mutex::default(),
        })
    }

    /// A place for one connection, given back when dropped; `None` when there is no room.
    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = neighbourhood(address);
        let most_here = if self.exempt.iter().any(|network| network.contains(&address)) {
            usize::MAX
        } else {
            self.crowd.per_address
        };
        let mut inside = self.lock();
        let here = inside.per_address.get(&address).copied().unwrap_or(0);
        if inside.total >= self.crowd.total || here >= most_here {
            return None;
        }
        inside.total += 1;
        inside.per_address.insert(address, here + 1);
        Some(Place {
            door: self.clone(),
            address,
        })
    }

    fn leave(&self, address: IpAddr) {
        let mut inside = self.lock();
        inside.total -= 1;
        if let Some(here) = inside.per_address.get_mut(&address) {
            *here -= 1;
            if *here == 0 {
                inside.per_address.remove(&address);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        // Nothing between lock and unlock can panic half-way.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What counts as one address: an IPv4 address, or an IPv6 /64, which one household can fill at will.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let network = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
    }
}

struct Place {
    door: Arc<Door>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.door.leave(self.address);
    }
}

/// A connection that holds its place for as long as it lives, upgraded or not, and fails when its
/// client stops reading.
struct Line {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    _place: Place,
}

impl Line {
    fn new(stream: TcpStream, place: Place, stall: Duration) -> Self {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(stall));
        Self {
            stream: Box::pin(stream),
            _place: place,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_waited_for_longer_than_ten_seconds() {
        let Deadlines {
            head,
            body,
            read,
            hello,
        } = Deadlines::default();
        let longest = [head, body, read, hello].into_iter().max();
        assert_eq!(longest, Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_place_is_given_back_and_each_address_has_its_own_share() {
        let crowd = Crowd {
            total: 3,
            per_address: 2,
        };
        let door = Door::new(crowd, vec!["10.0.0.0/8".parse().unwrap()]);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();

        let first = door.enter(address("192.0.2.1")).unwrap();
        let _second = door.enter(address("::ffff:192.0.2.1")).unwrap();
        assert!(door.enter(address("192.0.2.1")).is_none(), "the share is 2");
        let _third = door.enter(address("192.0.2.2")).unwrap();
        assert!(
            door.enter(address("10.0.0.1")).is_none(),
            "the house is full"
        );
        drop(first);
        assert!(door.enter(address("192.0.2.1")).is_some());
        let proxy: Vec<_> = (0..4).map(|_| door.enter(address("10.0.0.1"))).collect();
        assert_eq!(
            proxy.iter().flatten().count(),
            1,
            "exempt from the share, not from the total"
        );
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_address() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(
            neighbourhood(address("2001:db8:1:2:3:4:5:6")),
            neighbourhood(address("2001:db8:1:2:ffff::1"))
        );
        assert_ne!(
            neighbourhood(address("2001:db8:1:2::1")),
            neighbourhood(address("2001:db8:1:3::1"))
        );
    }
}
