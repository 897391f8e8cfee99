//! Files in a chat: only where the campaign allows them, numbered and repeated like any message.

#![allow(clippy::unwrap_used)] // a test may fail

use std::sync::Arc;

use webchat_core::campaign::{CampaignDraft, FilesDraft};
use webchat_core::command::*;
use webchat_core::effect::{AgentNotice, Effect, Receipt, VisitorNotice};
use webchat_core::file::{FileKind, SentFile};
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox, limits};

const ANA: AgentId = AgentId(1);
const VISITOR: VisitorKey = VisitorKey(7);
fn chat() -> ChatId {
    ChatId::new(0, 1)
}

/// A visitor in a chat with Ana.
struct Scene {
    engine: Engine,
    outbox: Outbox,
}

fn settings(allowed: bool) -> Box<webchat_core::campaign::Campaign> {
    let draft = CampaignDraft {
        files: FilesDraft {
            allowed,
            max_kib: 2,
            kinds: vec!["image".to_owned()],
        },
        ..CampaignDraft::named("Ventas")
    };
    Box::new(draft.check(&Zones::bundled()).unwrap().0)
}

fn file(id: &str, name: &str, digest: &str) -> Arc<SentFile> {
    Arc::new(SentFile {
        id: id.into(),
        name: name.into(),
        kind: FileKind::Image,
        mime: "image/png".into(),
        bytes: 2_048,
        digest: digest.into(),
    })
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self {
            engine: Engine::new(Zones::bundled()),
            outbox: Outbox::default(),
        };
        scene.host(HostCommand::create_campaign(*settings(true)));
        scene.host(HostCommand::CreateAgent(AgentProfile {
            name: "Ana".into(),
            voice: false,
        }));
        scene.host(HostCommand::SetMembers {
            campaign: CampaignId(1),
            members: vec![Member::plain(ANA)],
        });
        scene.agent(AgentCommand::SignIn { session: 1 }).unwrap();
        let request = ChatRequest {
            visitor: VISITOR,
            campaign: CampaignId(1),
            origin: None,
            language: None,
            form: VisitorForm::default(),
            identity: Some("customer-42".into()),
            priority: 0,
            skills: Vec::new(),
        };
        let asked = scene.handle(Command::Visitor(VisitorCommand::RequestChat(Box::new(
            request,
        ))));
        assert!(matches!(asked, Ok(Receipt::Chat(view)) if view.chat == chat()));
        scene.outbox.clear();
        scene
    }

    fn handle(&mut self, command: Command) -> Result<Receipt, Rejection> {
        let now = Timestamp::from_seconds(1_790_000_000);
        self.engine.handle(now, command, &mut self.outbox)
    }

    fn host(&mut self, command: HostCommand) {
        self.handle(Command::Host(command)).unwrap();
    }

    fn agent(&mut self, ask: AgentCommand) -> Result<Receipt, Rejection> {
        self.handle(Command::Agent { agent: ANA, ask })
    }

    fn send(&mut self, key: &str, file: Arc<SentFile>) -> Result<u32, Rejection> {
        let key = key.into();
        let sent = self.handle(Command::Visitor(VisitorCommand::InChat {
            visitor: VISITOR,
            chat: chat(),
            ask: VisitorAsk::SendFile { key, file },
        }));
        sent.map(|receipt| match receipt {
            Receipt::Message { number, .. } => number,
            other => panic!("{other:?}"),
        })
    }
}

#[test]
fn a_file_is_a_message_that_both_sides_are_told_of() {
    let mut scene = Scene::new();
    assert_eq!(scene.send("k-1", file("a", "boots.png", "d")), Ok(1));
    let effects: Vec<Effect> = scene.outbox.release().collect();
    let visitor = effects.iter().find_map(|effect| match effect {
        Effect::Visitor {
            notice: VisitorNotice::Message { message, .. },
            ..
        } => Some(&message.0),
        _ => None,
    });
    let agent = effects.iter().find_map(|effect| match effect {
        Effect::Agent {
            notice: AgentNotice::Message { message, .. },
            ..
        } => Some(&message.0),
        _ => None,
    });
    for message in [visitor.unwrap(), agent.unwrap()] {
        assert_eq!(&*message.text, "boots.png");
        let file = message.file.as_ref().unwrap();
        assert_eq!((&*file.id, file.bytes), ("a", 2_048));
    }
    let key = "a-1".into();
    let file = file("b", "price.png", "e");
    let chat = chat();
    let sent = scene.agent(AgentCommand::SendFile { chat, key, file });
    assert!(matches!(sent, Ok(Receipt::Message { number: 2, .. })));
}

#[test]
fn a_repeat_gets_the_first_number_wherever_its_bytes_are_kept() {
    let mut scene = Scene::new();
    assert_eq!(scene.send("k-1", file("a", "boots.png", "d")), Ok(1));
    assert_eq!(scene.send("k-1", file("b", "boots.png", "d")), Ok(1));
    let other = scene.send("k-1", file("c", "boots.png", "other"));
    assert_eq!(other, Err(Rejection::ConflictingKey("k-1".to_owned())));
    // Also when the campaign allows none any more.
    scene.host(HostCommand::ChangeCampaign {
        campaign: CampaignId(1),
        settings: settings(false),
        seen: None,
        by: None,
    });
    assert_eq!(scene.send("k-1", file("d", "boots.png", "d")), Ok(1));
    let new = scene.send("k-2", file("e", "boots.png", "d"));
    assert_eq!(new, Err(Rejection::FilesNotAllowed));
}

#[test]
fn size_kind_name_and_number_have_their_limits() {
    let mut scene = Scene::new();
    let refused = |sent: Result<u32, Rejection>| match sent {
        Err(Rejection::InvalidField(problem)) => problem.to_string(),
        other => panic!("{other:?}"),
    };
    let with = |change: fn(&mut SentFile)| {
        let mut file = file("a", "boots.png", "d");
        change(Arc::make_mut(&mut file));
        file
    };
    let large = refused(scene.send("k", with(|file| file.bytes = 2_049)));
    assert_eq!(large, "file.bytes is 2049, expected 1 to 2048 bytes");
    let empty = refused(scene.send("k", with(|file| file.bytes = 0)));
    assert_eq!(empty, "file.bytes is 0, expected 1 to 2048 bytes");
    let kind = refused(scene.send("k", with(|file| file.kind = FileKind::Video)));
    assert_eq!(kind, "file.kind is video, expected one of image");
    let name = refused(scene.send("k", with(|file| file.name = "a\nb".into())));
    assert!(name.starts_with("file.name is "), "{name}");
    for number in 1..=limits::FILES_PER_CHAT {
        let key = format!("k-{number}");
        assert_eq!(scene.send(&key, file(&key, "a.png", &key)), Ok(number));
    }
    let more = scene.send("more", file("more", "a.png", "more"));
    assert!(
        matches!(more, Err(Rejection::Limit { max: 50, .. })),
        "{more:?}"
    );
}

#[test]
fn who_the_site_says_the_visitor_is_reaches_the_agent_and_no_form_can_say_it() {
    let scene = Scene::new();
    let view = scene.engine.view();
    let chat = view.agent_chat(chat()).unwrap();
    assert_eq!(chat.visitor.facts.identity.as_deref(), Some("customer-42"));
    let form: VisitorForm = serde_json::from_str(r#"{"identity":"customer-1"}"#).unwrap();
    assert_eq!(form, VisitorForm::default());
}
