//! The fault suite: people talk, parts of the desk are killed, stopped, filled and cut off, and a checker that knows only the
//! contract judges what was written down meanwhile.

mod checker;
mod dice;
mod history;
mod record;
