//! Running the desk where people run things: set up with what they type, stopped while it starts, behind proxies and
//! poolers, with files as other systems hand them out.

mod demo;
mod proxies;
mod setting_up;
mod stopping;
