//! A set of grants.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::grant::{Grant, Permission, Scope};

/// A set of grants: one bit for each permission at each scope. Written as a list; what only a newer version knows is
/// left out, so it allows nothing here.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Grants([u8; 6]);

impl Grants {
    /// Everything there is, everywhere.
    pub const ALL: Self = Self::everywhere(&Permission::ALL);

    /// These permissions on everything of the tenant.
    #[must_use]
    pub const fn everywhere(permissions: &[Permission]) -> Self {
        let (mut grants, mut next) = (Self([0; 6]), 0);
        while next < permissions.len() {
            grants = grants.with(Grant::everywhere(permissions[next]));
            next += 1;
        }
        grants
    }

    /// This set and `grant`.
    #[must_use]
    pub const fn with(mut self, grant: Grant) -> Self {
        let (byte, bit) = place(grant);
        self.0[byte] |= bit;
        self
    }

    /// Whether exactly this grant is in it.
    #[must_use]
    pub const fn has(self, grant: Grant) -> bool {
        let (byte, bit) = place(grant);
        self.0[byte] & bit != 0
    }

    /// The scopes at which it has `permission`.
    pub fn scopes(self, permission: Permission) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(Grant { permission, scope: *scope }))
    }

    /// Whether each grant of `other` is in it, or the same permission on everything of the tenant.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        other.iter().all(|grant| self.has(grant) || self.has(Grant::everywhere(grant.permission)))
    }

    /// All of them, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Grant> {
        let all = Permission::ALL
            .into_iter()
            .flat_map(|permission| Scope::ALL.into_iter().map(move |scope| Grant { permission, scope }));
        all.filter(move |grant| self.has(*grant))
    }
}

/// A nibble for each permission, a bit in it for each scope.
const fn place(Grant { permission, scope }: Grant) -> (usize, u8) {
    let number = permission as usize * 4 + scope as usize;
    (number / 8, 1 << (number % 8))
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        grants.into_iter().fold(Self::default(), Self::with)
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Grants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Grants {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Known(Grant),
            Newer(serde::de::IgnoredAny),
        }
        let written = Vec::<Written>::deserialize(deserializer)?;
        let known = written.into_iter().filter_map(|written| match written {
            Written::Known(grant) => Some(grant),
            Written::Newer(_) => None,
        });
        Ok(known.collect())
    }
}

impl JsonSchema for Grants {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Grants".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Grant>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grant_has_a_place_of_its_own_and_survives_json() {
        for grant in Grants::ALL.iter().chain([Grant { permission: Permission::Converse, scope: Scope::Team }]) {
            let one = Grants::default().with(grant);
            assert_eq!(one.iter().collect::<Vec<_>>(), [grant]);
            assert_eq!(serde_json::from_str::<Grants>(&serde_json::to_string(&one).unwrap()).unwrap(), one);
        }
        let places = Permission::ALL.iter().flat_map(|permission| Scope::ALL.map(|scope| (*permission, scope)));
        let places: std::collections::BTreeSet<_> =
            places.map(|(permission, scope)| place(Grant { permission, scope })).collect();
        assert_eq!(places.len(), Permission::ALL.len() * 4);
        assert_eq!(Grants::ALL.iter().count(), Permission::ALL.len());
    }

    #[test]
    fn a_grant_of_a_newer_version_allows_nothing() {
        let json = r#"[{"permission":"bill","scope":"tenant"},{"permission":"read","scope":"own"}]"#;
        let read: Grants = serde_json::from_str(json).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), [Grant { permission: Permission::Read, scope: Scope::Own }]);
    }

    #[test]
    fn only_the_same_or_everything_covers_a_grant() {
        let own = Grants::default().with(Grant { permission: Permission::Read, scope: Scope::Own });
        let team = Grants::default().with(Grant { permission: Permission::Read, scope: Scope::Team });
        assert!(Grants::ALL.covers(own) && own.covers(own) && own.covers(Grants::default()));
        assert!(!own.covers(team) && !team.covers(own) && !own.covers(Grants::ALL));
    }
}
