//! What keeps this installation from using a broker.

use crate::{subjects::TokenError, version::OLDEST_VERSION};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The broker cannot be used as it is; says why in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// Nothing there, or not in time.
    #[error("no broker answers at {urls}")]
    Unreachable {
        /// Where it was looked for.
        urls: String,
        /// What the last attempt said.
        #[source]
        source: BoxError,
    },
    /// The broker does not know us.
    #[error("the broker at {urls} refuses our name and password")]
    Unauthorised {
        /// Addresses that were tried.
        urls: String,
        /// The client's error.
        #[source]
        source: BoxError,
    },
    /// The settings name no server.
    #[error("no address of a broker is given")]
    NoAddress,
    /// The configured subject prefix is not a token.
    #[error("the subject prefix is unusable")]
    Prefix(#[from] TokenError),
    /// Partitions could not be spread evenly.
    #[error("{0} message streams cannot be: 1, 2, 4, 8, 16, 32 or 64")]
    Streams(u16),
    /// An older server takes newer options and ignores them.
    #[error("the broker is nats-server {found}, and {OLDEST_VERSION} is the oldest that does what the log relies on")]
    TooOld {
        /// The value that the broker has.
        found: String,
    },
    /// No streams at all.
    #[error("the broker runs without JetStream; start nats-server with a `jetstream` section")]
    NoJetStream,
    /// A stream or consumer was made under other settings, or by another program.
    #[error(
        "{what} has {field} {found} where {wanted} is wanted; set it back in the settings or change it with the broker's own tool"
    )]
    Differs {
        /// Which stream or consumer.
        what: String,
        /// The field of the configuration that differs.
        field: String,
        /// What the settings ask for.
        wanted: String,
        /// The value that the broker has.
        found: String,
    },
    /// The address leads to the broker of another installation.
    #[error(
        "stream {stream} of the broker belongs to the desk {theirs}, and this is the desk {ours}; set broker.urls to this desk's own \
         broker, or broker.subject_prefix to a prefix of its own"
    )]
    OtherDesk {
        /// Which stream says so.
        stream: String,
        /// The desk to which it belongs.
        theirs: String,
        /// The desk that our database is of.
        ours: String,
    },
    /// Not there, and we may not make it.
    #[error("{0} is missing at the broker; a node that runs the gateway makes it")]
    Missing(String),
    /// It was just started, or is choosing a leader.
    #[error("the broker is not ready")]
    NotReady(#[source] BoxError),
    /// The broker refused the request for good.
    #[error("the broker refuses {what}")]
    Refused {
        /// The request that was refused.
        what: String,
        /// The error that the broker returned.
        #[source]
        source: BoxError,
    },
    /// A request that is not allowed looks like this too.
    #[error("the broker does not answer {request}; perhaps our user may not ask that")]
    NoAnswer {
        /// Subject of the request.
        request: String,
        /// What the client says.
        #[source]
        source: BoxError,
    },
}

impl SetupError {
    /// Whether the broker may answer otherwise in a moment.
    ///
    /// Silence counts: a stream or consumer of a cluster that has no leader does not answer at all.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::NotReady(_) | Self::NoAnswer { .. })
    }
}
