//! map later
#![allow(missing_docs)]
pub mod build;
pub mod check;
pub mod cli;
pub mod config;
pub mod content;
pub mod images;
pub mod issue;
pub mod links;
pub mod mail;
pub mod model;
pub mod render;
pub mod site;
