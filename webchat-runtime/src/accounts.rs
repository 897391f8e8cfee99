//! The accounts port: who may sign in, their sessions, and the server's own secrets.

use std::fmt;

use async_trait::async_trait;
use webchat_core::id::AgentId;
use webchat_core::time::Timestamp;

use crate::fault::StoreError;

/// A person who may sign in. Numbered 1, 2, 3 …, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountId(pub u64);

/// What a signed-in person may do; each role includes the ones before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Serves chats.
    Agent,
    /// Watches and steers chats, edits campaigns, sees recordings.
    Supervisor,
    /// Also manages accounts.
    Administrator,
}

impl Role {
    /// The stable word stored and shown in APIs.
    pub fn code(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
            Role::Administrator => "administrator",
        }
    }

    /// The role with this [`code`](Self::code), if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        [Role::Agent, Role::Supervisor, Role::Administrator]
            .into_iter()
            .find(|role| role.code() == code)
    }
}

/// What is stored about a person who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    /// Name typed at sign-in; unique ignoring case.
    pub login: String,
    /// Name shown to colleagues.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The agent this person works as; `None` if the person serves no chats.
    pub agent: Option<AgentId>,
    /// The password's hash in PHC form, after `initial:` when another must be chosen at the first sign-in; the password
    /// itself is never stored.
    pub password_hash: String,
    /// A disabled account cannot sign in; its history stays.
    pub disabled: bool,
}

/// Without the password's hash.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("login", &self.login)
            .field("role", &self.role)
            .field("agent", &self.agent)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

/// A person who may sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Identity; stays when the login changes.
    pub id: AccountId,
    /// Everything else.
    pub profile: Profile,
}

/// A signed-in browser. Kept on disk, so a restart signs nobody out.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// What it is called among its account's sessions, below 2^53; stays when the token changes.
    pub id: u64,
    /// SHA-256 of the token in the cookie; the token itself is never stored.
    pub token_hash: [u8; 32],
    /// Who signed in.
    pub account: AccountId,
    /// The token that must come with every request that changes something.
    pub csrf: String,
    /// When it was opened.
    pub created: Timestamp,
    /// When its user last showed who they are; [`created`](Self::created) until they do so again.
    pub proved: Timestamp,
    /// When it was last used, to the minute.
    pub used: Timestamp,
    /// The browser's family and system, such as `Firefox, Windows`; empty when it did not say. Never more of what a browser
    /// says of itself.
    pub browser: String,
    /// From this instant on it is no longer valid.
    pub expires: Timestamp,
}

/// Without its tokens.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("account", &self.account)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Why a change to the accounts was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AccountError {
    /// The login belongs to another account, ignoring case.
    #[error("login `{0}` is taken")]
    LoginTaken(String),
    /// No account has this number.
    #[error("account {} does not exist", .0.0)]
    UnknownAccount(AccountId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountError {
    /// A stable word for APIs.
    pub fn code(&self) -> &'static str {
        match self {
            AccountError::LoginTaken(_) => "login_taken",
            AccountError::UnknownAccount(_) => "unknown_account",
            AccountError::Store(error) => error.code(),
        }
    }
}

/// Keeps accounts, sessions and secrets. Every change is durable when its call returns `Ok`.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// All accounts in order of creation.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn list(&self) -> Result<Vec<Account>, StoreError>;

    /// The account with this login, ignoring case.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn by_login(&self, login: &str) -> Result<Option<Account>, StoreError>;

    /// The account with this number.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// Creates an account.
    ///
    /// # Errors
    /// [`AccountError::LoginTaken`], or if the store fails.
    async fn insert(&self, profile: Profile) -> Result<Account, AccountError>;

    /// Replaces what is stored about an account.
    ///
    /// # Errors
    /// [`AccountError::LoginTaken`], [`AccountError::UnknownAccount`], or if the store fails.
    async fn update(&self, account: Account) -> Result<(), AccountError>;

    /// Removes an account, its sessions and its identities; does nothing if it is gone. Its number is not given again.
    ///
    /// # Errors
    /// If the store fails.
    async fn remove(&self, id: AccountId) -> Result<(), StoreError>;

    /// The account that a sign-in provider knows as `subject`.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn by_identity(&self, issuer: &str, subject: &str)
    -> Result<Option<Account>, StoreError>;

    /// From here on `subject` of this provider is this account, and no other.
    ///
    /// # Errors
    /// [`AccountError::UnknownAccount`], or if the store fails.
    async fn link_identity(
        &self,
        id: AccountId,
        issuer: &str,
        subject: &str,
    ) -> Result<(), AccountError>;

    /// Remembers a new session and forgets those that expired before it was created.
    ///
    /// # Errors
    /// [`AccountError::UnknownAccount`], or if the store fails.
    async fn open_session(&self, session: Session) -> Result<(), AccountError>;

    /// The session with this token hash, if it is still valid at `now`.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn session(
        &self,
        token_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError>;

    /// The sessions of an account that are valid at `now`, the one used last first.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn sessions_of(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;

    /// Notes that a session was used, and moves its end; does nothing if it is gone.
    ///
    /// # Errors
    /// If the store fails.
    async fn touch_session(
        &self,
        token_hash: [u8; 32],
        used: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives a session another token, at `proved` when its user showed again who they are. `false` if it is gone.
    ///
    /// # Errors
    /// If the store fails.
    async fn renew_session(
        &self,
        token_hash: [u8; 32],
        new_hash: [u8; 32],
        proved: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends a session; does nothing if it is gone.
    ///
    /// # Errors
    /// If the store fails.
    async fn close_session(&self, token_hash: [u8; 32]) -> Result<(), StoreError>;

    /// Ends every session of an account, for example when its password changes.
    ///
    /// # Errors
    /// If the store fails.
    async fn close_sessions_of(&self, account: AccountId) -> Result<(), StoreError>;

    /// The secret of this name: 32 random bytes, made on the first call and the same ever after.
    ///
    /// # Errors
    /// If the store fails or the system has no randomness to give.
    async fn secret(&self, name: &str) -> Result<[u8; 32], StoreError>;

    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn find_secret(&self, name: &str) -> Result<Option<[u8; 32]>, StoreError>;

    /// Puts 32 new random bytes in place of the secret of this name, if there is one.
    ///
    /// # Errors
    /// If the store fails or the system has no randomness to give.
    async fn replace_secret(&self, name: &str) -> Result<[u8; 32], StoreError>;

    /// Forgets the secret of this name; does nothing if there is none.
    ///
    /// # Errors
    /// If the store fails.
    async fn forget_secret(&self, name: &str) -> Result<(), StoreError>;
}
