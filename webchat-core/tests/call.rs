//! Calls inside a chat: one at a time, only where the campaign allows them, never longer than the chat.

#![allow(clippy::unwrap_used)] // a test may fail

use webchat_core::call::{CallAsk, CallEnd, SIGNAL_BYTES};
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::*;
use webchat_core::effect::{AgentNotice, Effect, Receipt, VisitorNotice};
use webchat_core::event::Event;
use webchat_core::id::{AgentId, CampaignId, ChatId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox};

const ANA: AgentId = AgentId(1);
const BRUNO: AgentId = AgentId(2);
const VISITOR: VisitorKey = VisitorKey(7);

/// A visitor in a chat with Ana, in a campaign that allows calls.
struct Scene {
    engine: Engine,
    outbox: Outbox,
    chat: ChatId,
}

fn settings(media: bool) -> Box<webchat_core::campaign::Campaign> {
    let draft = CampaignDraft {
        media,
        ..CampaignDraft::named("Ventas")
    };
    Box::new(draft.check(&Zones::bundled()).unwrap().0)
}

impl Scene {
    fn new() -> Self {
        let engine = Engine::new(Zones::bundled());
        let mut scene = Self {
            engine,
            outbox: Outbox::default(),
            chat: ChatId::new(0, 1),
        };
        scene.host(HostCommand::CreateCampaign(settings(true)));
        for name in ["Ana", "Bruno"] {
            let profile = AgentProfile {
                name: name.into(),
                voice: false,
            };
            scene.host(HostCommand::CreateAgent(profile));
        }
        let members = vec![Member::plain(ANA), Member::plain(BRUNO)];
        scene.host(HostCommand::SetMembers {
            campaign: CampaignId(1),
            members,
        });
        for agent in [ANA, BRUNO] {
            scene
                .agent(agent, AgentCommand::SignIn { session: 1 })
                .unwrap();
        }
        let request = ChatRequest {
            identity: None,
            visitor: VISITOR,
            campaign: CampaignId(1),
            origin: None,
            language: None,
            form: VisitorForm::default(),
            priority: 0,
            skills: Vec::new(),
        };
        scene
            .handle(Command::Visitor(VisitorCommand::RequestChat(Box::new(
                request,
            ))))
            .unwrap();
        scene.outbox.clear();
        scene
    }

    fn handle(&mut self, command: Command) -> Result<Receipt, Rejection> {
        self.engine.handle(
            Timestamp::from_seconds(1_790_000_000),
            command,
            &mut self.outbox,
        )
    }

    fn host(&mut self, command: HostCommand) {
        self.handle(Command::Host(command)).unwrap();
    }

    fn agent(&mut self, agent: AgentId, ask: AgentCommand) -> Result<Receipt, Rejection> {
        self.handle(Command::Agent { agent, ask })
    }

    fn by_agent(&mut self, ask: CallAsk) -> Result<Receipt, Rejection> {
        let chat = self.chat;
        self.agent(ANA, AgentCommand::Call { chat, ask })
    }

    fn by_visitor(&mut self, ask: CallAsk) -> Result<Receipt, Rejection> {
        let ask = VisitorAsk::Call(ask);
        self.handle(Command::Visitor(VisitorCommand::InChat {
            visitor: VISITOR,
            chat: self.chat,
            ask,
        }))
    }

    fn ends(&self) -> Vec<CallEnd> {
        let ended = self
            .outbox
            .events()
            .iter()
            .filter_map(|recorded| match recorded.event {
                Event::CallEnded { why, .. } => Some(why),
                _ => None,
            });
        ended.collect()
    }

    fn running(&self) -> Option<bool> {
        self.engine
            .view()
            .visitor_chat(self.chat)
            .unwrap()
            .call
            .map(|call| call.running)
    }
}

const START: CallAsk = CallAsk::Start { video: true };

