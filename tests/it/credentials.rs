//! Credentials of a bridge, made and taken away beside a running desk.

use frontdesk_tests::harness::{RawNats, System, Talk, until};
use serde_json::Value;

/// They work at once and for one inbox only, the desk goes on meanwhile, and they end at once.
pub(crate) async fn a_bridge_is_let_in_and_shut_out_while_the_desk_runs(system: &System) {
    let (node, talk) = (system.gateway(0), Talk::begin(system).await);
    let (tenant, inbox) = (&system.demo().tenant, &system.demo().inbox);
    let said = |words: &[&str]| -> Value {
        let (succeeded, said) = node.command(words);
        assert!(succeeded, "{words:?}: {said}");
        let line = said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no JSON in {said}"));
        serde_json::from_str(line).expect("what is printed is JSON")
    };
    let add = ["broker", "credentials", "add", "--json", "--name", "acme-chat", "--bridge"];
    let target = format!("{tenant}/{inbox}");
    let added = said(&[&add[..], &[&target]].concat());
    talk.contact_says("nothing was interrupted for long").await;

    let (address, password) = (RawNats::address(system), added["password"].as_str().expect("a password is printed"));
    let prefix = added["inbox_prefix"].as_str().expect("a prefix is printed");
    let mut bridge = RawNats::connect(&address, Some(("acme-chat", password)), prefix).await.expect("it is let in");
    let way_in = format!("desk.in.{tenant}.{inbox}");
    let answer = String::from_utf8(bridge.request(&way_in, b"hello").await).expect("it is text");
    assert!(answer.contains("\"stream\":\"INBOUND\""), "{answer}");
    for subject in
        [format!("desk.in.{tenant}.{tenant}"), format!("desk.msg.0.{tenant}.{inbox}"), "$JS.API.INFO".to_owned()]
    {
        let objection = bridge.try_publish(&subject).await.unwrap_or_else(|| panic!("it may publish to {subject}"));
        assert!(objection.contains("Permissions Violation"), "{objection}");
    }

    // A name is taken once, and credentials need an inbox that exists.
    for wrong in [&*target, &format!("{inbox}/{tenant}"), "nonsense"] {
        let (succeeded, said) = node.command(&[&add[..], &[wrong]].concat());
        assert!(!succeeded, "{said}");
    }
    let listed = said(&["broker", "credentials", "list", "--json"]);
    assert_eq!((listed["items"].as_array().map(Vec::len), &listed["items"][0]["name"]), (Some(1), &"acme-chat".into()));
    let kept = std::fs::read_to_string(node.data_dir().join("nats/principals.json")).expect("it is kept");
    assert!(!kept.contains(password) && kept.contains("$2"), "{kept}");

    let (succeeded, said) = node.command(&["broker", "credentials", "remove", "acme-chat"]);
    assert!(succeeded, "{said}");
    until("it is shut out", async || {
        RawNats::connect(&address, Some(("acme-chat", password)), prefix).await.is_none().then_some(())
    })
    .await;
    let (succeeded, _) = node.command(&["broker", "credentials", "remove", "acme-chat"]);
    assert!(!succeeded, "there is none any more");
    talk.agent_says("and the desk goes on").await;
}
