//! "Did you mean …?": the known word nearest to the one that was written.

/// The nearest candidate, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    let own = letters(word);
    // A slip changes the length by one at most, and brings or takes one letter at most.
    let may_be_near = |candidate: &&str| {
        let other = letters(candidate);
        let strange = (own & !other).count_ones().max((other & !own).count_ones());
        strange as usize <= limit && candidate.chars().count().abs_diff(length) <= limit
    };
    candidates
        .into_iter()
        .filter(may_be_near)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Which letters a word has; a few share a place.
fn letters(word: &str) -> u64 {
    word.chars().fold(0, |set, ch| set | 1 << (u32::from(ch) % 64))
}

/// The optimal string alignment distance: a transposition of neighbours counts as one slip.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut best = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_look_at_the_letters_rules_out_nothing_that_is_near(
            word in "[a-dé-]{0,9}",
            known in prop::collection::vec("[a-dé-]{0,9}", 0..9),
        ) {
            let limit = (word.chars().count() / 3).max(1);
            let near = known.iter().map(|other| (distance(&word, other), other.as_str()));
            let near = near.filter(|(distance, _)| *distance <= limit).min().map(|(_, other)| other);
            prop_assert_eq!(nearest(&word, known.iter().map(String::as_str)), near);
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["title", "topics", "sources", "section"];
        assert_eq!(nearest("titel", known), Some("title"));
        assert_eq!(nearest("source", known), Some("sources"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
