//! Who may do what: every route and every socket request there is. What is in none of these lists is not reachable, so
//! nothing can be added without a row; `tests/roles.rs` asks for a probe of each.

use webchat_runtime::accounts::Role;

/// What needs a signed-in user, routes and requests of the agent's and the supervisor's socket, with the least role for
/// each. What is not in the table is allowed to nobody.
pub const TABLE: &[(&str, Role)] = &[
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
    ("destinations", Role::Agent),
    ("transfer", Role::Agent),
    ("cancel_transfer", Role::Agent),
    ("invite", Role::Agent),
    ("leave", Role::Agent),
    ("call", Role::Agent),
    ("accept_call", Role::Agent),
    ("hang_up", Role::Agent),
    ("signal", Role::Agent),
    ("call_servers", Role::Agent),
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
    ("resume_agent", Role::Supervisor),
    ("sign_out_agent", Role::Supervisor),
    ("GET /api/v1/acts", Role::Supervisor),
    ("GET /api/v1/reports", Role::Supervisor),
    ("GET /api/v1/recordings", Role::Supervisor),
    ("GET /api/v1/recordings/count", Role::Supervisor),
    ("GET /api/v1/recordings/export", Role::Supervisor),
    ("GET /api/v1/recordings/{chat}", Role::Supervisor),
    ("GET /api/v1/recordings/{chat}/messages", Role::Supervisor),
    (
        "POST /api/v1/recordings/{chat}/evaluations",
        Role::Supervisor,
    ),
    ("canned", Role::Agent),
    ("earlier", Role::Agent),
    ("earlier_history", Role::Agent),
    ("quality", Role::Agent),
    ("evaluate", Role::Agent),
    ("GET /api/v1/sessions", Role::Agent),
    ("DELETE /api/v1/sessions", Role::Agent),
    ("DELETE /api/v1/sessions/{id}", Role::Agent),
    ("POST /api/v1/sessions/confirm", Role::Agent),
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
    ("POST /api/v1/campaigns/trial", Role::Administrator),
    ("POST /api/v1/closed-dates", Role::Administrator),
    ("GET /api/v1/campaigns/{id}/history", Role::Administrator),
    (
        "GET /api/v1/campaigns/{id}/history/{number}",
        Role::Administrator,
    ),
    ("GET /api/v1/campaigns/{id}", Role::Administrator),
    ("PUT /api/v1/campaigns/{id}", Role::Administrator),
    ("DELETE /api/v1/campaigns/{id}", Role::Administrator),
    ("GET /api/v1/campaigns/{id}/members", Role::Supervisor),
    ("PUT /api/v1/campaigns/{id}/members", Role::Supervisor),
    ("POST /api/v1/members", Role::Supervisor),
    ("GET /api/v1/tenant", Role::Administrator),
    ("PUT /api/v1/tenant", Role::Administrator),
    ("GET /api/v1/users", Role::Administrator),
    ("POST /api/v1/users", Role::Administrator),
    ("GET /api/v1/users/{id}", Role::Administrator),
    ("PUT /api/v1/users/{id}", Role::Administrator),
    ("DELETE /api/v1/users/{id}", Role::Administrator),
    ("GET /api/v1/mail", Role::Administrator),
    ("DELETE /api/v1/mail/{message}", Role::Administrator),
    ("POST /api/v1/mail/{message}/resend", Role::Administrator),
    ("GET /api/v1/erasures", Role::Administrator),
    ("POST /api/v1/erasures", Role::Administrator),
    ("GET /api/v1/agents", Role::Supervisor),
    ("GET /api/v1/agents/{id}", Role::Supervisor),
    ("PUT /api/v1/agents/{id}", Role::Administrator),
    ("GET /api/v1/keys", Role::Administrator),
    ("POST /api/v1/keys", Role::Administrator),
    ("DELETE /api/v1/keys/{id}", Role::Administrator),
    ("GET /api/v1/webhooks", Role::Administrator),
    ("POST /api/v1/webhooks", Role::Administrator),
    ("GET /api/v1/webhooks/{id}", Role::Administrator),
    ("PUT /api/v1/webhooks/{id}", Role::Administrator),
    ("DELETE /api/v1/webhooks/{id}", Role::Administrator),
    ("POST /api/v1/webhooks/{id}/replay", Role::Administrator),
    ("POST /api/v1/webhooks/{id}/secret", Role::Administrator),
    ("POST /api/v1/webhooks/{id}/test", Role::Administrator),
    ("GET /api/v1/webhooks/{id}/dead", Role::Administrator),
    (
        "POST /api/v1/webhooks/{id}/dead/{event}",
        Role::Administrator,
    ),
    (
        "DELETE /api/v1/webhooks/{id}/dead/{event}",
        Role::Administrator,
    ),
];

