//! Administration: campaigns with their members, users, and mail that is owed.

pub(crate) mod campaigns;
pub(crate) mod mail;
pub(crate) mod members;
pub(crate) mod users;
