//! The files browsers load: the widget, the console and the demo shop, embedded in the program.
//!
//! Debug builds read them from the source folder at each request, so an edit shows on reload.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION,
    VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// Before the folder of the window's modules.
const MODULES: &str = "/widget/";

/// Serves the embedded files.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    demo: bool,
    /// Prepared files by path, made at the first request for each.
    ready: Mutex<HashMap<String, Arc<Asset>>>,
}

#[derive(Debug)]
struct Asset {
    hash: [u8; 32],
    plain: Bytes,
    /// `None` when packing saves nothing.
    gzip: Option<Bytes>,
    mime: &'static str,
}

impl Assets {
    /// The assets; the demo shop only if `demo`.
    pub(crate) fn new(demo: bool) -> Self {
        Self {
            demo,
            ready: Mutex::default(),
        }
    }

    /// The answer to a GET or HEAD of `path`; `None` if there is no such file.
    pub(crate) fn answer(&self, path: &str, headers: &HeaderMap) -> Option<Response<Bytes>> {
        if let Some(target) = self.redirect(path) {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::FOUND;
            response
                .headers_mut()
                .insert(LOCATION, HeaderValue::from_static(target));
            return Some(response);
        }
        if let Some(rest) = path.strip_prefix(MODULES) {
            return self.module(rest, headers);
        }
        let kind = Kind::of(path)?;
        if matches!(kind, Kind::Demo) && !self.demo {
            return None;
        }
        let asset = self.find(&file_of(path, kind))?;
        Some(asset.response(kind, headers))
    }

    /// Folder under which the window's modules are now; its name is drawn from all they hold, so what is
    /// there never changes and may be kept for ever.
    pub(crate) fn modules(&self) -> String {
        let mut hash = Sha256::new();
        for file in Files::iter().filter(|file| file.starts_with("widget/modules/")) {
            if let Some(found) = Files::get(&file) {
                hash.update(file.as_bytes());
                hash.update(found.metadata.sha256_hash());
            }
        }
        let hash = hash.finalize();
        let name: String = hash
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{MODULES}{name}/")
    }

    /// A module of the window. A page that was loaded before the modules changed gets the newer one, which
    /// nobody may keep under the old name.
    fn module(&self, rest: &str, headers: &HeaderMap) -> Option<Response<Bytes>> {
        let (_, name) = rest.split_once('/')?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        let stem = name.strip_suffix(".js")?;
        if stem.is_empty() || !stem.bytes().all(plain) {
            return None;
        }
        let asset = self.find(&format!("widget/modules/{name}"))?;
        let mut response = asset.response(Kind::Widget, headers);
        let current = format!("{MODULES}{rest}") == format!("{}{name}", self.modules());
        let kept = match current {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        Some(response)
    }

    fn redirect(&self, path: &str) -> Option<&'static str> {
        match path {
            "/" if self.demo => Some("/demo/"),
            "/" | "/console" => Some("/console/"),
            "/api" => Some("/api/"),
            "/demo" if self.demo => Some("/demo/"),
            _ => None,
        }
    }

    fn find(&self, file: &str) -> Option<Arc<Asset>> {
        let mime = mime_of(file)?;
        let found = Files::get(file)?;
        let hash = found.metadata.sha256_hash();
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asset) = ready.get(file)
            && asset.hash == hash
        {
            return Some(asset.clone());
        }
        let plain = Bytes::from(found.data.into_owned());
        let gzip = gzip(&plain).filter(|packed| packed.len() < plain.len());
        let asset = Arc::new(Asset {
            hash,
            plain,
            gzip,
            mime,
        });
        ready.insert(file.to_owned(), asset.clone());
        Some(asset)
    }
}

impl Asset {
    fn response(&self, kind: Kind, request: &HeaderMap) -> Response<Bytes> {
        let packed = self.gzip.as_ref().filter(|_| accepts_gzip(request));
        let tag = self.tag(packed.is_some());
        let mut response = if names(request, &tag) {
            let mut unchanged = Response::new(Bytes::new());
            *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
            unchanged
        } else {
            let body = packed.unwrap_or(&self.plain);
            let mut whole = Response::new(body.clone());
            whole
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(self.mime));
            if packed.is_some() {
                whole
                    .headers_mut()
                    .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            whole
        };
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        kind.decorate(headers);
        response
    }

    /// A strong validator names one sequence of bytes, so each encoding has its own.
    fn tag(&self, packed: bool) -> String {
        let hash: String = self
            .hash
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("\"{hash}{}\"", if packed { "-gz" } else { "" })
    }
}

/// Which family a file belongs to: they differ in who may load them and what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Loaded by other people's pages.
    Widget,
    /// Pages of this server: the console and the description of the interface.
    Console,
    Preview,
    Demo,
    Plain,
}

/// What pages of this server may load: their own files, nothing inline, framed by nobody.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// What the editor's preview of the window may do, which is framed by the console and talks to nobody.
const PREVIEW_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'";

