//! What an empty data folder is filled with: a first administrator, or the example contact centre.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use webchat_core::campaign::CampaignDraft;
use webchat_core::command::{AgentProfile, Command, HostCommand, Member};
use webchat_core::effect::Receipt;
use webchat_core::id::{AgentId, CampaignId};
use webchat_core::schedule::{Day, ScheduleDraft, Zones};
use webchat_runtime::TenantHandle;
use webchat_runtime::accounts::{Accounts, Profile, Role};

/// A user of the example: login, name, role.
const USERS: [(&str, &str, Role); 5] = [
    ("ana", "Ana Pereira", Role::Agent),
    ("bruno", "Bruno Costa", Role::Agent),
    ("carla", "Carla Núñez", Role::Agent),
    ("sofia", "Sofía Rey", Role::Supervisor),
    ("admin", "Administrator", Role::Administrator),
];

/// Creates the first administrator if there are no users. Returns the password, once: it is stored nowhere.
pub(crate) async fn first_administrator(accounts: &dyn Accounts) -> anyhow::Result<Option<String>> {
    if !accounts.list().await?.is_empty() {
        return Ok(None);
    }
    let mut secret = [0; 12];
    getrandom::fill(&mut secret).map_err(|error| anyhow!("no randomness: {error}"))?;
    let password = URL_SAFE_NO_PAD.encode(secret);
    insert(
        accounts,
        "admin",
        "Administrator",
        Role::Administrator,
        None,
        webchat_http::hash_initial_password(&password),
    )
    .await?;
    Ok(Some(password))
}

/// Fills in whatever of the example is missing, unless the folder holds somebody's own data.
/// Returns the logins with their roles.
pub(crate) async fn example(
    tenant: &TenantHandle,
    accounts: &dyn Accounts,
    zones: &Zones,
    password: &str,
) -> anyhow::Result<Vec<(&'static str, Role)>> {
    let known = accounts.list().await?;
    let ours = |login: &str| USERS.iter().any(|(user, ..)| *user == login);
    if let Some(other) = known.iter().find(|account| !ours(&account.profile.login)) {
        bail!(
            "the data folder holds the user `{}`, which is none of the example; use an empty folder for --demo",
            other.profile.login
        );
    }
    let mut agents = Vec::new();
    for (login, name, role) in USERS {
        let agent = match role {
            Role::Administrator => None,
            Role::Agent | Role::Supervisor => Some(agent(tenant, name).await?),
        };
        if role == Role::Agent {
            agents.extend(agent);
        }
        if accounts.by_login(login).await?.is_none() {
            let hash = webchat_http::hash_password(password);
            insert(accounts, login, name, role, agent, hash).await?;
        }
    }
    for draft in [sales(), workshop()] {
        campaign(tenant, zones, &draft, &agents).await?;
    }
    Ok(USERS
        .iter()
        .map(|(login, _, role)| (*login, *role))
        .collect())
}

async fn insert(
    accounts: &dyn Accounts,
    login: &str,
    name: &str,
    role: Role,
    agent: Option<AgentId>,
    password_hash: Option<String>,
) -> anyhow::Result<()> {
    let password_hash = password_hash.context("cannot hash a password")?;
    let profile = Profile {
        login: login.to_owned(),
        name: name.to_owned(),
        role,
        agent,
        password_hash,
        disabled: false,
    };
    accounts
        .insert(profile)
        .await
        .with_context(|| format!("cannot create the user `{login}`"))?;
    Ok(())
}

/// The agent of this name, created if there is none.
async fn agent(tenant: &TenantHandle, name: &str) -> anyhow::Result<AgentId> {
    let name: Arc<str> = name.into();
    let wanted = name.clone();
    let known = tenant.query(move |engine, _| {
        let mut agents = engine.view().agents();
        agents
            .find(|agent| agent.profile.name == wanted)
            .map(|agent| agent.id)
    });
    if let Some(agent) = known.await? {
        return Ok(agent);
    }
    let create = HostCommand::CreateAgent(AgentProfile { name, voice: true });
    match tenant.submit(Command::Host(create)).await?? {
        Receipt::Agent(agent) => Ok(agent),
        other => bail!("creating an agent was answered with {other:?}"),
    }
}

