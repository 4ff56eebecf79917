//! What every [`Installation`] promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::store::Script;
use crate::{installation::Installation, store::ConversationStore};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! installation_contract {
    ($fresh:path) => {
        $crate::installation_contract! { @each $fresh:
            the_installation_id_stays
            the_epoch_stays
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::installation::$promise(&*made).await;
            }
        )*
    };
}

/// The broker's streams name it.
pub async fn the_installation_id_stays(store: &(impl Installation + ConversationStore)) {
    let id = store.installation_id().await.unwrap();
    assert!(!id.is_empty());
    Script::chat(1).persist(store).await;
    assert_eq!(store.installation_id().await.unwrap(), id);
}

/// Clients compare it to learn whether history may have been rewritten.
pub async fn the_epoch_stays(store: &(impl Installation + ConversationStore)) {
    let epoch = store.epoch().await.unwrap();
    assert!(!epoch.is_empty());
    Script::chat(1).persist(store).await;
    assert_eq!(store.epoch().await.unwrap(), epoch);
    store.ping().await.unwrap();
}
