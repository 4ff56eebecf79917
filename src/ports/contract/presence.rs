//! What every [`Presence`], [`Sessions`] and [`RateLimits`] promises.

use std::time::Duration;

use frontdesk_domain::PresenceState::{self, Away, Offline, Online};
use frontdesk_domain::{AgentId, ContactId, Participant, TenantId, Timestamp};
use uuid::Uuid;

use crate::presence::{Presence, Quota, RateLimits, SessionRecord, Sessions, Taken};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// implementation: a box, or a guard of the server behind it.
#[macro_export]
macro_rules! presence_contract {
    ($fresh:path) => {
        $crate::presence_contract! { @tests $fresh;
            a_member_is_online_while_any_session_is
            presence_lapses_after_its_time
            a_refreshed_presence_outlives_its_first_time
            nobody_sees_the_presence_of_another_tenant
            a_session_is_found_under_its_tenant_only
            a_session_lapses_after_its_time
            a_quota_can_be_used_at_once_and_not_exceeded
            a_quota_can_be_looked_at_and_given_back
            a_quota_grows_back
            a_key_without_quota_is_refused
        }
    };
    (@tests $fresh:path; $($name:ident)+) => {$(
        #[tokio::test]
        async fn $name() {
            let made = $fresh().await;
            $crate::contract::presence::$name(&*made).await;
        }
    )+};
}

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(60);

/// Online beats away, away beats offline, and a session that goes takes only its own word with it.
pub async fn a_member_is_online_while_any_session_is(presence: &impl Presence) {
    let (tenant, member) = (TenantId(Uuid::now_v7()), agent());
    let (desktop, phone) = (Uuid::now_v7(), Uuid::now_v7());
    let set = async |session, state| presence.set(tenant, member, session, state, LONG).await.expect("set");
    assert_eq!(state_of(presence, tenant, member).await, Offline);
    set(desktop, Away).await;
    assert_eq!(state_of(presence, tenant, member).await, Away);
    set(phone, Online).await;
    assert_eq!(state_of(presence, tenant, member).await, Online);
    set(phone, Away).await;
    assert_eq!(state_of(presence, tenant, member).await, Away);
    set(phone, Online).await;
    set(phone, Offline).await;
    assert_eq!(state_of(presence, tenant, member).await, Away);
    set(desktop, Offline).await;
    assert_eq!(state_of(presence, tenant, member).await, Offline);
}

/// Who does not say so again is not there any more; other sessions stay.
pub async fn presence_lapses_after_its_time(presence: &impl Presence) {
    let (tenant, member) = (TenantId(Uuid::now_v7()), agent());
    presence.set(tenant, member, Uuid::now_v7(), Away, LONG).await.expect("set");
    presence.set(tenant, member, Uuid::now_v7(), Online, SHORT).await.expect("set");
    eventually(async || state_of(presence, tenant, member).await == Away).await;
    let other = Participant::Contact(ContactId(Uuid::now_v7()));
    presence.set(tenant, other, Uuid::now_v7(), Online, SHORT).await.expect("set");
    eventually(async || state_of(presence, tenant, other).await == Offline).await;
}

/// Saying it again counts from then on.
pub async fn a_refreshed_presence_outlives_its_first_time(presence: &impl Presence) {
    let (tenant, member, session) = (TenantId(Uuid::now_v7()), agent(), Uuid::now_v7());
    let witness = agent();
    presence.set(tenant, member, session, Online, SHORT).await.expect("set");
    presence.set(tenant, member, session, Online, LONG).await.expect("set");
    presence.set(tenant, witness, Uuid::now_v7(), Online, SHORT).await.expect("set");
    eventually(async || state_of(presence, tenant, witness).await == Offline).await;
    assert_eq!(state_of(presence, tenant, member).await, Online);
}

/// The same member id in another tenant is another participant; answers come in the order of the question.
pub async fn nobody_sees_the_presence_of_another_tenant(presence: &impl Presence) {
    let (ours, theirs, ada, bob) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()), agent(), agent());
    presence.set(ours, ada, Uuid::now_v7(), Online, LONG).await.expect("set");
    presence.set(theirs, bob, Uuid::now_v7(), Away, LONG).await.expect("set");
    assert_eq!(presence.get(ours, &[bob, ada, ada]).await.expect("get"), [Offline, Online, Online]);
    assert_eq!(presence.get(theirs, &[bob, ada]).await.expect("get"), [Away, Offline]);
    assert_eq!(presence.get(ours, &[]).await.expect("get"), []);
}

