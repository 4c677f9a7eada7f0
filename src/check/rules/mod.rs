//! All rules in one table, and what applies them.

mod already_run;
mod carried_over;
mod corrections;
mod images;
mod issue_day;
mod left_over;
mod length;
mod link_form;
mod link_text;
mod of_files;
mod of_mails;
mod of_settings;
mod queue;
mod sections;
mod source_missing;
mod spelling;
mod subject;
mod topics;
mod tracking;
mod typesetter;
mod unbalanced;
mod weekday;

use crate::config::{CheckSettings, Config};
use crate::issue::Issue;
use crate::model::{Diagnostic, IssueDate, Location, WebUrl, suggest};

use super::galley::Galley;
use super::room::Room;
use super::rule::{Family, Rule};
use super::{allow, probe};

pub(super) use images::missing_alt;
pub use queue::Waits;
pub(super) use queue::check as queue;
pub(super) use topics::Names;

/// A rule about a single text.
pub(super) type OfText = fn(&Galley<'_>, &Room<'_>, &mut Vec<Diagnostic>);
/// A rule about an issue and its texts.
pub(super) type OfIssue = fn(&Issue<'_>, &[&Galley<'_>], &Room<'_>, &mut Vec<Diagnostic>);

/// What is applied to each text.
pub(super) const OF_TEXTS: [OfText; 16] = [
    source_missing::check,
    tracking::check,
    already_run::check,
    length::check,
    topics::unknown,
    topics::forgotten,
    spelling::check,
    weekday::check,
    carried_over::check,
    left_over::left_over,
    left_over::variable,
    unbalanced::check,
    link_form::check,
    link_text::check,
    images::check,
    typesetter::check,
];

/// What is applied to each issue.
pub(super) const OF_ISSUES: [OfIssue; 4] =
    [sections::check, link_text::repeated, subject::check, issue_day::check];

/// The rules that the copy editor applies itself.
const OWN: [Rule; 45] = [
    source_missing::RULE,
    tracking::RULE,
    already_run::LINK,
    already_run::HEADLINE,
    already_run::PUN,
    length::RULE,
    sections::LIMITS,
    sections::MISSING,
    issue_day::RULE,
    corrections::AHEAD,
    queue::EXPIRED,
    queue::NAME,
    queue::NEVER,
    topics::UNKNOWN,
    topics::FORGOTTEN,
    spelling::RULE,
    weekday::RULE,
    carried_over::RULE,
    left_over::LEFT_OVER,
    left_over::VARIABLE,
    unbalanced::RULE,
    link_form::FORM,
    link_form::HTTP,
    link_text::TEXT,
    link_text::TWICE,
    link_text::AMBIGUOUS,
    images::MISSING_ALT,
    images::ALT_IS_NAME,
    images::WEIGHT,
    images::SMALL,
    images::LARGE,
    images::ASPECT,
    subject::LENGTH,
    subject::REPEATED,
    probe::DEAD,
    probe::MOVED,
    probe::TROUBLE,
    probe::CLOSED,
    allow::WITHOUT_REASON,
    probe::CERTIFICATE,
    probe::ENDLESS,
    probe::PRIVATE,
    allow::UNUSED,
    allow::OF_ERROR,
    UNKNOWN,
];

const UNKNOWN: Rule = Rule::new(
    "unknown-rule",
    Family::Exceptions,
    "The settings or a text name a rule that there is not: what was to be allowed is not.",
    "`rotative check --rules` lists all rules",
);

/// Every rule there is, by name: those of the files and their settings, of typography and of mails too.
pub fn all() -> Vec<&'static Rule> {
    let tables: [&[Rule]; 4] = [&OWN, &of_files::RULES, &of_settings::RULES, &of_mails::RULES];
    let mut rules: Vec<&Rule> = tables.into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule.name);
    rules
}

/// The rule of a name.
pub fn find(name: &str) -> Option<&'static Rule> {
    all().into_iter().find(|rule| rule.name == name)
}

/// The name of a rule that was probably meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    suggest::nearest(name, all().into_iter().map(|rule| rule.name))
}

/// What is said of the name of no rule.
pub(super) fn unknown(name: &str) -> Diagnostic {
    let finding = UNKNOWN.say(format!("there is no rule `{name}`"));
    match nearest(name) {
        Some(near) => finding.hint(format!("did you mean `{near}`? `rotative check --rules` lists all")),
        None => finding,
    }
}

/// What is wrong with the rules that the settings name.
pub fn of_settings(settings: &CheckSettings) -> Vec<Diagnostic> {
    let named = settings.allow.iter().chain(settings.severity.iter().map(|(rule, _)| rule));
    let unknown_ones = named.filter(|rule| find(&rule.name).is_none());
    unknown_ones.map(|rule| unknown(&rule.name).at(rule.place.clone())).collect()
}

/// The fewest and the most items of each section.
pub(super) fn section_limits(issue: &Issue<'_>, config: &Config, findings: &mut Vec<Diagnostic>) {
    sections::limits(issue, config, findings);
}

/// Says which corrections of a text are of a day after this one.
pub(super) fn ahead(galley: &Galley<'_>, today: IssueDate, findings: &mut Vec<Diagnostic>) {
    corrections::ahead(galley, today, findings);
}

/// The addresses on the web that a text leads to.
pub(super) fn links_of(galley: &Galley<'_>) -> Vec<(WebUrl, Location)> {
    let targets = link_form::targets(galley).into_iter();
    targets.filter_map(|(target, place)| Some((WebUrl::parse(&target).ok()?, place()))).collect()
}
