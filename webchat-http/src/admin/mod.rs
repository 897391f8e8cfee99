//! Administration: campaigns with their members, canned responses and quality models, users, and mail that is owed.

pub(crate) mod campaigns;
pub(crate) mod canned;
pub(crate) mod mail;
pub(crate) mod members;
pub(crate) mod quality;
pub(crate) mod tenant;
pub(crate) mod users;