/// What was put is what is got, by the right tenant, until it is removed.
pub async fn a_session_is_found_under_its_tenant_only(sessions: &impl Sessions) {
    let record = session();
    sessions.put(&record, LONG).await.expect("put");
    assert_eq!(sessions.get(record.tenant, record.session).await.expect("get"), Some(record.clone()));
    assert_eq!(sessions.get(TenantId(Uuid::now_v7()), record.session).await.expect("get"), None);
    let moved = SessionRecord { node: "node-b".into(), ..record.clone() };
    sessions.put(&moved, LONG).await.expect("put");
    assert_eq!(sessions.get(record.tenant, record.session).await.expect("get"), Some(moved));
    sessions.remove(record.tenant, record.session).await.expect("remove");
    sessions.remove(record.tenant, record.session).await.expect("a second time is fine");
    assert_eq!(sessions.get(record.tenant, record.session).await.expect("get"), None);
}

/// A node that died takes its sessions with it.
pub async fn a_session_lapses_after_its_time(sessions: &impl Sessions) {
    let record = session();
    sessions.put(&record, SHORT).await.expect("put");
    eventually(async || sessions.get(record.tenant, record.session).await.expect("get").is_none()).await;
}

/// All of a quota at once, and then no more; other keys are not touched.
pub async fn a_quota_can_be_used_at_once_and_not_exceeded(limits: &impl RateLimits) {
    let (key, quota) = (Uuid::now_v7().to_string(), Quota { most: 5, per: LONG });
    for _ in 0..5 {
        assert_eq!(limits.take(&key, quota).await, Taken::Granted);
    }
    let Taken::Refused { retry_after } = limits.take(&key, quota).await else { panic!("the sixth is refused") };
    let share = LONG / 5;
    assert!(retry_after <= share && retry_after > share / 2, "{retry_after:?}");
    assert_eq!(limits.take(&format!("{key}-other"), quota).await, Taken::Granted);
}

/// Looking changes nothing, and what is given back can be taken again, but no more than that.
pub async fn a_quota_can_be_looked_at_and_given_back(limits: &impl RateLimits) {
    let (key, quota) = (Uuid::now_v7().to_string(), Quota { most: 2, per: LONG });
    limits.give_back(&key, quota).await;
    for _ in 0..2 {
        assert_eq!(limits.look(&key, quota).await, Taken::Granted);
        assert_eq!(limits.look(&key, quota).await, Taken::Granted);
        assert_eq!(limits.take(&key, quota).await, Taken::Granted);
    }
    assert!(matches!(limits.look(&key, quota).await, Taken::Refused { .. }));
    limits.give_back(&key, quota).await;
    assert_eq!(limits.take(&key, quota).await, Taken::Granted);
    assert!(matches!(limits.take(&key, quota).await, Taken::Refused { .. }));
    for _ in 0..5 {
        limits.give_back(&key, quota).await;
    }
    for _ in 0..2 {
        assert_eq!(limits.take(&key, quota).await, Taken::Granted);
    }
    assert!(matches!(limits.take(&key, quota).await, Taken::Refused { .. }), "no quota grows by giving back");
}

/// After the time that a refusal names there is room again.
pub async fn a_quota_grows_back(limits: &impl RateLimits) {
    let (key, quota) = (Uuid::now_v7().to_string(), Quota { most: 2, per: Duration::from_millis(200) });
    limits.take(&key, quota).await;
    limits.take(&key, quota).await;
    eventually(async || limits.take(&key, quota).await == Taken::Granted).await;
}

/// Nothing of nothing.
pub async fn a_key_without_quota_is_refused(limits: &impl RateLimits) {
    let quota = Quota { most: 0, per: LONG };
    assert_eq!(limits.take("nothing", quota).await, Taken::Refused { retry_after: LONG });
}

fn agent() -> Participant {
    Participant::Agent(AgentId(Uuid::now_v7()))
}

fn session() -> SessionRecord {
    SessionRecord {
        session: Uuid::now_v7(),
        tenant: TenantId(Uuid::now_v7()),
        member: agent(),
        node: "node-a".into(),
        since: Timestamp(1_700_000_000_000),
    }
}

async fn state_of(presence: &impl Presence, tenant: TenantId, member: Participant) -> PresenceState {
    presence.get(tenant, &[member]).await.expect("get")[0]
}

/// Asks until it is so; gives up after five seconds.
async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), asking).await.expect("it comes true within five seconds");
}
