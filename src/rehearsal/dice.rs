//! Chance that can be had again: a number drawn for a seed and for what it is drawn for, whatever else happens first.

/// A seeded source of chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dice(u64);

impl Dice {
    /// The dice of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The number that belongs to a purpose, a subject and a turn.
    pub fn number(self, purpose: u64, subject: u64, turn: u64) -> u64 {
        mix(mix(mix(self.0 ^ purpose).wrapping_add(subject)).wrapping_add(turn))
    }

    /// The same, between 0 and 1.
    pub fn share(self, purpose: u64, subject: u64, turn: u64) -> f64 {
        (self.number(purpose, subject, turn) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One step of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_numbers_and_another_does_not() {
        let (one, other) = (Dice::new(7), Dice::new(8));
        assert_eq!(one.number(1, 2, 3), Dice::new(7).number(1, 2, 3));
        assert_ne!(one.number(1, 2, 3), other.number(1, 2, 3));
        assert_ne!(one.number(1, 2, 3), one.number(1, 3, 2));
    }

    #[test]
    fn shares_are_spread_evenly() {
        let dice = Dice::new(42);
        let below = (0..100_000).filter(|subject| dice.share(1, *subject, 1) < 0.01).count();
        assert!((900..1100).contains(&below), "{below}");
    }
}