/// Routes that need no session; they check for themselves who asks.
pub const PUBLIC: &[&str] = &[
    "GET /api/v1/session",
    "POST /api/v1/session",
    "DELETE /api/v1/session",
    "GET /api/v1/session/ways",
    "POST /api/v1/session/provider",
    "GET /api/v1/session/provider/return",
    "GET /api/v1/campaigns/{id}/window",
    "GET /api/v1/visitor",
    "GET /api/v1/openapi.json",
    "GET /api/v1/messages.json",
    "OPTIONS /api/v1/chats/{chat}/files",
    "OPTIONS /api/v1/chats/{chat}/files/{id}",
];

/// Routes for those who run the server; `/metrics` answers this machine only.
pub const OPERATORS: &[&str] = &["GET /livez", "GET /readyz", "GET /metrics"];

/// The requests of the visitor's socket; each is about the visitor's own chat.
pub const VISITOR: &[&str] = &[
    "hello",
    "start",
    "offline",
    "transcript",
    "ping",
    "write",
    "typing",
    "seen",
    "end",
    "feedback",
    "call",
    "accept_call",
    "hang_up",
    "signal",
    "call_servers",
];

/// Whether there is a route for a method and a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Listed {
    /// For both: the route, such as `GET /api/v1/users/{id}`.
    Yes(&'static str),
    /// For the path, with these other methods.
    OtherMethod(Vec<&'static str>),
    /// Not at all.
    No,
}

/// Looks a request up among all routes.
pub(crate) fn listed(method: &str, path: &str) -> Listed {
    let mut others = Vec::new();
    // An address that is named itself is not one of those with a number in its place.
    let every = TABLE
        .iter()
        .map(|(name, _)| *name)
        .chain(PUBLIC.iter().copied());
    let named = every
        .filter_map(|route| route.split_once(' '))
        .any(|(_, known)| known == path);
    let routes = TABLE
        .iter()
        .map(|(name, _)| *name)
        .chain(PUBLIC.iter().copied());
    for route in routes {
        let Some((known, pattern)) = route.split_once(' ') else {
            continue;
        };
        let fits = match named {
            true => pattern == path,
            false => matches(pattern, path),
        };
        if fits {
            if known == method {
                return Listed::Yes(route);
            }
            others.push(known);
        }
    }
    match others.is_empty() {
        true => Listed::No,
        false => Listed::OtherMethod(others),
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let fits = pattern.split('/').all(|wanted| {
        let part = parts.next();
        part.is_some_and(|part| wanted == part || wanted.starts_with('{') && !part.is_empty())
    });
    fits && parts.next().is_none()
}

/// Whether visitors may ask for this.
pub(crate) fn open_to_visitors(name: &str) -> bool {
    VISITOR.contains(&name)
}

/// The scope of an API key that a route of [`TABLE`] asks for, such as `campaigns:read`: the first word of its path, and
/// `read` for GET or else `write`. `None` for what no key can do: be an agent or a supervisor, have sessions, make keys.
pub fn scope(route: &str) -> Option<String> {
    let (method, path) = route.split_once(' ')?;
    let room = path.strip_prefix("/api/v1/")?.split('/').next()?;
    if matches!(room, "agent" | "supervisor" | "chats" | "keys" | "sessions") {
        return None;
    }
    let access = match method {
        "GET" => "read",
        _ => "write",
    };
    Some(format!("{room}:{access}"))
}

/// Every scope there is, in order.
pub(crate) fn scopes() -> Vec<String> {
    let mut all: Vec<String> = TABLE.iter().filter_map(|(name, _)| scope(name)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

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
    fn a_path_is_found_by_its_pattern_and_its_method() {
        assert_eq!(
            listed("GET", "/api/v1/users/7"),
            Listed::Yes("GET /api/v1/users/{id}")
        );
        let others = Listed::OtherMethod(vec!["GET", "PUT", "DELETE"]);
        assert_eq!(listed("POST", "/api/v1/users/7"), others);
        assert_eq!(listed("GET", "/api/v1/users/"), Listed::No);
        assert_eq!(listed("GET", "/api/v1/users/7/more"), Listed::No);
        assert_eq!(
            listed("GET", "/api/v1/campaigns/1/window"),
            Listed::Yes("GET /api/v1/campaigns/{id}/window")
        );
    }

    #[test]
    fn each_thing_is_listed_once() {
        let mut names: Vec<_> = TABLE.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
