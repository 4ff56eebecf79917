use frontdesk_domain::{LoginId, Timestamp};
use futures_util::future::join;
use uuid::Uuid;

use super::{owner, some_tenant};
use crate::{
    directory::{Directory, Login, PasswordHash, Renewal, Rotation},
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

/// With the salt of the first answer, whichever salt the repeat came with.
pub async fn an_exchange_can_be_repeated_until_the_next_token_was_used(store: &(impl Transactions + Directory)) {
    let login = begun(store).await;
    let rotate = |tokens| rotate(store, login.id, tokens, NOW, LATER);
    assert!(matches!(rotate((1, 2)).await, Rotation::Rotated(_)));
    for next in [3, 4] {
        let expected = Login { token_hash: [2; 32], ..login.clone() };
        assert_eq!(rotate((1, next)).await, Rotation::Repeated(expected, salt(2)));
    }
    assert!(matches!(rotate((2, 5)).await, Rotation::Rotated(_)), "the token of the first answer is the good one");
    assert_eq!(alive(store, login.id, NOW).await, 1);
}

/// One of the two that hold it is a thief.
pub async fn a_token_used_again_ends_the_log_in(store: &(impl Transactions + Directory)) {
    for newer in [2, 5] {
        let login = begun(store).await;
        let rotate = |tokens| rotate(store, login.id, tokens, NOW, LATER);
        for token in 1..=newer {
            assert!(matches!(rotate((token, token + 1)).await, Rotation::Rotated(_)));
        }
        let ended = Login { token_hash: [newer + 1; 32], revoked: true, ..login.clone() };
        assert_eq!(rotate((1, 9)).await, Rotation::Reused(ended));
        assert_eq!(rotate((newer + 1, 10)).await, Rotation::Unknown, "the thief's or the owner's: both are out");
        assert_eq!(rotate((1, 11)).await, Rotation::Unknown);
        assert_eq!(alive(store, login.id, NOW).await, 0);
    }
}

/// Neither the next token counts, nor has the log-in ended.
pub async fn an_exchange_that_is_not_committed_changes_nothing(store: &(impl Transactions + Directory)) {
    let login = begun(store).await;
    assert!(matches!(rotate(store, login.id, (1, 2), NOW, LATER).await, Rotation::Rotated(_)));
    for (presented, next) in [(1, 3), (2, 3)] {
        let mut dropped = store.begin().await.unwrap();
        dropped.rotate_login(login.id, &renewal(presented, next), NOW, LATER).await.unwrap();
    }
    assert_eq!(alive(store, login.id, NOW).await, 1);
    assert!(matches!(rotate(store, login.id, (2, 4), NOW, LATER).await, Rotation::Rotated(_)));
}

/// The other one is given the same token.
pub async fn of_two_exchanges_at_once_one_wins(store: &(impl Transactions + Directory)) {
    for _ in 0..10 {
        let login = begun(store).await;
        let rotate = |next| rotate(store, login.id, (1, next), NOW, LATER);
        let (first, second) = join(rotate(2), rotate(3)).await;
        let answers = [first, second];
        let won = answers.iter().filter(|answer| matches!(answer, Rotation::Rotated(_))).count();
        let given = answers.iter().find_map(|answer| match answer {
            Rotation::Repeated(login, salt) => Some((login.token_hash, *salt)),
            _ => None,
        });
        assert_eq!(won, 1, "{answers:?}");
        assert!(given == Some(([2; 32], salt(2))) || given == Some(([3; 32], salt(3))), "{answers:?}");
    }
}

/// But the one that is kept, those of other agents, and what ended before.
pub async fn all_log_ins_of_an_agent_end_at_once(store: &(impl Transactions + Directory)) {
    let first = begun(store).await;
    let [second, kept, ended, expired] = [1, 2, 3, 4].map(|_| LoginId(Uuid::new_v4()));
    for id in [second, kept, ended, expired] {
        let expires_at = if id == expired { NOW } else { LATER };
        store.begin_login(&Login { id, expires_at, ..first.clone() }).await.unwrap();
    }
    store.revoke_login(first.tenant, ended).await.unwrap();
    let other = begun(store).await;
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.end_logins(some_tenant(), first.agent, None, NOW).await.unwrap(), []);
    let mut expected = vec![first.id, second];
    expected.sort_unstable();
    let named = transaction.end_logins(first.tenant, first.agent, Some(kept), NOW).await.unwrap();
    assert_eq!(named, expected);
    assert_eq!(transaction.end_logins(first.tenant, first.agent, Some(kept), NOW).await.unwrap(), []);
    transaction.commit().await.unwrap();
    for (id, count) in [(first.id, 0), (second, 0), (kept, 1), (other.id, 1)] {
        assert_eq!(alive(store, id, NOW).await, count);
    }
}

/// And told with each of its log-ins; other agents are not touched, nor is its version.
pub async fn whether_an_agent_is_away_is_kept(store: &(impl Transactions + Directory)) {
    let (login, other) = (begun(store).await, begun(store).await);
    let away = async |login: &Login| store.live_logins(&[login.id], NOW).await.unwrap()[0].away;
    assert!(!away(&login).await);
    for (chosen, changes) in [(true, true), (true, false), (false, true), (true, true)] {
        let mut transaction = store.begin().await.unwrap();
        assert!(!transaction.set_away(some_tenant(), login.agent, chosen).await.unwrap(), "another tenant's");
        let version = transaction.agent(login.tenant, login.agent).await.unwrap().unwrap().version;
        assert_eq!(transaction.set_away(login.tenant, login.agent, chosen).await.unwrap(), changes);
        assert_eq!(transaction.agent(login.tenant, login.agent).await.unwrap().unwrap().version, version);
        transaction.commit().await.unwrap();
        assert_eq!((away(&login).await, away(&other).await), (chosen, false));
    }
    let agent = store.agent(login.tenant, login.agent).await.unwrap().unwrap();
    store.put_agent(&agent, &PasswordHash("hash".to_owned())).await.unwrap();
    assert!(away(&login).await, "a change of the agent leaves it");
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
    let rotation = transaction.rotate_login(id, &renewal(presented, next), now, expires_at).await.unwrap();
    transaction.commit().await.unwrap();
    rotation
}

fn renewal(presented: u8, next: u8) -> Renewal {
    let family = [200; 32];
    Renewal {
        presented: [presented; 32],
        presented_family: (presented != 9).then_some(family),
        next: [next; 32],
        next_family: family,
        salt: salt(next),
    }
}

/// The salt that comes with a next token.
const fn salt(next: u8) -> [u8; 32] {
    [next + 100; 32]
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
