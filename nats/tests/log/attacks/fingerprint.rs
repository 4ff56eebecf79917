//! All that a broker holds, to see whether anything changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Server;

/// Every stream's configuration, records by subject, and how far each consumer has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fingerprint(BTreeMap<String, Stream>);

#[derive(Debug, Clone, PartialEq)]
struct Stream {
    config: Value,
    /// First and last sequence, and how many records were deleted.
    state: [u64; 3],
    subjects: BTreeMap<String, u64>,
    consumers: BTreeMap<String, Value>,
}

pub(crate) async fn fingerprint(server: &Server) -> Fingerprint {
    let broker = server.client().await;
    let list: Value = broker.request("STREAM.LIST", &json!({})).await.unwrap();
    let mut streams = BTreeMap::new();
    for stream in list["streams"].as_array().unwrap() {
        let name = stream["config"]["name"].as_str().unwrap();
        let info: Value =
            broker.request(format!("STREAM.INFO.{name}"), &json!({"subjects_filter": ">"})).await.unwrap();
        let consumers: Value = broker.request(format!("CONSUMER.LIST.{name}"), &json!({})).await.unwrap();
        let number = |field: &str| info["state"][field].as_u64().unwrap_or_default();
        let come = |consumer: &Value| {
            let fields =
                ["config", "delivered", "ack_floor", "num_ack_pending", "num_pending", "num_redelivered", "paused"];
            let mut come: Value = fields.iter().map(|field| ((*field).to_owned(), consumer[*field].clone())).collect();
            for field in ["delivered", "ack_floor"] {
                come[field].as_object_mut().unwrap().remove("last_active");
            }
            (consumer["name"].as_str().unwrap().to_owned(), come)
        };
        let counted = info["state"]["subjects"].as_object().cloned().unwrap_or_default();
        let stream = Stream {
            config: info["config"].clone(),
            state: [number("first_seq"), number("last_seq"), number("num_deleted")],
            subjects: counted.into_iter().map(|(subject, count)| (subject, count.as_u64().unwrap())).collect(),
            consumers: consumers["consumers"].as_array().unwrap().iter().map(come).collect(),
        };
        streams.insert(name.to_owned(), stream);
    }
    // Heartbeats come and go by themselves.
    streams.remove("BEATS");
    Fingerprint(streams)
}

impl Fingerprint {
    /// Each stream with its consumers.
    pub(crate) fn consumers(&self) -> impl Iterator<Item = (&String, impl Iterator<Item = &String>)> {
        self.0.iter().map(|(name, stream)| (name, stream.consumers.keys()))
    }

    /// What is not as it was, in words.
    pub(crate) fn changes(&self, before: &Self) -> Vec<String> {
        let streams = self.0.keys().chain(before.0.keys()).collect::<std::collections::BTreeSet<_>>();
        let of = |stream: Option<&Stream>| {
            let stream = stream.map(|stream| {
                vec![
                    format!("{}", stream.config),
                    format!("{:?}", stream.state),
                    format!("{:?}", stream.subjects),
                    format!("{:?}", stream.consumers),
                ]
            });
            stream.unwrap_or_else(|| vec!["none".to_owned(); 4])
        };
        let pairs = streams.into_iter().flat_map(|name| {
            let (before, after) = (of(before.0.get(name)), of(self.0.get(name)));
            before.into_iter().zip(after).map(move |(before, after)| (name, before, after))
        });
        pairs
            .filter(|(_, before, after)| before != after)
            .map(|(name, before, after)| format!("{name}: {before} -> {after}"))
            .collect()
    }

    /// How many records lie on a subject.
    pub(crate) fn count(&self, subject: &str) -> u64 {
        self.0.values().filter_map(|stream| stream.subjects.get(subject)).sum()
    }

    /// The same without what may change: records on these subjects, and how far these consumers have come.
    pub(crate) fn without(mut self, subjects: &[&str], consumers: &[&str]) -> Self {
        for stream in self.0.values_mut() {
            let count = stream.subjects.len();
            stream.subjects.retain(|subject, _| !subjects.contains(&subject.as_str()));
            if stream.subjects.len() < count {
                stream.state[1] = 0;
                // Records pending for a consumer are no change of its configuration.
                stream.consumers.values_mut().for_each(|consumer| consumer["num_pending"] = Value::Null);
            }
            stream.consumers.retain(|name, _| !consumers.contains(&name.as_str()));
        }
        self
    }
}
