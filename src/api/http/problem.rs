//! Refusals and failures as RFC 9457 problem details. Codes, titles and statuses are in the table of `protocol::codes`.

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use frontdesk_application::ActError;
use frontdesk_domain::{Rejection, SettingsError};
use frontdesk_ports::{ExecuteError, StoreError};
pub use frontdesk_protocol::ProblemCode as Code;
use frontdesk_protocol::socket::{RejectCode, Winner};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views;

/// Media type of every answer of 400 and above.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What clients wait when nothing better is known.
const A_MOMENT: Duration = Duration::from_secs(1);

/// A refusal or failure on its way to a client.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    retry_after: Option<Duration>,
    winner: Option<Box<Winner>>,
    newer: Option<Box<views::NewerVersionView>>,
    field: Option<String>,
    allow: Option<String>,
}

/// What clients read (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/not_found", "title": "There is no such thing", "status": 404,
    "detail": "no such conversation", "code": "not_found", "retryable": false,
}))]
pub(crate) struct ProblemView<'a> {
    /// A reference to what this kind of problem is.
    #[serde(rename = "type")]
    kind: String,
    /// The code, for people.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time, for people.
    detail: &'a str,
    /// The stable word to compare with.
    code: &'a str,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// When to try again (milliseconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    /// Who won, for a lost claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<views::WinnerView>)]
    winner: Option<&'a Winner>,
    /// What was written meanwhile, for settings that have another version.
    #[serde(skip_serializing_if = "Option::is_none")]
    newer: Option<&'a views::NewerVersionView>,
    /// Which setting is wrong, as `section.field`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl Problem {
    /// A problem with a text for people; the text must not tell of the server's inside.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), retry_after: None, winner: None, newer: None, field: None, allow: None }
    }

    /// A part of the request is wrong; `detail` may quote what the client wrote.
    #[must_use]
    pub fn invalid(detail: impl AsRef<str>) -> Self {
        let plain = detail.as_ref().chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        Self::new(Code::Invalid, plain)
    }

    /// Absent, or not for the asker: both look the same.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("no such {what}"))
    }

    /// No token, or one that is not valid here.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "the token is missing, not valid here, or no longer valid")
    }

    /// Too many; `retry_after` says when there is room again.
    #[must_use]
    pub fn rate_limited(retry_after: Duration) -> Self {
        Self::new(Code::RateLimited, "too many requests; wait before the next").after(retry_after)
    }

    /// Adds when to try again.
    #[must_use]
    pub const fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds the methods that the address knows.
    #[must_use]
    pub fn allowing(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Its code, a row of `src/protocol/codes.rs`.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The nearest problem for a status that the framework chose.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::SERVICE_UNAVAILABLE => Code::Overloaded,
            _ => Code::ALL
                .iter()
                .copied()
                .find(|code| http_status(*code) == status)
                .unwrap_or_else(|| if status.is_server_error() { Code::Internal } else { Code::Invalid }),
        };
        Self::new(code, code.title())
    }
}

/// The HTTP status that goes with `code`.
pub(crate) fn http_status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        http_status(self.code)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(wait) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, wait.as_millis().div_ceil(1000).max(1).to_string()));
        }
        match self.code {
            Code::Unauthenticated => drop(response.insert_header((header::WWW_AUTHENTICATE, "Bearer"))),
            Code::UpgradeRequired => {
                response.insert_header((header::UPGRADE, "websocket"));
                response.insert_header((header::SEC_WEBSOCKET_VERSION, "13"));
            }
            _ => {}
        }
        if let Some(methods) = &self.allow {
            response.insert_header((header::ALLOW, methods.as_str()));
        }
        response.content_type(PROBLEM_JSON).json(ProblemView {
            kind: format!("/problems/{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status(),
            detail: &self.detail,
            code: self.code.as_str(),
            retryable: self.retry_after.is_some() || self.code.is_retryable(),
            retry_after_ms: self.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            winner: self.winner.as_deref(),
            newer: self.newer.as_deref(),
            field: self.field.as_deref(),
        })
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Taken(what) => Self::new(Code::Taken, format!("{what} is taken")),
            StoreError::Conflict => Self::new(Code::Conflict, "it was changed meanwhile; read it again"),
            StoreError::BadCursor => Self::new(Code::BadCursor, "not a cursor of this list"),
            StoreError::Unavailable(_) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a request failed on the database");
                Self::new(Code::Unavailable, "the database does not answer").after(A_MOMENT)
            }
            _ => {
                tracing::error!(error = &error as &dyn std::error::Error, "a request failed on the database");
                Self::new(Code::Internal, Code::Internal.title())
            }
        }
    }
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        let field = Some(Self::invalid(error.path()).detail.into_owned());
        Self { code: Code::InvalidSetting, field, ..Self::invalid(error.to_string()) }
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Forbidden(why) => Self::new(Code::Forbidden, why),
            ActError::NotFound(what) => Self::not_found(what),
            ActError::LastOwner => Self::new(Code::LastOwner, Code::LastOwner.title()),
            ActError::NotYourself => Self::new(Code::NotYourself, Code::NotYourself.title()),
            ActError::NoSuchRole => Self::new(Code::NoSuchRole, Code::NoSuchRole.title()),
            ActError::RoleInUse => Self::new(Code::RoleInUse, Code::RoleInUse.title()),
            ActError::TooMany(..) => Self::new(Code::TooMany, error.to_string()),
            ActError::NoReference(_) => Self::new(Code::NoReference, error.to_string()),
            ActError::InUse(_) => Self::new(Code::InUse, error.to_string()),
            ActError::Name(_) | ActError::Team(_) | ActError::Calendar(_) | ActError::Import(_) => {
                Self::invalid(error.to_string())
            }
            ActError::TooManyRoles | ActError::Role(_) => Self::invalid(error.to_string()),
            ActError::Conflict => Self::from(StoreError::Conflict),
            ActError::NewerVersion(newer) => Self {
                newer: Some(Box::new(newer.into())),
                ..Self::new(Code::Conflict, "the settings were changed meanwhile; read them again")
            },
            ActError::Taken(what) => Self::from(StoreError::Taken(what)),
            ActError::Store(error) => error.into(),
            ActError::Redelivery(error) => error.into(),
            _ => Self::new(Code::Internal, Code::Internal.title()),
        }
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => Self::from(rejection),
            ExecuteError::Overloaded { retry_after_ms } => {
                Self::new(Code::Overloaded, "the desk is busy").after(Duration::from_millis(retry_after_ms))
            }
            ExecuteError::Unavailable => Self::new(Code::Unavailable, "the log cannot be reached").after(A_MOMENT),
            ExecuteError::TooLarge => Self::new(Code::TooLarge, "the request is too large for the log"),
            ExecuteError::LogFull => Self::new(Code::LogFull, "the log is full for now").after(A_MOMENT * 5),
            ExecuteError::Unknown => {
                Self::new(Code::UnknownOutcome, "no answer in time: repeat the request with the same client_id")
            }
            _ => Self::new(Code::Internal, Code::Internal.title()),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let detail = rejection.to_string();
        let code = RejectCode::of(&rejection).problem();
        let winner = match rejection {
            Rejection::AlreadyClaimed { agent, name, at, seq } => Some(Box::new(Winner { agent, name, at, seq })),
            _ => None,
        };
        Self { winner, ..Self::new(code, detail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_wrote_comes_back_short_and_without_control_characters() {
        let problem = Problem::invalid(format!("a\u{1b}[31m\r\n{}", "x".repeat(999)));
        assert!(problem.detail.len() <= 200 && !problem.detail.contains(['\u{1b}', '\n']));
    }
}
