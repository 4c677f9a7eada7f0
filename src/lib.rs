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
//! | 7 | [`doctor`] [`importing`] [`preview`] [`rehearsal`] [`service`] |
//! | 6 | [`build`] [`clipping`] [`delivery`] [`inquiry`] |
//! | 5 | [`site`] [`check`] [`mail`] |
//! | 4 | [`render`] |
//! | 3 | [`issue`] [`subscribers`] |
//! | 2 | [`content`] [`fetch`] [`images`] [`links`] [`schema`] [`search`] [`store`] [`typography`] |
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
//! | [`fetch`] | what becomes of a page, newsletters, the clock |
//! | [`images`] | where a picture is used or written |
//! | [`links`] | what stands at an address |
//! | [`schema`] | the disk, the files that are judged by it |
//! | [`search`] | items, pages, templates, where files are written |
//! | [`typography`] | Markdown, HTML, files |
//! | [`store`] | why a row is written |
//! | [`issue`] | the disk, HTML, Tera |
//! | [`subscribers`] | issues, mail, HTTP |
//! | [`render`] | who the readers are |
//! | [`site`], [`mail`] | where files are written |
//! | [`check`] | the network, except through [`check::Probe`]; the disk |
//! | [`clipping`] | items, files, the clock, what becomes of a clipping |
//! | [`inquiry`] | texts, what is said of a link |
//! | [`build`] | the terminal, the clock |
//! | [`delivery`] | how a page looks |
//! | [`doctor`] | the terminal, the clock, what is done about a finding |
//! | [`importing`] | the terminal, the clock, the network, how a page looks |
//! | [`preview`] | `out/`, the terminal, the clock, how a page is made |
//! | [`rehearsal`] | how letters are sent |
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
//! A build remembers: it first compares the stamps of all files with what the build before left beside `out/`. Where all
//! are the same it repeats the old report. Otherwise it parses the files that have changed and takes the others from
//! their cards, texts unread ([`model::Fetch`] gets one when it is asked for). The code of every page that may have changed
//! runs as a sketch ([`render::Notes`]): no text, no typesetting, no template, only a digest of what the page is told. A
//! page whose sketch, texts and links are the same stays; the others are printed. Where only words have changed
//! ([`content::Card::wordless`]), a page that says nothing of their items needs no sketch, and a first build makes none at
//! all. Few changed files are put in their places, many by exchanging folders. A check remembers likewise, with the trace
//! of every entry ([`check::Trace`]): what it links, what it is called.
//!
//! A new kind of page is a variant of [`site::Page`]. All it shows must come from its view, from the renderer, or stand in
//! the bytes it returns; what is drawn or computed at a cost goes through [`render::Renderer::make`]. Which texts a page
//! asks for may hang on the archive, never on how long a set text came out.
//!
//! # A letter leaves
//!
//! [`mail::render`] leaves slots for what differs from reader to reader. [`check::letter`] holds the final HTML and
//! text to the mail specification. `rotative send` reads the built mail with [`build::read_mail`], which refuses
//! other bytes than those that were built; [`mail::Letters`] composes the message once, and fills and signs it for each
//! reader: [`mail::Fill`] brings the address, the token of [`links::TokenKey`] and the Message-ID. A
//! [`mail::wire::Line`] hands it to a relay: it knows the phase of every transaction, and its final dot waits for a
//! [`mail::wire::Gate`]. The dialogue itself, [`mail::wire::Opening`] and [`mail::wire::Transaction`], takes bytes
//! and gives bytes.
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
//! # The power fails while sending
//!
//! `rotative approve` pins a [`delivery::Parcel`] in the [`store::ledger::Ledger`]. `rotative send` starts a run, whose
//! audience is fixed in one transaction, and gives it to [`delivery::send`]. Chunks of recipients are claimed, each line
//! takes one letter after the other, and the beginning of an attempt goes into the ledger together with the outcome of the
//! attempt before, while the letter is on its way; the dot waits for both. When the power fails, an attempt without an
//! outcome is [`model::Outcome::Uncertain`] at the next start, everybody else is known to have the letter or not, and
//! the run goes on. Where a recipient stands is never stored: [`model::DeliveryState::fold`] adds up the rows.
//!
//! # What delivery promises
//!
//! Nobody is lost in silence: the audience is the sum of accepted, rejected, skipped, expired and held, or the run is
//! not done ([`model::Tally::is_balanced`]). A crash makes one letter uncertain for each open line at most. What the
//! ledger calls accepted, a relay has accepted. Held letters are never repeated. Without a ledger there is no dot.
//!
//! # Where to add
//!
//! - a key of an item: `content/front_matter.rs` (as written), `content/item.rs` (as meant), `content/parse.rs`;
//! - a key of the settings: `config/raw.rs`, `config/settings.rs`, `config/settle.rs`;
//! - a provider of mailboxes: a row of `delivery/providers.tsv`, with its reason;
//! - a rule of typography: a file of [`typography`], rows in `tests/typography/more.tsv`;
//! - a template field: [`render::context`], filled in `render/views.rs`;
//! - a page: [`site::Page`] and a template under `templates/site/`;
//! - a column: a new step in `store/migrations/`, its line in `store/dump.rs`;
//! - a service's export: `subscribers/headers.rs`;
//! - a system whose archive is imported: a reader in [`importing`], a case under `tests/import/`;
//! - a page of the service: `service/router.rs`, its words in `service/words.rs`;
//! - what `rotative doctor` looks at: a file of [`doctor`];
//! - a fault of rehearsals: `rehearsal/faults.rs`, carried out in `rehearsal/relay.rs`;
//! - a unit of systemd: `cli/systemd/`;
//! - a rule of the copy editor: a file of [`check::rules`] and its line in the table there, a case that breaks it and one
//!   that does not under `tests/lint/`;
//! - a command: a file under `cli/`, a line in its `Command`.
//!
//! # Words
//!
//! An *item* is one Markdown news entry, an *issue* all that appears under one date, an *edition* one form of it
//! (mail, text, web). A *list* is an audience, a *subscriber* one reader in it; a *suppression* is an address never to be
//! mailed. A *section* is part of an issue, a *topic* a thread across issues. The *lead* opens the
//! issue, the *preheader* is the inbox line after the subject. A *run* mails one issue to one list; a *relay* takes our
//! mail, and what it answers makes a letter accepted, deferred, rejected, uncertain or held; the *ledger* is what we
//! wrote down.

pub mod build;
pub mod check;
pub mod cli;
pub mod clipping;
pub mod config;
pub mod content;
pub mod delivery;
pub mod doctor;
pub mod fetch;
pub mod images;
pub mod importing;
pub mod inquiry;
pub mod issue;
pub mod links;
pub mod mail;
pub mod model;
pub mod preview;
pub mod rehearsal;
pub mod render;
pub mod schema;
pub mod search;
pub mod service;
pub mod site;
pub mod store;
pub mod subscribers;
pub mod typography;
