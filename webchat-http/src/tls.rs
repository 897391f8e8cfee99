//! TLS with the server's own certificate, which can be exchanged while it runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate and its key, from two files in PEM. TLS 1.2 and 1.3, HTTP/1.1.
#[derive(Debug)]
pub struct Tls {
    chain: PathBuf,
    key: PathBuf,
    config: RwLock<Arc<ServerConfig>>,
}

/// Why a certificate cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsError {
    /// The file that is wrong.
    pub file: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.why)
    }
}

impl std::error::Error for TlsError {}

impl Tls {
    /// Reads the certificate `chain`, the server's own certificate first, and its private `key`.
    ///
    /// # Errors
    /// If a file cannot be read, holds no certificate or key, or if they do not belong together.
    pub fn load(chain: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let config = read(chain, key)?;
        Ok(Arc::new(Self {
            chain: chain.into(),
            key: key.into(),
            config: RwLock::new(config),
        }))
    }

    /// Reads both files again; connections made from now on see the new certificate.
    ///
    /// # Errors
    /// As [`load`](Self::load). The certificate in use stays then.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = read(&self.chain, &self.key)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Greets a connection with the certificate of the moment.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(config.clone())
    }
}

fn read(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let wrong = |file: &Path, why: String| TlsError {
        file: file.into(),
        why,
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(chain, error.to_string()))?;
    if certificates.is_empty() {
        return Err(wrong(chain, "no certificate in it".into()));
    }
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error.to_string()))?;
    // Named, because two providers may be linked into one program, and then there is no default.
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|versions| {
            versions
                .with_no_client_auth()
                .with_single_cert(certificates, secret)
        })
        .map_err(|error| wrong(key, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
