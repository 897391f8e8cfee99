//! What people, the host and time can do in a scene.

use webchat_core::call::CallAsk;
use webchat_core::campaign::{CampaignDraft, Origin};
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, Destination, HostCommand, Member, Seen,
    SupervisorCommand, TenantSettings, VisitorAsk, VisitorCommand, VisitorForm,
};
use webchat_core::id::{ChatId, VisitorKey};
use webchat_core::time::Seconds;
use webchat_core::wording::Language;

use super::campaign::checked;
use super::{Scene, Step};

/// The names agents get, in order.
pub(crate) const NAMES: [&str; 6] = ["ana", "bob", "carla", "dan", "eva", "fay"];

/// A visitor by number. 1 speaks Spanish, 2 Portuguese, 3 English, 4 Spanish and so on.
pub(crate) fn visitor(number: u32) -> Visitor {
    Visitor(VisitorKey(number.into()))
}

/// An agent by name.
pub(crate) fn agent(name: &'static str) -> Agent {
    Agent(name)
}

/// A supervisor by name, who is an agent too.
pub(crate) fn supervisor(name: &'static str) -> Supervisor {
    Supervisor(name)
}

/// The first `count` agents are created, made members of the first campaign and signed in.
pub(crate) fn agents_ready(count: usize) -> impl Step {
    move |scene: &mut Scene| {
        for name in &NAMES[..count] {
            agent(name).ready().play(scene);
        }
    }
}

/// Visitors 1 to `count` ask for a chat and have to wait.
pub(crate) fn visitors_waiting(count: u32) -> impl Step {
    move |scene: &mut Scene| {
        for number in 1..=count {
            visitor(number).asks().play(scene);
            let chat = scene.cast.chat_of(visitor(number).0);
            let view = scene.view().visitor_chat(chat).unwrap();
            assert!(view.position.is_some(), "visitor {number} does not wait");
        }
    }
}

