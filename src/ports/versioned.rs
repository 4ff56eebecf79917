//! Rows that are changed by those who know their version.

/// A row and how often it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// What it holds.
    pub value: T,
    /// 1 when it was made, one more with each change.
    pub version: u64,
}
