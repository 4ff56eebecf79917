//! The table of all error codes: of REST problems, of refused socket requests (`rejected`) and of wrong socket frames
//! (`error`).
//!
//! A code is one stable word; clients compare with it, and it never changes its meaning. The types of REST and of the
//! socket, the OpenAPI description, the socket's JSON Schema and the reference in `error-codes.md` are made of this
//! table.

mod reference;
mod table;

pub use reference::reference;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

table::error_codes! {
    // Of all three.
    everywhere {
        Invalid = "invalid", 400, once, "The request cannot be understood";
        Forbidden = "forbidden", 403, once, "Your role does not allow this";
        NotFound = "not_found", 404, once, "There is no such thing";
        RateLimited = "rate_limited", 429, again, "Too many requests";
        Unavailable = "unavailable", 503, again, "The log or the database cannot be reached";
    }
    // Of requests to a conversation, by REST or by socket.
    requests {
        AlreadyClaimed = "already_claimed", 409, once, "Another agent holds the conversation";
        NotClaimed = "not_claimed", 409, once, "The conversation must be claimed first";
        IdReuse = "id_reuse", 409, once, "That name was used for another request";
        Resolved = "resolved", 409, once, "The conversation is resolved";
        InboxDisabled = "inbox_disabled", 409, once, "The inbox takes no new conversations";
        TooLarge = "too_large", 413, once, "The request is too large";
        SnoozeOutOfRange = "snooze_out_of_range", 422, once, "A snooze must end in the future, within 366 days";
        UnsupportedPart = "unsupported_part", 422, once, "A part of the message is of a kind that is not taken yet";
        MessageTooLong = "message_too_long", 422, once, "The message is longer than the settings of the inbox allow";
        TooManyTags = "too_many_tags", 422, once, "The conversation carries as many tags as it can";
        NoSuchAgent = "no_such_agent", 422, once, "There is no such active agent";
        Overloaded = "overloaded", 503, again, "The desk is busy";
        LogFull = "log_full", 503, again, "The log is full";
    }
    // Of REST only.
    rest {
        BadCursor = "bad_cursor", 400, once, "Not a cursor of this list";
        Unauthenticated = "unauthenticated", 401, once, "A valid token is needed";
        WrongCredentials = "wrong_credentials", 401, once, "E-mail address or password is wrong";
        ForbiddenOrigin = "forbidden_origin", 403, once, "Pages of this origin may not do this";
        IdentityRefused = "identity_refused", 403, once, "The visitor is not proven by a secret of the inbox";
        MethodNotAllowed = "method_not_allowed", 405, once, "The address exists, but not for this method";
        TimedOut = "timed_out", 408, again, "The request did not arrive in time";
        Taken = "taken", 409, once, "The name is taken";
        Conflict = "conflict", 409, once, "It was changed meanwhile";
        LastOwner = "last_owner", 409, once, "One active owner must remain";
        NotYourself = "not_yourself", 409, once, "You cannot change your own role or deactivate yourself";
        RoleInUse = "role_in_use", 409, once, "An agent has the role";
        InUse = "in_use", 409, once, "Something else refers to it";
        TooMany = "too_many", 409, once, "The tenant has as many of the kind as it can";
        NotRedeliverable = "not_redeliverable", 409, once, "No worker here processes records of this queue, or of this kind";
        LeavesAHole = "leaves_a_hole", 409, once, "An accepted entry would be lost, and what follows it never stored";
        AddressTooLong = "address_too_long", 414, once, "The address is too long";
        UnsupportedMedia = "unsupported_media", 415, once, "The body must be application/json";
        InvalidSetting = "invalid_setting", 422, once, "A setting is unknown or out of its limits";
        NoReference = "no_reference", 422, once, "Something that it refers to is not there";
        NoSuchRole = "no_such_role", 422, once, "There is no such role";
        UpgradeRequired = "upgrade_required", 426, once, "This address speaks WebSocket only";
        Internal = "internal", 500, once, "An internal error; the server's log has the details";
        Draining = "draining", 503, again, "This node is shutting down";
        UnknownOutcome = "unknown_outcome", 504, again, "The outcome is not known yet: repeat the request with the same id";
    }
    // Of frames that are no request.
    frames {
        Malformed = "malformed", "Not JSON or not MessagePack";
        UnknownFrame = "unknown_frame", "There is no frame of this type";
        OutOfOrder = "out_of_order", "Only `hello` may come first, and only once";
    }
}

impl RejectCode {
    /// The code of a refusal by the rules of a conversation.
    #[must_use]
    pub const fn of(rejection: &frontdesk_domain::Rejection) -> Self {
        use frontdesk_domain::Rejection;
        match rejection {
            Rejection::NotFound => Self::NotFound,
            Rejection::Forbidden => Self::Forbidden,
            Rejection::AlreadyClaimed { .. } => Self::AlreadyClaimed,
            Rejection::NotClaimed => Self::NotClaimed,
            Rejection::IdReuse => Self::IdReuse,
            Rejection::Resolved => Self::Resolved,
            Rejection::SnoozeOutOfRange => Self::SnoozeOutOfRange,
            Rejection::UnsupportedPart { .. } => Self::UnsupportedPart,
            Rejection::MessageTooLong { .. } => Self::MessageTooLong,
            Rejection::InboxDisabled => Self::InboxDisabled,
            Rejection::TooManyTags { .. } => Self::TooManyTags,
        }
    }
}

#[cfg(test)]
mod tests;
