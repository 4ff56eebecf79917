use frontdesk_domain::{LoginId, Timestamp};
use futures_util::future::join;
use uuid::Uuid;

use super::{owner, some_tenant};
use crate::{
    directory::{Directory, Login, PasswordHash, Rotation},
    transaction::Transactions,
};

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);
const MUCH_LATER: Timestamp = Timestamp(3_000);

/// And the next one is good then, for as long as was said.
pub async fn a_refresh_token_is_exchanged_once(store: &(impl Transactions + Directory)) {
    let login = begun(store).await;
    let id = login.id;
    let expected = Login { token_hash: [2; 32], expires_at: MUCH_LATER, ..login };
    assert_eq!(rotate(store, id, (1, 2), NOW, MUCH_LATER).await, Rotation::Rotated(expected.clone()));
    let rotated = rotate(store, id, (2, 3), LATER, MUCH_LATER).await;
    assert_eq!(rotated, Rotation::Rotated(Login { token_hash: [3; 32], ..expected }));
    assert_eq!(rotate(store, id, (9, 4), LATER, MUCH_LATER).await, Rotation::Unknown);
    assert_eq!(alive(store, id, LATER).await, 1, "a guess ends nothing");
}

/// One of the two that hold it is a thief.
pub async fn a_token_used_again_ends_the_log_in(store: &(impl Transactions + Directory)) {
    let login = begun(store).await;
    let rotate = |tokens| rotate(store, login.id, tokens, NOW, LATER);
    assert!(matches!(rotate((1, 2)).await, Rotation::Rotated(_)));
    assert_eq!(rotate((1, 3)).await, Rotation::Reused(Login { token_hash: [2; 32], revoked: true, ..login.clone() }));
    assert_eq!(rotate((2, 4)).await, Rotation::Unknown, "the thief's or the owner's: both are out");
    assert_eq!(rotate((1, 5)).await, Rotation::Unknown);
    assert_eq!(alive(store, login.id, NOW).await, 0);
}

/// Neither the next token counts, nor has the log-in ended.
pub async fn an_exchange_that_is_not_committed_changes_nothing(store: &(impl Transactions + Directory)) {
    let login = begun(store).await;
    assert!(matches!(rotate(store, login.id, (1, 2), NOW, LATER).await, Rotation::Rotated(_)));
    for (presented, next) in [(1, 3), (2, 3)] {
        let mut dropped = store.begin().await.unwrap();
        dropped.rotate_login(login.id, [presented; 32], [next; 32], NOW, LATER).await.unwrap();
    }
    assert_eq!(alive(store, login.id, NOW).await, 1);
    assert!(matches!(rotate(store, login.id, (2, 4), NOW, LATER).await, Rotation::Rotated(_)));
}

/// The other one is told that the token was used.
pub async fn of_two_exchanges_at_once_one_wins(store: &(impl Transactions + Directory)) {
    for _ in 0..10 {
        let login = begun(store).await;
        let rotate = |next| rotate(store, login.id, (1, next), NOW, LATER);
        let (first, second) = join(rotate(2), rotate(3)).await;
        let answers = [first, second];
        let won = answers.iter().filter(|answer| matches!(answer, Rotation::Rotated(_))).count();
        let told = answers.iter().filter(|answer| matches!(answer, Rotation::Reused(_))).count();
        assert_eq!((won, told), (1, 1), "{answers:?}");
    }
}

/// As one that never was.
pub async fn an_ended_or_expired_log_in_is_unknown(store: &(impl Transactions + Directory)) {
    let ended = begun(store).await;
    store.revoke_login(ended.tenant, ended.id).await.unwrap();
    store.revoke_login(ended.tenant, ended.id).await.expect("ending it twice is harmless");
    let expired = begun(store).await;
    for (id, now) in [(ended.id, NOW), (expired.id, LATER), (LoginId(Uuid::new_v4()), NOW)] {
        assert_eq!(rotate(store, id, (1, 2), now, MUCH_LATER).await, Rotation::Unknown);
    }
}

async fn rotate(
    store: &impl Transactions,
    id: LoginId,
    (presented, next): (u8, u8),
    now: Timestamp,
    expires_at: Timestamp,
) -> Rotation {
    let mut transaction = store.begin().await.unwrap();
    let rotation = transaction.rotate_login(id, [presented; 32], [next; 32], now, expires_at).await.unwrap();
    transaction.commit().await.unwrap();
    rotation
}

/// A log-in with the token `[1; 32]`, good until [`LATER`].
async fn begun(store: &(impl Transactions + Directory)) -> Login {
    let agent = owner(some_tenant(), "Ada");
    store.put_agent(&agent, &PasswordHash("hash".to_owned())).await.unwrap();
    let login = Login {
        id: LoginId(Uuid::new_v4()),
        tenant: agent.tenant,
        agent: agent.id,
        token_hash: [1; 32],
        expires_at: LATER,
        revoked: false,
    };
    store.begin_login(&login).await.unwrap();
    login
}

async fn alive(store: &impl Directory, id: LoginId, now: Timestamp) -> usize {
    store.live_logins(&[id], now).await.unwrap().len()
}
