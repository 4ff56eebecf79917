use std::{sync::Arc, time::Duration};

use frontdesk_domain::{AgentId, Participant, PresenceState, TenantId, Timestamp};
use uuid::Uuid;

use super::{Connected, Fresh, MemoryPresence, OfMember};
use frontdesk_ports::{
    clock::ManualClock,
    presence::{Presence, Quota, RateLimits, Taken},
};

#[tokio::test]
async fn a_jump_of_the_wall_clock_changes_nothing() {
    let clock = Arc::new(ManualClock::default());
    let presence = MemoryPresence::new(clock.clone());
    let (tenant, member) = (TenantId(Uuid::now_v7()), Participant::Agent(AgentId(Uuid::now_v7())));
    let quota = Quota { most: 1, per: Duration::from_secs(60) };
    presence.set(tenant, member, Uuid::now_v7(), PresenceState::Online, Duration::from_secs(30)).await.unwrap();
    presence.take("key", quota).await;

    clock.jump_to(Timestamp(i64::MAX / 2));
    assert_eq!(presence.get(tenant, &[member]).await.unwrap(), [PresenceState::Online]);
    assert_eq!(presence.take("key", quota).await, Taken::Refused { retry_after: quota.per });

    clock.advance(Duration::from_secs(30));
    assert_eq!(presence.get(tenant, &[member]).await.unwrap(), [PresenceState::Offline]);
}

/// There is one of each for every socket; the maps have up to twice as much room as is filled.
#[test]
fn what_is_kept_of_a_session_does_not_grow_unnoticed() {
    let state = size_of::<((TenantId, super::Member), (OfMember, Duration))>();
    let record = size_of::<((TenantId, Uuid), (Connected, Duration))>();
    println!("{state:6} who is there, and {} for each of its sessions", size_of::<(Uuid, Fresh)>());
    println!("{record:6} the record of a session");
    assert!(state <= 80 && record <= 96, "{state} and {record}");
}

mod contract {
    use super::*;
    use frontdesk_ports::clock::SystemClock;

    async fn fresh() -> Box<MemoryPresence> {
        Box::new(MemoryPresence::new(Arc::new(SystemClock::default())))
    }

    frontdesk_ports::presence_contract!(fresh);
}
