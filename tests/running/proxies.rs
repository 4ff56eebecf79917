//! Proxies in front of the desk.

use frontdesk_tests::harness::{Rest, System, until};
use reqwest::Method;

fn warnings(system: &System) -> Vec<String> {
    system.gateway(0).lines(|line| line.contains("WARN") && line.contains("server.trusted_proxies"))
}

async fn forwarded(system: &System) {
    let rest = Rest::new(system.gateway(0));
    for client in ["203.0.113.7", "203.0.113.8", "203.0.113.9"] {
        let answer = rest.request(Method::GET, "/api/v1/me", &[("x-forwarded-for", client)], None).await;
        assert_eq!(answer.status, 401);
    }
}

#[tokio::test]
async fn a_proxy_that_the_settings_do_not_name_is_warned_of_once() {
    let system = System::up();
    assert_eq!(Rest::new(system.gateway(0)).get("/api/v1/me").await.status, 401);
    assert!(warnings(&system).is_empty(), "nothing was forwarded");
    forwarded(&system).await;
    until("it is warned of", async || (!warnings(&system).is_empty()).then_some(())).await;
    forwarded(&system).await;
    let logged = warnings(&system);
    assert!(logged.len() == 1 && logged[0].contains("127.0.0.1"), "{logged:?}");
}

#[tokio::test]
async fn a_proxy_in_a_named_network_is_not_warned_of() {
    let system = System::up_with(&[("FRONTDESK__SERVER__TRUSTED_PROXIES", "172.16.0.0/12,127.0.0.0/8")]);
    forwarded(&system).await;
    assert_eq!(system.gateway(0).terminate(), Ok(0));
    let log = std::fs::read_to_string(system.gateway(0).log()).expect("it has a log");
    assert!(!log.contains("server.trusted_proxies"), "{log}");
}
