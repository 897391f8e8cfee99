//! Users as an administrator edits them. A user of role agent or supervisor is also an agent of the engine.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use webchat_core::command::{AgentCommand, AgentProfile, Command, HostCommand};
use webchat_core::effect::Receipt;
use webchat_core::field;
use webchat_core::id::AgentId;
use webchat_core::problem::{Problem, Problems};
use webchat_runtime::accounts::{Account, AccountId, Profile, Role};

use super::campaigns::nothing;
use crate::api::Api;
use crate::app::{App, Call};
use crate::limits;
use crate::refused::{Refused, json};
use crate::session;
use crate::socket::Farewell;
use crate::socket::request::unexpected;

/// A user as an administrator writes one.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UserDraft")]
struct Draft {
    login: String,
    name: String,
    role: String,
    /// Left out, it stays as it is.
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    disabled: bool,
    /// Is part of a voice campaign; left out, it stays as it is.
    #[serde(default)]
    voice: Option<bool>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "User")]
struct Shown {
    id: u64,
    login: String,
    name: String,
    role: &'static str,
    agent: Option<AgentId>,
    disabled: bool,
    voice: bool,
}

/// A draft without mistakes.
struct Checked {
    login: String,
    name: Arc<str>,
    role: Role,
    password: Option<String>,
    disabled: bool,
    voice: Option<bool>,
}

