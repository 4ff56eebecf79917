//! Agents whose role reaches a part of the conversations.

use super::*;

#[test]
fn a_narrow_grant_counts_within_its_scope_alone_as_the_holder_changes() {
    use crate::policy::{Grant, Membership, Permission, Scope};
    let grants = [(Permission::Read, Scope::Inbox), (Permission::Converse, Scope::Own)];
    let grants = grants.map(|(permission, scope)| Grant { permission, scope }).into_iter().collect();
    let role = Role::Custom(RoleId(Uuid::nil()), grants);
    let team = |inboxes: &[InboxId]| Team {
        id: TeamId(Uuid::nil()),
        name: "Shop".to_owned(),
        members: [AgentId(Uuid::from_u128(10))].into(),
        inboxes: inboxes.iter().copied().collect(),
        default_inbox: None,
        calendar: None,
        active: true,
    };
    let ada = |inboxes: &[InboxId]| {
        let id = AgentId(Uuid::from_u128(10));
        Principal::Agent(id, role, Membership::of(id, [&team(inboxes)]))
    };
    let (here, elsewhere) = (ada(&[InboxId(Uuid::nil())]), ada(&[]));
    let mut desk = opened();
    let note = || Command::note(text("looks urgent"));
    assert_eq!(run(&mut desk, 2, here.clone(), note()), Err(Rejection::Forbidden), "read, not held");
    assert_eq!(run(&mut desk, 3, elsewhere.clone(), note()), Err(Rejection::NotFound), "not even read");
    let assign = Command::Assign { agent: AgentId(Uuid::from_u128(10)), name: "Ada".into() };
    run(&mut desk, 4, EVE, assign).unwrap();
    run(&mut desk, 5, elsewhere.clone(), note()).unwrap();
    let transfer = Command::Transfer { agent: AgentId(Uuid::from_u128(11)), name: "Bob".into() };
    run(&mut desk, 6, elsewhere.clone(), transfer).unwrap();
    assert_eq!(run(&mut desk, 7, elsewhere, note()), Err(Rejection::NotFound), "it left with its holder");
    assert_eq!(run(&mut desk, 8, here, note()), Err(Rejection::Forbidden));
}
