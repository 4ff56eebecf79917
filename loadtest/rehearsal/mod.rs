//! Rehearsal: the shape of a running desk's traffic, recorded without what was said and who said it, and done again
//! elsewhere.

mod record;
mod replay;
mod script;
mod shape;

pub(crate) use record::RecordOptions;
pub(crate) use replay::ReplayOptions;
pub(crate) use script::Turn;
pub(crate) use shape::Shape;
