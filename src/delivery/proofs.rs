//! Letters to proof-readers: over one line, without the ledger, since nobody on a list gets them.

use tokio::runtime;

use crate::links::ReaderId;
use crate::mail::wire::{Attempted, Client, Gate};
use crate::model::{Answer, EmailAddress, Outcome, Phase, judge};

use super::press::Press;
use super::sender::SendError;

/// Hands a letter to each proof-reader and says what the relay answered; ends early when the line breaks.
pub fn hand_out(
    client: &Client,
    press: &Press,
    readers: &[(ReaderId, EmailAddress)],
) -> Result<Vec<(EmailAddress, Outcome, String)>, SendError> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut line = match client.open().await {
            Ok(line) => line,
            Err(failure) => return Ok(nobody(readers, &failure.answer)),
        };
        let (mut told, mut letter) = (Vec::new(), Vec::new());
        for (reader, address) in readers {
            let from = press.fill(*reader, address, &mut letter).map_err(std::io::Error::other)?;
            let (outcome, said) = match line.deliver(&from, address, &letter, async { Gate::Open }).await {
                Attempted::Answered { phase, answer } => (judge(phase, &answer).outcome, answer.to_string()),
                Attempted::Refused(refusal) => (Outcome::Rejected, refusal.to_string()),
            };
            told.push((address.clone(), outcome, said));
            if !line.is_usable() {
                break;
            }
        }
        line.quit().await;
        Ok(told)
    })
}

fn nobody(readers: &[(ReaderId, EmailAddress)], answer: &Answer) -> Vec<(EmailAddress, Outcome, String)> {
    let outcome = judge(Phase::Connect, answer).outcome;
    readers.iter().map(|(_, address)| (address.clone(), outcome, answer.to_string())).collect()
}
