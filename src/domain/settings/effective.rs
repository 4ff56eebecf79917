//! The values that hold, and where each comes from.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Document, ScopeKind, Settings, document::known};

/// The values that hold somewhere, and where each comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The values that are in force.
    pub settings: Settings,
    /// Where each comes from, by `section.field`; fields that are not in it have their defaults.
    overrides: BTreeMap<String, ScopeKind>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It was set nowhere.
    Default,
    /// The document of the tenant.
    Tenant,
    /// The document of the inbox.
    Inbox,
    /// The document of the team.
    Team,
}

impl Effective {
    /// Lays documents over the defaults, each over the one before.
    #[must_use]
    pub fn of<'a>(layers: impl IntoIterator<Item = (ScopeKind, &'a Document)>) -> Self {
        let mut values = known().clone();
        let mut overrides = BTreeMap::new();
        for (scope, document) in layers {
            for (section, field, value) in document.fields() {
                if let Some(place) = values.get_mut(section).and_then(|fields| fields.get_mut(field)) {
                    *place = value.clone();
                    overrides.insert(format!("{section}.{field}"), scope);
                }
            }
        }
        // Each value was checked by itself, and no rule ties fields together.
        let settings = serde_json::from_value(Value::Object(values)).unwrap_or_default();
        Self { settings, overrides }
    }

    /// Where the value of each field comes from, by section and field.
    #[must_use]
    pub fn sources(&self) -> BTreeMap<&'static str, BTreeMap<&'static str, Source>> {
        let of_section = |(section, fields): (&'static String, &'static Value)| {
            let names = fields.as_object().map(Map::keys).into_iter().flatten();
            let sources = names.map(|field| (field.as_str(), self.source(section, field)));
            (section.as_str(), sources.collect())
        };
        known().iter().map(of_section).collect()
    }

    /// Where the value of a field comes from.
    #[must_use]
    pub fn source(&self, section: &str, field: &str) -> Source {
        match self.overrides.get(&format!("{section}.{field}")) {
            None => Source::Default,
            Some(ScopeKind::Tenant) => Source::Tenant,
            Some(ScopeKind::Inbox) => Source::Inbox,
            Some(ScopeKind::Team) => Source::Team,
        }
    }
}

impl Default for Effective {
    /// The defaults alone.
    fn default() -> Self {
        Self::of([])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_narrower_scope_wins_field_by_field_and_the_rest_is_inherited() {
        let tenant = Document::parse(json!({
            "widget": {"title": "Acme", "colour": "#112233"}, "general": {"time_zone": "Asia/Shanghai"},
        }));
        let inbox = Document::parse(json!({"widget": {"colour": "#445566"}}));
        let (tenant, inbox) = (tenant.unwrap(), inbox.unwrap());
        let effective = Effective::of([(ScopeKind::Tenant, &tenant), (ScopeKind::Inbox, &inbox)]);
        let widget = &effective.settings.widget;
        assert_eq!((widget.title.as_str(), widget.colour.as_str()), ("Acme", "#445566"));
        assert_eq!(effective.settings.general.time_zone, "Asia/Shanghai");
        assert!(effective.settings.conversation.typing_indicator);
        let sources = effective.sources();
        assert_eq!(sources["widget"]["title"], Source::Tenant);
        assert_eq!(sources["widget"]["colour"], Source::Inbox);
        assert_eq!(sources["widget"]["greeting"], Source::Default);
        assert_eq!(sources["conversation"]["max_message_bytes"], Source::Default);
    }

    #[test]
    fn without_documents_every_value_is_the_default_and_says_so() {
        let effective = Effective::default();
        assert_eq!(effective.settings, Settings::default());
        assert!(effective.sources().values().flat_map(BTreeMap::values).all(|source| *source == Source::Default));
    }
}
