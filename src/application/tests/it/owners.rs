//! Changes of agents on two gateways at the same moment.

use std::sync::Arc;

use frontdesk_application::{ActError, Application, Requester, agents};
use frontdesk_domain::{Agent, AgentId, Role, TenantId, Timestamp};
use frontdesk_ports::{Agents as _, PasswordHash, SystemClock, Transactions};
use uuid::Uuid;

use crate::server::Server;

const ROUNDS: usize = 100;

fn agent(tenant: TenantId, role: Role) -> Agent {
    let id = AgentId(Uuid::new_v4());
    let email = format!("{id}@example.test");
    Agent { id, tenant, email, name: "Ada".to_owned(), role, active: true, created_at: Timestamp(1) }
}

fn by(agent: &Agent) -> Requester {
    Requester::Agent { tenant: agent.tenant, agent: agent.id, role: agent.role }
}

fn application(store: &Arc<impl Transactions + 'static>) -> Application {
    Application::new(Arc::clone(store) as _, Arc::new(SystemClock::default()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_owners_who_demote_each_other_on_two_gateways_exactly_one_wins() {
    let server = Server::start();
    let (one, other) = (server.gateway().await, server.gateway().await);
    let (first, second) = (application(&one), application(&other));
    let demoted = || agents::AgentChange { role: Some(Role::Agent), ..Default::default() };
    for round in 0..ROUNDS {
        let tenant = TenantId(Uuid::new_v4());
        let (ada, bob) = (agent(tenant, Role::Owner), agent(tenant, Role::Owner));
        for owner in [&ada, &bob] {
            one.put_agent(owner, &PasswordHash("hash".to_owned())).await.unwrap();
        }
        let (by_ada, by_bob) = (by(&ada), by(&bob));
        let (of_bob, of_ada) = tokio::join!(
            agents::change(&first, &by_ada, bob.id, demoted()),
            agents::change(&second, &by_bob, ada.id, demoted()),
        );
        let results = [of_bob, of_ada];
        let refused: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
        assert!(matches!(refused[..], [ActError::LastOwner]), "round {round}: {results:?}");
        let owners = one.agents(tenant).await.unwrap().into_iter().filter(|agent| agent.role == Role::Owner);
        assert_eq!(owners.count(), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rename_on_one_gateway_never_undoes_a_new_password_or_role_of_another() {
    let server = Server::start();
    let (one, other) = (server.gateway().await, server.gateway().await);
    let (first, second) = (application(&one), application(&other));
    let tenant = TenantId(Uuid::new_v4());
    let owner = agent(tenant, Role::Owner);
    one.put_agent(&owner, &PasswordHash("hash".to_owned())).await.unwrap();
    let by_owner = by(&owner);
    for round in 0..ROUNDS {
        let ada = agent(tenant, Role::Agent);
        one.put_agent(&ada, &PasswordHash("old".to_owned())).await.unwrap();
        let rename = agents::AgentChange { name: Some("Ada L.".to_owned()), ..Default::default() };
        let password = PasswordHash("new".to_owned());
        let secure =
            agents::AgentChange { password: Some(password.clone()), role: Some(Role::Admin), ..Default::default() };
        let (renamed, secured) = tokio::join!(
            agents::change(&first, &by_owner, ada.id, rename),
            agents::change(&second, &by_owner, ada.id, secure),
        );
        assert!(renamed.is_ok() && secured.is_ok(), "round {round}: {renamed:?} {secured:?}");
        let expected = Agent { name: "Ada L.".to_owned(), role: Role::Admin, ..ada };
        let found = one.agent_by_email(&expected.email).await.unwrap();
        assert_eq!(found, Some((expected, password)), "round {round}");
    }
}

#[tokio::test]
async fn a_change_decided_on_an_older_version_is_refused() {
    let server = Server::start();
    let store = server.gateway().await;
    let app = application(&store);
    let owner = agent(TenantId(Uuid::new_v4()), Role::Owner);
    store.put_agent(&owner, &PasswordHash("hash".to_owned())).await.unwrap();
    let rename = |name: &str| agents::AgentChange {
        name: Some(name.to_owned()),
        expected_version: Some(1),
        ..Default::default()
    };
    let renamed = agents::change(&app, &by(&owner), owner.id, rename("Ada L.")).await.unwrap();
    assert_eq!(renamed.version, 2);
    let refused = agents::change(&app, &by(&owner), owner.id, rename("Eve")).await;
    assert!(matches!(refused, Err(ActError::Conflict)), "{refused:?}");
    assert_eq!(store.agent(owner.tenant, owner.id).await.unwrap(), Some(renamed.value));
}
