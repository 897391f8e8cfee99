//! The contract of [`Accounts`].

use std::sync::Arc;

use webchat_core::id::AgentId;
use webchat_core::time::Timestamp;

use crate::accounts::{Account, AccountError, AccountId, Accounts, Profile, Role, Session};

/// Checks that accounts made by `fresh`, each empty, keep the contract of [`Accounts`].
///
/// # Panics
/// Where they break the contract.
pub async fn accounts(fresh: impl AsyncFn() -> Arc<dyn Accounts>) {
    accounts_are_found_by_login_and_number(&*fresh().await).await;
    a_login_belongs_to_one_account(&*fresh().await).await;
    sessions_end_when_they_expire_or_are_closed(&*fresh().await).await;
    an_identity_is_one_account_while_there_is_one(&*fresh().await).await;
    secrets_stay_the_same(&*fresh().await).await;
}

fn profile(login: &str) -> Profile {
    Profile {
        login: login.into(),
        name: format!("{login} Pérez"),
        role: Role::Supervisor,
        agent: Some(AgentId(7)),
        password_hash: "$argon2id$v=19$…".into(),
        disabled: false,
    }
}

async fn insert(accounts: &dyn Accounts, login: &str) -> Account {
    let account = accounts.insert(profile(login)).await;
    account.expect("a new login is accepted")
}

async fn accounts_are_found_by_login_and_number(accounts: &dyn Accounts) {
    let listed = async || accounts.list().await.expect("accounts can be read");
    assert_eq!(listed().await, []);
    let ana = insert(accounts, "Ana").await;
    let mut bea = insert(accounts, "bea").await;
    assert_eq!(ana.profile, profile("Ana"));
    assert!(bea.id > ana.id);
    let found = accounts.by_login("aNA").await;
    assert_eq!(found.expect("accounts can be read"), Some(ana.clone()));
    let found = accounts.by_login("carla").await;
    assert_eq!(found.expect("accounts can be read"), None);

    bea.profile = Profile {
        login: "BEATRIZ".into(),
        name: "Beatriz".into(),
        role: Role::Agent,
        agent: None,
        password_hash: "other".into(),
        disabled: true,
    };
    let updated = accounts.update(bea.clone()).await;
    updated.expect("a free login is accepted");
    let found = accounts.by_id(bea.id).await;
    assert_eq!(found.expect("accounts can be read"), Some(bea.clone()));
    assert_eq!(listed().await, [ana, bea]);
    let found = accounts.by_id(AccountId(99)).await;
    assert_eq!(found.expect("accounts can be read"), None);
}

async fn a_login_belongs_to_one_account(accounts: &dyn Accounts) {
    insert(accounts, "Íñigo").await;
    let mut other = insert(accounts, "other").await;
    let taken = accounts.insert(profile("íÑIGO")).await;
    assert!(
        matches!(taken, Err(AccountError::LoginTaken(ref login)) if login == "íÑIGO"),
        "{taken:?}"
    );
    other.profile.login = "ÍÑIGO".into();
    let taken = accounts.update(other.clone()).await;
    assert!(
        matches!(taken, Err(AccountError::LoginTaken(_))),
        "{taken:?}"
    );
    other.id = AccountId(99);
    other.profile.login = "free".into();
    let unknown = accounts.update(other).await;
    assert!(
        matches!(unknown, Err(AccountError::UnknownAccount(AccountId(99)))),
        "{unknown:?}"
    );
    let third = insert(accounts, "third").await;
    assert_eq!(
        accounts.list().await.expect("accounts can be read").len(),
        3
    );
    assert_eq!(third.profile.login, "third");
}

