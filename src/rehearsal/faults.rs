//! The faults of a relay, by name and rate: `421:0.01,drop-after-dot:0.001,slow:50ms,kill:20`.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::dice::Dice;

/// What goes wrong in a rehearsal, and how often.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    list: Vec<Fault>,
    /// How long the answer to a letter takes.
    pub slow: Duration,
    /// How often the sender is killed.
    pub kills: u32,
    written: String,
}

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Fault {
    kind: Kind,
    rate: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reply(Place, u16),
    DropBeforeDot,
    DropAfterDot,
    LostAfterDot,
    Refuse,
}

/// Where a reply is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// To RCPT.
    Rcpt,
    /// To the final dot.
    Dot,
}

/// What becomes of a letter whose recipient was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is taken, and that is said.
    Take,
    /// This is said; it is not taken.
    Say(u16),
    /// The line breaks before the dot.
    BreakBeforeDot,
    /// It is taken, and the line breaks before that is said.
    TakeAndBreak,
    /// It is not taken, and the line breaks before that is said.
    BreakAfterDot,
}

/// Why a list of faults cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// No fault is called like that.
    #[error(
        "no fault is called `{0}`; there are 421 or any code from 400 to 599, dot-421 or any such code, \
         drop-before-dot, drop-after-dot, lost-after-dot, refuse, slow and kill"
    )]
    Unknown(String),
    /// Nothing says how often.
    #[error("`{0}` needs a number behind a colon, as in `{0}:{1}`")]
    Bare(String, &'static str),
    /// A rate is none.
    #[error("`{0}` is no rate of `{1}`; it is a share of all from 0 to 1, as 0.01")]
    Rate(String, String),
    /// A time is none.
    #[error("`{0}` is no time; write it as 50ms or 2s, up to 10m")]
    Time(String),
    /// A count is none.
    #[error("`{0}` is no count of kills; write it as 20, up to 100000")]
    Count(String),
    /// A fault is named twice.
    #[error("`{0}` stands there twice")]
    Twice(String),
}

impl Faults {
    /// Reads a list of faults; an empty one is a relay that is well.
    pub fn parse(text: &str) -> Result<Self, FaultError> {
        let mut faults = Self { written: text.trim().to_owned(), ..Self::default() };
        let mut names = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once(':').unwrap_or((part, ""));
            if names.contains(&name) {
                return Err(FaultError::Twice(name.to_owned()));
            }
            names.push(name);
            faults.add(name, value.trim())?;
        }
        Ok(faults)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), FaultError> {
        let bare = |example| FaultError::Bare(name.to_owned(), example);
        match name {
            "slow" if value.is_empty() => return Err(bare("50ms")),
            "slow" => self.slow = time(value)?,
            "kill" if value.is_empty() => return Err(bare("20")),
            "kill" => {
                let kills = value.parse().ok().filter(|kills| *kills <= 100_000);
                self.kills = kills.ok_or_else(|| FaultError::Count(value.to_owned()))?;
            }
            _ => {
                let kind = Kind::parse(name).ok_or_else(|| FaultError::Unknown(name.to_owned()))?;
                if value.is_empty() {
                    return Err(bare("0.01"));
                }
                let rate = value.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
                let rate = rate.ok_or_else(|| FaultError::Rate(value.to_owned(), name.to_owned()))?;
                self.list.push(Fault { kind, rate });
            }
        }
        Ok(())
    }

    /// Whether letters may have to wait for another attempt.
    pub fn delay_letters(&self) -> bool {
        !self.list.is_empty()
    }

    /// Whether a connection, by its number, is turned away.
    pub fn refuse(&self, dice: Dice, line: u64) -> bool {
        self.drawn(dice, line, 0, |kind| (kind == Kind::Refuse).then_some(())).is_some()
    }

    /// What is said to the recipient of a letter instead of welcome, at the so-manieth attempt.
    pub fn at_rcpt(&self, dice: Dice, recipient: u64, attempt: u64) -> Option<u16> {
        self.drawn(dice, recipient, attempt, |kind| match kind {
            Kind::Reply(Place::Rcpt, code) => Some(code),
            _ => None,
        })
    }

    /// What becomes of a letter, at the so-manieth attempt.
    pub fn at_dot(&self, dice: Dice, recipient: u64, attempt: u64) -> Fate {
        let fate = self.drawn(dice, recipient, attempt, |kind| match kind {
            Kind::Reply(Place::Dot, code) => Some(Fate::Say(code)),
            Kind::DropBeforeDot => Some(Fate::BreakBeforeDot),
            Kind::DropAfterDot => Some(Fate::TakeAndBreak),
            Kind::LostAfterDot => Some(Fate::BreakAfterDot),
            Kind::Reply(Place::Rcpt, _) | Kind::Refuse => None,
        });
        fate.unwrap_or(Fate::Take)
    }

    /// The first fault of those that are meant which chance brings.
    fn drawn<T>(&self, dice: Dice, subject: u64, turn: u64, meant: impl Fn(Kind) -> Option<T>) -> Option<T> {
        self.list.iter().enumerate().find_map(|(at, fault)| {
            let meant = meant(fault.kind)?;
            (dice.share(at as u64 + 1, subject, turn) < fault.rate).then_some(meant)
        })
    }
}