impl Kind {
    fn of(path: &str) -> Option<Self> {
        let plain = path.split('/').skip(1).all(|part| {
            !part.starts_with('.')
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        });
        if !plain {
            return None;
        }
        match path {
            "/widget.js" | "/widget.d.ts" => Some(Self::Widget),
            "/robots.txt" => Some(Self::Plain),
            _ if path.starts_with("/console/preview/") => Some(Self::Preview),
            _ if path.starts_with("/console/") || path.starts_with("/api/") => Some(Self::Console),
            _ if path.starts_with("/demo/") => Some(Self::Demo),
            _ => None,
        }
    }

    fn decorate(self, headers: &mut HeaderMap) {
        let mut set = |name: &'static str, value| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        match self {
            Self::Widget => {
                set("cache-control", "public, max-age=300");
                set("cross-origin-resource-policy", "cross-origin");
                set("access-control-allow-origin", "*");
            }
            Self::Console | Self::Demo => {
                set("cache-control", "no-cache");
                set("content-security-policy", PAGE_POLICY);
                set("cross-origin-opener-policy", "same-origin");
                // Calls need camera and microphone here: whatever else is forbidden, these two are not.
                set(
                    "permissions-policy",
                    "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
                );
            }
            Self::Preview => {
                set("cache-control", "no-cache");
                set("content-security-policy", PREVIEW_POLICY);
            }
            Self::Plain => {
                headers.insert(
                    CACHE_CONTROL,
                    HeaderValue::from_static("public, max-age=86400"),
                );
            }
        }
    }
}

fn file_of(path: &str, kind: Kind) -> String {
    let path = path.trim_start_matches('/');
    match kind {
        Kind::Widget => format!("widget/{path}"),
        Kind::Demo if path == "demo/" => "demo/shop.html".to_owned(),
        _ if path.ends_with('/') => format!("{path}index.html"),
        _ => path.to_owned(),
    }
}

/// The type of a file that is meant for browsers; others are not served.
fn mime_of(file: &str) -> Option<&'static str> {
    Some(match file.rsplit('.').next()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" | "ts" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        _ => return None,
    })
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    request
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|choice| {
            let mut parts = choice.split(';').map(str::trim);
            let coding = parts.next().unwrap_or("");
            let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            coding.eq_ignore_ascii_case("gzip") && !refused
        })
}

fn names(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str, headers: &[(&'static str, &str)]) -> Option<Response<Bytes>> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Assets::new(false).answer(path, &map)
    }

    #[test]
    fn a_file_is_sent_once_and_then_only_confirmed() {
        let first = get("/robots.txt", &[]).unwrap();
        assert_eq!(first.status(), 200);
        let tag = first.headers()[ETAG].to_str().unwrap();
        let second = get("/robots.txt", &[("if-none-match", tag)]).unwrap();
        assert_eq!((second.status().as_u16(), second.body().len()), (304, 0));
        assert_eq!(second.headers()[ETAG].to_str().unwrap(), tag);
    }

    #[test]
    fn nothing_outside_the_folders_can_be_reached() {
        for path in [
            "/../Cargo.toml",
            "/console/../robots.txt",
            "/console/..%2frobots.txt",
            "/console//etc/passwd",
            "/.git/config",
            "/demo/",
            "/console/vendor/bundle.sh",
            "/widget/widget.js",
        ] {
            assert!(get(path, &[]).is_none(), "{path}");
        }
    }

    #[test]
    fn modules_are_kept_for_ever_under_a_name_drawn_from_their_content() {
        let folder = Assets::new(false).modules();
        let kept = |path: &str| {
            let answer = get(path, &[])?;
            Some(answer.headers()[CACHE_CONTROL].to_str().unwrap().to_owned())
        };
        let current = kept(&format!("{folder}files.js"));
        assert_eq!(
            current.as_deref(),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(kept("/widget/0000/files.js").as_deref(), Some("no-cache"));
        for path in [
            "x/../../robots.txt",
            "x/widget.js",
            "x/",
            "files.js",
            "x/.js",
        ] {
            assert_eq!(kept(&format!("/widget/{path}")), None, "{path}");
        }
    }

    #[test]
    fn pages_that_make_calls_may_use_camera_and_microphone() {
        let shop = Assets::new(true)
            .answer("/demo/", &HeaderMap::new())
            .unwrap();
        let console = get("/console/", &[]).unwrap();
        for page in [shop, console] {
            let policy = page.headers()["permissions-policy"].to_str().unwrap();
            for device in ["camera=(self)", "microphone=(self)"] {
                assert!(policy.contains(device), "{policy}");
            }
            assert!(!policy.contains("picture-in-picture"), "{policy}");
        }
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            accepts_gzip(&headers)
        };
        assert!(accepts("gzip, deflate, br"));
        assert!(accepts("br;q=1.0, GZIP;q=0.8"));
        assert!(!accepts("br, gzip;q=0"));
        assert!(!accepts("identity"));
    }
}
