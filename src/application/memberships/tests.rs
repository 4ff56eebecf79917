use frontdesk_domain::{Grant, Grants, InboxId, Permission, RoleId, TeamId};
use frontdesk_memory::MemoryStore;
use frontdesk_ports::{DefinitionRow, ManualClock, Transactions as _};
use uuid::Uuid;

use super::*;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const ADA: AgentId = AgentId(Uuid::from_u128(2));

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    memberships: Memberships,
}

impl World {
    fn new() -> Self {
        let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::default()));
        let memberships = Memberships::new(store.clone(), clock.clone());
        Self { store, clock, memberships }
    }

    /// Adds a team of Ada that works in this inbox; tells no one.
    async fn add_team(&self, inbox: u128) {
        let team = Team {
            id: TeamId(Uuid::from_u128(inbox)),
            name: format!("Team {inbox}"),
            members: [ADA].into(),
            inboxes: [InboxId(Uuid::from_u128(inbox))].into(),
            default_inbox: None,
            calendar: None,
            active: true,
        };
        let mut transaction = self.store.begin().await.unwrap();
        transaction.insert_definition(TENANT, "team", &DefinitionRow::of(&team)).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// How many inboxes Ada works in, by a role with this scope.
    async fn inboxes(&self, scope: Scope) -> Result<usize, StoreError> {
        let grants = Grants::default().with(Grant { permission: Permission::Read, scope });
        let role = Role::Custom(RoleId(Uuid::nil()), grants);
        Ok(self.memberships.of(TENANT, ADA, role).await?.inboxes().count())
    }

    fn notice(kind: NoticeKind) -> Notice {
        Notice { tenant: TENANT, kind, object: Uuid::nil(), version: 1 }
    }
}

#[tokio::test]
async fn a_change_of_a_team_holds_with_its_notice_or_after_the_age_limit() {
    let world = World::new();
    world.add_team(1).await;
    assert_eq!(world.inboxes(Scope::Inbox).await.unwrap(), 1);
    world.add_team(2).await;
    world.memberships.changed(&World::notice(NoticeKind::CALENDAR));
    assert_eq!(world.inboxes(Scope::Inbox).await.unwrap(), 1, "nothing told of it");
    world.memberships.changed(&World::notice(NoticeKind::TEAM));
    assert_eq!(world.inboxes(Scope::Team).await.unwrap(), 2);
    world.add_team(3).await;
    world.memberships.missed();
    assert_eq!(world.inboxes(Scope::Inbox).await.unwrap(), 3);
    world.add_team(4).await;
    world.clock.advance(MAX_AGE);
    assert_eq!(world.inboxes(Scope::Inbox).await.unwrap(), 4);
}

#[tokio::test]
async fn while_the_database_is_away_the_last_known_teams_hold_and_unknown_ones_are_an_error() {
    let world = World::new();
    world.add_team(1).await;
    world.store.set_available(false);
    assert!(world.inboxes(Scope::Inbox).await.is_err(), "an agent must not be taken for one without teams");
    assert_eq!(world.inboxes(Scope::Own).await.unwrap(), 0, "this role needs none");
    world.store.set_available(true);
    assert_eq!(world.inboxes(Scope::Inbox).await.unwrap(), 1);
    world.store.set_available(false);
    world.memberships.missed();
    assert_eq!(world.inboxes(Scope::Inbox).await.unwrap(), 1);
}
