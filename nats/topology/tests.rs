use super::*;
use std::collections::BTreeSet;

fn topology(message_streams: u16) -> Topology {
    Topology {
        desk: "ours".to_owned(),
        subjects: Subjects::new(Token::usual_prefix()),
        message_streams,
        replicas: 1,
        message_stream_bytes: 128 << 20,
        other_bytes: 1 << 30,
        ack_wait: Duration::from_secs(5),
    }
}

#[test]
fn the_partitions_are_spread_over_the_streams_each_exactly_once() {
    for streams in [1, 2, 8, 64] {
        let topology = topology(streams);
        let mut seen = BTreeSet::new();
        for stream in topology.streams().into_iter().filter(|stream| stream.name.starts_with("MESSAGES-")) {
            assert_eq!(stream.subjects.len(), usize::from(64 / streams));
            assert!(stream.subjects.iter().all(|subject| seen.insert(subject.clone())), "{}", stream.name);
        }
        assert_eq!(seen.len(), 64);
        for partition in Partition::all() {
            let subject = topology.subjects.messages_of(partition);
            let stream = topology.streams().into_iter().find(|stream| stream.name == topology.stream_of(partition));
            assert!(stream.unwrap().subjects.contains(&subject));
        }
    }
}

#[test]
fn no_stream_forgets_by_age_or_lets_a_header_erase_others() {
    for stream in topology(8).streams() {
        assert!(
            ["ACKS", "BEATS", "EVENTS"].contains(&stream.name.as_str()) || stream.max_age.is_zero(),
            "{}",
            stream.name
        );
        assert!(stream.deny_delete && !stream.allow_rollup && !stream.allow_message_ttl, "{}", stream.name);
        assert!(!stream.allow_atomic_publish && !stream.allow_message_counter && !stream.allow_message_schedules);
        assert_eq!(stream.persist_mode, None, "{}", stream.name);
    }
}

#[test]
fn all_streams_together_fit_into_the_store_they_were_given() {
    let topology = topology(8);
    let streams = topology
        .streams()
        .into_iter()
        .filter(|stream| stream.storage == async_nats::jetstream::stream::StorageType::File);
    let total: i64 = streams.map(|stream| stream.max_bytes).sum();
    assert!(total <= i64::try_from(8 * topology.message_stream_bytes + topology.other_bytes).unwrap());
}

#[test]
fn streams_of_another_prefix_have_names_of_their_own() {
    let mut other = topology(1);
    other.subjects = Subjects::new(Token::new("blue").unwrap());
    let names = |topology: &Topology| topology.streams().into_iter().map(|stream| stream.name).collect::<BTreeSet<_>>();
    assert!(names(&other).is_disjoint(&names(&topology(1))));
    assert!(names(&other).contains("blue-MESSAGES-0"));
}
