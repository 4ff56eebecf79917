//! Lists in pages.

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}

/// Where a page begins, and how many items it holds at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Where it begins, as a former page said; `None` for the first.
    pub cursor: Option<String>,
    /// How many items at most; 1 to 100.
    pub limit: u16,
}

impl<T> Page<T> {
    /// The first [`PageRequest::rows`] of `rows`, which begin where the page does and hold at least one more if there
    /// is one.
    #[must_use]
    pub fn cut<C: ToString>(mut rows: Vec<T>, request: &PageRequest, cursor_of: impl FnOnce(&T) -> C) -> Self {
        let more = rows.len() > request.rows();
        rows.truncate(request.rows());
        let last = rows.last().filter(|_| more);
        Self { next_cursor: last.map(|last| cursor_of(last).to_string()), items: rows }
    }
}

impl PageRequest {
    /// How many items the page holds at most.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.limit.clamp(1, 100).into()
    }

    /// The first page.
    #[must_use]
    pub const fn first(limit: u16) -> Self {
        Self { cursor: None, limit }
    }
}
