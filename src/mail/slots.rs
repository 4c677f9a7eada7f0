//! Slots: the few places where the letters of two readers differ, filled by copying bytes.

use crate::links::{MESSAGE_ID_LENGTH, PREFERENCES_SLOT, ReaderToken, UNSUBSCRIBE_SLOT};
use crate::model::EmailAddress;

/// What stands for the reader's address.
pub(super) const READER: &str = "rotative-slot-for-the-reader@slot.invalid";
/// What stands for the local part of the Message-ID; as long as one.
pub(super) const MESSAGE_ID: &str = "rotative-slot-for-the-message-id";
const _: () = assert!(MESSAGE_ID.len() == MESSAGE_ID_LENGTH);

/// One reader's own words.
#[derive(Debug, Clone)]
pub struct Fill<'a> {
    /// Whose letter it is.
    pub address: &'a EmailAddress,
    /// What unsubscribes.
    pub unsubscribe: &'a ReaderToken,
    /// What leads to the reader's preferences.
    pub preferences: &'a ReaderToken,
    /// The local part of the Message-ID.
    pub message_id: &'a str,
}

/// Bytes with slots in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    fixed: Vec<u8>,
    /// Where each slot stands in `fixed`, in order.
    slots: Vec<(usize, Slot)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Unsubscribe,
    Preferences,
    Reader,
    MessageId,
}

impl Form {
    /// Finds the slots of a text.
    pub(super) fn new(text: &[u8]) -> Self {
        const NAMES: [(&str, Slot); 4] = [
            (UNSUBSCRIBE_SLOT, Slot::Unsubscribe),
            (PREFERENCES_SLOT, Slot::Preferences),
            (READER, Slot::Reader),
            (MESSAGE_ID, Slot::MessageId),
        ];
        let mut form = Self { fixed: Vec::with_capacity(text.len()), slots: Vec::new() };
        let mut rest = text;
        while let Some(at) = rest.windows(8).position(|window| window == b"rotative") {
            let (before, after) = rest.split_at(at);
            form.fixed.extend(before);
            match NAMES.iter().find(|(name, _)| after.starts_with(name.as_bytes())) {
                Some((name, slot)) => {
                    form.slots.push((form.fixed.len(), *slot));
                    rest = &after[name.len()..];
                }
                None => {
                    form.fixed.push(after[0]);
                    rest = &after[1..];
                }
            }
        }
        form.fixed.extend(rest);
        form
    }

    /// The bytes before the first slot, which all letters share.
    pub(super) fn shared(&self) -> &[u8] {
        &self.fixed[..self.slots.first().map_or(self.fixed.len(), |(at, _)| *at)]
    }

    /// Hands the filled text over piece by piece, from a byte of `fixed` on.
    pub(super) fn pieces<'s>(
        &'s self,
        fill: &'s Fill<'_>,
        address: &'s str,
        from: usize,
        mut take: impl FnMut(&'s [u8]),
    ) {
        let mut done = from;
        for (at, slot) in &self.slots {
            take(&self.fixed[done..*at]);
            take(match slot {
                Slot::Unsubscribe => fill.unsubscribe.as_str().as_bytes(),
                Slot::Preferences => fill.preferences.as_str().as_bytes(),
                Slot::Reader => address.as_bytes(),
                Slot::MessageId => fill.message_id.as_bytes(),
            });
            done = *at;
        }
        take(&self.fixed[done..]);
    }

    /// The length of a filled text, about.
    pub(super) fn len(&self) -> usize {
        self.fixed.len() + self.slots.len() * 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_filled_and_the_word_beside_it_stays() {
        let text = format!("rotative a {UNSUBSCRIBE_SLOT} b rotative-{READER}");
        let form = Form::new(text.as_bytes());
        let address = EmailAddress::parse("ann@reader.example").expect("an address");
        let token = ReaderToken::sample();
        let fill = Fill { address: &address, unsubscribe: &token, preferences: &token, message_id: "m" };
        let mut filled = Vec::new();
        form.pieces(&fill, "ann@reader.example", 0, |piece| filled.extend(piece));
        let expected = format!("rotative a {} b rotative-ann@reader.example", token.as_str());
        assert_eq!(String::from_utf8(filled), Ok(expected));
        assert_eq!(form.shared(), b"rotative a ");
    }
}
