//! What the compiler does not check about the house: who depends on whom, how long files are, what lies where.

mod direction;
mod layout;
mod sizes;
mod tree;
mod words;
