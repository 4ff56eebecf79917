//! What the compiler does not check about the structure: directions and circles of dependencies, sizes of files,
//! widths of lines, places, words.

mod circles;
mod columns;
mod contracts;
mod dependencies;
mod direction;
mod layout;
mod modules;
mod paths;
mod roles;
mod settings;
mod sizes;
mod statements;
mod subjects;
mod tree;
mod words;
mod writes;
