use frontdesk_domain::{ConversationId, ConversationKey, TenantId};
use uuid::Uuid;

use super::MemoryStore;
use frontdesk_ports::{
    directory::Tenants as _, error::StoreError, installation::Installation as _, store::ConversationStore as _,
};

async fn fresh() -> Box<MemoryStore> {
    Box::default()
}

mod store {
    use super::fresh;
    frontdesk_ports::store_contract!(fresh);
}

mod installation {
    use super::fresh;
    frontdesk_ports::installation_contract!(fresh);
}

mod store_inspector {
    use super::fresh;
    frontdesk_ports::store_inspector_contract!(fresh);
}

mod roles {
    use super::fresh;
    frontdesk_ports::roles_contract!(fresh);
}

mod settings {
    use super::fresh;
    frontdesk_ports::settings_contract!(fresh);
}

mod timers {
    use super::fresh;
    frontdesk_ports::timers_contract!(fresh);
}

mod definitions {
    use super::fresh;
    frontdesk_ports::definitions_contract!(fresh);
}

mod directory {
    use super::fresh;
    frontdesk_ports::directory_contract!(fresh);
}

mod transaction {
    use super::fresh;
    frontdesk_ports::transaction_contract!(fresh);
}

mod outbox {
    use super::fresh;
    frontdesk_ports::outbox_contract!(fresh);
}

#[tokio::test]
async fn a_store_that_is_switched_off_answers_nothing_and_forgets_nothing() {
    let store = MemoryStore::new();
    let key = ConversationKey { tenant: TenantId(Uuid::nil()), conversation: ConversationId(Uuid::nil()) };
    let epoch = store.epoch().await.unwrap();
    store.set_available(false);
    assert!(store.ping().await.unwrap_err().is_transient());
    assert!(matches!(store.load(key).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.tenants().await, Err(StoreError::Unavailable(_))));
    store.set_available(true);
    assert_eq!(store.epoch().await.unwrap(), epoch);
}
