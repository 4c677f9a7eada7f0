//! All tests from the outside: the program is run as a user runs it.

mod architecture;
mod commands;
mod golden;
mod letters;
mod lint;
mod output;
mod project;
mod service;
mod store;
mod stores;
mod subscribers;
mod typography;
