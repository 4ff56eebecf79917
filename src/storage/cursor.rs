//! Cursors of lists that run from the newest down: after which row the next page begins.

use std::str::FromStr;

use frontdesk_domain::Timestamp;
use frontdesk_ports::error::StoreError;
use uuid::Uuid;

/// The last row of a page: the list goes on with what is older, or as old with a smaller id.
///
/// Names a row, not a place, so rows that come or go meanwhile never make a page repeat or skip one that stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListCursor {
    /// The row's moment.
    pub at: Timestamp,
    /// The row's id.
    pub id: Uuid,
}

impl ListCursor {
    /// Before every row: where the first page begins.
    pub const START: Self = Self { at: Timestamp(i64::MAX), id: Uuid::max() };

    /// Where the page after `cursor` begins.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a text that [`ToString`] did not make.
    pub fn resume(cursor: Option<&str>) -> Result<Self, StoreError> {
        cursor.map_or(Ok(Self::START), str::parse)
    }

    /// The newest `limit` of `rows`, each once, from the newest down; `place` tells where a row stands in the list.
    pub fn newest<R>(mut rows: Vec<R>, limit: usize, place: impl Fn(&R) -> Self) -> Vec<R> {
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(place(row)));
        rows.dedup_by_key(|row| place(row));
        rows.truncate(limit);
        rows
    }
}

impl std::fmt::Display for ListCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.at.0, self.id.as_simple())
    }
}

impl FromStr for ListCursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let (at, id) = text.split_once('_').ok_or(StoreError::BadCursor)?;
        let cursor = Self {
            at: Timestamp(at.parse().map_err(|_| StoreError::BadCursor)?),
            id: Uuid::try_parse(id).map_err(|_| StoreError::BadCursor)?,
        };
        // One cursor has one spelling, so that nothing else slips in.
        (cursor.to_string() == text).then_some(cursor).ok_or(StoreError::BadCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_overlap_become_one_from_the_newest_down() {
        let row = |at, id| ListCursor { at: Timestamp(at), id: Uuid::from_u128(id) };
        let found = vec![row(5, 1), row(3, 9), row(5, 2), row(5, 1), row(1, 4)];
        assert_eq!(ListCursor::newest(found, 3, |row| *row), [row(5, 2), row(5, 1), row(3, 9)]);
    }

    #[test]
    fn a_cursor_survives_the_way_through_its_text_and_nothing_else_is_one() {
        let cursor = ListCursor { at: Timestamp(-5), id: Uuid::from_u128(9) };
        assert_eq!(cursor.to_string().parse::<ListCursor>().unwrap(), cursor);
        for text in ["", "_", "1", "1_2", "+1_00000000000000000000000000000009", "x_00000000000000000000000000000009"] {
            assert!(matches!(text.parse::<ListCursor>(), Err(StoreError::BadCursor)), "{text:?}");
        }
    }
}
