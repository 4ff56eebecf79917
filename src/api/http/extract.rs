//! Bodies, queries and path segments, refused as problems where they do not fit.

use std::{future::Future, future::Ready, future::ready, pin::Pin, str::FromStr, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header,
    web::{self, Bytes},
};
use frontdesk_protocol::surrogates::mended_json;
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::strict_json;
use crate::http::{Code, Problem};

/// How long a body may take to arrive: a slow one holds a connection, and nothing else.
const BODY_ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// A JSON body. Fields that its type does not know are refused, so that a client never believes it set one. Half of a
/// surrogate pair in a text becomes U+FFFD.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_json(request) {
            let refused = Problem::new(Code::UnsupportedMedia, "the header content-type must say application/json");
            return Box::pin(ready(Err(refused)));
        }
        let bytes = tokio::time::timeout(BODY_ARRIVES_WITHIN, Bytes::from_request(request, payload));
        Box::pin(async move {
            let bytes = match bytes.await {
                Ok(Ok(bytes)) => bytes,
                Ok(Err(error)) => return Err(unread(&error)),
                Err(_) => return Err(Problem::new(Code::TimedOut, "the body did not arrive in time")),
            };
            read(&bytes).map(Self).map_err(|error| Problem::invalid(error.to_string()))
        })
    }
}

/// A body without fields: `{}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmptyBody {}

/// The query of the address, read into a type of its own.
pub(crate) struct QueryParams<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for QueryParams<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = web::Query::<T>::from_query(request.query_string());
        ready(query.map(|query| Self(query.into_inner())).map_err(|error| Problem::invalid(error.to_string())))
    }
}

/// The `{id}` of the path. Text that is no id is refused here, before it reaches a subject of the broker or a
/// statement.
pub(crate) struct PathId<T>(pub(crate) T);

impl<T: FromStr<Err: std::fmt::Display>> FromRequest for PathId<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default().parse::<T>();
        ready(id.map(Self).map_err(|error| Problem::invalid(error.to_string())))
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    strict_json::from_slice(bytes)
        .or_else(|refused| mended_json(bytes).map_or(Err(refused), |mended| strict_json::from_slice(&mended)))
}

fn is_json(request: &HttpRequest) -> bool {
    let mut values = request.headers().get_all(header::CONTENT_TYPE);
    let value = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    values.next().is_none() && essence.eq_ignore_ascii_case("application/json")
}

fn unread(error: &actix_web::Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => Problem::new(Code::TooLarge, "the body is larger than this server takes"),
        _ if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(Code::TooLarge, "the body is larger than this server takes")
        }
        _ => Problem::invalid("the body could not be read"),
    }
}
