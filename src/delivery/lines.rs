//! Lines to relays: as many as each bears, kept open as long as there is work.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::mail::wire::{Failure, Line, Trust};
use crate::model::{Blame, judge};

use super::ahead::Ahead;
use super::breaker::Attempt;
use super::crew::Lines;
use super::desk::Desk;
use super::halt::Halt;
use super::letter;
use super::pace::RelayId;

/// How long a line waits for a letter before it closes.
const IDLE: Duration = Duration::from_secs(20);

/// Keeps as many lines open to a relay as it bears and there is work for, until there is no more.
pub(super) async fn keep(desk: Arc<Desk>, relay: RelayId) {
    let mut lines = JoinSet::new();
    while !desk.brake.is_pulled() && !desk.is_passed() {
        while let Some(ended) = lines.try_join_next() {
            if ended.is_err_and(|error| error.is_panic()) {
                desk.brake.pull(Halt::Paused("a line broke off by a fault of the program".to_owned()));
            }
        }
        let (ready, _) = desk.feed.counts();
        let now = desk.clock.stamp();
        let asked = if ready > 0 { desk.relays().ask_line(relay, now) } else { Lines::Full };
        if asked == Lines::Open {
            let number = desk.last_line.fetch_add(1, Ordering::Relaxed) + 1;
            lines.spawn(tend(Arc::clone(&desk), relay, number));
            continue;
        }
        tokio::select! {
            () = desk.brake.wait() => {}
            () = desk.feed.more.notified() => {}
            () = sleep(Duration::from_millis(20)) => {}
        }
    }
    desk.feed.more.notify_waiters();
    while let Some(ended) = lines.join_next().await {
        if ended.is_err_and(|error| error.is_panic()) {
            desk.brake.pull(Halt::Paused("a line broke off by a fault of the program".to_owned()));
        }
    }
}

/// One line, from the greeting to the farewell.
async fn tend(desk: Arc<Desk>, relay: RelayId, number: u32) {
    let Some(client) = desk.clients.get(relay.0) else { return };
    let opened = tokio::select! {
        opened = client.open() => opened,
        () = desk.brake.wait() => return,
        () = desk.passed() => return,
    };
    let mut line = match opened {
        Ok(line) => line,
        Err(failure) => return refused(&desk, relay, &failure),
    };
    if let Some(crew) = desk.relays().crew(relay) {
        crew.opened();
    }
    desk.lines.fetch_add(1, Ordering::Relaxed);
    let mut ahead = Ahead::new();
    let mut since = Instant::now();
    while line.is_usable() && !desk.brake.is_pulled() && has_room(&desk, relay, &line) {
        match ahead.take(&desk, relay) {
            Some(next) => {
                since = Instant::now();
                letter::hand_over(&desk, (relay, number), &mut line, next, &mut ahead).await;
            }
            None => {
                desk.pay(number);
                if desk.is_passed() || since.elapsed() > IDLE {
                    break;
                }
                let _ = timeout(Duration::from_millis(100), desk.feed.more.notified()).await;
            }
        }
    }
    ahead.put_back(&desk, relay);
    desk.forget_line(number);
    if let Some(crew) = desk.relays().crew(relay) {
        crew.closed();
    }
    desk.lines.fetch_sub(1, Ordering::Relaxed);
    line.quit().await;
}

fn has_room(desk: &Desk, relay: RelayId, line: &Line) -> bool {
    let now = desk.clock.stamp();
    desk.relays().crew(relay).is_none_or(|crew| line.letters() < crew.letters() && !crew.is_crowded(now))
}

/// No line could be opened.
fn refused(desk: &Desk, relay: RelayId, failure: &Failure) {
    let now = desk.clock.stamp();
    if let Some(crew) = desk.relays().crew(relay) {
        crew.refused(now, (desk.chance)());
    }
    // What was given to this relay may go over another.
    for mut job in desk.feed.take_back(relay) {
        desk.relays().give_back(relay, job.due.address.domain().as_str());
        job.given = false;
        desk.feed.put_back(job);
    }
    if failure.trust == Trust::Broken {
        let name = desk.relay_name(relay);
        let reason = format!("the relay `{name}` cannot be trusted: {}", failure.answer);
        if desk.clients.len() == 1 {
            desk.brake.pull(Halt::Paused(reason));
        } else {
            desk.relays().pause(relay);
            desk.quarrel(reason);
        }
        return;
    }
    let verdict = judge(failure.phase, &failure.answer);
    let attempt =
        Attempt { recipient: 0, domain: "", phase: failure.phase, verdict, answer: &failure.answer };
    if verdict.blame == Blame::Us {
        desk.weigh(&attempt);
    }
}
