//! JSON as it is taken from outside: no key twice in one object, and not nested deeper than anything here needs.
//! Programs differ in which of two equal keys they believe, and what one checks another may then not see.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::limits;
use crate::refused::Refused;

/// Reads a value of a known shape. Keys the shape does not name are passed over, but not twice.
pub(crate) fn json<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Refused> {
    check(text)?;
    serde_json::from_slice(text).map_err(Refused::bad_request)
}

/// Refuses what is no JSON, has a key twice or is nested too deep.
pub(crate) fn check(text: &[u8]) -> Result<(), Refused> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let shape = Shape(limits::JSON_DEPTH);
    let read = shape.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(Refused::bad_request)
}

/// Walks a value; the number is how many levels may still open.
#[derive(Clone, Copy)]
struct Shape(usize);

impl Shape {
    fn below<E: Error>(self) -> Result<Self, E> {
        let depth = limits::JSON_DEPTH;
        let left = self.0.checked_sub(1);
        left.map(Self)
            .ok_or_else(|| E::custom(format!("nested deeper than {depth} levels")))
    }
}

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let below = self.below()?;
        while items.next_element_seed(below)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<(), A::Error> {
        self.walk(fields, |_, _| Ok(false))
    }
}

impl Shape {
    fn walk<'de, A: MapAccess<'de>>(
        self,
        mut fields: A,
        mut take: impl FnMut(&str, &mut A) -> Result<bool, A::Error>,
    ) -> Result<(), A::Error> {
        let below = self.below()?;
        let mut seen = Keys::default();
        while let Some(Key(key)) = fields.next_key()? {
            if seen.holds(&key) {
                return Err(A::Error::custom(format!("key `{key}` stands there twice")));
            }
            if !take(&key, &mut fields)? {
                fields.next_value_seed(below)?;
            }
            seen.add(key);
        }
        Ok(())
    }
}

/// Walks an object of the outermost level. `take` reads the value of a key and says `true`, or leaves it to be checked.
pub(crate) fn walk<'de, A: MapAccess<'de>>(
    fields: A,
    take: impl FnMut(&str, &mut A) -> Result<bool, A::Error>,
) -> Result<(), A::Error> {
    Shape(limits::JSON_DEPTH).walk(fields, take)
}

/// A key, or another text, copied only where it is written with escapes.
#[derive(Deserialize)]
pub(crate) struct Key<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// The keys of one object. The first ones are looked through, which is all that most objects need; the rest are hashed,
/// for an object of many keys could keep us looking.
#[derive(Default)]
struct Keys<'a> {
    first: Vec<Cow<'a, str>>,
    rest: HashSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    const FIRST: usize = 16;

    fn holds(&self, key: &str) -> bool {
        self.first.iter().any(|seen| seen == key) || self.rest.contains(key)
    }

    fn add(&mut self, key: Cow<'a, str>) {
        match self.first.len() < Self::FIRST {
            true => self.first.push(key),
            false => drop(self.rest.insert(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        check(text.as_bytes()).is_err()
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_on_every_level_and_in_every_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"[{"x":[{"a":1,"a":2}]}]"#,
        ] {
            assert!(refused(text), "{text}");
        }
        let many = |last: usize| {
            let keys: Vec<_> = (0..40)
                .chain([last])
                .map(|key| format!(r#""k{key}":1"#))
                .collect();
            format!("{{{}}}", keys.join(","))
        };
        assert!(refused(&many(3)) && refused(&many(39)) && !refused(&many(40)));
        for text in [
            r#"{"a":1,"A":1,"á":1}"#,
            r#"[{"a":1},{"a":1}]"#,
            r#"{"a":{"a":{"a":null}},"b":[true,-1,1.5,"x"]}"#,
        ] {
            assert!(!refused(text), "{text}");
        }
    }

    #[test]
    fn nesting_ends_at_its_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(!refused(&nested(limits::JSON_DEPTH)));
        assert!(refused(&nested(limits::JSON_DEPTH + 1)));
        assert!(refused(&nested(100_000)));
        let objects = r#"{"a":"#.repeat(limits::JSON_DEPTH + 1);
        assert!(refused(&format!(
            "{objects}1{}",
            "}".repeat(limits::JSON_DEPTH + 1)
        )));
    }

    #[test]
    fn what_is_no_json_or_more_than_one_value_is_refused() {
        for text in [
            "",
            "{",
            "{} {}",
            "1e999",
            "nul",
            "'a'",
            "{a:1}",
            "\u{feff}{}",
            "[1,]",
            "01",
        ] {
            assert!(refused(text), "{text:?}");
        }
        assert!(check(b"\"\xff\"").is_err());
    }
}
