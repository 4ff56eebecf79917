//! Lists in pages.

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Where it begins, as a former page said; `None` for the first.
    pub cursor: Option<String>,
    /// How many items at most; 1 to 100.
    pub limit: u16,
}

impl PageRequest {
    /// The first page.
    #[must_use]
    pub const fn first(limit: u16) -> Self {
        Self { cursor: None, limit }
    }
}
