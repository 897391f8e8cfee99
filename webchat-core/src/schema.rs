//! JSON Schema of what is written as a text of its own form; everything else derives it (feature `schema`).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::campaign::{AllowedDomains, Colour, Origin};
use crate::effect::Participants;
use crate::id::{AgentId, ChatId, VisitorKey};
use crate::schedule::Schedule;
use crate::time::Timestamp;
use crate::wording::Language;

macro_rules! schema {
    ($name:ident, $($schema:tt)+) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($($schema)+)
            }
        }
    };
}

schema!(ChatId, {
    "type": "string",
    "pattern": "^[0-9]{1,9}-[0-9]{1,9}$",
    "description": "A chat: two numbers such as 12-3.",
});
schema!(VisitorKey, {
    "type": "string",
    "pattern": "^[0-9a-fA-F]{32}$",
    "description": "A visitor: 32 hexadecimal digits.",
});
schema!(Timestamp, {
    "type": "integer",
    "format": "int64",
    "description": "An instant: milliseconds since 1970-01-01T00:00:00Z.",
});
schema!(Colour, { "type": "string", "pattern": "^#[0-9a-f]{6}$", "description": "A colour as #rrggbb." });
schema!(Language, {
    "type": "string",
    "pattern": "^[a-z0-9-]{2,8}$",
    "description": "A language tag such as es or pt-br.",
});
schema!(Origin, { "type": "string", "description": "Scheme, host and port such as https://shop.example:443." });
schema!(AllowedDomains, {
    "type": "array",
    "items": { "type": "string" },
    "description": "The sites that may carry the window; none: any.",
});
schema!(Schedule, { "type": "object", "description": "Opening hours as the journal keeps them." });

impl JsonSchema for Participants {
    fn schema_name() -> Cow<'static, str> {
        "Participants".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<AgentId>::json_schema(generator)
    }
}
