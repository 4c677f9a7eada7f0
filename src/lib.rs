//! Rotative makes a daily newsletter: editors write items in Markdown, one command assembles them into a dated
//! issue (mail, plain text, web edition with archive and topics). Nobody is tracked, and the same sources give
//! the same bytes.
//!
//! # Floors
//!
//! A file imports only from lower floors or from its own folder; `tests/suite/architecture.rs` holds it to that.
//!
//! | floor | modules |
//! | --- | --- |
//! | 8 | [`cli`] |
//! | 7 | [`service`] |
//! | 6 | [`build`] |
//! | 5 | [`site`] [`check`] [`mail`] |
//! | 4 | [`render`] |
//! | 3 | [`issue`] [`subscribers`] |
//! | 2 | [`content`] [`images`] [`links`] [`store`] [`typography`] |
//! | 1 | [`config`] |
//! | 0 | [`model`] |
//!
//! # Flow
//!
//! ```text
//! Source → Item → Issue → views → Vec<OutFile> → out/      content · issue · render · site, mail · build
//!                   └───────┴→ Report                       check
//! ```
//!
//! Each stage takes a value and gives a new one. The disk is read by [`config`], [`content`], [`render::Templates`]
//! and the pictures of [`build`]; `out/` has one writer, [`build::Output`].
//!
//! # What each floor never knows
//!
//! | module | never knows |
//! | --- | --- |
//! | [`model`] | any other module, any disk, network or clock |
//! | [`config`] | items, issues, templates |
//! | [`content`] | HTML, templates, issues, the network |
//! | [`images`] | where a picture is used or written |
//! | [`links`] | what stands at an address |
//! | [`typography`] | Markdown, HTML, files |
//! | [`store`] | why a row is written |
//! | [`issue`] | the disk, HTML, Tera |
//! | [`subscribers`] | issues, mail, HTTP |
//! | [`render`] | who the readers are |
//! | [`site`], [`mail`] | where files are written |
//! | [`check`] | the network, the disk |
//! | [`build`] | the terminal, the clock |
//! | [`service`] | `content/`, `out/`, the terminal |
//! | all but [`cli`] | terminal, clock, process |
//!
//! # An issue appears
//!
//! `rotative build` asks [`build::build`]. [`config::Project::open`] reads the settings, [`content::load`] every
//! Markdown file, each a [`model::Source`] that becomes a [`content::Item`] or a [`model::Diagnostic`].
//! [`issue::assemble`] sorts items into [`issue::Issue`]s, chooses leads, numbers them, places blocks, and threads
//! them by topic in the [`issue::Archive`]. Pictures become light copies in an [`images::Gallery`].
//! [`site::render`] and [`mail::render`] ask the [`render::Renderer`] for views and fill templates with them; each
//! finished [`model::OutFile`] goes to [`build::Output`] and is forgotten. When nothing is wrong, the new `out/`
//! takes the place of the old one in one step; when anything is, the old one stays and the [`model::Report`] says
//! all of it.
//!
//! # A letter leaves
//!
//! [`mail::render`] leaves slots for what differs from reader to reader. [`check::letter`] holds the final HTML and
//! text to the mail specification. `rotative send` reads the built mail with [`build::read_mail`], which refuses
//! other bytes than those that were built; [`mail::Letters`] composes the message once, and fills and signs it for each
//! reader: [`mail::Fill`] brings the address, the token of [`links::TokenKey`] and the Message-ID.
//!
//! # A reader comes and goes
//!
//! `POST /subscribe` writes a [`store::Request`] down and answers the same to everybody. The [`service::Outbox`] judges
//! it later ([`subscribers::judge_requests`]), enrols an unconfirmed [`model::Subscriber`] and mails a question with a
//! token of [`links::TokenKey`]. The page behind the link shows a button; its POST is [`subscribers::confirm`], one
//! transaction with the state, the row of the journal and the welcome letter. One-click is
//! [`subscribers::unsubscribe`]: [`store::Store::submit`] commits many of them together, and each is answered
//! only once it is on the disk.
//!
//! # Where to add
//!
//! - a key of an item: `content/front_matter.rs` (as written), `content/item.rs` (as meant), `content/parse.rs`;
//! - a key of the settings: `config/raw.rs`, `config/settings.rs`, `config/settle.rs`;
//! - a rule of typography: a file of [`typography`], rows in `tests/typography/more.tsv`;
//! - a template field: [`render::context`], filled in `render/views.rs`;
//! - a page: [`site::Page`] and a template under `templates/site/`;
//! - a column: a new step in `store/migrations/`, its line in `store/dump.rs`;
//! - a service's export: `subscribers/headers.rs`;
//! - a page of the service: `service/router.rs`, its words in `service/words.rs`;
//! - a check: [`check`]; a case under `tests/lint/` or `tests/golden/`;
//! - a command: a file under `cli/`, a line in its `Command`.
//!
//! # Words
//!
//! An *item* is one Markdown news entry, an *issue* all that appears under one date, an *edition* one form of it
//! (mail, text, web). A *list* is an audience, a *subscriber* one reader in it; a *suppression* is an address never to be
//! mailed. A *section* is part of an issue, a *topic* a thread across issues. The *lead* opens the
//! issue, the *preheader* is the inbox line after the subject.

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
pub mod service;
pub mod site;
pub mod store;
pub mod subscribers;
pub mod typography;