#[test]
fn the_other_side_accepts_and_signals_pass_both_ways_until_someone_hangs_up() {
    let mut scene = Scene::new();
    scene.by_visitor(START).unwrap();
    assert_eq!(scene.running(), Some(false));
    assert_eq!(
        scene.by_visitor(CallAsk::Accept),
        Err(Rejection::NoCall(scene.chat))
    );
    scene.by_agent(CallAsk::Accept).unwrap();
    assert_eq!(scene.running(), Some(true));
    scene.outbox.clear();
    scene
        .by_visitor(CallAsk::Signal {
            signal: "offer".into(),
        })
        .unwrap();
    scene
        .by_agent(CallAsk::Signal {
            signal: "answer".into(),
        })
        .unwrap();
    let chat = scene.chat;
    let told = [
        Effect::Agent {
            agent: ANA,
            notice: AgentNotice::Signal {
                chat,
                signal: "offer".into(),
            },
        },
        Effect::Visitor {
            chat,
            notice: VisitorNotice::Signal {
                chat,
                signal: "answer".into(),
            },
        },
    ];
    assert_eq!(scene.outbox.effects(), told);
    assert_eq!(scene.outbox.events(), [], "signals are not recorded");
    scene.by_visitor(CallAsk::HangUp).unwrap();
    assert_eq!(scene.ends(), [CallEnd::HungUp]);
    assert_eq!(scene.running(), None);
}

#[test]
fn when_both_ask_at_once_the_second_ask_accepts_the_first() {
    let mut scene = Scene::new();
    scene.by_visitor(START).unwrap();
    scene.by_agent(CallAsk::Start { video: false }).unwrap();
    assert_eq!(scene.running(), Some(true));
    assert_eq!(
        scene.by_agent(START),
        Err(Rejection::CallRunning(scene.chat))
    );
}

#[test]
fn a_call_is_refused_or_taken_back() {
    let mut scene = Scene::new();
    scene.by_agent(START).unwrap();
    scene.by_visitor(CallAsk::HangUp).unwrap();
    scene.by_agent(START).unwrap();
    scene.by_agent(CallAsk::HangUp).unwrap();
    assert_eq!(scene.ends(), [CallEnd::Refused, CallEnd::TakenBack]);
}

#[test]
fn where_calls_are_off_none_starts_but_a_running_one_goes_on() {
    let mut scene = Scene::new();
    scene.by_agent(START).unwrap();
    scene.by_visitor(CallAsk::Accept).unwrap();
    scene.host(HostCommand::ChangeCampaign {
        campaign: CampaignId(1),
        settings: settings(false),
    });
    assert_eq!(scene.running(), Some(true));
    scene.by_visitor(CallAsk::HangUp).unwrap();
    assert_eq!(scene.by_visitor(START), Err(Rejection::MediaNotAllowed));
}

#[test]
fn a_call_ends_with_its_chat_and_with_its_agent() {
    let mut scene = Scene::new();
    scene.by_agent(START).unwrap();
    let chat = scene.chat;
    scene
        .agent(
            ANA,
            AgentCommand::Transfer {
                chat,
                to: Destination::Agent(BRUNO),
            },
        )
        .unwrap();
    assert_eq!(
        scene.running(),
        Some(false),
        "the owner keeps chat and call until the other accepts"
    );
    scene.agent(BRUNO, AgentCommand::Accept { chat }).unwrap();
    assert_eq!(scene.ends(), [CallEnd::AgentLeft]);
    scene
        .agent(BRUNO, AgentCommand::Call { chat, ask: START })
        .unwrap();
    scene
        .agent(
            BRUNO,
            AgentCommand::Close {
                chat,
                disposition: None,
            },
        )
        .unwrap();
    assert_eq!(scene.ends(), [CallEnd::AgentLeft, CallEnd::ChatClosed]);
}

#[test]
fn an_oversized_signal_is_refused() {
    let mut scene = Scene::new();
    scene.by_agent(START).unwrap();
    scene.by_visitor(CallAsk::Accept).unwrap();
    let signal = "x".repeat(SIGNAL_BYTES + 1).into();
    assert_eq!(
        scene
            .by_agent(CallAsk::Signal { signal })
            .unwrap_err()
            .code(),
        "invalid_field"
    );
}

#[test]
fn a_visitors_call_rings_no_longer_once_the_chat_waits_again() {
    let mut scene = Scene::new();
    scene
        .agent(BRUNO, AgentCommand::SignOut { force: false })
        .unwrap();
    scene.by_visitor(START).unwrap();
    scene
        .agent(ANA, AgentCommand::SignOut { force: true })
        .unwrap();
    assert_eq!(scene.ends(), [CallEnd::AgentLeft]);
    assert_eq!(scene.running(), None);
}
