//! All tests from the outside: the program is run as a user runs it.

mod architecture;
mod commands;
mod delivery;
mod dns;
mod doctor;
mod golden;
mod ledger;
mod ledger_files;
mod letters;
mod lint;
mod morning;
mod output;
mod pace;
mod project;
mod rehearsal;
mod schema;
mod service;
mod smtp;
mod store;
mod stores;
mod subscribers;
mod typography;
mod units;
mod week;
mod wire;
