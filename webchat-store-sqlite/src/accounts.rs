//! The accounts port on SQLite, in `journal.db` and through its writer.

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Params, Row, params};
use webchat_core::id::AgentId;
use webchat_core::time::Timestamp;
use webchat_runtime::accounts::{
    Account, AccountError, AccountId, Accounts, Profile, Role, Session,
};
use webchat_runtime::{Fault, StoreError};

use crate::failure::{self, Failure};
use crate::store::SqliteStore;

const COLUMNS: &str = "id, login, name, role, agent, password_hash, disabled";
const OF_SESSION: &str = "token_hash, account, csrf, created, expires, id, proved, used, browser";

#[async_trait]
impl Accounts for SqliteStore {
    async fn list(&self) -> Result<Vec<Account>, StoreError> {
        self.accounts_where("TRUE ORDER BY id", []).await
    }

    async fn by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let found = self
            .accounts_where("login_key = ?1", [login_key(login)])
            .await?;
        Ok(found.into_iter().next())
    }

    async fn by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let found = self.accounts_where("id = ?1", [stored(id)]).await?;
        Ok(found.into_iter().next())
    }

    async fn insert(&self, profile: Profile) -> Result<Account, AccountError> {
        let row = profile.clone();
        let id = self.change(move |connection| {
            let mut insert = connection.prepare_cached(
                "INSERT INTO accounts (login, login_key, name, role, agent, password_hash, disabled)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            let inserted = insert.insert(params![
                row.login,
                login_key(&row.login),
                row.name,
                row.role.code(),
                row.agent.map(|agent| agent.0),
                row.password_hash,
                row.disabled,
            ]);
            unless_constrained(inserted)
        });
        match id.await? {
            Some(id) => Ok(Account {
                id: AccountId(id.unsigned_abs()),
                profile,
            }),
            None => Err(AccountError::LoginTaken(profile.login)),
        }
    }

    async fn update(&self, account: Account) -> Result<(), AccountError> {
        let row = account.clone();
        let changed = self.change(move |connection| {
            let profile = row.profile;
            let mut update = connection.prepare_cached(
                "UPDATE accounts SET login = ?2, login_key = ?3, name = ?4, role = ?5, agent = ?6,
                                     password_hash = ?7, disabled = ?8
                 WHERE id = ?1",
            )?;
            let updated = update.execute(params![
                stored(row.id),
                profile.login,
                login_key(&profile.login),
                profile.name,
                profile.role.code(),
                profile.agent.map(|agent| agent.0),
                profile.password_hash,
                profile.disabled,
            ]);
            unless_constrained(updated)
        });
        match changed.await? {
            Some(0) => Err(AccountError::UnknownAccount(account.id)),
            Some(_) => Ok(()),
            None => Err(AccountError::LoginTaken(account.profile.login)),
        }
    }

    async fn remove(&self, id: AccountId) -> Result<(), StoreError> {
        let removed = self.change(move |connection| {
            // Sessions and identities first: they refer to the account.
            for sql in [
                "DELETE FROM sessions WHERE account = ?1",
                "DELETE FROM identities WHERE account = ?1",
                "DELETE FROM accounts WHERE id = ?1",
            ] {
                connection.prepare_cached(sql)?.execute([stored(id)])?;
            }
            Ok(())
        });
        removed.await
    }

    async fn by_identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Account>, StoreError> {
        let filter = "id = (SELECT account FROM identities WHERE issuer = ?1 AND subject = ?2)";
        let values = (issuer.to_owned(), subject.to_owned());
        Ok(self.accounts_where(filter, values).await?.pop())
    }

    async fn link_identity(
        &self,
        id: AccountId,
        issuer: &str,
        subject: &str,
    ) -> Result<(), AccountError> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        let linked = self.change(move |connection| {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO identities (issuer, subject, account)
                     SELECT ?1, ?2, id FROM accounts WHERE id = ?3",
                )?
                .execute(params![issuer, subject, stored(id)])
        });
        match linked.await? {
            0 => Err(AccountError::UnknownAccount(id)),
            _ => Ok(()),
        }
    }

    async fn open_session(&self, session: Session) -> Result<(), AccountError> {
        let account = session.account;
        let opened = self.change(move |connection| {
            let mut insert = connection.prepare_cached(
                "INSERT INTO sessions (token_hash, account, csrf, created, expires, id, proved, used, browser)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            let inserted = insert.execute(params![
                session.token_hash,
                stored(session.account),
                session.csrf,
                session.created.as_millis(),
                session.expires.as_millis(),
                i64::try_from(session.id).unwrap_or(i64::MAX),
                session.proved.as_millis(),
                session.used.as_millis(),
                session.browser,
            ]);
            connection
                .prepare_cached("DELETE FROM sessions WHERE expires <= ?1")?
                .execute([session.created.as_millis()])?;
            unless_constrained(inserted)
        });
        match opened.await? {
            Some(_) => Ok(()),
            None => Err(AccountError::UnknownAccount(account)),
        }
    }

    async fn session(
        &self,
        token_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let filter = "token_hash = ?1 AND expires > ?2";
        let values = (token_hash, now.as_millis());
        Ok(self.sessions_where(filter, values).await?.pop())
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let filter = "account = ?1 AND expires > ?2 ORDER BY used DESC, created DESC, id";
        let values = (stored(account), now.as_millis());
        self.sessions_where(filter, values).await
    }

    async fn touch_session(
        &self,
        token_hash: [u8; 32],
        used: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET used = ?2, expires = ?3 WHERE token_hash = ?1";
        let values = (token_hash, used.as_millis(), expires.as_millis());
        self.execute(sql, values).await
    }

    async fn renew_session(
        &self,
        token_hash: [u8; 32],
        new_hash: [u8; 32],
        proved: Timestamp,
    ) -> Result<bool, StoreError> {
        let renewed = self.change(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE sessions SET token_hash = ?2, proved = ?3 WHERE token_hash = ?1",
                )?
                .execute(params![token_hash, new_hash, proved.as_millis()])
        });
        Ok(renewed.await? == 1)
    }

    async fn close_session(&self, token_hash: [u8; 32]) -> Result<(), StoreError> {
        let sql = "DELETE FROM sessions WHERE token_hash = ?1";
        self.execute(sql, [token_hash]).await
    }

    async fn close_sessions_of(&self, account: AccountId) -> Result<(), StoreError> {
        let sql = "DELETE FROM sessions WHERE account = ?1";
        self.execute(sql, [stored(account)]).await
    }

    async fn secret(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|error| StoreError::new(Fault::Io, error))?;
        let name = name.to_owned();
        let kept = self.change(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute(params![name, fresh])?;
            connection
                .prepare_cached("SELECT value FROM secrets WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
        });
        Ok(kept.await?)
    }

    async fn find_secret(&self, name: &str) -> Result<Option<[u8; 32]>, StoreError> {
        let name = name.to_owned();
        let found = self.journal.readers.read(move |connection| {
            connection
                .prepare_cached("SELECT value FROM secrets WHERE name = ?1")
                .and_then(|mut select| select.query_row([name], |row| row.get(0)).optional())
                .map_err(failure::sqlite)
        });
        found.await
    }

    async fn replace_secret(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|error| StoreError::new(Fault::Io, error))?;
        let sql = "INSERT INTO secrets (name, value) VALUES (?1, ?2)
                   ON CONFLICT DO UPDATE SET value = excluded.value";
        self.execute(sql, (name.to_owned(), fresh)).await?;
        Ok(fresh)
    }

    async fn forget_secret(&self, name: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM secrets WHERE name = ?1";
        self.execute(sql, [name.to_owned()]).await
    }
}

