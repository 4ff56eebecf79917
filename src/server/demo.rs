//! The demo tenant: a web inbox and two agents, the same at every start.

use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::Context;
use frontdesk_application::{
    Application, inboxes,
    tenants::{self, NewTenant},
};
use frontdesk_config::Settings;
use frontdesk_domain::{Agent, AgentId, Inbox, InboxId, InboxKind, Role, Tenant, TenantId};
use frontdesk_ports::{Agents, Clock};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The demo tenant, and how to log in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Demo {
    pub(crate) tenant: TenantId,
    pub(crate) inbox: InboxId,
    pub(crate) agents: Vec<DemoAgent>,
}

/// One of its agents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DemoAgent {
    pub(crate) id: AgentId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Demo {
    /// Adds what a program needs to a line of JSON.
    pub(crate) fn add_to(&self, line: &mut serde_json::Value) {
        line["tenant"] = self.tenant.to_string().into();
        line["inbox"] = self.inbox.to_string().into();
        let agents =
            self.agents.iter().map(|agent| serde_json::json!({ "email": agent.email, "password": agent.password }));
        line["agents"] = agents.collect();
    }
}

/// Makes what is not there yet of the demo tenant; what people changed of it stays. Ids and passwords are drawn once
/// and kept in `<data_dir>/demo.json`.
///
/// # Errors
/// The file or the database cannot be used.
pub(crate) async fn ensure(
    settings: &Settings,
    public_url: &str,
    agents: &dyn Agents,
    application: &Application,
    clock: &dyn Clock,
) -> anyhow::Result<Demo> {
    let demo = read_or_draw(&settings.server.data_dir.join("demo.json"))?;
    let now = clock.now();
    let tenant = Tenant { id: demo.tenant, name: "Demo shop".to_owned(), created_at: now };
    let inbox = Inbox {
        id: demo.inbox,
        tenant: demo.tenant,
        kind: InboxKind::WEB,
        active: true,
        name: "Teapot & Co.".to_owned(),
        greeting: "Hello! How can we help?".to_owned(),
        origins: origins(public_url),
        created_at: now,
    };
    let mut missing = Vec::new();
    for agent in &demo.agents {
        // Hashing takes long, so only for those who are not there yet.
        if agents.agent(demo.tenant, agent.id).await?.is_none() {
            let hash = frontdesk_api::hash_password(&settings.auth, &agent.password)?;
            let DemoAgent { id, name, role, email, .. } = agent.clone();
            missing.push((Agent { id, tenant: demo.tenant, email, name, role, active: true, created_at: now }, hash));
        }
    }
    tenants::set_up(application, "demo", &NewTenant { tenant, inbox, agents: missing }).await?;
    Ok(demo)
}

/// The public address, and the names of this machine on its port: people type any of them.
fn origins(public_url: &str) -> Vec<String> {
    let mut typed = vec![public_url.to_owned()];
    if let Some(port) = public_url.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok()) {
        typed.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("http://{host}:{port}")));
    }
    inboxes::origins(&typed).unwrap_or_default()
}

fn read_or_draw(path: &Path) -> anyhow::Result<Demo> {
    if path.exists() {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        return serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()));
    }
    let agent = |name: &str, role, email: &str| DemoAgent {
        id: AgentId(Uuid::now_v7()),
        name: name.to_owned(),
        role,
        email: email.to_owned(),
        password: password(),
    };
    let demo = Demo {
        tenant: TenantId(Uuid::now_v7()),
        inbox: InboxId(Uuid::now_v7()),
        agents: vec![agent("Ada", Role::Owner, "ada@demo.test"), agent("Bob", Role::Agent, "bob@demo.test")],
    };
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(serde_json::to_string_pretty(&demo)?.as_bytes())?;
    file.sync_all()?;
    Ok(demo)
}

/// A password of 80 random bits, easy to read out: four groups of four letters and digits that look like nothing else.
pub(crate) fn password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes = Uuid::new_v4().into_bytes();
    let more = Uuid::new_v4().into_bytes();
    // Bytes 6 and 8 of a random UUID hold its version; the others are random.
    let random = bytes[..6].iter().chain(&bytes[9..]).chain(&more[..3]);
    let text: String = random.map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    [&text[..4], &text[4..8], &text[8..12], &text[12..16]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_four_groups_and_never_the_same() {
        let (one, two) = (password(), password());
        assert_eq!(one.len(), 19);
        assert_ne!(one, two);
    }

    #[test]
    fn the_demo_is_drawn_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.json");
        let first = read_or_draw(&path).unwrap();
        assert_eq!(read_or_draw(&path).unwrap().agents[0].password, first.agents[0].password);
    }
}
