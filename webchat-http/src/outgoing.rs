//! Connections that this server opens itself: HTTP on TCP, encrypted where the address says so.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use url::Host;

/// Sends requests on an open connection.
pub(crate) type Sender = SendRequest<Full<Bytes>>;

/// Speaks HTTP on a connection; encrypted if it is said whom the certificate must name, and who beside the public
/// authorities may have signed it.
pub(crate) async fn speak(
    stream: TcpStream,
    secure: Option<(&Host<String>, &[CertificateDer<'static>])>,
) -> Result<Sender, String> {
    stream.set_nodelay(true).map_err(text)?;
    let Some((host, authorities)) = secure else {
        return shake(stream).await;
    };
    let name = match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(text)?,
        Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
    };
    let encryption = TlsConnector::from(encryption(authorities)?);
    let stream = encryption.connect(name, stream).await;
    shake(stream.map_err(|error| format!("no encrypted connection: {error}"))?).await
}

async fn shake<T>(stream: T) -> Result<Sender, String>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(text)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection of our own ended");
        }
    });
    Ok(sender)
}

fn encryption(authorities: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, String> {
    // Kept, because it also keeps the sessions that the next connection resumes.
    static PUBLIC: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    match (authorities, PUBLIC.get()) {
        ([], Some(known)) => Ok(known.clone()),
        ([], None) => {
            let made = trusting(&[])?;
            Ok(PUBLIC.get_or_init(|| made).clone())
        }
        _ => trusting(authorities),
    }
}

fn trusting(authorities: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for authority in authorities {
        roots.add(authority.clone()).map_err(text)?;
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(text)?;
    Ok(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
