//! Administration: campaigns with their members, and users.

pub(crate) mod campaigns;
pub(crate) mod members;
pub(crate) mod users;
