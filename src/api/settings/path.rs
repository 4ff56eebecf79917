//! The scope in an address.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use frontdesk_domain::{InboxId, ScopeKind, SettingsScope, Team};
use frontdesk_ports::definitions;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{auth::Staff, http::Problem, state::ApiState};

/// The inbox or team of an address `/settings/{scope}/{id}`.
pub(super) struct ScopePath(SettingsScope);

/// The kinds of scope that an address names, for the description.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "described only")]
pub(super) enum ScopeWord {
    /// Settings of an inbox.
    Inbox,
    /// Settings of a team.
    Team,
}

impl ScopePath {
    /// The scope, if the tenant has that inbox or team.
    pub(super) async fn of(self, state: &ApiState, staff: &Staff) -> Result<SettingsScope, Problem> {
        match self.0 {
            SettingsScope::Inbox(id) => {
                let found = state.inbox(id).await?.filter(|inbox| inbox.tenant == staff.tenant);
                found.map(|_| self.0).ok_or_else(|| Problem::not_found("inbox"))
            }
            SettingsScope::Team(id) => {
                let found = definitions::one::<Team>(&*state.database.directory, staff.tenant, id).await?;
                found.map(|_| self.0).ok_or_else(|| Problem::not_found("team"))
            }
            SettingsScope::Tenant => Ok(self.0),
        }
    }
}

impl FromRequest for ScopePath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let part = |name| request.match_info().get(name).unwrap_or_default();
        let id = Uuid::try_parse(part("id")).map_err(|error| Problem::invalid(error.to_string()));
        ready(id.and_then(|id| match ScopeKind::parse(part("scope")) {
            Some(ScopeKind::Inbox) => Ok(Self(SettingsScope::Inbox(InboxId(id)))),
            Some(ScopeKind::Team) => Ok(Self(SettingsScope::Team(id))),
            _ => Err(Problem::not_found("scope of settings")),
        }))
    }
}
