//! What every [`Timers`] promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use frontdesk_domain::{Event, TenantId, Timer, TimerKey, Timestamp};
use futures_util::future::join_all;
use uuid::Uuid;

use super::store::Script;
use crate::{
    store::ConversationStore,
    timers::{Claimant, ClaimantId, Timers},
};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! timers_contract {
    ($fresh:path) => {
        $crate::timers_contract! { @each $fresh:
            a_timer_is_there_until_it_is_cancelled
            an_older_generation_changes_nothing
            timers_are_claimed_from_the_earliest_and_once
            only_the_kinds_that_are_asked_for_are_claimed
            workers_that_claim_at_once_share_the_timers
            a_timer_that_was_set_anew_is_not_claimed_any_more
            what_has_fired_is_gone_and_only_its_claimant_can_say_so
            claims_end_only_if_their_claimant_has_not_renewed_them
            a_released_claimant_leaves_no_trace
            many_timers_are_claimed_checked_and_finished_at_once
            a_persisted_snooze_has_a_timer_and_what_ends_it_removes_it
            a_snooze_that_ends_in_the_batch_that_begins_it_leaves_no_timer
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::timers::$promise(&*made).await;
            }
        )*
    };
}

const KINDS: [&str; 2] = ["snooze", "idle"];
const ADA: ClaimantId = ClaimantId(Uuid::from_u128(1));
const BOB: ClaimantId = ClaimantId(Uuid::from_u128(2));