impl Kind {
    fn parse(name: &str) -> Option<Self> {
        let code = |text: &str| {
            let shape = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|code| shape && (400..=599).contains(code))
        };
        Some(match name {
            "drop-before-dot" => Self::DropBeforeDot,
            "drop-after-dot" => Self::DropAfterDot,
            "lost-after-dot" => Self::LostAfterDot,
            "refuse" => Self::Refuse,
            _ => match name.strip_prefix("dot-") {
                Some(text) => Self::Reply(Place::Dot, code(text)?),
                None => Self::Reply(Place::Rcpt, code(name)?),
            },
        })
    }
}

/// Reads `50ms` or `2s`, `1m`.
fn time(text: &str) -> Result<Duration, FaultError> {
    let refused = || FaultError::Time(text.to_owned());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| refused())?;
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err(refused()),
    };
    number.checked_mul(unit).filter(|span| *span <= 600_000).map(Duration::from_millis).ok_or_else(refused)
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.written.is_empty() { "none" } else { &self.written })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_faults_is_read() {
        let faults = Faults::parse("421:0.01, dot-554:1,drop-after-dot:0.001,slow:50ms,kill:20,refuse:0.1");
        let faults = faults.expect("faults");
        assert_eq!((faults.slow, faults.kills, faults.list.len()), (Duration::from_millis(50), 20, 4));
        assert!(faults.delay_letters());
        let well = Faults::parse(" ").expect("no fault");
        assert!(!well.delay_letters());
        assert_eq!(well.to_string(), "none");
        assert!(!Faults::parse("kill:3,slow:2ms").expect("faults").delay_letters());
    }

    #[test]
    fn what_is_no_fault_is_said() {
        for (text, said) in [
            ("explode:1", "no fault is called `explode`"),
            ("399:1", "no fault is called `399`"),
            ("600:1", "no fault is called `600`"),
            ("+42:1", "no fault is called `+42`"),
            ("dot-:1", "no fault is called `dot-`"),
            ("421", "`421` needs a number behind a colon, as in `421:0.01`"),
            ("kill", "`kill` needs a number"),
            ("slow", "`slow` needs a number behind a colon, as in `slow:50ms`"),
            ("421:2", "`2` is no rate of `421`"),
            ("421:NaN", "`NaN` is no rate"),
            ("slow:50", "`50` is no time"),
            ("slow:11m", "`11m` is no time"),
            ("kill:many", "`many` is no count of kills"),
            ("421:0.1,421:0.2", "`421` stands there twice"),
        ] {
            let error = Faults::parse(text).expect_err(text).to_string();
            assert!(error.starts_with(said), "{text}: {error}");
        }
    }

    #[test]
    fn each_fault_comes_where_it_belongs_as_often_as_was_asked() {
        let dice = Dice::new(1);
        let faults = Faults::parse("450:0.1,dot-554:0.2,refuse:0.3").expect("faults");
        let count = |is: &dyn Fn(u64) -> bool| (0..10_000).filter(|subject| is(*subject)).count();
        let rcpt = count(&|subject| faults.at_rcpt(dice, subject, 1) == Some(450));
        let dot = count(&|subject| faults.at_dot(dice, subject, 1) == Fate::Say(554));
        let refused = count(&|subject| faults.refuse(dice, subject));
        assert!((900..1100).contains(&rcpt), "{rcpt}");
        assert!((1850..2150).contains(&dot), "{dot}");
        assert!((2850..3150).contains(&refused), "{refused}");
    }

    #[test]
    fn a_rate_of_one_always_comes_and_of_nought_never() {
        let fate = |text: &str| Faults::parse(text).expect("faults").at_dot(Dice::new(3), 9, 1);
        assert_eq!(fate("drop-before-dot:1"), Fate::BreakBeforeDot);
        assert_eq!(fate("drop-after-dot:1"), Fate::TakeAndBreak);
        assert_eq!(fate("lost-after-dot:1"), Fate::BreakAfterDot);
        assert_eq!(fate("lost-after-dot:0,dot-451:0"), Fate::Take);
    }
}
