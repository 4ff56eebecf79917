//! `frontdesk broker credentials`: bridges and integrators at the broker, added and removed beside a running desk.

use anyhow::Context;
use frontdesk_config::{BrokerMode, Settings};
use frontdesk_domain::{InboxId, TenantId};
use frontdesk_nats::{
    NatsLog, Principal, PrincipalKind,
    principals::DESK_ACCOUNT,
    supervisor::{LocalPrincipals, new_password},
};
use frontdesk_ports::Directory;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{backends, broker::Broker, command_line::CredentialsAction};

/// Does what was asked.
///
/// # Errors
/// There is no such tenant, inbox or name, a name is taken, or the broker cannot be reached.
pub(crate) async fn run(settings: &Settings, action: &CredentialsAction) -> anyhow::Result<()> {
    backends::expect_database(settings)?;
    let database = backends::open_database(settings).await?;
    let wanted = match action {
        CredentialsAction::Add { bridge, integrator, name, .. } => {
            let kind = kind(&*database.directory, bridge.as_deref(), *integrator).await?;
            Some(Principal::new(&name.clone().unwrap_or_else(|| fresh_name(kind)), kind)?)
        }
        _ => None,
    };
    let (broker, _) = Broker::find_or_start(settings, backends::installation_id(&database).await?).await?;
    let done = match (action, wanted) {
        (CredentialsAction::Add { json, .. }, Some(principal)) => add(settings, &broker.log, principal, *json).await,
        (CredentialsAction::List { json }, _) => list(&broker.log, *json).await,
        (CredentialsAction::Remove { name }, _) => remove(settings, &broker.log, name).await,
        (CredentialsAction::Add { .. }, None) => Ok(()),
    };
    broker.shutdown().await;
    done
}

async fn add(settings: &Settings, log: &NatsLog, principal: Principal, as_json: bool) -> anyhow::Result<()> {
    let taken = log.principals().await?.iter().any(|other| other.name() == principal.name());
    anyhow::ensure!(!taken, "credentials named {} exist already", principal.name());
    log.add_principal(&principal).await.context("cannot make its consumer")?;
    let added = match settings.broker.mode {
        BrokerMode::Embedded => match locals(settings) {
            Ok(locals) => locals.add(principal.clone()).await.map(|password| (password, None)),
            Err(error) => Err(error),
        },
        BrokerMode::External => new_password().map(|(password, hash)| (password, Some(hash))),
    };
    let (password, hash) = match added {
        Ok(added) => added,
        Err(error) => {
            // Without a password it is of no use; what stays behind would only hold the name.
            log.remove_principal(&principal).await.context("cannot take back its consumer")?;
            return Err(error).context("cannot add credentials");
        }
    };
    let mut line = row(&principal);
    line["may_publish"] = log.rights_of(&principal).into();
    line["password"] = password.expose_secret().into();
    let by_hand = hash.map(|hash| log.configuration_of(&principal, &hash));
    if as_json {
        if let Some((account, exports)) = by_hand {
            (line["account"], line["exports"]) = (account.into(), exports.into());
        }
        println!("{line}");
        return Ok(());
    }
    for (name, value) in line.as_object().into_iter().flatten() {
        println!("{name:<13} {}", value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
    }
    println!("The password is not kept anywhere; write it down now.");
    if let Some((account, exports)) = by_hand {
        println!("\nAdd this to `accounts` in the configuration of each broker:\n\n{account}");
        println!("and this to `exports` of the account {DESK_ACCOUNT} there:\n\n{exports}");
        println!(
            "then run `nats-server --signal reload` twice on each: the first takes the account up, the second its imports."
        );
    }
    Ok(())
}

async fn list(log: &NatsLog, as_json: bool) -> anyhow::Result<()> {
    let principals = log.principals().await?;
    if as_json {
        println!("{}", json!({ "items": principals.iter().map(row).collect::<Vec<_>>() }));
        return Ok(());
    }
    for principal in &principals {
        let row = row(principal);
        let word = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
        println!("{}  {}  tenant {}  inbox {}", principal.name(), word("kind"), word("tenant"), word("inbox"));
    }
    Ok(())
}

async fn remove(settings: &Settings, log: &NatsLog, name: &str) -> anyhow::Result<()> {
    let principal = log.principals().await?.into_iter().find(|principal| principal.name() == name);
    if let Some(principal) = &principal {
        log.remove_principal(principal).await.context("cannot remove its consumer")?;
    }
    let is_local = settings.broker.mode == BrokerMode::Embedded;
    let removed = if is_local { locals(settings)?.remove(name).await?.is_some() } else { false };
    anyhow::ensure!(removed || principal.is_some(), "there are no credentials named {name}");
    println!("removed {name}");
    if !is_local {
        println!(
            "Now remove its account from the configuration of each broker, and run `nats-server --signal reload`."
        );
    }
    Ok(())
}

fn locals(settings: &Settings) -> Result<LocalPrincipals, frontdesk_nats::supervisor::SupervisorError> {
    LocalPrincipals::open(&settings.server.data_dir, &settings.broker.subject_prefix)
}

/// What is asked for, which must exist.
async fn kind(
    directory: &dyn Directory,
    bridge: Option<&str>,
    integrator: Option<TenantId>,
) -> anyhow::Result<PrincipalKind> {
    let kind = match (bridge, integrator) {
        (Some(bridge), _) => {
            let split = bridge
                .split_once('/')
                .and_then(|(tenant, inbox)| Some((tenant.parse::<TenantId>().ok()?, inbox.parse::<InboxId>().ok()?)));
            let (tenant, inbox) = split.with_context(|| format!("`{bridge}` is not TENANT/INBOX, two UUIDs"))?;
            let found = directory.inbox(inbox).await?.filter(|found| found.tenant == tenant);
            anyhow::ensure!(found.is_some(), "tenant {tenant} has no inbox {inbox}");
            PrincipalKind::Bridge { tenant, inbox }
        }
        (None, Some(tenant)) => {
            let is_there = directory.tenants().await?.iter().any(|found| found.id == tenant);
            anyhow::ensure!(is_there, "there is no tenant {tenant}");
            PrincipalKind::Integrator { tenant }
        }
        (None, None) => anyhow::bail!("say for whom: --bridge TENANT/INBOX or --integrator TENANT"),
    };
    Ok(kind)
}

fn fresh_name(kind: PrincipalKind) -> String {
    let what = match kind {
        PrincipalKind::Bridge { .. } => "bridge",
        PrincipalKind::Integrator { .. } => "integrator",
    };
    format!("{what}-{:08x}", Uuid::new_v4().as_fields().0)
}

fn row(principal: &Principal) -> Value {
    let (kind, tenant, inbox) = match principal.kind() {
        PrincipalKind::Bridge { tenant, inbox } => ("bridge", tenant, Some(inbox)),
        PrincipalKind::Integrator { tenant } => ("integrator", tenant, None),
    };
    json!({
        "name": principal.name(),
        "kind": kind,
        "tenant": tenant,
        "inbox": inbox,
        "inbox_prefix": principal.inbox_prefix(),
    })
}
