//! What the visitor is told, in the visitor's language.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A language tag such as `es` or `pt-br`: lower case, 2–8 characters, letters, digits and hyphens.
///
/// The set is open: a text may be written in any language. Built-in texts exist for `es`, `en` and `pt`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 8]);

impl Language {
    /// Spanish.
    pub const ES: Self = Self(*b"es\0\0\0\0\0\0");
    /// English.
    pub const EN: Self = Self(*b"en\0\0\0\0\0\0");
    /// Portuguese.
    pub const PT: Self = Self(*b"pt\0\0\0\0\0\0");

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(8);
        // Only ASCII gets in, so the text is always valid.
        std::str::from_utf8(&self.0[..end]).unwrap_or("en")
    }

    /// The tag without region or script: `pt-br` → `pt`.
    pub fn primary(self) -> Self {
        let mut primary = self;
        if let Some(hyphen) = self.0.iter().position(|byte| *byte == b'-') {
            primary.0[hyphen..].fill(0);
        }
        primary
    }
}

/// The text is not a language tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "language is `{0}`, expected a tag of 2 to 8 letters, digits and hyphens such as es or pt-br"
)]
pub struct BadLanguage(String);

impl FromStr for Language {
    type Err = BadLanguage;

    fn from_str(text: &str) -> Result<Self, BadLanguage> {
        let bytes = text.trim().as_bytes();
        let fits = (2..=8).contains(&bytes.len());
        if !fits || !bytes[..2].iter().all(u8::is_ascii_alphabetic) {
            return Err(BadLanguage(text.chars().take(20).collect()));
        }
        let mut tag = [0; 8];
        for (to, from) in tag.iter_mut().zip(bytes) {
            match from {
                b'_' => *to = b'-',
                byte if byte.is_ascii_alphanumeric() || *byte == b'-' => {
                    *to = byte.to_ascii_lowercase();
                }
                _ => return Err(BadLanguage(text.chars().take(20).collect())),
            }
        }
        Ok(Self(tag))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({self})")
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One text in several languages; empty texts are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<Language, Arc<str>>);

impl Texts {
    /// The text for `language`: the tag itself, its primary subtag, the campaign's `default`,
    /// then the first of en, es, pt that is written. `None` when none of these is.
    ///
    /// Source: domain.md §2, Languages.
    pub fn resolve(&self, language: Language, default: Language) -> Option<&Arc<str>> {
        self.find(language, default).map(|(_, text)| text)
    }

    /// As [`Texts::resolve`], with the language the text is in.
    pub fn find(&self, language: Language, default: Language) -> Option<(Language, &Arc<str>)> {
        if self.0.is_empty() {
            return None;
        }
        [
            language,
            language.primary(),
            default,
            Language::EN,
            Language::ES,
            Language::PT,
        ]
        .into_iter()
        .find_map(|tag| Some((tag, self.0.get(&tag)?)))
    }
}

impl<const N: usize> From<[(Language, &str); N]> for Texts {
    fn from(texts: [(Language, &str); N]) -> Self {
        Self(
            texts
                .into_iter()
                .map(|(tag, text)| (tag, text.into()))
                .collect(),
        )
    }
}

/// The texts of a campaign. A text left empty falls back to the built-in one where a visitor must
/// be told something (Out of Time, Not Available); Welcome, Feedback and the automatic message stay silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wording {
    /// The language used when the visitor's own has no text.
    pub default_language: Language,
    /// Sent once when the chat is admitted. Source: seed, "Welcome".
    pub welcome: Texts,
    /// For newcomers while closed and those waiting at closing time. Source: seed, "Out of Time".
    pub out_of_time: Texts,
    /// For newcomers and waiting visitors turned away. Source: seed, "Message Not Available".
    pub not_available: Texts,
    /// At the end of a chat that reached an agent. Source: seed, "Feedback".
    pub feedback: Texts,
    /// Sent in the first agent's name when that agent accepts. Source: seed, "Automatic Agent Message".
    pub automatic: Texts,
    /// Shown in place of the agent's name when Show Agent's Name is off.
    pub alias: Texts,
}

impl Default for Wording {
    fn default() -> Self {
        Self {
            default_language: Language::EN,
            welcome: Texts::default(),
            out_of_time: Texts::default(),
            not_available: Texts::default(),
            feedback: Texts::default(),
            automatic: Texts::default(),
            alias: Texts::default(),
        }
    }
}

impl Wording {
    /// Out of Time for `language`, built-in if the campaign has none.
    pub fn out_of_time(&self, language: Language) -> Arc<str> {
        self.or_built_in(&self.out_of_time, BuiltIn::OutOfTime, language)
    }

    /// Message Not Available for `language`, built-in if the campaign has none.
    pub fn not_available(&self, language: Language) -> Arc<str> {
        self.or_built_in(&self.not_available, BuiltIn::NotAvailable, language)
    }

    /// The agent's alias for `language`, built-in if the campaign has none.
    pub fn alias(&self, language: Language) -> Arc<str> {
        self.or_built_in(&self.alias, BuiltIn::Alias, language)
    }

