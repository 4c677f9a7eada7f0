//! Requests to subscribe are judged away from whoever made them: nobody can tell from an answer, or from how
//! long it took, whether an address is known.

use crate::links::TokenKey;
use crate::model::{EmailAddress, Network};
use crate::store::{Rate, Request, StoreError, Transaction};

use super::{Moment, Origin, add_letter, subscribe};

/// How many letters may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Within an hour, by everybody together.
    pub per_hour: u32,
}

/// From one network (/24, /64): a school class at once, then one every three minutes.
const NETWORK: Rate = Rate::of(180, 20);
/// A site of IPv6 (/48) has as much as four networks, however many it has.
const SITE: Rate = Rate::of(45, 80);
/// One address: a request again within this time says nothing new.
const ADDRESS: Rate = Rate::of(900, 1);
/// To one domain: half of all that may leave.
const DOMAIN_SHARE: u32 = 2;
/// How long a request waits when too many letters are asked for at once, and for how long altogether.
const LATER: i64 = 60;
const TOO_LATE: i64 = 24 * 3600;

/// Judges the requests that are due, at most so many; says how many there were and how many letters they led to.
pub fn judge_requests(
    transaction: &mut Transaction<'_>,
    key: &TokenKey,
    limits: Limits,
    most: i64,
    moment: Moment,
) -> Result<(usize, usize), StoreError> {
    let requests = transaction.requests(moment.now, most)?;
    let mut letters = 0;
    for request in &requests {
        letters += usize::from(judge(transaction, key, request, limits, moment)?);
    }
    Ok((requests.len(), letters))
}

/// Whether a request led to a letter.
fn judge(
    transaction: &mut Transaction<'_>,
    key: &TokenKey,
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
    if !waited && !is_new(transaction, key, request, &address, now)? {
        transaction.take_request(request.id)?;
        return Ok(false);
    }
    // A family's domain says who they are: it is counted by its hash, too.
    let domain = key.asked(address.domain().as_str());
    let domain = format!("domain {}", domain.first().map_or("", String::as_str));
    let share = hourly(limits.per_hour / DOMAIN_SHARE);
    // Who waits because of all others takes no place of their own domain.
    if !transaction.has_room(&domain, now, share)?
        || !transaction.within_rate("all", now, hourly(limits.per_hour))?
    {
        if now - request.at < TOO_LATE {
            transaction.put_off_request(request.id, now + LATER)?;
        } else {
            transaction.take_request(request.id)?;
        }
        return Ok(false);
    }
    transaction.within_rate(&domain, now, share)?;
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
    let letter = subscribe(transaction, &address, &request.list, request.language, key, &origin, asked)?;
    if let Some((id, kind)) = letter {
        add_letter(transaction, id, kind, &request.network, asked)?;
    }
    Ok(letter.is_some())
}

/// Whether a request is neither one of too many from a network nor a repetition. What is neither is dropped
/// before it takes a place in the hour: a bombed address keeps nobody else waiting.
fn is_new(
    transaction: &mut Transaction<'_>,
    key: &TokenKey,
    request: &Request,
    address: &EmailAddress,
    now: i64,
) -> Result<bool, StoreError> {
    let network = format!("network {}", request.network);
    if !request.network.is_empty() && !transaction.within_rate(&network, now, NETWORK)? {
        return Ok(false);
    }
    if let Some(site) = Network::parse(&request.network).ok().and_then(Network::site)
        && !transaction.within_rate(&format!("network {site}"), now, SITE)?
    {
        return Ok(false);
    }
    match key.asked(&address.key()).first() {
        Some(hash) => transaction.within_rate(&rate_of(hash), now, ADDRESS),
        None => Ok(false),
    }
}

/// The name of the rate of an address, which is known by its hash alone.
pub(super) fn rate_of(hash: &str) -> String {
    format!("address {hash}")
}

/// At most so many in any hour, wherever it begins, and a tenth of them at once.
fn hourly(most: u32) -> Rate {
    let most = i64::from(most.max(1));
    let burst = (most / 10).max(1);
    // In an hour there may be a burst, and one more after each pause that ends within it.
    let further = most - burst + 1;
    Rate { pause: (HOUR + further - 1) / further, burst }
}

/// In milliseconds.
const HOUR: i64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hour_holds_more_than_it_may() {
        for most in [1_u32, 2, 3, 4, 7, 10, 40, 99, 500, 1000, 3000, 100_000] {
            let rate = hourly(most);
            // Whoever takes every place as soon as it is free.
            let (mut taken, mut now, mut tat) = (0_u32, 0, 0);
            while now < HOUR {
                taken += 1;
                tat = tat.max(now) + rate.pause;
                now = now.max(tat - rate.pause * (rate.burst - 1));
            }
            assert!(taken <= most && u64::from(taken) * 10 >= u64::from(most) * 9, "{most}: {taken}");
        }
    }
}
