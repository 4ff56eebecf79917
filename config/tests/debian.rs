//! The settings file of the Debian package can be used, and agrees with the package's unit and file list.

use std::path::Path;

use frontdesk_config::{BrokerMode, Settings};

fn package(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/server").join(file)
}

#[test]
fn the_settings_of_the_debian_package_name_what_it_installs() {
    let settings = Settings::load(Some(&package("debian/frontdesk.toml")), []).unwrap();
    assert_eq!(settings.broker.mode, BrokerMode::Embedded);
    assert!(settings.server.listen.ip().is_loopback(), "a fresh installation is for this machine only");

    let manifest = std::fs::read_to_string(package("Cargo.toml")).unwrap();
    let broker = settings.broker.nats_server_path.expect("the package brings its broker");
    let folder = broker.parent().and_then(|folder| folder.strip_prefix("/").ok()).expect("an absolute path");
    assert!(manifest.contains(&format!("/bin/nats-server\", \"{}/\"", folder.display())), "{manifest}");

    let unit = std::fs::read_to_string(package("debian/frontdesk.service")).unwrap();
    let data = settings.server.data_dir.display().to_string();
    assert!(unit.contains(&format!("WorkingDirectory={data}\n")), "the unit works in the data folder");
    assert_eq!(data.strip_prefix("/var/lib/"), Some("frontdesk"), "the folder that the unit may write to");
    assert!(unit.contains("StateDirectory=frontdesk\n") && unit.contains("User=frontdesk\n"));
}