/// `/api/v1/users`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/users").await?;
            let accounts = app.accounts().list().await?;
            Ok(json(StatusCode::OK, &shown(app, accounts).await?))
        }
        Method::POST => {
            session::require_anew(app, call, "POST /api/v1/users").await?;
            let making = create(app, call.json()?);
            app.repeats.once("POST /api/v1/users", call, making).await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

/// `/api/v1/users/{id}`
pub(crate) async fn one(app: &App, call: &Call, id: u64) -> Result<Response<Bytes>, Refused> {
    let what = match call.method {
        Method::GET => "GET /api/v1/users/{id}",
        Method::PUT => "PUT /api/v1/users/{id}",
        Method::DELETE => "DELETE /api/v1/users/{id}",
        _ => return Err(Refused::method_not_allowed()),
    };
    match call.method {
        Method::GET => session::require(app, call, what).await?,
        _ => session::require_anew(app, call, what).await?,
    };
    let unknown = || Refused::new("unknown_account", format!("user {id} is not known"));
    let account = app
        .accounts()
        .by_id(AccountId(id))
        .await?
        .ok_or_else(unknown)?;
    match call.method {
        Method::GET => answer(app, StatusCode::OK, account).await,
        Method::PUT => change(app, account, call.json()?).await,
        _ => remove(app, account).await,
    }
}

async fn create(app: &App, draft: Draft) -> Result<Response<Bytes>, Refused> {
    let checked = draft.check(true)?;
    let password_hash = match checked.password {
        Some(password) => chosen(app, &checked.login, &checked.name, password).await?,
        None => String::new(),
    };
    let profile = Profile {
        login: checked.login,
        name: checked.name.to_string(),
        role: checked.role,
        agent: None,
        password_hash,
        disabled: checked.disabled,
    };
    let account = insert(app, profile, checked.voice.unwrap_or(false)).await?;
    answer(app, StatusCode::CREATED, account).await
}

/// Stores a new user, who becomes an agent too unless an administrator.
pub(crate) async fn insert(
    app: &App,
    mut profile: Profile,
    voice: bool,
) -> Result<Account, Refused> {
    if app.accounts().by_login(&profile.login).await?.is_some() {
        return Err(login_taken(profile.login));
    }
    profile.agent = match profile.role {
        Role::Administrator => None,
        Role::Agent | Role::Supervisor => {
            Some(new_agent(app, profile.name.as_str().into(), voice).await?)
        }
    };
    let agent = profile.agent;
    match app.accounts().insert(profile).await {
        Ok(account) => Ok(account),
        Err(error) => {
            // An agent nobody can sign in as would only clutter lists.
            if let Some(agent) = agent {
                app.host(HostCommand::DeleteAgent { agent }).await?;
            }
            Err(error.into())
        }
    }
}

async fn change(app: &App, before: Account, draft: Draft) -> Result<Response<Bytes>, Refused> {
    let checked = draft.check(false)?;
    let stays = checked.role == Role::Administrator && !checked.disabled;
    keep_an_administrator(app, &before, stays).await?;
    let new_password = checked.password.is_some();
    let password_hash = match checked.password {
        Some(password) => chosen(app, &checked.login, &checked.name, password).await?,
        None => before.profile.password_hash.clone(),
    };
    let agent = match (before.profile.agent, checked.role) {
        (None, Role::Agent | Role::Supervisor) => {
            Some(new_agent(app, checked.name.clone(), checked.voice.unwrap_or(false)).await?)
        }
        (None, Role::Administrator) => None,
        (Some(agent), _) => {
            rename_agent(app, agent, checked.name.clone(), checked.voice).await?;
            Some(agent)
        }
    };
    let account = Account {
        id: before.id,
        profile: Profile {
            login: checked.login,
            name: checked.name.to_string(),
            role: checked.role,
            agent,
            password_hash,
            disabled: checked.disabled,
        },
    };
    app.accounts().update(account.clone()).await?;
    if new_password || checked.disabled || checked.role != before.profile.role {
        shut_out(app, &account, checked.disabled).await?;
    }
    answer(app, StatusCode::OK, account).await
}

async fn chosen(app: &App, login: &str, name: &str, password: String) -> Result<String, Refused> {
    let about = [login.to_owned(), name.to_owned()];
    app.passwords.chosen("password", password, about).await
}

/// Gives a user the role that the sign-in provider says; sessions of the role before end.
pub(crate) async fn set_role(
    app: &App,
    mut account: Account,
    role: Role,
) -> Result<Account, Refused> {
    keep_an_administrator(app, &account, role == Role::Administrator).await?;
    if account.profile.agent.is_none() && role != Role::Administrator {
        let name = account.profile.name.as_str().into();
        account.profile.agent = Some(new_agent(app, name, false).await?);
    }
    account.profile.role = role;
    app.accounts().update(account.clone()).await?;
    shut_out(app, &account, false).await?;
    Ok(account)
}

async fn remove(app: &App, account: Account) -> Result<Response<Bytes>, Refused> {
    keep_an_administrator(app, &account, false).await?;
    app.accounts().remove(account.id).await?;
    app.hub().end_account(account.id, Farewell::SignedOut);
    if let Some(agent) = account.profile.agent {
        app.host(HostCommand::DeleteAgent { agent }).await?;
    }
    Ok(nothing())
}

/// Ends the sessions and sockets of an account at once; a disabled agent's chats go back to the queue.
async fn shut_out(app: &App, account: &Account, for_good: bool) -> Result<(), Refused> {
    app.accounts().close_sessions_of(account.id).await?;
    app.hub().end_account(account.id, Farewell::SignedOut);
    if let Some(agent) = account.profile.agent.filter(|_| for_good) {
        let ask = AgentCommand::SignOut { force: true };
        match app.submit(Command::Agent { agent, ask }).await {
            Err(refused) if refused.code() != "not_signed_in" => return Err(refused),
            _ => {}
        }
    }
    Ok(())
}

/// Without an administrator nobody could make another one.
async fn keep_an_administrator(app: &App, account: &Account, stays: bool) -> Result<(), Refused> {
    let rules = |account: &Account| {
        account.profile.role == Role::Administrator && !account.profile.disabled
    };
    if stays || !rules(account) {
        return Ok(());
    }
    let accounts = app.accounts().list().await?;
    match accounts
        .iter()
        .any(|other| other.id != account.id && rules(other))
    {
        true => Ok(()),
        false => Err(Refused::new(
            "last_administrator",
            "this is the last administrator, make another one first",
        )),
    }
}

async fn new_agent(app: &App, name: Arc<str>, voice: bool) -> Result<AgentId, Refused> {
    match app
        .host(HostCommand::CreateAgent(AgentProfile { name, voice }))
        .await?
    {
        Receipt::Agent(agent) => Ok(agent),
        other => Err(unexpected(&other)),
    }
}

async fn rename_agent(
    app: &App,
    agent: AgentId,
    name: Arc<str>,
    voice: Option<bool>,
) -> Result<(), Refused> {
    let before = app.query(move |engine, _| {
        engine
            .view()
            .agent(agent)
            .map(|agent| agent.profile.clone())
    });
    let Some(before) = before.await? else {
        return Ok(());
    };
    let voice = voice.unwrap_or(before.voice);
    let profile = AgentProfile { name, voice };
    if profile != before {
        app.host(HostCommand::ChangeAgent { agent, profile })
            .await?;
    }
    Ok(())
}

async fn answer(
    app: &App,
    status: StatusCode,
    account: Account,
) -> Result<Response<Bytes>, Refused> {
    let shown = shown(app, vec![account]).await?;
    Ok(json(status, &shown.first()))
}

async fn shown(app: &App, accounts: Vec<Account>) -> Result<Vec<Shown>, Refused> {
    app.query(move |engine, _| {
        let voice = |agent| {
            engine
                .view()
                .agent(agent)
                .is_some_and(|agent| agent.profile.voice)
        };
        accounts
            .into_iter()
            .map(|Account { id, profile }| Shown {
                id: id.0,
                login: profile.login,
                name: profile.name,
                role: profile.role.code(),
                agent: profile.agent,
                disabled: profile.disabled,
                voice: profile.agent.is_some_and(voice),
            })
            .collect()
    })
    .await
}

impl Draft {
    fn check(self, needs_password: bool) -> Result<Checked, Refused> {
        let mut problems = Problems::none();
        let login = self.login.trim().to_owned();
        if !is_login(&login) {
            problems.add("login", &login, login_expected());
        }
        let name = field::name(Some(&self.name)).unwrap_or_default();
        if name.is_none() {
            problems.add("name", &self.name, "1 to 80 characters on one line");
        }
        let role = Role::from_code(&self.role);
        if role.is_none() {
            problems.add("role", &self.role, "agent, supervisor or administrator");
        }
        let fits = match &self.password {
            Some(password) => limits::PASSWORD_CHARS.contains(&password.chars().count()),
            None => !needs_password,
        };
        if !fits {
            let (least, most) = limits::PASSWORD_CHARS.into_inner();
            // A password is never repeated back, not even a wrong one.
            problems.add("password", "", format!("{least} to {most} characters"));
        }
        match (name, role) {
            (Some(name), Some(role)) if problems.is_empty() => Ok(Checked {
                login,
                name,
                role,
                password: self.password,
                disabled: self.disabled,
                voice: self.voice,
            }),
            _ => Err(Refused::form(problems.0)),
        }
    }
}

/// Whether somebody can be called so at sign-in: 1 to [`limits::LOGIN_CHARS`] characters without blanks.
pub(crate) fn is_login(login: &str) -> bool {
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    (1..=limits::LOGIN_CHARS).contains(&login.chars().count()) && login.chars().all(plain)
}

/// The refusal of what [`is_login`] says no to.
pub(crate) fn no_login(login: &str) -> Refused {
    Refused::field(Problem::new("login", login, login_expected()))
}

fn login_expected() -> String {
    format!("1 to {} characters without blanks", limits::LOGIN_CHARS)
}

fn login_taken(login: String) -> Refused {
    Refused::field(Problem::new("login", login, "a login nobody has yet"))
}

pub(super) fn describe(api: &mut Api) {
    api.route("GET /api/v1/users", "All users")
        .answers::<Vec<Shown>>(200);
    api.route(
        "POST /api/v1/users",
        "Makes a user; one of role agent or supervisor is an agent too",
    )
    .takes::<Draft>()
    .repeatable()
    .answers::<Shown>(201);
    api.route("GET /api/v1/users/{id}", "One user")
        .answers::<Shown>(200);
    api.route(
        "PUT /api/v1/users/{id}",
        "Replaces a user; disabling ends sessions and sockets at once",
    )
    .takes::<Draft>()
    .answers::<Shown>(200);
    api.route(
        "DELETE /api/v1/users/{id}",
        "Deletes a user, but not the last administrator",
    )
    .empty(204);
}
