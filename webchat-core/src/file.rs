//! Files sent in a chat: what a campaign allows, and what the journal knows of one. The bytes themselves
//! are kept by an adapter, under the file's id.

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::private::discreet;
use crate::problem::Problem;

discreet!(SentFile);

/// Which files may be sent in the chats of a campaign, by either side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileRules {
    /// Most KiB of one file, 1 to [`limits::FILE_KIB`].
    pub max_kib: NonZeroU32,
    /// What it may hold; not empty, none twice.
    pub kinds: Vec<FileKind>,
}

/// What a file holds, as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A picture made of pixels; drawings that can hold scripts are none.
    Image,
    /// A PDF, a text document, a spreadsheet or a presentation.
    Document,
    /// Plain text.
    Text,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Image,
        Self::Document,
        Self::Text,
        Self::Audio,
        Self::Video,
    ];

    /// The stable word in settings and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Document => "document",
            Self::Text => "text",
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// A file of a chat, durable before the message that refers to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentFile {
    /// Under which its bytes are kept; not to be guessed.
    pub id: Arc<str>,
    /// As its sender calls it, 1 to [`limits::FILE_NAME_CHARS`] characters on one line.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: FileKind,
    /// Its media type, found in its bytes and not believed from its sender.
    pub mime: Arc<str>,
    /// How many.
    pub bytes: u64,
    /// SHA-256 of its bytes in hexadecimal.
    pub digest: Arc<str>,
}

impl FileRules {
    /// Bytes a file may have.
    pub fn max_bytes(&self) -> u64 {
        u64::from(self.max_kib.get()) * 1_024
    }

    /// Whether such a file may be sent.
    ///
    /// # Errors
    /// `file.bytes` is 0 or more than allowed, or `file.kind` is not among those allowed.
    pub fn check(&self, kind: FileKind, bytes: u64) -> Result<(), Problem> {
        let most = self.max_bytes();
        if !(1..=most).contains(&bytes) {
            let expected = format!("1 to {most} bytes");
            return Err(Problem::new("file.bytes", bytes, expected));
        }
        if !self.kinds.contains(&kind) {
            let kinds: Vec<_> = self.kinds.iter().map(|kind| kind.code()).collect();
            let expected = format!("one of {}", kinds.join(", "));
            return Err(Problem::new("file.kind", kind.code(), expected));
        }
        Ok(())
    }
}

impl SentFile {
    /// What tells the content of two messages with files apart: the name and the bytes, not where they are kept.
    pub(crate) fn content(&self) -> String {
        format!("{}\n{}", self.digest, self.name)
    }

    /// A file the journal may hold, whatever a campaign allows.
    ///
    /// # Errors
    /// The id, the name, the media type or the digest is not of its form.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        crate::field::key(&self.id)
            .map_err(|problem| Problem::new("file.id", problem.value, problem.expected))?;
        crate::field::line("file.name", &self.name, limits::FILE_NAME_CHARS)?;
        crate::field::line("file.mime", &self.mime, limits::LABEL_CHARS)?;
        crate::field::line("file.digest", &self.digest, limits::KEY_CHARS)
    }
}
