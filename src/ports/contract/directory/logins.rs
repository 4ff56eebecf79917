use frontdesk_domain::{Agent, LoginId, Timestamp};
use uuid::Uuid;

use super::{agent, some_tenant};
use crate::{
    directory::{Directory, LiveLogin, Login, PasswordHash},
    error::StoreError,
};

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);

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
    assert_eq!(live, [LiveLogin { login: good.id, agent: ada, away: false }]);
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
    directory.live_logins(ids, now).await.unwrap().into_iter().map(|live| live.login).collect()
}
