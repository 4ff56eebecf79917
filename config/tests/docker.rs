//! The variables in docker/ are settings that exist and agree with one another.

use std::collections::BTreeMap;
use std::path::Path;

use frontdesk_config::{BrokerMode, Settings, StoreKind};

/// Every `FRONTDESK__SECTION__KEY` that a file in docker/ sets, with `${...}` filled in.
fn variables(file: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker").join(file);
    let text = std::fs::read_to_string(path).expect("a file in docker/");
    let set = text.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("ENV ").trim_end_matches('\\');
        let (name, value) = line.split_once(": ").or_else(|| line.split_once('='))?;
        let value = value.split(" #").next()?.trim();
        name.starts_with("FRONTDESK__").then(|| (name.to_owned(), filled(value)))
    });
    set.collect()
}

fn filled(value: &str) -> String {
    match (value.find("${"), value.find('}')) {
        (Some(from), Some(to)) => {
            let default = value[from..to].split_once(":-").map_or("secret", |(_, default)| default);
            format!("{}{default}{}", &value[..from], filled(&value[to + 1..]))
        }
        _ => value.to_owned(),
    }
}

#[test]
fn one_node_is_configured_with_settings_that_exist() {
    let merged = variables("Dockerfile").into_iter().chain(variables("compose.yaml"));
    let settings = Settings::load(None, merged).unwrap();
    assert_eq!(settings.server.data_dir, Path::new("/data"));
    assert!(settings.server.listen.ip().is_unspecified() && settings.server.admin_listen.ip().is_loopback());
}

#[test]
fn the_cluster_is_configured_with_settings_that_exist_and_agree() {
    let merged = variables("Dockerfile").into_iter().chain(variables("compose.cluster.yaml"));
    let settings = Settings::load(None, merged).unwrap();
    assert_eq!((settings.broker.mode, settings.broker.replicas), (BrokerMode::External, 3));
    assert_eq!((settings.store.kind, settings.server.trusted_proxies.len()), (StoreKind::Postgres, 1));
    assert!(settings.redis.url.is_some());
}

#[test]
fn traces_go_to_a_service_of_the_same_file_when_asked_for_and_nowhere_otherwise() {
    const ENDPOINT: &str = "http://jaeger:4318/v1/traces";
    for file in ["compose.yaml", "compose.cluster.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("OTLP_ENDPOINT={ENDPOINT}")), "{file} says how to turn traces on");
        let (_, service) = text.split_once("\n  jaeger:\n").expect("the service that the address names");
        let service = service.split_once("\n\n").map_or(service, |(service, _)| service);
        assert!(service.contains("profiles: [\"traces\"]"), "{file} runs the collector when asked for only");
        assert!(service.contains("127.0.0.1:16686:16686"), "the pages of {file} are for this machine only");

        let mut merged: BTreeMap<_, _> = variables("Dockerfile").into_iter().chain(variables(file)).collect();
        let settings = Settings::load(None, merged.clone()).unwrap();
        assert_eq!(settings.telemetry.otlp_endpoint, None, "{file}");
        merged.insert("FRONTDESK__TELEMETRY__OTLP_ENDPOINT".to_owned(), ENDPOINT.to_owned());
        let settings = Settings::load(None, merged).unwrap();
        assert_eq!(settings.telemetry.otlp_endpoint.as_deref(), Some(ENDPOINT));
        assert!(settings.telemetry.trace_share > 0.0);
    }
}