fn timer(id: &str, due_at: i64, generation: u64) -> Timer {
    let key = TimerKey { tenant: TenantId(Uuid::from_u128(7)), kind: "snooze".into(), id: id.into() };
    Timer { key, due_at: Timestamp(due_at), generation, payload: format!(r#"{{"n":{generation}}}"#) }
}

async fn set(timers: &dyn Timers, all: &[&Timer]) {
    for timer in all {
        assert!(timers.set_timer(timer).await.unwrap());
    }
}

async fn claim(timers: &dyn Timers, by: ClaimantId, due_by: i64) -> Vec<Timer> {
    timers.claim_timers(by, &KINDS, Timestamp(due_by), 100).await.unwrap()
}

/// A name of one tenant is nothing to another one.
pub async fn a_timer_is_there_until_it_is_cancelled(timers: &dyn Timers) {
    let one = timer("a", 10, 1);
    set(timers, &[&one]).await;
    let foreign = TimerKey { tenant: TenantId(Uuid::from_u128(8)), ..one.key.clone() };
    assert_eq!(timers.timer(&one.key).await.unwrap(), Some(one.clone()));
    assert_eq!(timers.timer(&foreign).await.unwrap(), None);
    assert!(!timers.cancel_timer(&foreign, 9).await.unwrap());
    assert!(timers.cancel_timer(&one.key, 1).await.unwrap());
    assert!(!timers.cancel_timer(&one.key, 1).await.unwrap());
    assert_eq!(timers.timer(&one.key).await.unwrap(), None);
}

/// A repeated or late call undoes nothing.
pub async fn an_older_generation_changes_nothing(timers: &dyn Timers) {
    let (old, new) = (timer("a", 10, 1), timer("a", 20, 2));
    set(timers, &[&old, &new]).await;
    assert!(!timers.set_timer(&old).await.unwrap());
    assert!(!timers.set_timer(&Timer { due_at: Timestamp(99), ..new.clone() }).await.unwrap());
    assert!(!timers.cancel_timer(&old.key, 1).await.unwrap());
    assert_eq!(timers.timer(&new.key).await.unwrap(), Some(new));
}

/// The survey says what is left.
pub async fn timers_are_claimed_from_the_earliest_and_once(timers: &dyn Timers) {
    let (late, soon, now) = (timer("a", 300, 1), timer("b", 20, 1), timer("c", 10, 5));
    assert_eq!(timers.survey_timers(&KINDS).await.unwrap().nearest, None);
    set(timers, &[&late, &soon, &now]).await;
    assert_eq!(timers.survey_timers(&KINDS).await.unwrap().nearest, Some(Timestamp(10)));
    assert_eq!(timers.claim_timers(ADA, &KINDS, Timestamp(100), 1).await.unwrap(), [now]);
    assert_eq!(timers.survey_timers(&KINDS).await.unwrap().nearest, Some(Timestamp(20)));
    assert_eq!(claim(timers, BOB, 20).await, [soon]);
    assert_eq!(claim(timers, ADA, 100).await, []);
    assert_eq!(timers.survey_timers(&KINDS).await.unwrap().nearest, Some(Timestamp(300)));
}

/// Those of a kind that only a newer version knows wait for it.
pub async fn only_the_kinds_that_are_asked_for_are_claimed(timers: &dyn Timers) {
    let mut foreign = timer("a", 10, 1);
    foreign.key.kind = "of_a_newer_version".into();
    set(timers, &[&foreign]).await;
    assert_eq!(timers.survey_timers(&KINDS).await.unwrap().nearest, None);
    assert_eq!(claim(timers, ADA, 100).await, []);
    assert_eq!(timers.claim_timers(ADA, &["of_a_newer_version"], Timestamp(100), 9).await.unwrap(), [foreign]);
}

/// Each timer goes to one of them, and none is forgotten.
pub async fn workers_that_claim_at_once_share_the_timers(timers: &dyn Timers) {
    for n in 0..60 {
        set(timers, &[&timer(&format!("{n}"), n, 1)]).await;
    }
    let workers = (1..=3).map(|worker| async move {
        let mut mine = Vec::new();
        for _ in 0..20 {
            let id = ClaimantId(Uuid::from_u128(worker));
            mine.extend(timers.claim_timers(id, &KINDS, Timestamp(100), 7).await.unwrap());
        }
        mine
    });
    let mut all: Vec<_> = join_all(workers).await.concat().into_iter().map(|timer| timer.due_at.0).collect();
    all.sort_unstable();
    assert_eq!(all, (0..60).collect::<Vec<_>>());
}

/// What was claimed of it is fired no more, and the new one can be claimed at once.
pub async fn a_timer_that_was_set_anew_is_not_claimed_any_more(timers: &dyn Timers) {
    let (old, kept, new) = (timer("a", 10, 1), timer("b", 10, 1), timer("a", 15, 2));
    set(timers, &[&old, &kept]).await;
    assert_eq!(claim(timers, ADA, 10).await.len(), 2);
    assert_eq!(timers.still_claimed(ADA, &[old.clone(), kept.clone()]).await.unwrap(), [true, true]);
    set(timers, &[&new]).await;
    let held = timers.still_claimed(ADA, &[old.clone(), kept.clone(), new.clone()]).await.unwrap();
    assert_eq!(held, [false, true, false]);
    timers.finish_timers(ADA, &[old]).await.unwrap();
    assert_eq!(claim(timers, BOB, 20).await, [new]);
    timers.cancel_timer(&kept.key, 1).await.unwrap();
    assert_eq!(timers.still_claimed(ADA, &[kept]).await.unwrap(), [false]);
}

/// A worker that lost its claim removes nothing.
pub async fn what_has_fired_is_gone_and_only_its_claimant_can_say_so(timers: &dyn Timers) {
    let one = timer("a", 10, 1);
    set(timers, &[&one]).await;
    assert_eq!(claim(timers, ADA, 10).await.len(), 1);
    timers.finish_timers(BOB, std::slice::from_ref(&one)).await.unwrap();
    assert_eq!(timers.timer(&one.key).await.unwrap(), Some(one.clone()));
    timers.finish_timers(ADA, std::slice::from_ref(&one)).await.unwrap();
    assert_eq!(timers.timer(&one.key).await.unwrap(), None);
}

/// Each renewal counts, and so does each claim.
pub async fn claims_end_only_if_their_claimant_has_not_renewed_them(timers: &dyn Timers) {
    let (one, two) = (timer("a", 10, 1), timer("b", 500, 1));
    set(timers, &[&one, &two]).await;
    assert_eq!(claim(timers, ADA, 10).await.len(), 1);
    let seen = async || timers.survey_timers(&KINDS).await.unwrap().claimants;
    let [Claimant { id: ADA, renewals: first }] = seen().await[..] else { panic!("one claimant") };
    assert!(timers.renew_claims(ADA).await.unwrap());
    let [Claimant { renewals: second, .. }] = seen().await[..] else { panic!("one claimant") };
    assert!(second > first);
    assert!(!timers.release_claims(ADA, Some(first)).await.unwrap());
    assert_eq!(claim(timers, ADA, 500).await.len(), 1);
    assert!(!timers.release_claims(ADA, Some(second)).await.unwrap());
    assert_eq!(timers.still_claimed(ADA, &[one.clone(), two]).await.unwrap(), [true, true]);
    let renewals = seen().await[0].renewals;
    assert!(timers.release_claims(ADA, Some(renewals)).await.unwrap());
    assert_eq!(timers.still_claimed(ADA, std::slice::from_ref(&one)).await.unwrap(), [false]);
    assert!(!timers.renew_claims(ADA).await.unwrap(), "it must learn that it lost its claims");
    assert_eq!(claim(timers, BOB, 10).await, [one]);
}

/// A worker without claims costs no row, so that one with nothing to do need not write.
pub async fn a_released_claimant_leaves_no_trace(timers: &dyn Timers) {
    assert_eq!(claim(timers, ADA, 10).await, []);
    let one = timer("a", 10, 1);
    set(timers, &[&one]).await;
    assert_eq!(claim(timers, ADA, 10).await.len(), 1);
    assert!(timers.release_claims(ADA, None).await.unwrap());
    assert!(!timers.release_claims(ADA, None).await.unwrap());
    assert_eq!(timers.survey_timers(&KINDS).await.unwrap().claimants, []);
    assert_eq!(timers.survey_timers(&KINDS).await.unwrap().nearest, Some(Timestamp(10)));
}

/// In one statement each, whatever their number.
pub async fn many_timers_are_claimed_checked_and_finished_at_once(timers: &dyn Timers) {
    let all: Vec<_> = (0..500).map(|n| timer(&format!("{n}"), n, 1)).collect();
    set(timers, &all.iter().collect::<Vec<_>>()).await;
    let claimed = timers.claim_timers(ADA, &KINDS, Timestamp(1_000), 1_000).await.unwrap();
    assert_eq!(claimed, all);
    assert_eq!(timers.still_claimed(ADA, &claimed).await.unwrap(), vec![true; 500]);
    timers.finish_timers(ADA, &claimed[..499]).await.unwrap();
    assert_eq!(timers.still_claimed(ADA, &claimed).await.unwrap().iter().filter(|held| **held).count(), 1);
}

async fn snooze_of(timers: &dyn Timers, script: &Script) -> Option<(i64, u64)> {
    let key = TimerKey::snooze(script.key.tenant, script.key.conversation);
    timers.timer(&key).await.unwrap().map(|timer| (timer.due_at.0, timer.generation))
}

/// In the same transaction as the entries. A repeat of an earlier batch changes nothing.
pub async fn a_persisted_snooze_has_a_timer_and_what_ends_it_removes_it(store: &(impl ConversationStore + Timers)) {
    let mut script = Script::chat(1);
    script.persist(store).await;
    assert_eq!(snooze_of(store, &script).await, None);
    script.act(Event::Snoozed { until: Timestamp(5_000) });
    script.note("asked the warehouse");
    script.persist(store).await;
    assert_eq!(snooze_of(store, &script).await, Some((5_000, 3)));
    script.act(Event::Snoozed { until: Timestamp(4_000) });
    script.persist(store).await;
    assert_eq!(snooze_of(store, &script).await, Some((4_000, 5)));
    store.persist(&script.records[..3]).await.unwrap();
    assert_eq!(snooze_of(store, &script).await, Some((4_000, 5)));
    for (n, end) in [Event::Reopened, Event::Resolved, Event::Pended].into_iter().enumerate() {
        script.act(end);
        script.persist(store).await;
        assert_eq!(snooze_of(store, &script).await, None);
        script.act(Event::Snoozed { until: Timestamp(6_000) });
        script.persist(store).await;
        assert_eq!(snooze_of(store, &script).await, Some((6_000, 7 + 2 * n as u64)));
    }
    script.say("I cannot wait");
    script.persist(store).await;
    assert_eq!(snooze_of(store, &script).await, None);
}

/// Nor does it matter that a note follows.
pub async fn a_snooze_that_ends_in_the_batch_that_begins_it_leaves_no_timer(store: &(impl ConversationStore + Timers)) {
    let (mut ended, mut other) = (Script::chat(1), Script::chat(1));
    ended.act(Event::Snoozed { until: Timestamp(5_000) });
    ended.say("wait");
    other.act(Event::Snoozed { until: Timestamp(7_000) });
    let batch = [&ended.records[..], &other.records[..]].concat();
    store.persist(&batch).await.unwrap();
    assert_eq!(snooze_of(store, &ended).await, None);
    assert_eq!(snooze_of(store, &other).await, Some((7_000, 3)));
}
