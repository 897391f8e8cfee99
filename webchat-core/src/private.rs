//! What people say and who they are is used, but not printed: `Debug` of everything that holds it shows lengths, so that no
//! log, panic or failed assertion tells it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// The fields whose texts are personal, wherever they stand. Journals and protocol say them as ever.
pub const FIELDS: [&str; 15] = [
    "address",
    "email",
    "error",
    "extra",
    "identity",
    "last_error",
    "name",
    "note",
    "page",
    "permanent",
    "shown_as",
    "signal",
    "temporary",
    "text",
    "value",
];

/// Writes `value` as `name` and JSON, with a length in place of each text that stands under one of [`FIELDS`].
///
/// ```
/// use webchat_core::command::VisitorForm;
///
/// let form = VisitorForm { name: Some("Inés".into()), ..VisitorForm::default() };
/// assert_eq!(format!("{form:?}"), r#"VisitorForm {"email":null,"extra":null,"name":"(4 characters)","page":null}"#);
/// ```
///
/// # Errors
/// If the formatter fails.
pub fn show<T: Serialize>(name: &str, value: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut shown = serde_json::to_value(value).map_err(|_| fmt::Error)?;
    hide(&mut shown, false);
    write!(f, "{name} {shown}")
}

fn hide(value: &mut Value, private: bool) {
    match value {
        Value::String(text) if private => {
            *text = format!("({} characters)", text.chars().count());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, private)),
        Value::Object(fields) => {
            for (field, value) in fields {
                let private = private || FIELDS.contains(&field.as_str());
                hide(value, private);
            }
        }
        _ => {}
    }
}

/// `Debug` by [`show`].
macro_rules! discreet {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                crate::private::show(stringify!($name), self, f)
            }
        }
    )+};
}

pub(crate) use discreet;
