//! What all routes share: extractors, problem responses, limits, middleware.

mod address;
mod connections;
mod described_problems;
mod description;
mod extract;
pub(crate) mod middleware;
mod network;
mod not_found;
pub(crate) mod origin;
mod problem;
mod problem_types;
mod rates;
mod strict_json;

pub use connections::ConnectionPermit;
pub use problem::{Code, PROBLEM_JSON, Problem};
pub use rates::Rate;

pub(crate) use address::{client_address, is_unnamed_proxy};
pub(crate) use connections::ConnectionLimits;
pub(crate) use described_problems::{CommandProblems, Problems};
pub(crate) use description::Description;
pub(crate) use extract::{EmptyBody, JsonBody, PathId, QueryParams};
pub(crate) use network::{counted_network, network};
pub(crate) use not_found::not_found;
pub(crate) use problem::ProblemView;
pub(crate) use problem_types::problem_type;
pub(crate) use rates::{KeyedRates, RateLimitKey};
