//! What the types say of themselves, for readers who do not have the sources.

use serde_json::Value;

/// Makes every description in a document one for people: without where it comes from, examples in Rust and links into
/// the sources.
pub(super) fn plain(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "description" => *text = told(text),
                    other => plain(other),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(plain),
        _ => {}
    }
}

fn told(text: &str) -> String {
    let text = text.split("```").next().unwrap_or_default();
    let text = text.split("Source: ").next().unwrap_or_default();
    let mut told = String::with_capacity(text.len());
    // `[name](target)` and `[name]` are links where the name is code.
    for (place, part) in text.split("[`").enumerate() {
        if place == 0 {
            told += part;
            continue;
        }
        told.push('`');
        let Some((name, rest)) = part.split_once("`]") else {
            told += part;
            continue;
        };
        told += name;
        told.push('`');
        let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        told += target.map_or(rest, |(_, after)| after);
    }
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    told.replace("`None`", "`null`")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn descriptions_are_without_sources_links_and_rust() {
        let mut document = json!({
            "description": "At most [`LIMIT`](crate::limits::LIMIT), see\n[`Other`]. Source: a form.",
            "properties": [{ "description": "`None` keeps it.\n\n```\nlet x = 1;\n```" }, { "name": "Source: stays" }],
        });
        plain(&mut document);
        assert_eq!(
            document,
            json!({
                "description": "At most `LIMIT`, see `Other`.",
                "properties": [{ "description": "`null` keeps it." }, { "name": "Source: stays" }],
            })
        );
    }
}
