//! The index of the archive: what each item, article and introduction can be found by, as small files by year that
//! the script of the search page reads on demand.
//!
//! Never knows: items, pages, templates, where files are written.
//!
//! The script (`templates/site/search.js`) folds, splits and stems what a reader types by the very same rules;
//! `tests/search/stems.tsv` holds both to them.

mod cache;
mod fold;
mod forms;
mod markdown;
mod postings;
mod segment;
mod stem;
mod stops;
mod terms;
mod words;
mod year;

pub use cache::{CacheError, KeptYear};
pub use markdown::opening;
pub use postings::Index;
pub use stops::stop_words;
pub use year::{Card, Key, Text, Wanted, Year};