/// Visitors `from` to `to` ask for a chat.
pub(crate) fn visitors_ask(from: u32, to: u32) -> impl Step {
    move |scene: &mut Scene| {
        for number in from..=to {
            visitor(number).asks().play(scene);
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Visitor(VisitorKey);

/// A request for a chat.
pub(crate) struct Asks {
    request: ChatRequest,
    campaign: &'static str,
}

impl Visitor {
    pub(crate) fn asks(self) -> Asks {
        let languages = [Language::EN, Language::ES, Language::PT];
        Asks {
            campaign: "Support",
            request: ChatRequest {
                identity: None,
                visitor: self.0,
                campaign: webchat_core::id::CampaignId(0),
                origin: None,
                language: Some(languages[(self.0.0 % 3) as usize]),
                form: VisitorForm::default(),
                priority: 0,
                skills: Vec::new(),
            },
        }
    }

    pub(crate) fn goes_away(self) -> impl Step {
        self.about(VisitorAsk::Disconnect)
    }

    pub(crate) fn comes_back(self) -> impl Step {
        self.about(VisitorAsk::Connect)
    }

    pub(crate) fn writes(self, key: &str, text: &str) -> impl Step {
        let (key, text) = (key.into(), text.into());
        self.about(VisitorAsk::Write { key, text })
    }

    pub(crate) fn types(self, on: bool) -> impl Step {
        self.about(VisitorAsk::Typing { on })
    }

    pub(crate) fn sees(self, delivered: u32, read: u32) -> impl Step {
        self.about(VisitorAsk::Seen(Seen { delivered, read }))
    }

    pub(crate) fn leaves(self) -> impl Step {
        self.about(VisitorAsk::Leave)
    }

    /// Something about the call with the agent.
    pub(crate) fn calls(self, ask: CallAsk) -> impl Step {
        self.about(VisitorAsk::Call(ask))
    }

    pub(crate) fn scores(self, score: u8, note: &str) -> impl Step {
        let note = Some(note).filter(|note| !note.is_empty()).map(Into::into);
        self.about(VisitorAsk::Feedback { score, note })
    }

    /// Something about the latest chat of this visitor.
    fn about(self, ask: VisitorAsk) -> impl Step {
        move |scene: &mut Scene| {
            let chat = scene.cast.chat_of(self.0);
            self.in_chat(scene, chat, ask);
        }
    }

    /// Something about a chat by number, whoever's it is.
    pub(crate) fn asks_about(self, chat: usize, ask: VisitorAsk) -> impl Step {
        move |scene: &mut Scene| {
            let chat = scene.cast.chat(chat);
            self.in_chat(scene, chat, ask);
        }
    }

    fn in_chat(self, scene: &mut Scene, chat: ChatId, ask: VisitorAsk) {
        let visitor = self.0;
        let command = VisitorCommand::InChat { visitor, chat, ask };
        let _shown = scene.tell(Command::Visitor(command));
    }
}

impl Asks {
    pub(crate) fn to(mut self, campaign: &'static str) -> Self {
        self.campaign = campaign;
        self
    }

    pub(crate) fn speaking(mut self, language: &str) -> Self {
        self.request.language = Some(language.parse().unwrap());
        self
    }

    /// The browser says nothing of a language.
    pub(crate) fn in_no_language(mut self) -> Self {
        self.request.language = None;
        self
    }

    pub(crate) fn priority(mut self, priority: i8) -> Self {
        self.request.priority = priority;
        self
    }

    pub(crate) fn needing(mut self, skill: &str) -> Self {
        self.request.skills.push(skill.into());
        self
    }

    pub(crate) fn email(mut self, email: &str) -> Self {
        self.request.form.email = Some(email.to_owned());
        self
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        self.request.form.name = Some(name.to_owned());
        self
    }

    pub(crate) fn extra(mut self, extra: &str) -> Self {
        self.request.form.extra = Some(extra.to_owned());
        self
    }

    pub(crate) fn on_site(mut self, origin: &str) -> Self {
        self.request.origin = Origin::parse(origin);
        self
    }
}

impl Step for Asks {
    fn play(mut self, scene: &mut Scene) {
        self.request.campaign = scene.cast.campaign(self.campaign);
        let command = VisitorCommand::RequestChat(Box::new(self.request));
        let _shown = scene.tell(Command::Visitor(command));
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Agent(&'static str);

impl Agent {
    /// Created, a member of the first campaign, signed in.
    pub(crate) fn ready(self) -> impl Step {
        self.ready_in(&["Support"])
    }

    /// Created, a member of these campaigns, signed in.
    pub(crate) fn ready_in(self, campaigns: &'static [&'static str]) -> impl Step {
        move |scene: &mut Scene| {
            self.member_of(campaigns).play(scene);
            self.signs_in().play(scene);
        }
    }

    /// Created and a member of these campaigns, not signed in.
    pub(crate) fn member_of(self, campaigns: &'static [&'static str]) -> impl Step {
        move |scene: &mut Scene| {
            self.exists().play(scene);
            let agent = scene.cast.agent(self.0);
            for campaign in campaigns {
                let campaign = scene.cast.campaign(campaign);
                let mut members: Vec<Member> = scene.view().members(campaign).cloned().collect();
                members.push(Member::plain(agent));
                scene
                    .host(HostCommand::SetMembers { campaign, members })
                    .unwrap();
            }
        }
    }

    /// Created, a member of nothing, with the name capitalised.
    pub(crate) fn exists(self) -> impl Step {
        move |scene: &mut Scene| {
            if super::find(&scene.cast.agents, self.0).is_none() {
                let profile = profile(self.0, false);
                scene.host(HostCommand::CreateAgent(profile)).unwrap();
            }
        }
    }

    pub(crate) fn signs_in(self) -> impl Step {
        self.signs_in_as(1)
    }

    pub(crate) fn signs_in_as(self, session: u64) -> impl Step {
        self.does(move |_| AgentCommand::SignIn { session })
    }

    pub(crate) fn signs_out(self) -> impl Step {
        self.does(|_| AgentCommand::SignOut { force: false })
    }

    pub(crate) fn signs_out_by_force(self) -> impl Step {
        self.does(|_| AgentCommand::SignOut { force: true })
    }

    pub(crate) fn goes_away(self) -> impl Step {
        self.does(|_| AgentCommand::Disconnect)
    }

    pub(crate) fn comes_back(self) -> impl Step {
        self.does(|_| AgentCommand::Connect)
    }

    pub(crate) fn pauses(self) -> impl Step {
        self.does(|_| AgentCommand::Pause {
            reason: "lunch".into(),
        })
    }

    pub(crate) fn resumes(self) -> impl Step {
        self.does(|_| AgentCommand::Resume)
    }

    pub(crate) fn on_call(self, on: bool) -> impl Step {
        self.does(move |_| AgentCommand::OnCall { on })
    }

    pub(crate) fn accepts(self, chat: usize) -> impl Step {
        self.in_chat(chat, |chat| AgentCommand::Accept { chat })
    }

    pub(crate) fn refuses(self, chat: usize) -> impl Step {
        self.in_chat(chat, |chat| AgentCommand::Refuse { chat })
    }

    pub(crate) fn takes(self, chat: usize) -> impl Step {
        self.in_chat(chat, |chat| AgentCommand::Take { chat })
    }

    pub(crate) fn writes(self, chat: usize, key: &str, text: &str) -> impl Step {
        let (key, text) = (key.into(), text.into());
        self.in_chat(chat, |chat| AgentCommand::Write { chat, key, text })
    }

    pub(crate) fn types(self, chat: usize, on: bool) -> impl Step {
        self.in_chat(chat, move |chat| AgentCommand::Typing { chat, on })
    }

    pub(crate) fn sees(self, chat: usize, delivered: u32, read: u32) -> impl Step {
        let seen = Seen { delivered, read };
        self.in_chat(chat, move |chat| AgentCommand::Seen { chat, seen })
    }

    /// Something about the call with the visitor.
    pub(crate) fn calls(self, chat: usize, ask: CallAsk) -> impl Step {
        self.in_chat(chat, |chat| AgentCommand::Call { chat, ask })
    }

    pub(crate) fn notes(self, chat: usize, text: &str) -> impl Step {
        self.notes_under(chat, None, text)
    }

    /// An internal note under the client's own key.
    pub(crate) fn notes_under(self, chat: usize, key: Option<&str>, text: &str) -> impl Step {
        let (key, text) = (key.map(Into::into), text.into());
        self.in_chat(chat, |chat| AgentCommand::Note { chat, key, text })
    }

    pub(crate) fn transfers(self, chat: usize, to: &'static str) -> impl Step {
        self.does(move |scene| AgentCommand::Transfer {
            chat: scene.cast.chat(chat),
            to: Destination::Agent(scene.cast.agent(to)),
        })
    }

    pub(crate) fn transfers_to_campaign(self, chat: usize, to: &'static str) -> impl Step {
        self.does(move |scene| AgentCommand::Transfer {
            chat: scene.cast.chat(chat),
            to: Destination::Campaign(scene.cast.campaign(to)),
        })
    }

    pub(crate) fn cancels_transfer(self, chat: usize) -> impl Step {
        self.in_chat(chat, |chat| AgentCommand::CancelTransfer { chat })
    }

    pub(crate) fn invites(self, chat: usize, guest: &'static str) -> impl Step {
        self.does(move |scene| AgentCommand::Invite {
            chat: scene.cast.chat(chat),
            agent: scene.cast.agent(guest),
        })
    }

    pub(crate) fn leaves(self, chat: usize) -> impl Step {
        self.in_chat(chat, |chat| AgentCommand::Leave { chat })
    }

    pub(crate) fn closes(self, chat: usize) -> impl Step {
        self.closes_as(chat, &[])
    }

    pub(crate) fn closes_as(self, chat: usize, disposition: &[&str]) -> impl Step {
        let steps: Vec<_> = disposition.iter().map(|step| (*step).into()).collect();
        let disposition = Some(steps).filter(|steps| !steps.is_empty());
        self.in_chat(chat, |chat| AgentCommand::Close { chat, disposition })
    }

    fn in_chat(self, chat: usize, ask: impl FnOnce(ChatId) -> AgentCommand) -> impl Step {
        self.does(move |scene| ask(scene.cast.chat(chat)))
    }

    fn does(self, ask: impl FnOnce(&Scene) -> AgentCommand) -> impl Step {
        move |scene: &mut Scene| {
            let (agent, ask) = (scene.cast.agent(self.0), ask(scene));
            let _shown = scene.tell(Command::Agent { agent, ask });
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Supervisor(&'static str);

impl Supervisor {
    pub(crate) fn takes_over(self, chat: usize) -> impl Step {
        self.does(move |scene| SupervisorCommand::TakeOver {
            chat: scene.cast.chat(chat),
        })
    }

    pub(crate) fn assigns(self, chat: usize, to: &'static str) -> impl Step {
        self.does(move |scene| SupervisorCommand::Assign {
            chat: scene.cast.chat(chat),
            to: scene.cast.agent(to),
        })
    }

    pub(crate) fn moves(self, chat: usize, to: &'static str) -> impl Step {
        self.does(move |scene| SupervisorCommand::Move {
            chat: scene.cast.chat(chat),
            to: scene.cast.campaign(to),
        })
    }

    pub(crate) fn closes(self, chat: usize) -> impl Step {
        self.does(move |scene| SupervisorCommand::Close {
            chat: scene.cast.chat(chat),
        })
    }

    pub(crate) fn watches(self, chat: usize) -> impl Step {
        self.does(move |scene| SupervisorCommand::Watch {
            chat: scene.cast.chat(chat),
        })
    }

    pub(crate) fn unwatches(self, chat: usize) -> impl Step {
        self.does(move |scene| SupervisorCommand::Unwatch {
            chat: scene.cast.chat(chat),
        })
    }

    pub(crate) fn whispers(self, chat: usize, text: &'static str) -> impl Step {
        self.whispers_under(chat, None, text)
    }

    /// A whisper under the client's own key.
    pub(crate) fn whispers_under(
        self,
        chat: usize,
        key: Option<&'static str>,
        text: &'static str,
    ) -> impl Step {
        self.does(move |scene| SupervisorCommand::Whisper {
            chat: scene.cast.chat(chat),
            key: key.map(Into::into),
            text: text.into(),
        })
    }

    pub(crate) fn signs_out(self, agent: &'static str) -> impl Step {
        self.does(move |scene| SupervisorCommand::SignOut {
            agent: scene.cast.agent(agent),
        })
    }

    pub(crate) fn pauses(self, agent: &'static str) -> impl Step {
        self.does(move |scene| SupervisorCommand::Pause {
            agent: scene.cast.agent(agent),
            reason: "meeting".into(),
        })
    }

    pub(crate) fn resumes(self, agent: &'static str) -> impl Step {
        self.does(move |scene| SupervisorCommand::Resume {
            agent: scene.cast.agent(agent),
        })
    }

    fn does(self, ask: impl FnOnce(&Scene) -> SupervisorCommand) -> impl Step {
        move |scene: &mut Scene| {
            let (agent, ask) = (scene.cast.agent(self.0), ask(scene));
            let _shown = scene.tell(Command::Supervisor { agent, ask });
        }
    }
}

/// The administrator changes the campaign `Support`.
pub(crate) fn edit(change: impl FnOnce(&mut CampaignDraft)) -> impl Step {
    edit_of("Support", change)
}

/// The administrator changes a campaign.
pub(crate) fn edit_of(name: &'static str, change: impl FnOnce(&mut CampaignDraft)) -> impl Step {
    move |scene: &mut Scene| {
        let campaign = scene.cast.campaign(name);
        let mut draft = CampaignDraft::from(scene.view().campaign(campaign).unwrap().settings);
        change(&mut draft);
        let settings = checked(&draft);
        let _shown = scene.host(HostCommand::ChangeCampaign {
            campaign,
            settings,
            seen: None,
            by: None,
        });
    }
}

/// The administrator deletes a campaign.
pub(crate) fn delete(name: &'static str) -> impl Step {
    move |scene: &mut Scene| {
        let campaign = scene.cast.campaign(name);
        let _shown = scene.host(HostCommand::DeleteCampaign { campaign });
    }
}

/// The administrator deletes an agent.
pub(crate) fn delete_agent(name: &'static str) -> impl Step {
    move |scene: &mut Scene| {
        let agent = scene.cast.agent(name);
        let _shown = scene.host(HostCommand::DeleteAgent { agent });
    }
}

/// The members of `Support`, in member order.
pub(crate) fn members(names: &'static [&'static str]) -> impl Step {
    members_as(move |scene| {
        let member = |name: &&str| Member::plain(scene.cast.agent(name));
        names.iter().map(member).collect()
    })
}

/// The members of `Support` with their penalties.
pub(crate) fn penalties(members: &'static [(&'static str, u8)]) -> impl Step {
    members_as(move |scene| {
        let member = |(name, penalty): &(&str, u8)| Member {
            penalty: *penalty,
            ..Member::plain(scene.cast.agent(name))
        };
        members.iter().map(member).collect()
    })
}

/// The members of `Support` with their skills.
pub(crate) fn skills(members: &'static [(&'static str, &'static [&'static str])]) -> impl Step {
    members_as(move |scene| {
        let member = |(name, skills): &(&str, &[&'static str])| Member {
            skills: skills.iter().map(|skill| (*skill).into()).collect(),
            ..Member::plain(scene.cast.agent(name))
        };
        members.iter().map(member).collect()
    })
}

fn members_as(list: impl FnOnce(&Scene) -> Vec<Member>) -> impl Step {
    move |scene: &mut Scene| {
        let campaign = scene.cast.campaign("Support");
        let members = list(scene);
        let _shown = scene.host(HostCommand::SetMembers { campaign, members });
    }
}

/// The administrator changes what holds for all campaigns.
pub(crate) fn tenant(change: impl FnOnce(&mut TenantSettings)) -> impl Step {
    move |scene: &mut Scene| {
        let mut settings = scene.view().tenant().clone();
        change(&mut settings);
        let _shown = scene.host(HostCommand::SetTenant(settings));
    }
}

/// The administrator says whether an agent is part of a voice campaign.
pub(crate) fn voice(name: &'static str, voice: bool) -> impl Step {
    move |scene: &mut Scene| {
        let agent = scene.cast.agent(name);
        let profile = profile(name, voice);
        let _shown = scene.host(HostCommand::ChangeAgent { agent, profile });
    }
}

/// The host's telephony says an agent is on a call or not.
pub(crate) fn phone(name: &'static str, on: bool) -> impl Step {
    move |scene: &mut Scene| {
        let agent = scene.cast.agent(name);
        let _shown = scene.host(HostCommand::OnCall { agent, on });
    }
}

/// The host tells of live interactions of an agent on other channels.
pub(crate) fn elsewhere(name: &'static str, interactions: u32) -> impl Step {
    move |scene: &mut Scene| {
        let agent = scene.cast.agent(name);
        let _shown = scene.host(HostCommand::OtherLoad {
            agent,
            interactions,
        });
    }
}

/// Somebody asks that the content of ended chats be forgotten, and what a visitor had left offline.
pub(crate) fn erase(chats: &'static [usize], visitor: Option<u32>) -> impl Step {
    move |scene: &mut Scene| {
        let chats = chats.iter().map(|chat| scene.cast.chat(*chat)).collect();
        let _shown = scene.host(HostCommand::Erase {
            chats,
            visitor: visitor.map(|number| VisitorKey(number.into())),
            by: "ada".into(),
        });
    }
}

/// A program of the host writes in a chat.
pub(crate) fn program_says(chat: usize, key: &str, text: &str) -> impl Step {
    let (key, text) = (key.into(), text.into());
    move |scene: &mut Scene| {
        let chat = scene.cast.chat(chat);
        let name = "Robot".into();
        let _shown = scene.host(HostCommand::Say {
            chat,
            name,
            key,
            text,
        });
    }
}

/// The program stops and starts again; nobody is connected then.
pub(crate) fn restart() -> impl Step {
    |scene: &mut Scene| {
        scene.restart();
        let _shown = scene.host(HostCommand::ConnectionsLost);
    }
}

/// The engine is asked to look at the clock.
pub(crate) fn tick() -> impl Step {
    |scene: &mut Scene| {
        let _shown = scene.host(HostCommand::Tick);
    }
}

/// Time goes by; each timer fires at its instant.
pub(crate) fn seconds_pass(seconds: i64) -> impl Step {
    move |scene: &mut Scene| scene.wait_until(scene.now().after_millis(seconds * 1000))
}

/// Time goes by until the campaign's clock shows `18:00`, `tue 09:00` or `2026-03-09 09:00`.
pub(crate) fn clock_reaches(time: &'static str) -> impl Step {
    move |scene: &mut Scene| scene.wait_until(scene.instant(time))
}

/// The clock jumps; the engine is not told until the next step.
pub(crate) fn clock_jumps(seconds: i64) -> impl Step {
    move |scene: &mut Scene| scene.set_clock(scene.now().after_millis(seconds * 1000))
}

/// A span of a setting.
pub(crate) fn seconds(seconds: u32) -> Seconds {
    Seconds::new(seconds).unwrap()
}

/// To call the other side with picture.
pub(crate) const START: CallAsk = CallAsk::Start { video: true };

/// To pass something to the other end of the call.
pub(crate) fn signal(signal: &str) -> CallAsk {
    let signal = signal.into();
    CallAsk::Signal { signal }
}

fn profile(name: &str, voice: bool) -> AgentProfile {
    let (first, rest) = name.split_at(1);
    AgentProfile {
        name: format!("{}{rest}", first.to_uppercase()).into(),
        voice,
    }
}