/// The campaign of this draft with its members, created if its name is free.
async fn campaign(
    tenant: &TenantHandle,
    zones: &Zones,
    draft: &CampaignDraft,
    agents: &[AgentId],
) -> anyhow::Result<()> {
    let wanted = draft.name.clone();
    let known = tenant.query(move |engine, _| {
        let mut campaigns = engine.view().campaigns();
        campaigns.any(|campaign| *campaign.settings.name == *wanted)
    });
    if known.await? {
        return Ok(());
    }
    let (settings, _) = draft.check(zones)?;
    let create = HostCommand::create_campaign(settings);
    let campaign: CampaignId = match tenant.submit(Command::Host(create)).await?? {
        Receipt::Campaign(campaign) => campaign,
        other => bail!("creating a campaign was answered with {other:?}"),
    };
    let members = agents.iter().copied().map(Member::plain).collect();
    let set = HostCommand::SetMembers { campaign, members };
    tenant.submit(Command::Host(set)).await??;
    Ok(())
}

/// Always open.
fn sales() -> CampaignDraft {
    let mut draft = CampaignDraft::named("Sendero · Ventas");
    draft.default_language = "es".into();
    draft.colour = "#1f5c4d".into();
    draft.max_chats = 20;
    draft.time_out = 300;
    draft.files.allowed = true;
    draft.media = true;
    draft.welcome = texts(
        "¡Hola! Gracias por escribirnos. Enseguida le atiende una persona.",
        "Hello! Thanks for writing. Somebody will be with you in a moment.",
        "Olá! Obrigado por escrever. Em instantes uma pessoa atende você.",
    );
    draft.not_available = texts(
        "Ahora mismo no hay nadie disponible. Vuelva a intentarlo en unos minutos.",
        "Nobody is available right now. Please try again in a few minutes.",
        "No momento ninguém está disponível. Tente de novo em alguns minutos.",
    );
    draft.feedback = texts(
        "Gracias por conversar con nosotros. ¿Cómo le atendimos?",
        "Thanks for chatting with us. How did we do?",
        "Obrigado por conversar conosco. Como foi o atendimento?",
    );
    draft.automatic = texts(
        "¡Hola! ¿En qué puedo ayudarle?",
        "Hello! How can I help you?",
        "Olá! Como posso ajudar?",
    );
    draft.extra_field.visible = true;
    draft.extra_field.label = texts("Teléfono", "Telephone", "Telefone");
    draft
}

/// Open during office hours in Montevideo.
fn workshop() -> CampaignDraft {
    let week = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];
    let mut draft = CampaignDraft::named("Sendero · Taller");
    draft.default_language = "es".into();
    draft.colour = "#8a4b12".into();
    draft.schedule = ScheduleDraft::weekly("America/Montevideo").open(&week, "09:00", "18:00");
    draft.max_chats = 5;
    draft.show_agent_name = false;
    draft.offline_message = true;
    draft.offline_address = "taller@sendero.example".into();
    draft.out_of_time = texts(
        "El taller atiende de lunes a viernes, de 9 a 18 (hora de Montevideo).",
        "The workshop answers from Monday to Friday, 9:00 to 18:00 (Montevideo time).",
        "A oficina atende de segunda a sexta, das 9 às 18 (hora de Montevidéu).",
    );
    draft.welcome = texts(
        "Taller de Sendero. Cuéntenos qué hay que reparar.",
        "Sendero workshop. Tell us what needs repair.",
        "Oficina da Sendero. Conte o que precisa de reparo.",
    );
    draft
}

fn texts(es: &str, en: &str, pt: &str) -> std::collections::BTreeMap<String, String> {
    [("es", es), ("en", en), ("pt", pt)]
        .into_iter()
        .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
        .collect()
}
