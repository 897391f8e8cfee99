//! Puts the JSON Schema of the sockets' messages together.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{Api, Request, Socket};
use crate::refused::ErrorBody;

/// Every frame of every socket. What clients send and what they get have definitions of their own, because a field
/// may be left out of one and not of the other.
pub(super) fn of(mut api: Api) -> Value {
    let error = api.answered.subschema_for::<ErrorBody>();
    let mut sockets = Map::new();
    for (socket, name, address) in [
        (Socket::Visitor, "visitor", "/api/v1/visitor"),
        (Socket::Agent, "agent", "/api/v1/agent"),
        (Socket::Supervisor, "supervisor", "/api/v1/supervisor"),
    ] {
        let requests = api.requests.iter();
        let requests = requests.filter(|request| request.socket == socket);
        let spoken: Map<String, Value> = requests
            .map(|request| (request.name.to_owned(), exchange(request)))
            .collect();
        let pushes = api.pushes.iter().filter(|(of, _)| *of == socket);
        let pushes: Vec<&Schema> = pushes.map(|(_, schema)| schema).collect();
        sockets.insert(
            name.to_owned(),
            json!({ "address": address, "requests": spoken, "push": { "anyOf": pushes } }),
        );
    }
    let mut sockets = Value::Object(sockets);
    let sent = api.sent.take_definitions(true);
    let mut definitions = api.answered.take_definitions(true);
    for (name, mut schema) in sent {
        say_sent(&mut schema);
        definitions.insert(format!("Sent{name}"), schema);
    }
    for socket in sockets
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
    {
        let requests = socket["requests"].as_object_mut();
        for exchange in requests.into_iter().flat_map(Map::values_mut) {
            say_sent(&mut exchange["request"]);
        }
    }
    let definitions = super::used(&sockets, &error, definitions, "/$defs");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Messages of webchat's sockets",
        "description": "By socket: each request with its answer, and what is pushed. A refused request is answered \
            with `error` in place of `ok`. See docs/protocol.md for when which comes.",
        "sockets": sockets,
        "error": error,
        "$defs": definitions,
    })
}

/// A request's whole frame, and the frame of its answer.
fn exchange(request: &Request) -> Value {
    let head = json!({
        "type": "object",
        "properties": {
            "id": { "type": "number", "description": "The client's number of the request; without it nothing is answered." },
            "do": { "const": request.name },
        },
        "required": ["do"],
    });
    let asked = match &request.fields {
        Some(fields) => json!({ "allOf": [head, fields] }),
        None => head,
    };
    json!({
        "request": asked,
        "answer": {
            "type": "object",
            "properties": { "re": { "type": "number" }, "ok": request.answer },
            "required": ["re", "ok"],
        },
    })
}

/// References of what is sent lead to the definitions of what is sent.
fn say_sent(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                let name = value.as_str().filter(|_| key == "$ref");
                match name.and_then(|target| target.strip_prefix("#/$defs/")) {
                    Some(name) => *value = format!("#/$defs/Sent{name}").into(),
                    None => say_sent(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(say_sent),
        _ => {}
    }
}
