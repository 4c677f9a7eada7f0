//! One reader's letter and its return path, filled and signed.

use crate::links::{Claim, Purpose, ReaderId, TokenKey};
use crate::mail::{ComposeError, Fill, Letters};
use crate::model::{EmailAddress, Slot, Slug};

use super::parcel::Verp;

/// Makes the letters of a campaign. The same reader's letter is the same whenever it is made.
pub struct Press {
    letters: Letters,
    key: TokenKey,
    list: Slug,
    slot: Slot,
    sender: EmailAddress,
    verp: Verp,
}

impl Press {
    /// Over the composed message of a list's issue; `sender` is where bounces go.
    pub fn new(
        letters: Letters,
        key: TokenKey,
        list: Slug,
        slot: Slot,
        (sender, verp): (EmailAddress, Verp),
    ) -> Self {
        Self { letters, key, list, slot, sender, verp }
    }

    /// Puts a reader's letter into `out`, and says where its bounces go.
    pub fn fill(
        &self,
        reader: ReaderId,
        address: &EmailAddress,
        out: &mut Vec<u8>,
    ) -> Result<EmailAddress, ComposeError> {
        let list = self.list.as_str();
        let token = |purpose| {
            let claim = Claim { issue: Some(self.slot.date), ..Claim::lasting(purpose, list, reader) };
            self.key.token(&claim)
        };
        let fill = Fill {
            address,
            unsubscribe: &token(Purpose::Leave),
            preferences: &token(Purpose::Preferences),
            message_id: &self.key.message_id(list, self.slot, reader),
        };
        out.clear();
        self.letters.fill(&fill, out)?;
        Ok(self.return_path(reader))
    }

    /// VERP: `bounces+TOKEN@domain` (EMAIL-SPEC 85).
    fn return_path(&self, reader: ReaderId) -> EmailAddress {
        if self.verp == Verp::Off {
            return self.sender.clone();
        }
        let token = self.key.return_path(self.list.as_str(), self.slot.date, reader);
        let path = format!("{}+{token}@{}", self.sender.local(), self.sender.domain());
        EmailAddress::parse(&path).unwrap_or_else(|_| self.sender.clone())
    }
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Press")
    }
}
