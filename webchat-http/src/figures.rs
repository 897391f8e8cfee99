//! `GET /metrics`: what an operator's Prometheus collects. Only this machine may ask, for names of campaigns and
//! their load are nobody else's business.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use metrics::describe_counter;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use webchat_core::View;
use webchat_core::mail::Delivery;
use webchat_core::time::Timestamp;

use crate::admin;
use crate::admin::webhooks::Standing;
use crate::app::{App, Call};
use crate::ready::Disk;
use crate::refused::Refused;

/// The figures of this process, counted from here on.
///
/// # Errors
/// If the process has a recorder of figures already.
pub fn record() -> Result<PrometheusHandle, impl std::error::Error> {
    let handle = PrometheusBuilder::new().install_recorder()?;
    describe_counter!(
        "webchat_mail_attempts_total",
        "Attempts to send mail, by kind of mail and outcome."
    );
    describe_counter!(
        "webchat_webhook_attempts_total",
        "Attempts to deliver an event, by outcome."
    );
    describe_counter!(
        "webchat_refused_total",
        "Requests, frames and connections refused, by reason."
    );
    // A series that begins with its first failure has no rate to show it by.
    for outcome in ["delivered", "refused", "failed", "gone"] {
        metrics::counter!("webchat_webhook_attempts_total", "outcome" => outcome).absolute(0);
    }
    for kind in ["offline", "transcript", "notice"] {
        for outcome in ["delivered", "temporary", "permanent"] {
            let labels = [("kind", kind), ("outcome", outcome)];
            metrics::counter!("webchat_mail_attempts_total", &labels).absolute(0);
        }
    }
    Ok::<_, metrics_exporter_prometheus::BuildError>(handle)
}

/// What is looked up at each request rather than counted, so that nothing outlives what it describes.
const GAUGES: &[(&str, &str)] = &[
    (
        "webchat_mail_owed",
        "Mails not yet delivered, by kind and state: due, sending, held or dead.",
    ),
    (
        "webchat_mail_oldest_seconds",
        "Age of the oldest mail that is owed; 0 when none is.",
    ),
    (
        "webchat_webhook_behind",
        "Frames of the journal a webhook has not settled.",
    ),
    ("webchat_webhook_dead", "Events a webhook refused for good."),
    (
        "webchat_disk_left_bytes",
        "Room left on the disk that everything is kept on.",
    ),
    ("webchat_chats_waiting", "Chats waiting now, by campaign."),
    (
        "webchat_chats_active",
        "Chats with an agent now, by campaign.",
    ),
    (
        "webchat_agents_signed_in",
        "Members signed in now, by campaign.",
    ),
    (
        "webchat_campaign_open",
        "1 while the campaign is open, else 0.",
    ),
];

/// `GET /metrics`
pub(crate) async fn answer(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    let handle = app.settings.figures.as_ref();
    let handle = handle
        .filter(|_| call.peer.address.is_loopback())
        .ok_or_else(|| Refused::new("not_found", "there is nothing here"))?;
    let hooks = admin::webhooks::standing(app).await?;
    let left = app.settings.disk.as_ref().and_then(Disk::left);
    let now = app
        .query(move |engine, now| tell(engine.view(), now, &hooks, left))
        .await?;
    let mut response = Response::new(Bytes::from(handle.render() + &now));
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    Ok(response)
}

/// All gauges as they stand, as text.
fn tell(view: View<'_>, now: Timestamp, hooks: &[Standing], left: Option<u64>) -> String {
    let mut owed: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut oldest = now;
    for debt in view.owed() {
        let state = match debt.delivery {
            Delivery::Due(_) => "due",
            Delivery::Sending(_) => "sending",
            Delivery::Held => "held",
            Delivery::Dead => "dead",
        };
        *owed.entry((debt.mail.kind(), state)).or_default() += 1;
        oldest = oldest.min(debt.mail.at());
    }
    let mut shown: BTreeMap<&str, Vec<(String, f64)>> = BTreeMap::new();
    let mut set = |name, labels: String, value: f64| {
        shown.entry(name).or_default().push((labels, value));
    };
    for kind in ["offline", "transcript", "notice"] {
        for state in ["due", "sending", "held", "dead"] {
            let count = owed.get(&(kind, state)).copied().unwrap_or_default();
            let labels = format!(r#"{{kind="{kind}",state="{state}"}}"#);
            set("webchat_mail_owed", labels, count.into());
        }
    }
    let age = now.as_millis() - oldest.as_millis();
    set(
        "webchat_mail_oldest_seconds",
        String::new(),
        age as f64 / 1_000.0,
    );
    if let Some(left) = left {
        set("webchat_disk_left_bytes", String::new(), left as f64);
    }
    for hook in hooks {
        let labels = format!(r#"{{webhook="{}"}}"#, hook.webhook);
        set("webchat_webhook_behind", labels.clone(), hook.behind as f64);
        set("webchat_webhook_dead", labels, hook.dead as f64);
    }
    for campaign in view.campaigns() {
        let mut set = |name, value: u32| {
            set(
                name,
                format!(r#"{{campaign="{}"}}"#, campaign.id),
                value.into(),
            );
        };
        set("webchat_chats_waiting", campaign.waiting);
        set("webchat_chats_active", campaign.active);
        set("webchat_agents_signed_in", campaign.signed_in);
        set("webchat_campaign_open", campaign.open.into());
    }
    let mut text = String::new();
    for (name, help) in GAUGES {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in shown.get(name).into_iter().flatten() {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    }
    text
}
