//! Puts the OpenAPI 3.1 document together.

use std::collections::BTreeSet;

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{Api, COMPONENTS, Content, Operation};
use crate::access::{OPERATORS, PUBLIC, scope};
use crate::refused::ProblemBody;

/// Everything there is to say about HTTP.
pub(super) fn of(mut api: Api) -> Value {
    let problem = api.answered.subschema_for::<ProblemBody>();
    let mut paths = Map::new();
    for operation in &api.operations {
        let Some((method, path)) = operation.route.split_once(' ') else {
            continue;
        };
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method.to_ascii_lowercase()] = described(operation, method, path);
    }
    let mut paths = Value::Object(paths);
    let answered = api.answered.take_definitions(true);
    let mut sent = api.sent.take_definitions(true);
    let renamed = clashes(&sent, &answered);
    let mut components = answered;
    for (name, mut schema) in std::mem::take(&mut sent) {
        let name = match renamed.contains(&name) {
            true => format!("{name}Input"),
            false => name,
        };
        rename(&mut schema, &renamed);
        components.insert(name, schema);
    }
    for item in paths.as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            for part in ["requestBody", "parameters"] {
                if let Some(part) = operation.get_mut(part) {
                    rename(part, &renamed);
                }
            }
        }
    }
    let components = super::used(&paths, &problem, components, COMPONENTS);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "webchat",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "Administration and supervision of a webchat server. Conversations run over WebSocket, whose \
                messages `/api/v1/messages.json` describes. Times are milliseconds since 1970 UTC, spans are seconds. \
                Lists come a page at a time: what an answer calls `next` goes into the next request as `before` or `after`; \
                null is the last page. Unknown fields of answers are to be ignored, so that fields may be added.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                "Problem": {
                    "description": "Refused: problem details (RFC 9457) with a stable `code`; nothing was changed.",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key of the host's, with the scope of the route." },
                "session": { "type": "apiKey", "in": "cookie", "name": "webchat_session", "description": "A signed-in user." },
                "csrf": { "type": "apiKey", "in": "header", "name": "x-csrf-token", "description": "The session's `csrf`, with every method but GET." },
            },
        },
    })
}

fn described(operation: &Operation, method: &str, path: &str) -> Value {
    let mut responses = Map::new();
    for (status, content) in &operation.answers {
        let answer = responses.entry(status.to_string());
        let answer = answer.or_insert_with(|| json!({ "description": reason(*status) }));
        // One status may come in several media types.
        let kinds = content.iter().map(media).filter_map(|media| match media {
            Value::Object(kinds) => Some(kinds),
            _ => None,
        });
        for (kind, schema) in kinds.flatten() {
            answer["content"][kind] = schema;
        }
    }
    for range in ["4XX", "5XX"] {
        responses.insert(
            range.to_owned(),
            json!({ "$ref": "#/components/responses/Problem" }),
        );
    }
    let mut parameters = in_path(path);
    parameters.extend(operation.query.iter().flat_map(in_query));
    if operation.repeatable {
        parameters.push(json!({
            "name": "idempotency-key", "in": "header", "required": false,
            "schema": { "type": "string", "pattern": "^[!-~]{1,64}$" },
            "description": "The client's own key of this request: a repeat within a day gets the first answer.",
        }));
    }
    let mut described = json!({
        "summary": operation.says,
        "operationId": id(method, path),
        "tags": [tag(path)],
        "parameters": parameters,
        "responses": responses,
        "security": security(operation.route, method),
    });
    if let Some(content) = &operation.body {
        described["requestBody"] = json!({ "required": true, "content": media(content) });
    }
    described
}

/// Who may ask: a host's key or a signed-in user; for public routes nothing is needed.
fn security(route: &str, method: &str) -> Value {
    if route == "DELETE /api/v1/session" {
        return json!([{ "session": [], "csrf": [] }]);
    }
    if route == "GET /api/v1/session" {
        return json!([{ "session": [] }]);
    }
    if PUBLIC.contains(&route) || OPERATORS.contains(&route) {
        return json!([]);
    }
    let session = match method {
        "GET" => json!({ "session": [] }),
        _ => json!({ "session": [], "csrf": [] }),
    };
    match scope(route) {
        Some(_) => json!([{ "key": [] }, session]),
        None => json!([session]),
    }
}

