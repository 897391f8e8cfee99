//! The generator meets all there is: a promise nobody puts to the test is none.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use webchat_core::call::CallEnd;
use webchat_core::command::{
    AgentCommand, HostCommand, SupervisorCommand, VisitorAsk, VisitorCommand,
};
use webchat_core::event::{
    Assignment, CloseReason, Event, OfferEnd, RefusalReason, ReturnReason, SignOutReason,
};
use webchat_sim::generator::Generator;
use webchat_sim::history::kind;
use webchat_sim::world::World;

/// Rejections the generator must run into; the rest are limits too large to be reached.
const REJECTIONS: [&str; 27] = [
    "active_chats",
    "already_submitted",
    "already_taken",
    "at_capacity",
    "call_running",
    "campaign_live",
    "chat_closed",
    "conflicting_key",
    "destination_closed",
    "feedback_not_open",
    "files_not_allowed",
    "invalid_field",
    "mail_not_dead",
    "media_not_allowed",
    "no_call",
    "not_allowed",
    "not_available",
    "not_head",
    "not_owner",
    "not_signed_in",
    "offline_form_closed",
    "transcript_not_open",
    "unknown_agent",
    "unknown_campaign",
    "unknown_chat",
    "unknown_message",
    "unknown_model",
];

#[test]
fn the_generator_meets_every_command_event_reason_and_rejection() {
    let mut met: BTreeSet<String> = BTreeSet::new();
    for seed in 0..200 {
        let mut generator = Generator::from_seed(seed);
        let mut world = World::new(false);
        for _ in 0..250 {
            let step = world.named(generator.step(world.picture(), world.wake()));
            let outcome = world.step(&step).unwrap();
            if let (Some(command), Some(answer)) = (step.act.command(), &outcome.answer) {
                match answer {
                    Ok(_) => met.insert(kind(command)),
                    Err(rejection) => met.insert(rejection.code().to_owned()),
                };
            }
        }
        for recorded in world.journal() {
            let event = serde_json::to_value(recorded).unwrap();
            let name = event["event"].as_str().unwrap();
            met.insert(name.to_owned());
            for key in ["reason", "why", "how"] {
                if let Some(detail) = event[key].as_str() {
                    met.insert(format!("{name} {detail}"));
                }
            }
        }
    }
    let mut expected = details::<VisitorCommand>("visitor");
    expected.retain(|kind| kind != "visitor in_chat");
    expected.extend(details::<VisitorAsk>("visitor"));
    expected.extend(details::<AgentCommand>("agent"));
    expected.extend(details::<SupervisorCommand>("supervisor"));
    expected.extend(details::<HostCommand>("host"));
    expected.extend(REJECTIONS.iter().map(|code| (*code).to_owned()));
    expected.extend(variants::<Event>());
    expected.extend(details::<RefusalReason>("chat_refused"));
    expected.extend(details::<CloseReason>("chat_closed"));
    expected.extend(details::<OfferEnd>("offer_ended"));
    expected.extend(details::<OfferEnd>("transfer_ended"));
    expected.extend(details::<Assignment>("chat_assigned"));
    expected.extend(details::<ReturnReason>("chat_returned"));
    expected.extend(details::<SignOutReason>("agent_signed_out"));
    expected.extend(details::<CallEnd>("call_ended"));
    expected.retain(|what| !met.contains(what));
    assert!(expected.is_empty(), "never met: {expected:#?}");
}

fn details<T: for<'de> Deserialize<'de>>(event: &str) -> Vec<String> {
    let variants = variants::<T>().into_iter();
    variants
        .map(|variant| format!("{event} {variant}"))
        .collect()
}

/// The names serde knows for the variants of an enum, as its complaint about a wrong one lists them.
fn variants<T: for<'de> Deserialize<'de>>() -> Vec<String> {
    let name: StrDeserializer<'_, Error> = "?".into_deserializer();
    let complaint = match T::deserialize(name) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let complaint = match complaint.contains("expected") && complaint.contains('`') {
        true => complaint,
        // Enums told apart by a field complain about its value.
        false => serde_json::from_str::<T>(r#"{"event":"?"}"#)
            .map_or_else(|error| error.to_string(), |_| String::new()),
    };
    let (_, listed) = complaint.split_once("expected").unwrap_or_default();
    let quoted = listed.split('`').skip(1).step_by(2).map(str::to_owned);
    let variants: Vec<String> = quoted.collect();
    assert!(!variants.is_empty(), "{complaint}");
    variants
}
