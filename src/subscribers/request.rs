//! Requests to subscribe are judged away from whoever made them: nobody can tell from an answer, or from how
//! long it took, whether an address is known.

use crate::model::{EmailAddress, sha256};
use crate::store::{Request, StoreError, Transaction};

use super::{Moment, Origin, add_letter, subscribe};

/// How many letters may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Within an hour, by everybody together.
    pub per_hour: u32,
}

/// From one network (/24, /64): a school class at once, then one every three minutes.
const NETWORK_BURST: i64 = 20;
const NETWORK_PAUSE: i64 = 180;
/// One address, to one list: the same request again within this time says nothing new.
const ADDRESS_PAUSE: i64 = 900;
/// To one domain: half of all that may leave.
const DOMAIN_SHARE: i64 = 2;
/// How long a request waits when too many letters are asked for at once, and for how long altogether.
const LATER: i64 = 60;
const TOO_LATE: i64 = 24 * 3600;

/// Judges the requests that are due, at most so many; says how many there were and how many letters they led to.
pub fn judge_requests(
    transaction: &mut Transaction<'_>,
    limits: Limits,
    most: i64,
    moment: Moment,
) -> Result<(usize, usize), StoreError> {
    let requests = transaction.requests(moment.now, most)?;
    let mut letters = 0;
    for request in &requests {
        letters += usize::from(judge(transaction, request, limits, moment)?);
    }
    Ok((requests.len(), letters))
}

/// Whether a request led to a letter.
fn judge(
    transaction: &mut Transaction<'_>,
    request: &Request,
    limits: Limits,
    moment: Moment,
) -> Result<bool, StoreError> {
    let now = moment.now;
    let Ok(address) = EmailAddress::parse_international(&request.address) else {
        transaction.take_request(request.id)?;
        return Ok(false);
    };
    // Who has waited for a free place has passed the limits of network and address already.
    let waited = request.due > request.at;
    if !waited && !is_new(transaction, request, &address, now)? {
        transaction.take_request(request.id)?;
        return Ok(false);
    }
    let burst = i64::from(limits.per_hour);
    let domain = format!("domain {}", address.domain());
    let share = (burst / DOMAIN_SHARE).max(1);
    if !transaction.within_rate(&domain, now, (3600 / share).max(1), share)?
        || !transaction.within_rate("all", now, (3600 / burst).max(1), burst)?
    {
        if now - request.at < TOO_LATE {
            transaction.put_off_request(request.id, now + LATER)?;
        } else {
            transaction.take_request(request.id)?;
        }
        return Ok(false);
    }
    if !transaction.take_request(request.id)? {
        return Ok(false);
    }
    let origin = Origin {
        source: request.source,
        network: request.network.clone(),
        detail: String::new(),
        statement: request.statement.clone(),
    };
    let asked = Moment { now: request.at, ..moment };
    let letter = subscribe(transaction, &address, &request.list, request.language, &origin, asked)?;
    if let Some((id, kind)) = letter {
        add_letter(transaction, id, kind, &request.network, asked)?;
    }
    Ok(letter.is_some())
}

/// Whether a request is neither one of too many from a network nor a repetition. What is neither is dropped
/// before it takes a place in the hour: a bombed address keeps nobody else waiting.
fn is_new(
    transaction: &mut Transaction<'_>,
    request: &Request,
    address: &EmailAddress,
    now: i64,
) -> Result<bool, StoreError> {
    let network = format!("network {}", request.network);
    if !request.network.is_empty() && !transaction.within_rate(&network, now, NETWORK_PAUSE, NETWORK_BURST)? {
        return Ok(false);
    }
    let who = sha256(format!("{} {}", request.list, address.key()).as_bytes());
    transaction.within_rate(&format!("address {}", &who[..32]), now, ADDRESS_PAUSE, 1)
}
