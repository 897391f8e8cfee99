//! What may be used but is shown nowhere.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A value whose `Debug` says nothing of it, so that no log, panic or failed assertion can: passwords, tokens, and
/// whatever else a person would not want to find written down.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Private<T>(pub(crate) T);

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(private)")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Private<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_private_value_is_shown() {
        let shown = format!("{:?} {:#?}", Private("secret"), Some(Private(vec![1_234])));
        assert!(
            !shown.contains("secret") && !shown.contains("1234"),
            "{shown}"
        );
    }
}