    /// A text that stays silent when nothing is written.
    pub fn optional(&self, texts: &Texts, language: Language) -> Option<Arc<str>> {
        texts.resolve(language, self.default_language).cloned()
    }

    fn or_built_in(&self, texts: &Texts, text: BuiltIn, language: Language) -> Arc<str> {
        self.optional(texts, language)
            .unwrap_or_else(|| text.wording(language, self.default_language).into())
    }
}

/// Texts the engine itself can say. `es`, `en` and `pt` are built in; other languages read English.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuiltIn {
    /// The campaign is closed now.
    OutOfTime,
    /// Nobody can attend now.
    NotAvailable,
    /// Stands for an agent whose name is hidden.
    Alias,
    /// An agent joined the chat.
    AgentJoined,
    /// An agent left the chat, another one stays.
    AgentLeft,
    /// The agent was lost; the chat waits for another one, ahead of the queue.
    Returned,
    /// The chat was handed to another agent.
    Transferred,
    /// A video call is over; `{time}` stands for how long it was.
    VideoCall,
    /// A call of voices is over; `{time}` stands for how long it was.
    VoiceCall,
    /// A call ended before anybody accepted it.
    MissedCall,
}

impl BuiltIn {
    /// The wording for `language`, else for `default`, else in English. `{agent}` stands for the agent's name or alias.
    pub fn wording(self, language: Language, default: Language) -> &'static str {
        let [es, en, pt] = self.all();
        for tag in [language.primary(), default.primary()] {
            match tag {
                Language::ES => return es,
                Language::EN => return en,
                Language::PT => return pt,
                _ => {}
            }
        }
        en
    }

    fn all(self) -> [&'static str; 3] {
        match self {
            Self::OutOfTime => [
                "En este momento estamos fuera de horario.",
                "We are closed at the moment.",
                "No momento estamos fora do horário de atendimento.",
            ],
            Self::NotAvailable => [
                "En este momento no hay agentes disponibles. Por favor, inténtelo más tarde.",
                "No agent is available at the moment. Please try again later.",
                "No momento não há agentes disponíveis. Por favor, tente mais tarde.",
            ],
            Self::Alias => ["Agente", "Agent", "Agente"],
            Self::AgentJoined => [
                "{agent} se unió a la conversación.",
                "{agent} joined the chat.",
                "{agent} entrou na conversa.",
            ],
            Self::AgentLeft => [
                "{agent} dejó la conversación.",
                "{agent} left the chat.",
                "{agent} saiu da conversa.",
            ],
            Self::Returned => [
                "Se perdió la conexión con el agente. Otro agente le atenderá en breve.",
                "The connection to the agent was lost. Another agent will be with you shortly.",
                "A conexão com o agente foi perdida. Outro agente irá atendê-lo em breve.",
            ],
            Self::Transferred => [
                "Ahora le atiende {agent}.",
                "{agent} is attending you now.",
                "Agora você está sendo atendido por {agent}.",
            ],
            Self::VideoCall => [
                "Videollamada con {agent}: {time}.",
                "Video call with {agent}: {time}.",
                "Chamada de vídeo com {agent}: {time}.",
            ],
            Self::VoiceCall => [
                "Llamada con {agent}: {time}.",
                "Call with {agent}: {time}.",
                "Chamada com {agent}: {time}.",
            ],
            Self::MissedCall => [
                "Llamada sin respuesta.",
                "Unanswered call.",
                "Chamada não atendida.",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Language {
        text.parse().unwrap()
    }

    #[test]
    fn a_text_is_resolved_by_tag_then_primary_then_default_then_any() {
        let texts = Texts::from([(tag("pt"), "pt"), (tag("es-uy"), "uy"), (tag("es"), "es")]);
        let resolve = |wish: &str, default: &str| {
            texts
                .resolve(tag(wish), tag(default))
                .map(|text| text.to_string())
        };
        assert_eq!(resolve("es-UY", "en").as_deref(), Some("uy"));
        assert_eq!(resolve("es-AR", "en").as_deref(), Some("es"));
        assert_eq!(resolve("pt-BR", "en").as_deref(), Some("pt"));
        assert_eq!(resolve("de", "pt").as_deref(), Some("pt"));
        assert_eq!(resolve("de", "fr").as_deref(), Some("es"));
        assert_eq!(Texts::default().resolve(tag("es"), tag("en")), None);
    }

    #[test]
    fn an_unwritten_not_available_text_is_said_in_the_visitors_language() {
        let wording = Wording::default();
        assert!(
            wording
                .not_available(tag("pt-br"))
                .starts_with("No momento")
        );
        assert!(wording.not_available(tag("de")).starts_with("No agent"));
        assert_eq!(wording.optional(&wording.welcome, Language::ES), None);
    }

    #[test]
    fn a_language_tag_is_checked_and_folded() {
        assert_eq!(tag("PT_br").as_str(), "pt-br");
        assert!("".parse::<Language>().is_err());
        assert!("e".parse::<Language>().is_err());
        assert!("es;DROP".parse::<Language>().is_err());
        assert!("español".parse::<Language>().is_err());
    }
}
