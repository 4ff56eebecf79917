//! The one cache of who belongs to which teams in a process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_domain::{AgentId, Membership, Role, Scope, Team, TenantId};
use frontdesk_ports::{Clock, Definitions, Notice, NoticeKind, StoreError, definitions};

use crate::notices::NoticeListener;

/// The teams of tenants, read from the database once and kept until a change notice says that one changed, or until
/// they are 10 s old. While the database is away the last ones known hold.
pub struct Memberships {
    definitions: Arc<dyn Definitions>,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    tenants: HashMap<TenantId, Teams>,
    /// Counts the notices: what was being read when one came may be older than the change.
    outdated: u64,
}

struct Teams {
    /// When they were read (monotonic); `None` once they may be outdated.
    read_at: Option<Duration>,
    teams: Arc<Vec<Team>>,
    /// What was worked out from them.
    of_agents: HashMap<AgentId, Membership>,
}

impl Memberships {
    /// An empty cache of the teams in `definitions`. It hears of changes once it is given to
    /// [`deliver`](crate::notices::deliver).
    #[must_use]
    pub fn new(definitions: Arc<dyn Definitions>, clock: Arc<dyn Clock>) -> Self {
        Self { definitions, clock, held: Mutex::default() }
    }

    /// Where an agent with `role` belongs. Nothing is read for a role whose grants do not depend on it.
    ///
    /// # Errors
    /// [`StoreError`]: the tenant's teams were never read, and the database does not answer now.
    pub async fn of(&self, tenant: TenantId, agent: AgentId, role: Role) -> Result<Membership, StoreError> {
        if !role.grants().iter().any(|grant| matches!(grant.scope, Scope::Team | Scope::Inbox)) {
            return Ok(Membership::NONE);
        }
        let now = self.clock.monotonic();
        let (known, outdated) = {
            let mut held = self.held();
            match held.tenants.get_mut(&tenant) {
                Some(teams) if teams.is_current(now) => return Ok(teams.of(agent)),
                teams => (teams.map(|teams| teams.of(agent)), held.outdated),
            }
        };
        let teams = match (definitions::all::<Team>(&*self.definitions, tenant).await, known) {
            (Ok(found), _) => Arc::new(found.into_iter().map(|found| found.value).collect::<Vec<_>>()),
            (Err(error), Some(membership)) if error.is_transient() => return Ok(membership),
            (Err(error), _) => return Err(error),
        };
        let mut read = Teams { read_at: Some(now), teams, of_agents: HashMap::new() };
        let membership = read.of(agent);
        let mut held = self.held();
        // Otherwise what was read may be older than the change that was told meanwhile.
        if held.outdated == outdated {
            if held.tenants.len() >= CAPACITY {
                held.tenants.retain(|_, teams| teams.is_current(now));
            }
            if held.tenants.len() < CAPACITY {
                held.tenants.insert(tenant, read);
            }
        }
        Ok(membership)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the teams of matching tenants be read again. They are kept, to hold while the database is away.
    fn expire(&self, matches: impl Fn(TenantId) -> bool) {
        let mut held = self.held();
        held.outdated += 1;
        let matching = held.tenants.iter_mut().filter(|(tenant, _)| matches(**tenant));
        matching.for_each(|(_, teams)| teams.read_at = None);
    }
}

impl Teams {
    fn is_current(&self, now: Duration) -> bool {
        self.read_at.is_some_and(|read_at| now.saturating_sub(read_at) < MAX_AGE)
    }

    fn of(&mut self, agent: AgentId) -> Membership {
        let Self { teams, of_agents, .. } = self;
        of_agents.entry(agent).or_insert_with(|| Membership::of(agent, teams.iter())).clone()
    }
}

impl NoticeListener for Memberships {
    fn changed(&self, notice: &Notice) {
        if notice.kind == NoticeKind::TEAM {
            self.expire(|tenant| tenant == notice.tenant);
        }
    }

    fn missed(&self) {
        self.expire(|_| true);
    }
}

/// How old the teams may be: a change whose notice was lost takes effect within this time.
const MAX_AGE: Duration = Duration::from_secs(10);

/// Tenants that are held at once. The teams of one that comes when all are younger than [`MAX_AGE`] are read each time.
const CAPACITY: usize = 1_000;

#[cfg(test)]
mod tests;
