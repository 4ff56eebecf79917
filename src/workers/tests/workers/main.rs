//! The workers on a log and a database in memory, with whatever can happen to them.

mod audit;
mod desk;
mod faults;
mod holes;
mod ingest;
mod persist;
mod push;
mod receipts;
mod reconcile;
mod redelivery;
mod runner;
mod talkers;
mod trim;
mod verify;
