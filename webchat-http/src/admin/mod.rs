//! Administration: campaigns with their members, canned responses and quality models, users, mail that is owed,
//! erasure, and what the host's programs may do and are told.

pub(crate) mod agents;
pub(crate) mod campaigns;
pub(crate) mod canned;
pub(crate) mod erasures;
pub(crate) mod history;
pub(crate) mod keys;
pub(crate) mod mail;
pub(crate) mod members;
pub(crate) mod quality;
pub(crate) mod tenant;
pub(crate) mod trial;
pub(crate) mod users;
pub(crate) mod webhooks;

use crate::api::Api;

/// All of administration.
pub(crate) fn describe(api: &mut Api) {
    campaigns::describe(api);
    history::describe(api);
    trial::describe(api);
    members::describe(api);
    canned::describe(api);
    quality::describe(api);
    tenant::describe(api);
    users::describe(api);
    mail::describe(api);
    erasures::describe(api);
    agents::describe(api);
    keys::describe(api);
    webhooks::describe(api);
}
