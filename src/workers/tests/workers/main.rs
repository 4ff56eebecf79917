//! The workers on a log and a database in memory, with whatever can happen to them.

mod desk;
mod faults;
mod holes;
mod ingest;
mod integrity;
mod persist;
mod projection;
mod push;
mod receipts;
mod reconcile;
mod redelivery;
mod relay;
mod release;
mod runner;
mod stubs;
mod timers;
mod trim;
mod verify;
