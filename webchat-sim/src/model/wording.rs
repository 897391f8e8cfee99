//! Which text a visitor is told. Source: domain.md §2, Languages.

use std::sync::Arc;

use webchat_core::campaign::{AgentName, Campaign};
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::wording::{BuiltIn, Language, Texts};

use super::Model;

/// The text for a language: the tag, its primary subtag, the default, then en, es, pt.
pub(super) fn text_of(texts: &Texts, settings: &Campaign, language: Language) -> Option<Arc<str>> {
    let primary = language.as_str().split('-').next().unwrap_or_default();
    let wanted = [
        language.as_str(),
        primary,
        settings.wording.default_language.as_str(),
        "en",
        "es",
        "pt",
    ];
    let written = |tag: &&str| texts.0.iter().find(|(written, _)| written.as_str() == *tag);
    wanted
        .iter()
        .find_map(written)
        .map(|(_, text)| text.clone())
}

pub(super) fn out_of_time(settings: &Campaign, language: Language) -> Arc<str> {
    let texts = &settings.wording.out_of_time;
    or_built_in(texts, BuiltIn::OutOfTime, settings, language)
}

pub(super) fn not_available(settings: &Campaign, language: Language) -> Arc<str> {
    let texts = &settings.wording.not_available;
    or_built_in(texts, BuiltIn::NotAvailable, settings, language)
}

fn or_built_in(
    texts: &Texts,
    built_in: BuiltIn,
    settings: &Campaign,
    language: Language,
) -> Arc<str> {
    text_of(texts, settings, language).unwrap_or_else(|| {
        built_in
            .wording(language, settings.wording.default_language)
            .into()
    })
}

impl Model<'_> {
    /// The name the visitor may see for an agent.
    pub(super) fn shown_name(
        &self,
        campaign: CampaignId,
        agent: AgentId,
        language: Language,
    ) -> Arc<str> {
        let settings = &self.picture.campaigns[&campaign].settings;
        match (settings.agent_name, self.picture.agents.get(&agent)) {
            (AgentName::Shown, Some(agent)) => agent.profile.name.clone(),
            _ => or_built_in(&settings.wording.alias, BuiltIn::Alias, settings, language),
        }
    }
}
