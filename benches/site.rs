//! The server as measurements want it: no paces, many connections, one campaign that admits everybody.
//! `site FOLDER AGENTS CAP [ADDRESS [memory]]` makes the administrator `admin` and the agents `load-1` and so on in an empty folder,
//! says `listening ADDRESS` and serves until it is killed. With `memory` its journal is none on disk.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement may fail, and prints

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use webchat_benches::tenant;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{AgentProfile, Command, HostCommand, Member};
use webchat_core::effect::Receipt;
use webchat_core::id::AgentId;
use webchat_core::schedule::Zones;
use webchat_http::{Crowd, Pace, Paces, Server, Settings, hash_password};
use webchat_runtime::accounts::{Accounts, Profile, Role};
use webchat_runtime::testing::MemoryJournal;
use webchat_runtime::{Journal, TenantHandle};
use webchat_store_sqlite::SqliteStore;

/// Of everybody; one hash serves them all, for checking them is slow on purpose.
const PASSWORD: &str = "webchat-load";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, agents, cap, rest @ ..] = &arguments[..] else {
        panic!("expected a folder, how many agents, and chats of each");
    };
    let store = Arc::new(SqliteStore::open(Path::new(folder)).unwrap());
    let journal: Arc<dyn Journal> = match rest.get(1).map(String::as_str) {
        Some("memory") => Arc::new(MemoryJournal::new()),
        _ => store.clone(),
    };
    let (parts, _running) = tenant::start(journal, store.clone()).await;
    staff(
        &parts.handle,
        &*store,
        agents.parse().unwrap(),
        cap.parse().unwrap(),
    )
    .await;
    let pace = Pace::new(1_000_000, Duration::from_micros(1));
    let settings = Settings {
        crowd: Crowd {
            total: 1_000_000,
            per_address: 1_000_000,
        },
        paces: Paces {
            starts: pace,
            starts_in_campaign: pace,
            visitor_requests: pace,
            visitor_messages: pace,
            agent_requests: pace,
            uploads: pace,
            sign_ins_by_address: pace,
            sign_ins_by_login_here: pace,
            sign_ins_by_login: pace,
        },
        figures: Some(webchat_http::figures::record().unwrap()),
        ..Settings::default()
    };
    let address = rest.first().map_or("127.0.0.1:0", String::as_str);
    let listener = TcpListener::bind(address).await.unwrap();
    println!("listening {}", listener.local_addr().unwrap());
    Server::new(parts, settings)
        .run(listener, CancellationToken::new())
        .await;
}

async fn staff(handle: &TenantHandle, accounts: &dyn Accounts, agents: u32, cap: i64) {
    let ask = async |command| {
        handle
            .submit(Command::Host(command))
            .await
            .unwrap()
            .unwrap()
    };
    let draft = CampaignDraft {
        agent_cap: cap,
        max_chats: 0,
        when_empty: "admit".into(),
        ..CampaignDraft::named("Support")
    };
    let settings = Box::new(draft.check(&Zones::bundled()).unwrap().0);
    let Receipt::Campaign(campaign) = ask(HostCommand::create_campaign(*settings)).await else {
        panic!("no campaign");
    };
    let hash = hash_password(PASSWORD).unwrap();
    let insert = async |login: String, role, agent| {
        let profile = Profile {
            name: login.clone(),
            login,
            role,
            agent,
            password_hash: hash.clone(),
            disabled: false,
        };
        accounts.insert(profile).await.unwrap();
    };
    insert("admin".into(), Role::Administrator, None).await;
    for number in 1..=agents {
        let profile = AgentProfile {
            name: number.to_string().into(),
            voice: false,
        };
        let Receipt::Agent(agent) = ask(HostCommand::CreateAgent(profile)).await else {
            panic!("no agent");
        };
        insert(format!("load-{number}"), Role::Agent, Some(agent)).await;
    }
    let members = (1..=agents).map(|number| Member::plain(AgentId(number)));
    let members = members.collect();
    ask(HostCommand::SetMembers { campaign, members }).await;
}
