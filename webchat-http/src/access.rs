//! Who may do what: every route and socket request that needs a signed-in user, in one table.

use webchat_runtime::accounts::Role;

/// The least role for each. What is not in the table is allowed to nobody.
const TABLE: &[(&str, Role)] = &[
    ("GET /api/v1/agent", Role::Agent),
    ("hello", Role::Agent),
    ("ping", Role::Agent),
    ("pause", Role::Agent),
    ("resume", Role::Agent),
    ("on_call", Role::Agent),
    ("sign_out", Role::Agent),
    ("take", Role::Agent),
    ("accept", Role::Agent),
    ("refuse", Role::Agent),
    ("history", Role::Agent),
    ("write", Role::Agent),
    ("note", Role::Agent),
    ("typing", Role::Agent),
    ("seen", Role::Agent),
    ("close", Role::Agent),
    ("transfer", Role::Agent),
    ("cancel_transfer", Role::Agent),
    ("invite", Role::Agent),
    ("leave", Role::Agent),
    ("GET /api/v1/supervisor", Role::Supervisor),
    ("watch", Role::Supervisor),
    ("watched", Role::Supervisor),
    ("unwatch", Role::Supervisor),
    ("whisper", Role::Supervisor),
    ("take_over", Role::Supervisor),
    ("assign", Role::Supervisor),
    ("move", Role::Supervisor),
    ("end_chat", Role::Supervisor),
    ("explain", Role::Supervisor),
    ("pause_agent", Role::Supervisor),
    ("sign_out_agent", Role::Supervisor),
    ("GET /api/v1/acts", Role::Supervisor),
    ("canned", Role::Agent),
    ("earlier", Role::Agent),
    ("earlier_history", Role::Agent),
    ("quality", Role::Agent),
    ("evaluate", Role::Agent),
    ("GET /api/v1/canned", Role::Supervisor),
    ("PUT /api/v1/canned", Role::Supervisor),
    ("GET /api/v1/campaigns/{id}/canned", Role::Supervisor),
    ("PUT /api/v1/campaigns/{id}/canned", Role::Supervisor),
    ("GET /api/v1/quality-models", Role::Supervisor),
    ("POST /api/v1/quality-models", Role::Administrator),
    ("GET /api/v1/campaigns", Role::Supervisor),
    ("POST /api/v1/chats/{chat}/files", Role::Agent),
    ("GET /api/v1/chats/{chat}/files/{id}", Role::Agent),
    ("POST /api/v1/campaigns/{id}/identity", Role::Administrator),
    (
        "DELETE /api/v1/campaigns/{id}/identity",
        Role::Administrator,
    ),
    ("GET /api/v1/campaigns/{id}/identity", Role::Administrator),
    ("POST /api/v1/campaigns", Role::Administrator),
    ("GET /api/v1/campaigns/{id}", Role::Administrator),
    ("PUT /api/v1/campaigns/{id}", Role::Administrator),
    ("DELETE /api/v1/campaigns/{id}", Role::Administrator),
    ("GET /api/v1/campaigns/{id}/members", Role::Supervisor),
    ("PUT /api/v1/campaigns/{id}/members", Role::Supervisor),
    ("GET /api/v1/tenant", Role::Administrator),
    ("PUT /api/v1/tenant", Role::Administrator),
    ("GET /api/v1/users", Role::Administrator),
    ("POST /api/v1/users", Role::Administrator),
    ("GET /api/v1/users/{id}", Role::Administrator),
    ("PUT /api/v1/users/{id}", Role::Administrator),
    ("DELETE /api/v1/users/{id}", Role::Administrator),
    ("GET /api/v1/mail", Role::Administrator),
    ("POST /api/v1/mail/{message}/resend", Role::Administrator),
    ("POST /api/v1/erasures", Role::Administrator),
];

/// Whether a user of this role may do `what`: a route such as `GET /api/v1/users` or a socket request
/// such as `take`.
pub(crate) fn permits(role: Role, what: &str) -> bool {
    let least = TABLE.iter().find(|(name, _)| *name == what);
    least.is_some_and(|(_, least)| role >= *least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_table_is_allowed_to_nobody() {
        assert!(!permits(Role::Administrator, "DELETE /api/v1/everything"));
        assert!(!permits(Role::Agent, "GET /api/v1/users"));
        assert!(permits(Role::Administrator, "GET /api/v1/users"));
        assert!(permits(Role::Supervisor, "take"));
    }

    #[test]
    fn each_thing_is_listed_once() {
        let mut names: Vec<_> = TABLE.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
