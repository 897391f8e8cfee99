//! The description of the interface: OpenAPI 3.1 for what is asked over HTTP, JSON Schema for what sockets carry, both
//! drawn from the types that are read and written. Each room describes its own routes and requests; a test holds
//! the whole against the lists of `access`.

mod document;
mod messages;
mod plain;

use std::sync::OnceLock;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use schemars::generate::{Contract, SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use crate::app::Call;
use crate::refused::{Refused, json_text};
use crate::{
    acts, admin, agent, export, files, identity, ready, recordings, reports, routes, session,
    supervisor, visitor, window,
};

/// Where definitions are in the OpenAPI document.
const COMPONENTS: &str = "/components/schemas";

/// All that is described, as the rooms say it.
pub(crate) struct Api {
    /// Definitions of what clients send.
    sent: SchemaGenerator,
    /// Definitions of what the server answers.
    answered: SchemaGenerator,
    operations: Vec<Operation>,
    requests: Vec<Request>,
    pushes: Vec<(Socket, Schema)>,
}

/// A route.
struct Operation {
    /// As in `access`, such as `GET /api/v1/users`.
    route: &'static str,
    says: &'static str,
    /// An object whose properties are the query's parameters.
    query: Option<Schema>,
    body: Option<Content>,
    answers: Vec<(u16, Option<Content>)>,
    /// Takes `idempotency-key`.
    repeatable: bool,
}

/// What a body holds.
enum Content {
    Json(Schema),
    /// Bytes or text of another kind.
    Other(&'static str),
}

/// Which socket a request or a push belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Socket {
    Visitor,
    Agent,
    Supervisor,
}

/// A request of a socket.
struct Request {
    socket: Socket,
    name: &'static str,
    fields: Option<Schema>,
    answer: Option<Schema>,
}

impl Api {
    /// Everything this server answers.
    fn all(path: &str) -> Self {
        let generator = |contract| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = path.to_owned().into();
            settings.contract = contract;
            settings.into_generator()
        };
        let mut api = Self {
            sent: generator(Contract::Deserialize),
            answered: generator(Contract::Serialize),
            operations: Vec::new(),
            requests: Vec::new(),
            pushes: Vec::new(),
        };
        session::describe(&mut api);
        window::describe(&mut api);
        admin::describe(&mut api);
        identity::describe(&mut api);
        files::describe(&mut api);
        acts::describe(&mut api);
        recordings::describe(&mut api);
        export::describe(&mut api);
        reports::describe(&mut api);
        routes::describe(&mut api);
        ready::describe(&mut api);
        visitor::describe(&mut api);
        agent::describe(&mut api);
        supervisor::describe(&mut api);
        api
    }

    /// Describes a route of `access`, in one sentence.
    pub(crate) fn route(&mut self, route: &'static str, says: &'static str) -> Route<'_> {
        self.operations.push(Operation {
            route,
            says,
            query: None,
            body: None,
            answers: Vec::new(),
            repeatable: false,
        });
        Route(self)
    }

    /// Describes a request of a socket: the fields it takes beside `id` and `do`, and what comes as `ok`.
    pub(crate) fn request<Fields: JsonSchema, Answer: JsonSchema>(
        &mut self,
        socket: Socket,
        name: &'static str,
    ) {
        let fields = Some(self.sent.subschema_for::<Fields>());
        let answer = Some(self.answered.subschema_for::<Answer>());
        self.say(socket, name, fields, answer);
    }

    /// Describes a request that takes nothing.
    pub(crate) fn bare_request<Answer: JsonSchema>(&mut self, socket: Socket, name: &'static str) {
        let answer = Some(self.answered.subschema_for::<Answer>());
        self.say(socket, name, None, answer);
    }

    /// Describes what a socket tells unasked.
    pub(crate) fn push<T: JsonSchema>(&mut self, socket: Socket) {
        let schema = self.answered.subschema_for::<T>();
        self.pushes.push((socket, schema));
    }

    fn say(
        &mut self,
        socket: Socket,
        name: &'static str,
        fields: Option<Schema>,
        answer: Option<Schema>,
    ) {
        self.requests.push(Request {
            socket,
            name,
            fields,
            answer,
        });
    }

    fn last(&mut self) -> Option<&mut Operation> {
        self.operations.last_mut()
    }
}

/// The route described last.
pub(crate) struct Route<'a>(&'a mut Api);

