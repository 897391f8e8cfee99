//! A delivery order of one's own: who served a visitor last gets them again, else whoever has the fewest chats.
//!
//! In a campaign of the mode `ringallmultiple` the engine assigns nothing, and a chat is taken by any member who may
//! have it. So the order is the program's, and cap, pauses and everything else stay the engine's; what was decided is an event
//! like any other, and a replay needs no strategy. Run it with `cargo run -p webchat-core --example custom-strategy`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Write, stdout};

use webchat_core::campaign::CampaignDraft;
use webchat_core::command::VisitorCommand;
use webchat_core::command::{
    AgentCommand, AgentProfile, ChatRequest, Command, HostCommand, Member,
};
use webchat_core::id::{AgentId, CampaignId, VisitorKey};
use webchat_core::rejection::Rejection;
use webchat_core::{Engine, Outbox, schedule::Zones, time::Timestamp};

/// Who served each visitor last; a real program keeps it.
pub(crate) type Regulars = BTreeMap<VisitorKey, AgentId>;

/// Gives each waiting chat to the member this program prefers; the rest waits on. To be called after each command.
pub(crate) fn assign(
    engine: &mut Engine,
    now: Timestamp,
    campaign: CampaignId,
    regulars: &mut Regulars,
    outbox: &mut Outbox,
) -> Result<(), Rejection> {
    let waiting: Vec<_> = engine.view().waiting(campaign).collect();
    for chat in waiting {
        let view = engine.view();
        let here = view.agent_chat(chat).is_some_and(|chat| chat.connected);
        let (Some(visitor), true) = (view.visitor_of(chat), here) else {
            continue;
        };
        let last = regulars.get(&visitor);
        let free = view.members(campaign).map(|member| member.agent);
        let free = free.filter(|agent| view.why_not(campaign, *agent).is_none());
        let load = |agent| view.agent(agent).map_or(0, |agent| agent.load);
        let Some(agent) = free.min_by_key(|agent| (Some(agent) != last, load(*agent))) else {
            return Ok(());
        };
        engine.handle(
            now,
            Command::Agent {
                agent,
                ask: AgentCommand::Take { chat },
            },
            outbox,
        )?;
        regulars.insert(visitor, agent);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    serve(Regulars::from([(VisitorKey(9), AgentId(2))]), &mut stdout())
}

/// Three visitors and two agents; who got whom is written to `out`.
pub(crate) fn serve(mut regulars: Regulars, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let (mut engine, mut outbox) = (Engine::new(Zones::bundled()), Outbox::default());
    let (now, campaign) = (Timestamp::from_seconds(1_790_000_000), CampaignId(1));
    let mut draft = CampaignDraft::named("Support");
    draft.mode = "ringallmultiple".into();
    let (support, _) = draft.check(&Zones::bundled())?;
    let mut commands = vec![Command::Host(HostCommand::create_campaign(support))];
    let agents = [AgentId(1), AgentId(2)];
    commands.extend(
        ["Ana", "Luz"]
            .map(|name| Command::Host(HostCommand::CreateAgent(AgentProfile::named(name)))),
    );
    let members = agents.map(Member::plain).into();
    commands.push(Command::Host(HostCommand::SetMembers { campaign, members }));
    commands.extend(agents.map(|agent| Command::Agent {
        agent,
        ask: AgentCommand::SignIn { session: 1 },
    }));
    commands.extend([9, 8, 10].map(|visitor| {
        let chat = ChatRequest::plain(VisitorKey(visitor), campaign);
        Command::Visitor(VisitorCommand::RequestChat(Box::new(chat)))
    }));
    for command in commands {
        engine.handle(now, command, &mut outbox)?;
        assign(&mut engine, now, campaign, &mut regulars, &mut outbox)?;
        // Here the events would be written down before anybody is told, as `embed` shows.
        outbox.take_events();
        outbox.release().for_each(drop);
    }
    for (visitor, agent) in &regulars {
        writeln!(out, "visitor {} has agent {agent}", visitor.0)?;
    }
    Ok(())
}
