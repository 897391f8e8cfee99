//! The public settings of a campaign's window, for pages of the sites it allows.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_SECURITY_POLICY, VARY};
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::campaign::{Campaign, Colour, EmailRule, OfflineForm, Origin};
use webchat_core::file::{FileKind, FileRules};
use webchat_core::id::CampaignId;
use webchat_core::time::Timestamp;
use webchat_core::wording::Language;

use crate::api::Api;
use crate::app::{App, Call};
use crate::origin;
use crate::refused::{Refused, json};

/// The query of the window's address.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
struct Wish {
    /// The visitor's language.
    #[serde(default)]
    language: Option<String>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Window {
    campaign: CampaignId,
    language: Language,
    colour: Colour,
    open: bool,
    next_open_at: Option<Timestamp>,
    enabled: bool,
    name: Arc<str>,
    form: Form,
    /// A message may be left now.
    offline_form: bool,
    out_of_time: Arc<str>,
    not_available: Arc<str>,
    media: bool,
    feedback_form: bool,
    /// `None` when no files may be sent.
    files: Option<Files>,
    /// A copy of the conversation can be mailed.
    pub(crate) transcript_by_mail: bool,
    limits: Limits,
    /// Folder of the window's modules; it changes with them.
    modules: String,
}

/// Which files may be sent in a chat.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct Files {
    /// Most bytes of one.
    max_bytes: u64,
    kinds: Vec<FileKind>,
}

impl From<&FileRules> for Files {
    fn from(rules: &FileRules) -> Self {
        Self {
            max_bytes: rules.max_bytes(),
            kinds: rules.kinds.clone(),
        }
    }
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Form {
    email: &'static str,
    extra: Option<Extra>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Extra {
    label: Option<Arc<str>>,
    required: bool,
    pattern: Option<Arc<str>>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Limits {
    text: usize,
    name: usize,
    email: usize,
    extra: usize,
    note: usize,
}

/// `GET /api/v1/campaigns/{id}/window`
pub(crate) async fn show(app: &App, call: &Call, campaign: CampaignId) -> Response<Bytes> {
    let settings = settings(app, call, campaign).await;
    let mut response = settings.unwrap_or_else(|refused| refused.response());
    let headers = response.headers_mut();
    // Whether the site is allowed was decided above. The page that asked may read either answer, so
    // that its window can word a refusal.
    if let Some(origin) = origin::echo(&call.headers) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.insert(VARY, HeaderValue::from_static("origin"));
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    response
}

async fn settings(
    app: &App,
    call: &Call,
    campaign: CampaignId,
) -> Result<Response<Bytes>, Refused> {
    let wish: Wish = call.wish()?;
    let origin = origin::of(&call.headers, call.peer, app.settings.public_url.as_ref());
    let language = language(wish.language.as_deref());
    let modules = app.assets.modules();
    let mails = app.settings.mail;
    let asked = app.query(move |engine, now| {
        let found = engine.view().campaign(campaign)?;
        if !permits(found.settings, origin.as_ref()) {
            return Some(Err(Refused::not_allowed()));
        }
        let next_open_at = engine.view().next_open_at(campaign, now);
        let mut window = window(
            campaign,
            found.settings,
            found.open,
            next_open_at,
            language,
            modules,
        );
        window.transcript_by_mail &= mails;
        Some(Ok((
            window,
            found.settings.allowed_domains.frame_ancestors(),
        )))
    });
    let (window, ancestors) = asked
        .await?
        .ok_or_else(|| Refused::unknown_campaign(campaign))??;
    let mut response = json(StatusCode::OK, &window);
    let ancestors = ancestors.as_deref().unwrap_or("*");
    let policy = format!("default-src 'none'; frame-ancestors {ancestors}");
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// Whether a page of this origin may carry the campaign's window.
pub(crate) fn permits(settings: &Campaign, origin: Option<&Origin>) -> bool {
    settings.allowed_domains.permits(origin)
}

/// The language a visitor asks for; `None` when it is not a tag.
pub(crate) fn language(tag: Option<&str>) -> Option<Language> {
    let tag = tag?;
    // Browsers send tags longer than ours, such as zh-Hant-TW; the beginning is what matters.
    let short = tag.get(..8).unwrap_or(tag).trim_end_matches('-');
    short.parse().ok()
}

/// What the window is told about a campaign.
pub(crate) fn window(
    campaign: CampaignId,
    settings: &Campaign,
    open: bool,
    next_open_at: Option<Timestamp>,
    language: Option<Language>,
    modules: String,
) -> Window {
    let wording = &settings.wording;
    // The window's own words exist per language, not per region.
    let language = language.unwrap_or(wording.default_language).primary();
    let limits = Limits {
        text: webchat_core::limits::TEXT_CHARS,
        name: webchat_core::limits::NAME_CHARS,
        email: webchat_core::limits::EMAIL_CHARS,
        extra: webchat_core::limits::EXTRA_CHARS,
        note: webchat_core::limits::NOTE_CHARS,
    };
    Window {
        campaign,
        language,
        colour: settings.colour,
        open,
        next_open_at,
        enabled: settings.enabled,
        name: settings.name.clone(),
        form: Form {
            email: match settings.email {
                EmailRule::Required => "required",
                EmailRule::Optional => "optional",
            },
            extra: settings.extra.as_ref().map(|field| Extra {
                label: wording.optional(&field.label, language),
                required: field.required,
                pattern: field.pattern.clone(),
            }),
        },
        offline_form: !open && matches!(settings.offline, OfflineForm::On { .. }),
        out_of_time: wording.out_of_time(language),
        not_available: wording.not_available(language),
        media: settings.media,
        feedback_form: settings.feedback_form,
        files: settings.files.as_ref().map(Files::from),
        transcript_by_mail: settings.transcript_by_mail,
        limits,
        modules,
    }
}

/// The public settings of a campaign.
pub(crate) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/campaigns/{id}/window",
        "What a visitor's window needs to know of a campaign",
    )
    .asks::<Wish>()
    .answers::<Window>(200);
}
