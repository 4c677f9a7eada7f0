//! Any file is imported or refused, line by line, without a panic, and what is imported has an address.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use rotative::model::{EmailAddress, Language, Slug};
use rotative::subscribers::{Destination, Import};

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let list = Slug::parse("daily").expect("a list");
    let Ok(import) = Import::open(file.path(), Destination::Named(vec![list]), Language::French) else {
        return;
    };
    let mut before = 0;
    for line in import {
        let number = match line {
            Ok(line) => {
                EmailAddress::parse_international(&line.address.to_string()).expect("an address");
                line.number
            }
            Err(refused) => refused.line,
        };
        assert!(number >= before, "line {number} after {before}");
        before = number;
    }
});
