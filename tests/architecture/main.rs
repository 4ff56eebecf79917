//! What the compiler does not check about the structure: directions and circles of dependencies, file sizes, places, words.

mod circles;
mod contracts;
mod dependencies;
mod direction;
mod layout;
mod modules;
mod paths;
mod roles;
mod sizes;
mod statements;
mod subjects;
mod tree;
mod words;
mod writes;
