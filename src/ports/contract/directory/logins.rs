use frontdesk_domain::{Agent, LoginId, Timestamp};
use futures_util::future::join;
use uuid::Uuid;

use super::{agent, some_tenant};
use crate::{
    directory::{Directory, Login, PasswordHash, Rotation},
    error::StoreError,
};

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);
const MUCH_LATER: Timestamp = Timestamp(3_000);

/// And the next one is good then, for as long as was said.
pub async fn a_refresh_token_is_exchanged_once(directory: &dyn Directory) {
    let (login, _) = begun(directory).await;
    let id = login.id;
    let rotated = directory.rotate_login(id, [1; 32], [2; 32], NOW, MUCH_LATER).await.unwrap();
    let expected = Login { token_hash: [2; 32], expires_at: MUCH_LATER, ..login };
    assert_eq!(rotated, Rotation::Rotated(expected.clone()));
    let rotated = directory.rotate_login(id, [2; 32], [3; 32], LATER, MUCH_LATER).await.unwrap();
    assert_eq!(rotated, Rotation::Rotated(Login { token_hash: [3; 32], ..expected }));
    let foreign = directory.rotate_login(id, [9; 32], [4; 32], LATER, MUCH_LATER).await.unwrap();
    assert_eq!(foreign, Rotation::Unknown);
    assert_eq!(alive(directory, &[id], LATER).await, [id], "a guess ends nothing");
}

/// One of the two that hold it is a thief.
pub async fn a_token_used_again_ends_the_log_in(directory: &dyn Directory) {
    let (login, _) = begun(directory).await;
    let rotate = async |presented, next| {
        directory.rotate_login(login.id, [presented; 32], [next; 32], NOW, LATER).await.unwrap()
    };
    assert!(matches!(rotate(1, 2).await, Rotation::Rotated(_)));
    assert_eq!(rotate(1, 3).await, Rotation::Reused);
    assert_eq!(rotate(2, 4).await, Rotation::Unknown, "the thief's or the owner's: both are out");
    assert_eq!(rotate(1, 5).await, Rotation::Unknown);
    assert_eq!(alive(directory, &[login.id], NOW).await, []);
}

/// The other one is told that the token was used.
pub async fn of_two_exchanges_at_once_one_wins(directory: &dyn Directory) {
    for _ in 0..10 {
        let (login, _) = begun(directory).await;
        let rotate = |next| directory.rotate_login(login.id, [1; 32], [next; 32], NOW, LATER);
        let (first, second) = join(rotate(2), rotate(3)).await;
        let answers = [first.unwrap(), second.unwrap()];
        let won = answers.iter().filter(|answer| matches!(answer, Rotation::Rotated(_))).count();
        assert!(won == 1 && answers.contains(&Rotation::Reused), "{answers:?}");
    }
}

/// As one that never was.
pub async fn an_ended_or_expired_log_in_is_unknown(directory: &dyn Directory) {
    let (ended, _) = begun(directory).await;
    directory.revoke_login(ended.tenant, ended.id).await.unwrap();
    directory.revoke_login(ended.tenant, ended.id).await.expect("ending it twice is harmless");
    let (expired, _) = begun(directory).await;
    for (id, now) in [(ended.id, NOW), (expired.id, LATER), (LoginId(Uuid::new_v4()), NOW)] {
        let refused = directory.rotate_login(id, [1; 32], [2; 32], now, MUCH_LATER).await.unwrap();
        assert_eq!(refused, Rotation::Unknown);
    }
}

/// Another tenant may know the id; it does not help.
pub async fn only_its_own_tenant_ends_a_log_in(directory: &dyn Directory) {
    let (login, _) = begun(directory).await;
    directory.revoke_login(some_tenant(), login.id).await.unwrap();
    assert_eq!(alive(directory, &[login.id], NOW).await, [login.id]);
    directory.revoke_login(login.tenant, login.id).await.unwrap();
    assert_eq!(alive(directory, &[login.id], NOW).await, []);
}

/// Beginning a log-in again does not continue it.
pub async fn a_log_in_id_is_taken_once(directory: &dyn Directory) {
    let (login, _) = begun(directory).await;
    directory.revoke_login(login.tenant, login.id).await.unwrap();
    assert!(matches!(directory.begin_login(&login).await, Err(StoreError::Taken(_))));
    assert_eq!(alive(directory, &[login.id], NOW).await, []);
}

/// With the agent as it is now.
pub async fn live_log_ins_are_those_neither_ended_nor_expired_of_active_agents(directory: &dyn Directory) {
    let (good, mut ada) = begun(directory).await;
    let ((ended, _), (orphan, mut gone)) = (begun(directory).await, begun(directory).await);
    directory.revoke_login(ended.tenant, ended.id).await.unwrap();
    gone.active = false;
    put(directory, &gone).await;
    ada.name = "Ada Lovelace".to_owned();
    put(directory, &ada).await;
    let asked = [ended.id, good.id, orphan.id, LoginId(Uuid::new_v4()), good.id];
    let live = directory.live_logins(&asked, Timestamp(LATER.0 - 1)).await.unwrap();
    assert_eq!(live, [(good.id, ada)]);
    assert_eq!(directory.live_logins(&asked, LATER).await.unwrap(), []);
    assert_eq!(directory.live_logins(&[], NOW).await.unwrap(), []);
}

/// A log-in with the token `[1; 32]`, good until [`LATER`], and its agent.
async fn begun(directory: &dyn Directory) -> (Login, Agent) {
    let agent = agent(some_tenant(), "Ada");
    put(directory, &agent).await;
    let login = Login {
        id: LoginId(Uuid::new_v4()),
        tenant: agent.tenant,
        agent: agent.id,
        token_hash: [1; 32],
        expires_at: LATER,
        revoked: false,
    };
    directory.begin_login(&login).await.unwrap();
    (login, agent)
}

async fn put(directory: &dyn Directory, agent: &Agent) {
    directory.put_agent(agent, &PasswordHash("$argon2id$".to_owned())).await.unwrap();
}

async fn alive(directory: &dyn Directory, ids: &[LoginId], now: Timestamp) -> Vec<LoginId> {
    directory.live_logins(ids, now).await.unwrap().into_iter().map(|(id, _)| id).collect()
}
