//! `/api/v1/conversations/{id}/messages`, read: the entries of a conversation, as persisted.
#![expect(unused_qualifications, reason = "the description of query parameters qualifies their type")]

use actix_web::{get, web::Json};
use frontdesk_domain::{Audience, ConversationId, ConversationKey, Permission, Reach};
use frontdesk_ports::EntryRange;
use frontdesk_protocol::socket::EntryView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    conversations::load,
    http::{PathId, Problem, Problems, QueryParams},
    state::ApiState,
    views::{EntryViewJson, Limit},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list);
}

/// Which entries: after a number, before one, or the newest.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryQuery {
    /// Entries after this number, the oldest of them.
    after_seq: Option<u64>,
    /// Entries before this number, the newest of them.
    before_seq: Option<u64>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// A stretch of a conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntriesView {
    /// The entries, ascending.
    entries: Vec<EntryViewJson>,
    /// Whether more lie in the direction asked for.
    more: bool,
}

/// Entries of a conversation, notes and activity included, as persisted. Without `after_seq` and `before_seq`: the
/// newest.
#[utoipa::path(
    tag = "conversations", security(("agent" = [])),
    params(("id" = Uuid, Path, description = "Which conversation"), EntryQuery),
    responses((status = 200, body = EntriesView), Problems),
)]
#[get("/conversations/{id}/messages")]
async fn list(
    staff: Staff,
    state: ApiState,
    id: PathId<ConversationId>,
    query: QueryParams<EntryQuery>,
) -> Result<Json<EntriesView>, Problem> {
    staff.require(Permission::Read)?;
    let key = staff.key(id.0);
    let found = query.0.read(&state, key, Audience::Staff).await?;
    if found.entries.is_empty() || staff.reach() != Reach::Everything {
        // Nothing there, or no such conversation: those must not look the same. And whether it may be read is asked
        // after reading: what was added since does not count.
        load(&state, &staff, id.0).await?;
    }
    Ok(Json(found))
}

/// The highest number that every database can hold.
const HIGHEST: u64 = i64::MAX.unsigned_abs();

impl EntryQuery {
    /// Reads the entries that `audience` may see. The caller has checked that it may see the conversation.
    pub(crate) async fn read(
        self,
        state: &ApiState,
        key: ConversationKey,
        audience: Audience,
    ) -> Result<EntriesView, Problem> {
        let range = match (self.after_seq, self.before_seq) {
            (Some(_), Some(_)) => return Err(Problem::invalid("give after_seq or before_seq, not both")),
            (Some(seq), None) => EntryRange::After(seq),
            (None, seq) => EntryRange::Before(seq.unwrap_or(HIGHEST)),
        };
        let (EntryRange::After(seq) | EntryRange::Before(seq)) = range;
        if seq > HIGHEST {
            return Err(Problem::invalid("a number of an entry is at most 2^63 - 1"));
        }
        let limit = usize::from(self.limit.0);
        let mut entries = state.database.conversations.entries(key, range, audience, limit + 1).await?;
        let more = entries.len() > limit;
        if more {
            match range {
                EntryRange::After(_) => entries.truncate(limit),
                EntryRange::Before(_) => drop(entries.drain(..entries.len() - limit)),
            }
        }
        let views = entries.iter().filter_map(|entry| EntryView::of(entry, audience)).map(EntryViewJson);
        Ok(EntriesView { entries: views.collect(), more })
    }
}