async fn sessions_end_when_they_expire_or_are_closed(accounts: &dyn Accounts) {
    let ana = insert(accounts, "ana").await.id;
    let bea = insert(accounts, "bea").await.id;
    let at = Timestamp::from_seconds;
    let session = |token: u8, account, created| Session {
        id: u64::from(token),
        token_hash: [token; 32],
        account,
        csrf: format!("csrf {token}"),
        created: at(created),
        proved: at(created),
        used: at(created),
        browser: "Firefox, Linux".into(),
        expires: at(created + 100),
    };
    let open = async |session: Session| accounts.open_session(session).await;
    let find = async |token: u8, now| {
        let found = accounts.session([token; 32], at(now)).await;
        found.expect("sessions can be read")
    };

    let nobody = open(session(9, AccountId(99), 0)).await;
    assert!(
        matches!(nobody, Err(AccountError::UnknownAccount(AccountId(99)))),
        "{nobody:?}"
    );
    for (token, account) in [(1, ana), (2, ana), (3, bea), (4, bea)] {
        let opened = open(session(token, account, 0)).await;
        opened.expect("a session of an account is opened");
    }
    assert_eq!(find(1, 99).await, Some(session(1, ana, 0)));
    assert_eq!(find(1, 100).await, None, "over exactly at its end");
    let touched = accounts.touch_session([1; 32], at(50), at(500)).await;
    touched.expect("a session can be prolonged");
    let kept = find(1, 499).await.map(|kept| (kept.used, kept.expires));
    assert_eq!(kept, Some((at(50), at(500))));
    let touched = accounts.touch_session([8; 32], at(50), at(500)).await;
    touched.expect("prolonging nothing is no error");
    let of = async |account, now| {
        let found = accounts.sessions_of(account, at(now)).await;
        let found = found.expect("sessions can be read");
        found.iter().map(|found| found.id).collect::<Vec<_>>()
    };
    assert_eq!(of(ana, 99).await, [1, 2], "the one used last first");
    assert_eq!(of(ana, 100).await, [1], "without those that are over");
    assert_eq!(of(AccountId(99), 0).await, [0; 0]);

    let renew = async |old: u8, new: u8| accounts.renew_session([old; 32], [new; 32], at(60)).await;
    let renewed = renew(2, 7).await.expect("a session can be renewed");
    assert!(renewed);
    assert_eq!(find(2, 60).await, None, "its token is another");
    let expected = Session {
        token_hash: [7; 32],
        proved: at(60),
        ..session(2, ana, 0)
    };
    assert_eq!(find(7, 60).await, Some(expected));
    let renewed = renew(2, 8).await.expect("renewing nothing is no error");
    assert!(!renewed);

    let closed = accounts.close_session([3; 32]).await;
    closed.expect("a session can be closed");
    assert_eq!(find(3, 1).await, None);
    let closed = accounts.close_sessions_of(ana).await;
    closed.expect("all sessions of an account can be closed");
    assert_eq!(find(1, 1).await, None);
    assert_eq!(find(7, 1).await, None);
    assert_eq!(find(4, 1).await, Some(session(4, bea, 0)));
    let opened = open(session(5, ana, 200)).await;
    opened.expect("a session of an account is opened");
    assert_eq!(find(4, 1).await, None, "expired ones are forgotten");

    for _ in 0..2 {
        let removed = accounts.remove(ana).await;
        removed.expect("an account can be removed, and removed again");
    }
    assert_eq!(find(5, 201).await, None, "its sessions go with it");
    let found = accounts.by_id(ana).await;
    assert_eq!(found.expect("accounts can be read"), None);
}

async fn an_identity_is_one_account_while_there_is_one(accounts: &dyn Accounts) {
    let ana = insert(accounts, "ana").await;
    let bea = insert(accounts, "bea").await;
    let known = async |issuer: &str, subject: &str| {
        let found = accounts.by_identity(issuer, subject).await;
        found.expect("accounts can be read")
    };
    let link = async |id, subject: &str| accounts.link_identity(id, "https://one", subject).await;
    assert_eq!(known("https://one", "7").await, None);
    link(ana.id, "7").await.expect("an account can be linked");
    link(ana.id, "8").await.expect("and to another");
    assert_eq!(known("https://one", "7").await, Some(ana.clone()));
    assert_eq!(known("https://two", "7").await, None);
    assert_eq!(known("https://one", "77").await, None);
    link(bea.id, "7").await.expect("it moves");
    assert_eq!(known("https://one", "7").await, Some(bea.clone()));
    assert_eq!(known("https://one", "8").await, Some(ana));
    accounts.remove(bea.id).await.expect("it is removed");
    assert_eq!(known("https://one", "7").await, None);
    let unknown = link(bea.id, "9").await.expect_err("nobody has that number");
    assert_eq!(unknown.code(), "unknown_account");
}

async fn secrets_stay_the_same(accounts: &dyn Accounts) {
    let secret = async |name: &str| {
        let secret = accounts.secret(name).await;
        secret.expect("a secret can be made")
    };
    let first = secret("turn").await;
    assert_ne!(first, [0; 32]);
    assert_eq!(secret("turn").await, first);
    assert_ne!(secret("visitor").await, first);

    let find = async |name: &str| {
        let found = accounts.find_secret(name).await;
        found.expect("a secret can be looked for")
    };
    assert_eq!(find("turn").await, Some(first));
    assert_eq!(find("site").await, None, "looking makes none");
    let replaced = accounts.replace_secret("turn").await;
    let replaced = replaced.expect("a secret can be replaced");
    assert_ne!(replaced, first);
    assert_eq!(find("turn").await, Some(replaced));
    let made = accounts.replace_secret("site").await;
    let made = made.expect("a secret that was not there can be made");
    assert_eq!(find("site").await, Some(made));
    for _ in 0..2 {
        let forgotten = accounts.forget_secret("site").await;
        forgotten.expect("a secret can be forgotten, and forgotten again");
        assert_eq!(find("site").await, None);
    }
}
