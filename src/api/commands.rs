//! Writing to conversations without a socket: the same requests, the same rules, the same answers.

use actix_web::{post, web::Json};
use frontdesk_domain::{
    Agent, AgentId, ClientId, Command, ConversationId, MessageText, Permission, Request, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    auth::Staff,
    http::{Code, CommandProblems, JsonBody, PathId, Problem, RateLimitKey},
    state::ApiState,
    views::{ConversationFieldView, DurabilityView, TagView, TextView, received_tag, received_text},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(say)
        .service(note)
        .service(claim)
        .service(assign)
        .service(transfer)
        .service(unassign)
        .service(resolve)
        .service(reopen)
        .service(pend)
        .service(snooze)
        .service(tag)
        .service(untag)
        .service(set_field);
}

/// Logged: it will never be lost, reordered or shown twice.
#[derive(Serialize, ToSchema)]
pub(crate) struct AcceptedView {
    /// The sender's name for the request.
    client_id: Uuid,
    /// In which conversation.
    conversation: Uuid,
    /// The entry's number.
    #[schema(example = 7)]
    seq: u64,
    /// When it was decided (UTC milliseconds).
    #[schema(value_type = i64)]
    at: Timestamp,
    /// What it takes to lose it.
    durability: DurabilityView,
}

/// Defines a request body and the route that takes it.
macro_rules! commands {
    ($(
        $(#[$doc:meta])*
        $route:ident $path:literal $body:ident {
            $($(#[$field_about:meta])* $field:ident: $kind:ty,)*
        } => |$state:ident, $staff:ident, $given:ident| $command:expr;
    )*) => {$(
        $(#[$doc])*
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $body {
            /// The sender's own name for this request (UUIDv7); repeats carry the same.
            client_id: Uuid,
            /// Whether it was sent before. Then a refusal is logged too, so that no earlier copy of it can still
            /// succeed.
            #[serde(default)]
            repeat: bool,
            $($(#[$field_about])* $field: $kind,)*
        }

        $(#[$doc])*
        #[utoipa::path(
            tag = "commands", security(("agent" = [])),
            params(("id" = Uuid, Path, description = "Which conversation")),
            request_body = $body,
            responses((status = 200, body = AcceptedView, description = "Logged, now or before"), CommandProblems),
        )]
        #[post($path)]
        pub(crate) async fn $route(
            $staff: Staff,
            $state: ApiState,
            id: PathId<ConversationId>,
            body: JsonBody<$body>,
        ) -> Result<Json<AcceptedView>, Problem> {
            let $given = body.0;
            let (client_id, repeat) = (ClientId($given.client_id), $given.repeat);
            let command = $command;
            execute(&$state, &$staff, id.0, (client_id, repeat), command).await
        }
    )*};
}

commands! {
    /// Says something that both sides read.
    say "/conversations/{id}/messages" SayBody {
        /// The text of the message.
        #[serde(deserialize_with = "received_text")]
        text: TextView,
    } => |state, staff, given| Command::say(MessageText::from(given.text));

    /// Writes a note that only staff read.
    note "/conversations/{id}/notes" NoteBody {
        /// The text of the note.
        #[serde(deserialize_with = "received_text")]
        text: TextView,
    } => |state, staff, given| Command::note(MessageText::from(given.text));

    /// Takes a conversation that has no assignee. One of many requests wins; the others are told whose.
    claim "/conversations/{id}/claim" ClaimBody {} => |state, staff, given| Command::Claim;

    /// Gives a conversation to an agent. Supervisors and above.
    assign "/conversations/{id}/assign" AssignBody {
        /// The agent who gets the conversation.
        agent: Uuid,
    } => |state, staff, given| {
        let (agent, name) = receiver(&state, &staff, AgentId(given.agent)).await?;
        Command::Assign { agent, name }
    };

    /// Hands one's own conversation over.
    transfer "/conversations/{id}/transfer" TransferBody {
        /// The agent who gets the conversation.
        agent: Uuid,
    } => |state, staff, given| {
        let (agent, name) = receiver(&state, &staff, AgentId(given.agent)).await?;
        Command::Transfer { agent, name }
    };

    /// Puts one's own conversation back into the queue.
    unassign "/conversations/{id}/unassign" UnassignBody {} => |state, staff, given| Command::Unassign;

    /// Says that it is done. A later message of the contact opens it again.
    resolve "/conversations/{id}/resolve" ResolveBody {} => |state, staff, given| Command::Resolve;

    /// Opens it again.
    reopen "/conversations/{id}/reopen" ReopenBody {} => |state, staff, given| Command::Reopen;

    /// Marks it as waiting for something outside.
    pend "/conversations/{id}/pend" PendBody {} => |state, staff, given| Command::Pend;

    /// Hides it until a moment.
    snooze "/conversations/{id}/snooze" SnoozeBody {
        /// Until when (UTC milliseconds); within 366 days.
        #[schema(value_type = i64)]
        until: Timestamp,
    } => |state, staff, given| Command::Snooze { until: given.until };

    /// Puts a label on.
    tag "/conversations/{id}/tags" TagBody {
        /// The label to put on.
        #[serde(deserialize_with = "received_tag")]
        tag: TagView,
    } => |state, staff, given| Command::Tag { tag: given.tag.0 };

    /// Takes a label off.
    untag "/conversations/{id}/untag" UntagBody {
        /// The label to take off.
        #[serde(deserialize_with = "received_tag")]
        tag: TagView,
    } => |state, staff, given| Command::Untag { tag: given.tag.0 };

    /// Gives a field a new value.
    set_field "/conversations/{id}/fields" SetFieldBody {
        /// Which field, and its new value; `null` clears it.
        change: ConversationFieldView,
    } => |state, staff, given| Command::SetField { change: given.change.0 };
}

async fn execute(
    state: &ApiState,
    staff: &Staff,
    conversation: ConversationId,
    (client_id, repeat): (ClientId, bool),
    command: Command,
) -> Result<Json<AcceptedView>, Problem> {
    staff.require(Permission::Converse)?;
    let rate = state.command_rate.take(RateLimitKey::Member(staff.agent.0));
    rate.map_err(Problem::rate_limited)?;
    let principal = staff.principal();
    let request = Request { client_id, principal, author_name: staff.name.clone(), command, repeat };
    let done = state.commands.execute(staff.key(conversation), request).await?;
    Ok(Json(AcceptedView {
        client_id: client_id.0,
        conversation: conversation.0,
        seq: done.answer.seq,
        at: done.answer.at,
        durability: DurabilityView(done.durability),
    }))
}

/// The agent that is to hold the conversation: of the same tenant, active, and allowed to answer.
async fn receiver(state: &ApiState, staff: &Staff, agent: AgentId) -> Result<(AgentId, String), Problem> {
    staff.require(Permission::Converse)?;
    let found = state.database.directory.agent(staff.tenant, agent).await?.filter(Agent::may_hold_conversations);
    let found = found.ok_or_else(|| Problem::new(Code::NoSuchAgent, "there is no such agent who may answer"))?;
    Ok((found.id, found.name))
}

impl From<TextView> for MessageText {
    fn from(view: TextView) -> Self {
        view.0
    }
}
