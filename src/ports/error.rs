//! What can go wrong behind a port. Sources are kept, never turned into text.

/// Any error of an adapter's library.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The database did not do what was asked; nothing of it happened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It cannot be reached, is locked, full or slow. Trying again may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] BoxError),
    /// Another change came first: the row no longer has the version that was expected. Read it again.
    #[error("it was changed meanwhile")]
    Conflict,
    /// A unique name is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// More than a row may hold.
    #[error("{0} is too large")]
    TooLarge(&'static str),
    /// What it holds cannot be read by this version.
    #[error("the database holds something that this version cannot read")]
    Corrupt(#[source] BoxError),
    /// A cursor of a page that it did not hand out.
    #[error("not a cursor of this list")]
    BadCursor,
}

impl StoreError {
    /// Whether trying again may help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// The broker did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// It cannot be reached or did not answer in time. Trying again may help.
    #[error("the log is unavailable")]
    Unavailable(#[source] BoxError),
    /// A record that this version cannot read.
    #[error("the log holds a record that this version cannot read (log sequence {log_seq})")]
    Poison {
        /// Sequence of the record in the stream.
        log_seq: u64,
        /// Why it could not be decoded.
        #[source]
        source: frontdesk_protocol::EnvelopeError,
    },
}