impl Route<'_> {
    /// The query's parameters are the fields of `T`.
    pub(crate) fn asks<T: JsonSchema>(self) -> Self {
        let query = T::json_schema(&mut self.0.sent);
        self.with(|route| route.query = Some(query))
    }

    /// The body is a `T` as JSON.
    pub(crate) fn takes<T: JsonSchema>(self) -> Self {
        let body = Content::Json(self.0.sent.subschema_for::<T>());
        self.with(|route| route.body = Some(body))
    }

    /// The body is of this media type.
    pub(crate) fn takes_bytes(self, kind: &'static str) -> Self {
        self.with(|route| route.body = Some(Content::Other(kind)))
    }

    /// Answers `status` with a `T` as JSON.
    pub(crate) fn answers<T: JsonSchema>(self, status: u16) -> Self {
        let answer = Content::Json(self.0.answered.subschema_for::<T>());
        self.with(|route| route.answers.push((status, Some(answer))))
    }

    /// Answers `status` with a body of this media type.
    pub(crate) fn answers_bytes(self, status: u16, kind: &'static str) -> Self {
        self.with(|route| route.answers.push((status, Some(Content::Other(kind)))))
    }

    /// Answers `status` without a body.
    pub(crate) fn empty(self, status: u16) -> Self {
        self.with(|route| route.answers.push((status, None)))
    }

    /// A repeat under the same `idempotency-key` is answered as the first was.
    pub(crate) fn repeatable(self) -> Self {
        self.with(|route| route.repeatable = true)
    }

    fn with(self, change: impl FnOnce(&mut Operation)) -> Self {
        if let Some(route) = self.0.last() {
            change(route);
        }
        self
    }
}

/// `GET /api/v1/openapi.json`
pub(crate) fn openapi(call: &Call) -> Result<Response<Bytes>, Refused> {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    shown(call, &TEXT, || document::of(Api::all(COMPONENTS)))
}

/// `GET /api/v1/messages.json`
pub(crate) fn messages(call: &Call) -> Result<Response<Bytes>, Refused> {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    shown(call, &TEXT, || messages::of(Api::all("/$defs")))
}

fn shown(
    call: &Call,
    text: &'static OnceLock<Bytes>,
    make: impl FnOnce() -> Value,
) -> Result<Response<Bytes>, Refused> {
    if call.method != Method::GET {
        return Err(Refused::method_not_allowed());
    }
    let text = text.get_or_init(|| {
        let mut document = make();
        plain::plain(&mut document);
        document.to_string().into()
    });
    Ok(json_text(StatusCode::OK, text.clone()))
}

/// The definitions that `document` and `also` lead to; both documents are drawn from all rooms and need some of what
/// is defined.
fn used(
    document: &Value,
    also: &Schema,
    mut all: Map<String, Value>,
    path: &str,
) -> Map<String, Value> {
    let mut wanted = Vec::new();
    let collect = |value: &Value, wanted: &mut Vec<String>| {
        each_reference(value, &mut |target| {
            let name = target.strip_prefix('#').and_then(|t| t.strip_prefix(path));
            wanted.extend(
                name.and_then(|name| name.strip_prefix('/'))
                    .map(str::to_owned),
            );
        });
    };
    collect(document, &mut wanted);
    collect(also.as_value(), &mut wanted);
    let mut kept = Map::new();
    while let Some(name) = wanted.pop() {
        if let Some(schema) = all.remove(&name) {
            collect(&schema, &mut wanted);
            kept.insert(name, schema);
        }
    }
    kept.sort_keys();
    kept
}

fn each_reference(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str().filter(|_| key == "$ref") {
                    Some(target) => found(target),
                    None => each_reference(value, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| each_reference(one, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::access::{OPERATORS, PUBLIC, TABLE, VISITOR};

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        let api = Api::all(COMPONENTS);
        let described: Vec<&str> = api.operations.iter().map(|route| route.route).collect();
        let unique: BTreeSet<&str> = described.iter().copied().collect();
        assert_eq!(described.len(), unique.len(), "a route is described twice");
        let listed = TABLE.iter().map(|(name, _)| *name);
        let listed = listed.chain(PUBLIC.iter().copied());
        let listed: BTreeSet<&str> = listed
            .chain(OPERATORS.iter().copied())
            .filter(|name| name.contains(' '))
            .collect();
        let missing: Vec<_> = listed.difference(&unique).collect();
        let beyond: Vec<_> = unique.difference(&listed).collect();
        assert!(
            missing.is_empty() && beyond.is_empty(),
            "listed in access.rs, but its room has no line in `describe`: {missing:?}; \
             described, but not listed: {beyond:?}"
        );
        for route in &api.operations {
            assert!(!route.answers.is_empty(), "{} answers nothing", route.route);
        }
    }

    #[test]
    fn every_request_of_a_socket_is_described_and_nothing_else_is() {
        let api = Api::all("/$defs");
        let of = |visitor: bool| -> BTreeSet<&str> {
            let asked = api.requests.iter();
            asked
                .filter(|request| (request.socket == Socket::Visitor) == visitor)
                .map(|request| request.name)
                .collect()
        };
        let staff = TABLE.iter().map(|(name, _)| *name);
        let staff: BTreeSet<&str> = staff.filter(|name| !name.contains(' ')).collect();
        assert_eq!(of(false), staff, "described and listed requests differ");
        assert_eq!(of(true), VISITOR.iter().copied().collect());
    }
}
