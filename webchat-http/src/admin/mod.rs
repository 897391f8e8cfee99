//! Administration: campaigns with their members, canned responses and quality models, users, mail that is owed, and
//! erasure.

pub(crate) mod campaigns;
pub(crate) mod canned;
pub(crate) mod erasures;
pub(crate) mod mail;
pub(crate) mod members;
pub(crate) mod quality;
pub(crate) mod tenant;
pub(crate) mod users;

use crate::api::Api;

/// All of administration.
pub(crate) fn describe(api: &mut Api) {
    campaigns::describe(api);
    members::describe(api);
    canned::describe(api);
    quality::describe(api);
    tenant::describe(api);
    users::describe(api);
    mail::describe(api);
    erasures::describe(api);
}