impl SqliteStore {
    async fn accounts_where<P>(&self, filter: &str, values: P) -> Result<Vec<Account>, StoreError>
    where
        P: Params + Send + 'static,
    {
        let sql = format!("SELECT {COLUMNS} FROM accounts WHERE {filter}");
        self.rows(sql, values, account).await
    }

    async fn sessions_where<P>(&self, filter: &str, values: P) -> Result<Vec<Session>, StoreError>
    where
        P: Params + Send + 'static,
    {
        let sql = format!("SELECT {OF_SESSION} FROM sessions WHERE {filter}");
        self.rows(sql, values, session).await
    }

    pub(crate) async fn change<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let made = self.journal.writer.write(work).await;
        made.map_err(Failure::into)
    }

    async fn execute<P>(&self, sql: &'static str, values: P) -> Result<(), StoreError>
    where
        P: Params + Send + 'static,
    {
        let changed =
            self.change(move |connection| connection.prepare_cached(sql)?.execute(values));
        changed.await.map(drop)
    }
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let role: String = row.get(3)?;
    let role = Role::from_code(&role).ok_or_else(|| {
        let cause = format!("role is `{role}`, expected agent, supervisor or administrator");
        rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, cause.into())
    })?;
    Ok(Account {
        id: AccountId(row.get::<_, i64>(0)?.unsigned_abs()),
        profile: Profile {
            login: row.get(1)?,
            name: row.get(2)?,
            role,
            agent: row.get::<_, Option<u32>>(4)?.map(AgentId),
            password_hash: row.get(5)?,
            disabled: row.get(6)?,
        },
    })
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let at = |column| row.get(column).map(Timestamp::from_millis);
    let number = |column| row.get(column).map(i64::unsigned_abs);
    Ok(Session {
        id: number(5)?,
        token_hash: row.get(0)?,
        account: AccountId(number(1)?),
        csrf: row.get(2)?,
        created: at(3)?,
        proved: at(6)?,
        used: at(7)?,
        browser: row.get(8)?,
        expires: at(4)?,
    })
}

/// `None` where a constraint refused the row: nothing was changed and the commit goes on.
fn unless_constrained<T>(done: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Logins are compared without regard to case.
fn login_key(login: &str) -> String {
    login.to_lowercase()
}

fn stored(id: AccountId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}
