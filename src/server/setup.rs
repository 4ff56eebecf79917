//! Commands that make something and end: tenants, demo data, keys.

use std::sync::Arc;

use anyhow::Context;
use frontdesk_application::{
    Application, inboxes,
    tenants::{self, NewTenant},
};
use frontdesk_config::Settings;
use frontdesk_domain::{Agent, AgentId, EmailAddress, Inbox, InboxId, InboxKind, Line, Role, Tenant, TenantId};
use frontdesk_ports::{Clock, SystemClock};
use uuid::Uuid;

use crate::{backends, command_line::SetupOptions, demo};

/// Makes the demo tenant and says how to log in.
///
/// # Errors
/// The database cannot be used.
pub(crate) async fn seed(settings: &Settings, json: bool) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    std::fs::create_dir_all(&settings.server.data_dir)?;
    let database = backends::open_database(settings).await?;
    let demo = demo::ensure(
        settings,
        &settings.server.public_url(),
        &*database.directory,
        &Application::new(Arc::clone(&database.transactions), Arc::clone(&clock)),
        &*clock,
    )
    .await?;
    if json {
        let mut line = serde_json::json!({ "ready": true });
        demo.add_to(&mut line);
        println!("{line}");
    } else {
        println!("tenant {}\ninbox  {}", demo.tenant, demo.inbox);
        demo.agents.iter().for_each(|agent| println!("agent  {} {}", agent.email, agent.password));
    }
    Ok(())
}

/// Makes a tenant with its inbox and owner.
///
/// # Errors
/// A name, an address or an origin cannot be used, the e-mail address is taken, or the database cannot be used.
pub(crate) async fn setup(settings: &Settings, options: &SetupOptions) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let now = clock.now();
    // With the same parsers as REST, and before anything is created.
    let tenant_name = line("--tenant", &options.tenant)?;
    let name = line("--name", &options.name)?;
    let inbox_name = line("--inbox", &options.inbox)?;
    let email = options.email.parse::<EmailAddress>();
    let email = String::from(email.with_context(|| format!("--email {:?}", options.email))?);
    let origins = inboxes::origins(&options.origin).context("--origin")?;
    std::fs::create_dir_all(&settings.server.data_dir)?;
    let database = backends::open_database(settings).await?;
    anyhow::ensure!(database.directory.agent_by_email(&email).await?.is_none(), "an agent with {email} exists already");
    let tenant = Tenant { id: TenantId(Uuid::now_v7()), name: tenant_name, created_at: now };
    let inbox = Inbox {
        id: InboxId(Uuid::now_v7()),
        tenant: tenant.id,
        kind: InboxKind::WEB,
        active: true,
        name: inbox_name,
        greeting: "Hello! How can we help?".to_owned(),
        origins,
        created_at: now,
    };
    let password = demo::password();
    let hash = frontdesk_api::hash_password(&settings.auth, &password)?;
    let owner = Agent {
        id: AgentId(Uuid::now_v7()),
        tenant: tenant.id,
        email,
        name,
        role: Role::Owner,
        active: true,
        created_at: now,
    };
    let new = NewTenant { tenant, inbox, agents: vec![(owner, hash)] };
    tenants::set_up(&Application::new(Arc::clone(&database.transactions), clock), "setup", &new).await?;
    let NewTenant { tenant, inbox, agents } = new;
    let owner = &agents[0].0;
    println!("tenant   {}\ninbox    {}\nowner    {}\npassword {password}", tenant.id, inbox.id, owner.email);
    println!("The password is not kept anywhere; write it down now.");
    Ok(())
}

/// Signs with a new key from now on.
///
/// # Errors
/// The key file cannot be used.
pub(crate) fn rotate_keys(settings: &Settings) -> anyhow::Result<()> {
    let path = settings.key_file();
    let kid = frontdesk_api::Keys::rotate(&path, SystemClock::default().now())
        .with_context(|| format!("cannot rotate the keys in {}", path.display()))?;
    println!("new key {kid}; tokens of the last one stay good until they end");
    Ok(())
}

fn line(option: &str, text: &str) -> anyhow::Result<String> {
    let line = Line::<100>::new(text).with_context(|| format!("{option} {text:?}"))?;
    Ok(line.into_string())
}
