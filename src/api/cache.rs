//! Answers of the database, remembered for some seconds.

mod inbox_cache;
mod timed_cache;
mod widget_origins;

pub(crate) use inbox_cache::InboxCache;
pub(crate) use timed_cache::TimedCache;
pub(crate) use widget_origins::WidgetOrigins;