fn media(content: &Content) -> Value {
    match content {
        Content::Json(schema) => json!({ "application/json": { "schema": schema } }),
        Content::Other(kind) => json!({ *kind: { "schema": { "type": "string" } } }),
    }
}

fn in_path(path: &str) -> Vec<Value> {
    let parts: Vec<&str> = path.split('/').collect();
    let named = parts.iter().enumerate().filter_map(|(place, part)| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let before = place.checked_sub(1).and_then(|before| parts.get(before));
        let schema = match (name, before) {
            ("chat", _) => json!({ "type": "string", "pattern": "^[0-9]{1,9}-[0-9]{1,9}$" }),
            ("id", Some(&"files")) => json!({ "type": "string" }),
            ("event", _) => json!({ "type": "string", "pattern": "^[0-9]{1,9}-[0-9]{1,9}$" }),
            _ => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        };
        Some(json!({ "name": name, "in": "path", "required": true, "schema": schema }))
    });
    named.collect()
}

fn in_query(schema: &Schema) -> Vec<Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        not_null(&mut schema);
        let description = schema.get("description").cloned();
        let required = required.is_some_and(|all| all.iter().any(|one| one == name));
        let mut parameter =
            json!({ "name": name, "in": "query", "required": required, "schema": schema });
        if let Some(description) = description {
            parameter["description"] = description;
        }
        parameter
    };
    properties.into_iter().flatten().map(parameter).collect()
}

/// A query says null by leaving the parameter out.
fn not_null(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
    }
    if schema.get("default") == Some(&Value::Null) {
        schema.remove("default");
    }
}

/// Names that mean one thing in a request and another in an answer, and all that refer to one of them.
fn clashes(sent: &Map<String, Value>, answered: &Map<String, Value>) -> BTreeSet<String> {
    let differs = |name: &String, schema: &Value| answered.get(name).is_some_and(|a| a != schema);
    let mut found: BTreeSet<String> = sent
        .iter()
        .filter(|(name, schema)| differs(name, schema))
        .map(|(name, _)| name.clone())
        .collect();
    loop {
        let more: Vec<String> = sent
            .iter()
            .filter(|(name, schema)| !found.contains(*name) && refers(schema, &found))
            .filter(|(name, _)| answered.contains_key(*name))
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn refers(schema: &Value, names: &BTreeSet<String>) -> bool {
    match schema {
        Value::Object(fields) => fields.iter().any(|(key, value)| match value.as_str() {
            Some(target) if key == "$ref" => {
                referred(target).is_some_and(|name| names.contains(name))
            }
            _ => refers(value, names),
        }),
        Value::Array(all) => all.iter().any(|one| refers(one, names)),
        _ => false,
    }
}

fn rename(schema: &mut Value, names: &BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                let target = value.as_str().filter(|_| key == "$ref").and_then(referred);
                match target {
                    Some(name) if names.contains(name) => {
                        *value = format!("#{COMPONENTS}/{name}Input").into();
                    }
                    _ => rename(value, names),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| rename(one, names)),
        _ => {}
    }
}

fn referred(target: &str) -> Option<&str> {
    target
        .strip_prefix('#')?
        .strip_prefix(COMPONENTS)?
        .strip_prefix('/')
}

fn id(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1/").split(['/', '-', '.']);
    let words: Vec<&str> = words.map(|word| word.trim_matches(['{', '}'])).collect();
    let words = words.join("_").trim_matches('_').to_owned();
    format!("{}_{words}", method.to_ascii_lowercase())
}

fn tag(path: &str) -> &str {
    let path = path.trim_start_matches('/').trim_start_matches("api/v1/");
    path.split('/').next().unwrap_or(path)
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("done")
}
