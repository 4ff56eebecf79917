//! Rehearsal: the shape of a running desk's traffic, recorded without what was said and who said it, and done again elsewhere.

mod record;
mod shape;

pub(crate) use record::RecordOptions;
