//! The default store of webchat: journal, read model and accounts on SQLite.
