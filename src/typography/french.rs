//! French, in the order in which the rules lean on each other.

use crate::config::{Hours, Ordinals, TypographyOptions};

use super::run::Run;
use super::spaces::Convention;
use super::{bonds, dashes, numbers, ordinals, quotes, spaces};

/// Sets a run.
pub(super) fn set(run: &mut Run, options: &TypographyOptions) {
    let convention = Convention::of(options);
    let seen = run.seen;
    if seen.dots() {
        quotes::ellipses(run, false);
        quotes::etcetera(run);
    }
    if seen.digit() {
        if seen.apostrophe() {
            quotes::primes(run);
        }
        if seen.times() {
            numbers::times(run);
        }
    }
    if seen.apostrophe() {
        quotes::apostrophes(run);
    }
    if seen.oe() && options.ligatures.0 {
        quotes::ligatures(run);
    }
    if seen.straight() {
        quotes::french(run);
    }
    if run.seen.guillemet() {
        spaces::guillemets(run, convention.guillemet);
    }
    if seen.high() {
        spaces::high_punctuation(run, options, convention.high);
    }
    if seen.colon() {
        spaces::colon(run, options, convention.colon);
    }
    if seen.digit() {
        with_digits(run, options, convention);
    }
    if seen.bonds() {
        bonds::french(run, options);
    }
    if seen.dash() {
        dashes::french(run, options.dash);
    }
    if options.ordinals == Ordinals::Sup && seen.ordinal() {
        ordinals::raise(run);
    }
}

fn with_digits(run: &mut Run, options: &TypographyOptions, convention: Convention) {
    if options.hours == Hours::Spaced {
        numbers::spaced_hours(run);
    }
    if run.seen.grouped() {
        numbers::phones(run);
        numbers::thousands(run, convention.thousands);
    }
    if run.seen.sign() {
        numbers::signs(run);
    }
    if run.seen.dash() {
        numbers::eras(run);
    }
}
