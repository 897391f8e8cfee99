//! Where time zone rules come from: what the host hands over, else the database in the binary.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::tz::{TimeZone, TimeZoneDatabase};

type Lookup = Box<dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync>;

/// A source of time zone rules. Asked in this order: zones given one by one, the host's lookup,
/// the bundled database; so a newer system database wins, and a name it lacks still works.
pub struct Zones {
    bundled: TimeZoneDatabase,
    lookup: Option<Lookup>,
    compiled: Mutex<BTreeMap<String, TimeZone>>,
}

impl Zones {
    /// The database that is part of the binary.
    pub fn bundled() -> Self {
        Self {
            bundled: TimeZoneDatabase::bundled(),
            lookup: None,
            compiled: Mutex::default(),
        }
    }

    /// Uses `tzif` (the content of a compiled zone file, RFC 9636) for the zone `name`.
    ///
    /// # Errors
    /// When the name is no zone name or the bytes are no zone file.
    pub fn with(self, name: &str, tzif: &[u8]) -> Result<Self, BadZone> {
        let bad = |reason: String| BadZone {
            name: name.chars().take(MAX_NAME).collect(),
            reason,
        };
        if !is_well_formed(name) {
            return Err(bad("not a zone name".to_owned()));
        }
        let zone = TimeZone::tzif(name, tzif).map_err(|error| bad(error.to_string()))?;
        self.remember(name, &zone);
        Ok(self)
    }

    /// Asks `lookup` for zone files before the bundled database, for example from `/usr/share/zoneinfo`.
    ///
    /// It is called with well-formed names only: ASCII letters, digits, `_`, `-`, `+` between single
    /// slashes, beginning with a capital; so a name is safe to use as a relative path. Once found,
    /// a zone is kept; to take up a new database, make a new `Zones`.
    pub fn with_lookup(
        mut self,
        lookup: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        self.lookup = Some(Box::new(lookup));
        self
    }

    /// The rules of the zone `name`, whose case does not matter for names in the bundled database.
    ///
    /// # Errors
    /// When no source knows the name.
    pub fn find(&self, name: &str) -> Result<TimeZone, UnknownZone> {
        let unknown = || UnknownZone(name.chars().take(MAX_NAME).collect());
        if name.len() > MAX_NAME {
            return Err(unknown());
        }
        let known = self.compiled().get(name).cloned();
        if let Some(zone) = known {
            return Ok(zone);
        }
        let bundled = self
            .bundled
            .get(name)
            .ok()
            .filter(|zone| !zone.is_unknown());
        let proper = bundled.as_ref().and_then(TimeZone::iana_name);
        let name = proper.unwrap_or(name);
        let known = self.compiled().get(name).cloned();
        let zone = known
            .or_else(|| self.ask_host(name))
            .or_else(|| bundled.clone())
            .ok_or_else(unknown)?;
        self.remember(name, &zone);
        Ok(zone)
    }

    /// The names in the bundled database, for a list to choose from.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.bundled.available().map(|name| name.to_string())
    }

    fn ask_host(&self, name: &str) -> Option<TimeZone> {
        let lookup = self.lookup.as_ref().filter(|_| is_well_formed(name))?;
        TimeZone::tzif(name, &lookup(name)?).ok()
    }

    fn remember(&self, name: &str, zone: &TimeZone) {
        self.compiled().insert(name.to_owned(), zone.clone());
    }

    fn compiled(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, TimeZone>> {
        // The map is whole between any two statements, so a panic elsewhere left nothing half done.
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Zones {
    fn default() -> Self {
        Self::bundled()
    }
}

impl fmt::Debug for Zones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zones")
            .field("lookup", &self.lookup.is_some())
            .field("compiled", &self.compiled().keys())
            .finish_non_exhaustive()
    }
}

/// The name is in no source of zone rules.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("zone is {0}, expected a name in the time zone database")]
pub struct UnknownZone(String);

impl UnknownZone {
    /// Stable code of this error: `unknown_zone`.
    pub fn code(&self) -> &'static str {
        "unknown_zone"
    }
}

/// The host handed over a zone that can't be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("zone {name} can't be used: {reason}")]
pub struct BadZone {
    name: String,
    reason: String,
}

impl BadZone {
    /// Stable code of this error: `bad_zone`.
    pub fn code(&self) -> &'static str {
        "bad_zone"
    }
}

/// Longest zone name that is looked up, in bytes.
const MAX_NAME: usize = 64;

/// Zone names begin with a capital, which also keeps out `right/…`, `posixrules` and `localtime`.
fn is_well_formed(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte))
    };
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A version-1 zone file that is five hours behind UTC all year.
    fn five_hours_behind() -> Vec<u8> {
        let mut file = b"TZif".to_vec();
        file.extend([0; 16]);
        for count in [0u32, 0, 0, 0, 1, 4] {
            file.extend(count.to_be_bytes());
        }
        file.extend((-5i32 * 3600).to_be_bytes());
        file.extend([0, 0]);
        file.extend(b"ABC\0");
        file
    }

    fn offset_in_2026(zone: &TimeZone) -> i32 {
        let noon = jiff::Timestamp::from_second(1_770_000_000).unwrap();
        zone.to_offset(noon).seconds()
    }

    #[test]
    fn names_are_found_whatever_their_case_and_nonsense_is_not() {
        let zones = Zones::bundled();
        let zone = zones.find("america/MONTEVIDEO").unwrap();
        assert_eq!(zone.iana_name(), Some("America/Montevideo"));
        for name in [
            "",
            "Etc/Unknown",
            "Mars/Base",
            "../../etc/passwd",
            "\0",
            "é",
        ] {
            let error = zones.find(name).unwrap_err();
            assert_eq!(error.code(), "unknown_zone", "{name}");
        }
        let long = zones.find(&"A".repeat(100_000)).unwrap_err();
        assert!(long.to_string().len() < 150);
        assert!(zones.names().any(|name| name == "Pacific/Apia"));
    }

    #[test]
    fn a_zone_given_by_the_host_wins_over_the_bundled_one() {
        let zones = Zones::bundled()
            .with("America/Montevideo", &five_hours_behind())
            .unwrap();
        let zone = zones.find("america/montevideo").unwrap();
        assert_eq!(offset_in_2026(&zone), -5 * 3600);
        let error = Zones::bundled().with("America/Montevideo", b"TZif?");
        assert_eq!(error.unwrap_err().code(), "bad_zone");
        assert!(Zones::bundled().with("../x", &five_hours_behind()).is_err());
    }

    #[test]
    fn the_host_is_asked_once_per_zone_and_only_for_names_that_are_safe_as_paths() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let zones = Zones::bundled().with_lookup(move |name| {
            counter.fetch_add(1, Ordering::Relaxed);
            (name == "Mars/Base").then(five_hours_behind)
        });
        for _ in 0..3 {
            assert_eq!(offset_in_2026(&zones.find("Mars/Base").unwrap()), -5 * 3600);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        for name in [
            "../Mars",
            "Mars//Base",
            "/Mars",
            "right/UTC",
            "Mars/../Base",
        ] {
            assert!(zones.find(name).is_err(), "{name}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        // What the host lacks comes from the bundled database.
        let zone = zones.find("America/Montevideo").unwrap();
        assert_eq!(offset_in_2026(&zone), -3 * 3600);
    }
}
