//! Types of other crates, with the JSON Schema that they derive themselves.

use std::borrow::Cow;

use frontdesk_domain::{
    ConversationField, Grant, MessageText, Role, Tag,
    schedule::{Interval, SpecialDay, WeeklyHours},
};
use frontdesk_protocol::{
    ConversationSummary,
    socket::{Durability, EntryView, PresenceState, ReceiptView, Winner},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        extensions::Extensions,
        schema::{ObjectBuilder, SchemaType},
    },
};

macro_rules! borrowed {
    ($($(#[$doc:meta])* $view:ident = $inner:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $view(pub(crate) $inner);

        impl From<$inner> for $view {
            fn from(inner: $inner) -> Self {
                Self(inner)
            }
        }

        impl PartialSchema for $view {
            fn schema() -> RefOr<Schema> {
                definitions::<$inner>().0
            }
        }

        impl ToSchema for $view {
            fn name() -> Cow<'static, str> {
                <$inner>::schema_name()
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                schemas.extend(definitions::<$inner>().1);
            }
        }
    )*};
}

borrowed! {
    /// A row of the list of conversations.
    SummaryView = ConversationSummary;
    /// An entry of a conversation.
    EntryViewJson = EntryView;
    /// How far a member has come.
    ReceiptViewJson = ReceiptView;
    /// Who won a claim.
    WinnerView = Winner;
    /// What it takes to lose an entry.
    DurabilityView = Durability;
    /// Whether an agent is there.
    PresenceView = PresenceState;
    /// The role of an agent.
    RoleView = Role;
    /// A permission, and how far it is granted.
    GrantView = Grant;
    /// The text of a message or note.
    TextView = MessageText;
    /// A label on a conversation.
    TagView = Tag;
    /// The new value of a field of a conversation.
    ConversationFieldView = ConversationField;
    /// Working hours that begin on a day.
    IntervalView = Interval;
    /// The hours of a usual week.
    WeeklyHoursView = WeeklyHours;
    /// A day that differs from the usual week.
    SpecialDayView = SpecialDay;
}

/// The schema of `T`, and those of everything that it refers to.
fn definitions<T: JsonSchema>() -> (RefOr<Schema>, Vec<(String, RefOr<Schema>)>) {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let root = generator.root_schema_for::<T>().to_value();
    let others = generator.take_definitions(true);
    let others = others.into_iter().map(|(name, schema)| (name, verbatim(schema))).collect();
    (verbatim(root), others)
}

/// A schema as it stands, word for word.
fn verbatim(schema: Value) -> RefOr<Schema> {
    let mut words = match schema {
        Value::Object(words) => words,
        _ => Map::new(),
    };
    for unwanted in ["title", "components", "$defs"] {
        words.remove(unwanted);
    }
    let object = ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .extensions(Some(words.into_iter().collect::<Extensions>()));
    RefOr::T(Schema::Object(object.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_borrowed_schema_refers_to_components_only_and_brings_them_along() {
        let (root, others) = definitions::<ConversationSummary>();
        let text = serde_json::to_string(&root).unwrap();
        assert!(!text.contains("$defs") && text.contains("\"#/components/schemas/Assignment\""), "{text}");
        let names: Vec<_> = others.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&"Assignment") && names.contains(&"Participant"), "{names:?}");
        assert!(text.contains("\"required\"") && text.contains("\"properties\""), "{text}");
    }
}
