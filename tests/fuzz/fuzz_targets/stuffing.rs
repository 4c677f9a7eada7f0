//! Any letter is refused, or comes back from the wire with one end.
#![no_main]

use std::io::IoSlice;

use libfuzzer_sys::fuzz_target;
use rotative::mail::wire::Stuffed;

fuzz_target!(|letter: &[u8]| {
    let Ok(stuffed) = Stuffed::new(letter) else { return };
    let mut wire = Vec::new();
    loop {
        let mut slices = [IoSlice::new(&[]); 3];
        let count = stuffed.between(wire.len(), stuffed.whole(), &mut slices);
        if count == 0 {
            break;
        }
        slices[..count].iter().for_each(|slice| wire.extend_from_slice(slice));
    }
    let mut read = Vec::new();
    let mut lines = wire.split(|byte| *byte == b'\n');
    for line in lines.by_ref() {
        let line = line.strip_suffix(b"\r").expect("CRLF");
        if line == b"." {
            break;
        }
        assert!(!line.contains(&b'\r') && !line.contains(&0) && line.len() <= 999);
        read.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        read.extend_from_slice(b"\r\n");
    }
    assert!(lines.eq([&b""[..]]), "one end");
    assert!(read == letter || read == [letter, b"\r\n"].concat());
});
