//! A contact centre of one agent inside another program: the core alone, a file as its journal. What the visitor and
//! the agent are told is printed once it is on disk. Run it with `cargo run -p webchat-core --example embed`.

use std::error::Error;
use std::fs::File;
use std::io::{Write, stdout};

use webchat_core::command::{AgentCommand, AgentProfile, ChatRequest, Command, HostCommand};
use webchat_core::command::{Member, VisitorCommand};
use webchat_core::id::{AgentId, CampaignId, VisitorKey};
use webchat_core::{
    Engine, Outbox, campaign::CampaignDraft, schedule::Zones, time::Timestamp, wire,
};

fn main() -> Result<(), Box<dyn Error>> {
    serve(&mut File::create("embed.journal")?, &mut stdout())
}

/// Serves one visitor; `people` see what is printed.
pub(crate) fn serve(journal: &mut File, people: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let (mut engine, mut outbox) = (Engine::new(Zones::bundled()), Outbox::default());
    let (support, _) = CampaignDraft::named("Support").check(&Zones::bundled())?;
    let (agent, campaign) = (AgentId(1), CampaignId(1));
    let ask = AgentCommand::SignIn { session: 1 };
    let members = vec![Member::plain(agent)];
    let chat = ChatRequest::plain(VisitorKey(7), campaign);
    for command in [
        Command::Host(HostCommand::create_campaign(support)),
        Command::Host(HostCommand::CreateAgent(AgentProfile::named("Ana"))),
        Command::Host(HostCommand::SetMembers { campaign, members }),
        Command::Agent { agent, ask },
        Command::Visitor(VisitorCommand::RequestChat(Box::new(chat))),
    ] {
        let answer = engine.handle(Timestamp::from_seconds(1_790_000_000), command, &mut outbox)?;
        journal.write_all(&wire::encode(&outbox.take_events()))?;
        journal.sync_data()?; // what follows may be seen now
        writeln!(people, "{answer:?}, {:?}", outbox.release())?;
    }
    Ok(())
}
