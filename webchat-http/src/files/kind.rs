//! What a file holds, found in its bytes: neither its name nor its sender is believed.

use webchat_core::file::FileKind;
use webchat_core::limits::FILE_NAME_CHARS;

/// Bytes from the beginning that are looked at for a signature.
const HEAD: usize = 16 * 1024;

/// A kind of file that may be sent at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: FileKind,
    pub(super) mime: &'static str,
    /// How names of such files end; the first is put behind a name that ends otherwise.
    endings: &'static [&'static str],
}

const fn found(kind: FileKind, mime: &'static str, endings: &'static [&'static str]) -> Found {
    Found {
        kind,
        mime,
        endings,
    }
}

/// All that may be sent. What can carry scripts a browser or an office would run (HTML, SVG, macros in
/// documents of their own kind, programs, archives) is not among it.
const TABLE: &[Found] = &[
    found(FileKind::Image, "image/png", &["png"]),
    found(FileKind::Image, "image/jpeg", &["jpg", "jpeg"]),
    found(FileKind::Image, "image/gif", &["gif"]),
    found(FileKind::Image, "image/webp", &["webp"]),
    found(FileKind::Image, "image/heif", &["heic", "heif"]),
    found(FileKind::Image, "image/avif", &["avif"]),
    found(FileKind::Document, "application/pdf", &["pdf"]),
    found(
        FileKind::Document,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
    ),
    found(
        FileKind::Document,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsx"],
    ),
    found(
        FileKind::Document,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx"],
    ),
    found(
        FileKind::Document,
        "application/vnd.oasis.opendocument.text",
        &["odt"],
    ),
    found(
        FileKind::Document,
        "application/vnd.oasis.opendocument.spreadsheet",
        &["ods"],
    ),
    found(
        FileKind::Document,
        "application/vnd.oasis.opendocument.presentation",
        &["odp"],
    ),
    found(FileKind::Audio, "audio/mpeg", &["mp3"]),
    found(FileKind::Audio, "audio/ogg", &["ogg", "oga", "opus"]),
    found(FileKind::Audio, "audio/m4a", &["m4a"]),
    found(FileKind::Audio, "audio/x-wav", &["wav"]),
    found(FileKind::Audio, "audio/x-flac", &["flac"]),
    found(FileKind::Video, "video/mp4", &["mp4", "m4v"]),
    found(FileKind::Video, "video/webm", &["webm"]),
    found(FileKind::Video, "video/quicktime", &["mov"]),
];

const PLAIN: Found = found(FileKind::Text, "text/plain", &["txt", "csv", "log", "md"]);

/// Looks at a file while it passes.
#[derive(Debug, Default)]
pub(super) struct Looks {
    head: Vec<u8>,
    /// The beginning of a character whose rest comes with the next piece.
    rest: Vec<u8>,
    /// Something in it is no text.
    binary: bool,
}

impl Looks {
    /// Sees the next piece.
    pub(super) fn take(&mut self, piece: &[u8]) {
        let missing = HEAD.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..missing]);
        if self.binary {
            return;
        }
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(piece);
        let (text, rest) = match std::str::from_utf8(&bytes) {
            Ok(text) => (text, &[][..]),
            Err(error) if error.error_len().is_none() => {
                let (text, rest) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(text).unwrap_or_default(), rest)
            }
            Err(_) => return self.binary = true,
        };
        let foreign = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        self.binary = text.contains(foreign);
        self.rest = rest.to_vec();
    }

    /// What the bytes so far are; `None` for what may not be sent or is not known.
    pub(super) fn found(&self) -> Option<Found> {
        match infer::get(&self.head) {
            Some(signature) => {
                let mime = signature.mime_type();
                TABLE.iter().find(|found| found.mime == mime).copied()
            }
            None => {
                (!self.binary && self.rest.is_empty() && !is_markup(&self.head)).then_some(PLAIN)
            }
        }
    }
}

/// Text that a careless program might take for a page.
fn is_markup(head: &[u8]) -> bool {
    let start = head.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().starts_with(b"<")
}

/// A name that is safe to show and to save under: on one line, no path, nothing that turns the writing
/// direction, and ending as its content does.
pub(super) fn safe_name(given: &str, found: Found) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let name: String = given
        .chars()
        .map(|c| if hides(c) { '_' } else { c })
        .collect();
    let name = name.trim().trim_matches('.').trim();
    let ending = found.endings.first().copied().unwrap_or("bin");
    let (stem, known) = match name.rsplit_once('.') {
        Some((stem, end)) if found.endings.contains(&end.to_ascii_lowercase().as_str()) => {
            (stem, end)
        }
        _ => (name, ending),
    };
    let room = FILE_NAME_CHARS - known.len() - 1;
    let stem: String = stem.chars().take(room).collect();
    match stem.is_empty() {
        true => format!("file.{known}"),
        false => format!("{stem}.{known}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(pieces: &[&[u8]]) -> Option<Found> {
        let mut looks = Looks::default();
        for piece in pieces {
            looks.take(piece);
        }
        looks.found()
    }

    fn mime(bytes: &[u8]) -> Option<&'static str> {
        look(&[bytes]).map(|found| found.mime)
    }

    #[test]
    fn the_bytes_tell_what_a_file_is() {
        assert_eq!(mime(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(mime(b"\xff\xd8\xff\xe0...."), Some("image/jpeg"));
        assert_eq!(mime(b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(mime("¿Botas? 42\r\n".as_bytes()), Some("text/plain"));
    }

    #[test]
    fn what_may_run_or_is_not_known_is_nothing() {
        for bytes in [
            &b"<!DOCTYPE html><script>alert(1)</script>"[..],
            b"  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"\xef\xbb\xbf<html>",
            b"<?xml version='1.0'?>",
            b"MZ\x90\x00\x03\x00\x00\x00",
            b"\x7fELF\x02\x01\x01\x00",
            b"#!/bin/sh\nrm -rf /",
            b"PK\x03\x04\x14\x00\x00\x00\x00\x00",
            b"\x00\x01\x02\x03",
            b"caf\xe9",
        ] {
            assert_eq!(mime(bytes), None, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_character_may_be_cut_by_the_network_but_not_by_the_end() {
        let bytes = "añb".as_bytes();
        assert_eq!(look(&[&bytes[..2], &bytes[2..]]), Some(PLAIN));
        assert_eq!(look(&[&bytes[..2]]), None);
    }

    #[test]
    fn a_name_says_what_the_file_is_and_nothing_else() {
        let png = TABLE[0];
        assert_eq!(safe_name("boots.png", png), "boots.png");
        assert_eq!(safe_name("Boots.PNG", png), "Boots.PNG");
        assert_eq!(safe_name("invoice.pdf.exe", png), "invoice.pdf.exe.png");
        assert_eq!(safe_name("photo\u{202e}gnp.exe", png), "photo_gnp.exe.png");
        assert_eq!(safe_name("../../etc/passwd", png), "_.._etc_passwd.png");
        assert_eq!(safe_name("a\r\nset-cookie: b", png), "a__set-cookie_ b.png");
        assert_eq!(safe_name("  ..  ", png), "file.png");
        assert_eq!(safe_name(&"ñ".repeat(500), png).chars().count(), 120);
    }
}
