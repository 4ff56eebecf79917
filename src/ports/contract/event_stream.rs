//! What every implementation of [`EventStream`] promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use futures_util::future::join_all;

use super::outbox::{aggregate, draft};
use crate::{event_stream::EventStream, log::AppendError};
use frontdesk_domain::AggregateEvent;

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives a box with an empty
/// stream.
#[macro_export]
macro_rules! event_stream_contract {
    ($fresh:path) => {
        $crate::event_stream_contract! { @each $fresh:
            an_event_is_stored_behind_the_one_that_it_names
            of_events_published_at_once_behind_the_same_one_is_stored
            an_event_published_again_is_stored_once
            events_of_an_aggregate_are_read_in_their_order_and_no_others
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::event_stream::$promise(&*made).await;
            }
        )*
    };
}

/// A wrong expectation stores nothing.
pub async fn an_event_is_stored_behind_the_one_that_it_names(stream: &impl EventStream) {
    let aggregate = aggregate();
    let event = |number| AggregateEvent { number, draft: draft(&aggregate, "thing.changed") };
    assert_eq!(stream.last_event(&aggregate).await.unwrap(), 0);
    assert!(matches!(stream.publish_event(&event(1), 7).await, Err(AppendError::Conflict)));
    let first = stream.publish_event(&event(1), 0).await.unwrap();
    assert!(matches!(stream.publish_event(&event(2), 0).await, Err(AppendError::Conflict)));
    let second = stream.publish_event(&event(2), first).await.unwrap();
    assert!(second > first);
    assert_eq!(stream.last_event(&aggregate).await.unwrap(), second);
    assert_eq!(stream.events_after(&aggregate, 0, 10).await.unwrap().len(), 2);
}

/// Two relays that both take themselves for the only one.
pub async fn of_events_published_at_once_behind_the_same_one_is_stored(stream: &impl EventStream) {
    let aggregate = aggregate();
    let events: Vec<_> =
        (0..8).map(|_| AggregateEvent { number: 1, draft: draft(&aggregate, "thing.changed") }).collect();
    let outcomes = join_all(events.iter().map(|event| stream.publish_event(event, 0))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(AppendError::Conflict)));
    assert_eq!(refused.count(), 7, "{outcomes:?}");
    assert_eq!(stream.events_after(&aggregate, 0, 10).await.unwrap().len(), 1);
}

/// Whether the second attempt is answered with the sequence of the first or with a conflict.
pub async fn an_event_published_again_is_stored_once(stream: &impl EventStream) {
    let aggregate = aggregate();
    let event = AggregateEvent { number: 1, draft: draft(&aggregate, "thing.changed") };
    let seq = stream.publish_event(&event, 0).await.unwrap();
    match stream.publish_event(&event, 0).await {
        Ok(again) => assert_eq!(again, seq),
        Err(error) => assert!(matches!(error, AppendError::Conflict), "{error:?}"),
    }
    let held = stream.events_after(&aggregate, 0, 10).await.unwrap();
    assert_eq!(held.iter().map(|held| (held.id, held.stream_seq)).collect::<Vec<_>>(), [(Some(event.draft.id), seq)]);
}

/// Aggregates that differ in tenant, kind or id only.
pub async fn events_of_an_aggregate_are_read_in_their_order_and_no_others(stream: &impl EventStream) {
    let ours = aggregate();
    let others = [
        frontdesk_domain::Aggregate { tenant: aggregate().tenant, ..ours.clone() },
        frontdesk_domain::Aggregate { kind: "another".into(), ..ours.clone() },
        frontdesk_domain::Aggregate { id: aggregate().id, ..ours.clone() },
    ];
    let (mut last, mut seqs, mut ids) = (0, Vec::new(), Vec::new());
    for number in 1..=5 {
        let event = AggregateEvent { number, draft: draft(&ours, "thing.changed") };
        last = stream.publish_event(&event, last).await.unwrap();
        seqs.push(last);
        ids.push(Some(event.draft.id));
        if let Some(other) = others.get(usize::try_from(number).unwrap() - 1) {
            let event = AggregateEvent { number: 1, draft: draft(other, "thing.changed") };
            stream.publish_event(&event, 0).await.unwrap();
        }
    }
    let held = stream.events_after(&ours, 0, 10).await.unwrap();
    assert_eq!(held.iter().map(|held| held.id).collect::<Vec<_>>(), ids);
    assert_eq!(held.iter().map(|held| held.stream_seq).collect::<Vec<_>>(), seqs);
    let rest = stream.events_after(&ours, seqs[1], 2).await.unwrap();
    assert_eq!(rest.iter().map(|held| held.stream_seq).collect::<Vec<_>>(), seqs[2..4]);
}
