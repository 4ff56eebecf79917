//! Compares a stream or consumer of the broker with the wanted one, field by field.

use serde_json::Value;

/// A field in which the broker's configuration differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) field: String,
    pub(super) wanted: String,
    pub(super) found: String,
}

/// All fields in which `found` is not as `wanted`, those included that only the broker knows of.
///
/// Absent, empty, zero and off are equal; so an option that a newer broker adds is no difference until it is enabled.
pub(super) fn differences(wanted: &Value, found: &Value) -> Vec<Difference> {
    let fields = |config: &Value| config.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    let mut names: Vec<String> = fields(wanted);
    names.extend(fields(found));
    names.sort();
    names.dedup();
    names.retain(|name| !IGNORED.contains(&name.as_str()));
    let compared = names.into_iter().map(|field| (normal(&wanted[&field]), normal(&found[&field]), field));
    let differing = compared.filter(|(wanted, found, _)| wanted != found);
    let tell = |value: &Value| if value.is_null() { "nothing".to_owned() } else { value.to_string() };
    differing.map(|(wanted, found, field)| Difference { wanted: tell(&wanted), found: tell(&found), field }).collect()
}

/// The value as it is compared: lists are sorted, and all notations of "off" are null.
fn normal(value: &Value) -> Value {
    match value {
        Value::Bool(false) => Value::Null,
        Value::Number(number) if number.as_i64() == Some(0) => Value::Null,
        Value::String(text) if text.is_empty() || text == "none" || text == "default" => Value::Null,
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(normal).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(map) => {
            let map = map.iter().map(|(key, value)| (key.clone(), normal(value)));
            let map: serde_json::Map<_, _> = map.filter(|(_, value)| !value.is_null()).collect();
            if map.is_empty() { Value::Null } else { Value::Object(map) }
        }
        other => other.clone(),
    }
}

/// Fields that do not affect the stored records, and that operators or the broker may set.
const IGNORED: [&str; 4] = ["metadata", "description", "placement", "first_seq"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn notations_of_off_are_equal_and_order_does_not_matter() {
        let wanted = json!({"subjects": ["a", "b"], "max_age": 0, "republish": {"src": "a", "dest": "b", "headers_only": false}});
        let found = json!({
            "subjects": ["b", "a"], "compression": "none", "sealed": false, "consumer_limits": {"max_ack_pending": 0},
            "republish": {"src": "a", "dest": "b"}, "metadata": {"_nats.ver": "2.15.1"}, "allow_new_thing": false,
        });
        assert_eq!(differences(&wanted, &found), []);
    }

    #[test]
    fn a_difference_names_both_values() {
        let wanted = json!({"max_bytes": 5, "discard": "new"});
        let found = json!({"max_bytes": 6, "discard": "new", "allow_rollup_hdrs": true});
        let [rollup, bytes] = differences(&wanted, &found).try_into().unwrap();
        assert_eq!((rollup.field.as_str(), rollup.found.as_str()), ("allow_rollup_hdrs", "true"));
        assert_eq!((bytes.wanted.as_str(), bytes.found.as_str()), ("5", "6"));
    }
}
