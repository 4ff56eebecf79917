//! Work queues over the streams, trimming behind them, and dead letters.

pub(crate) mod dead_letters;
pub(crate) mod max_delivery;
pub(crate) mod positions;
pub(crate) mod principals;
pub(crate) mod trim;
pub(crate) mod work_queue;
