//! The preview's own pages, written from the state.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::build::{Survey, SurveyedIssue, SurveyedItem};
use crate::model::{Diagnostic, IssueDate, Slot};
use crate::render::Templates;

use super::finding::{FindingView, editor};
use super::state::{Fault, Proof, State};
use super::tabs::{self, Edition, Show, TABS, Tab, Width};
use super::views::*;
use super::words;

/// Writes pages.
pub(super) struct Pages {
    pub(super) root: PathBuf,
    templates: Templates,
    today: fn(chrono_tz::Tz) -> IssueDate,
}

/// How many issues stand on a page of the list.
const ISSUES: usize = 50;
/// How many findings or waiting items stand on a page.
pub(super) const MOST: usize = 200;

impl Pages {
    /// The pages of a newsletter. Their templates are the built-in ones: they must hold when the newsletter's do not.
    pub(super) fn new(root: PathBuf, today: fn(chrono_tz::Tz) -> IssueDate) -> Option<Self> {
        Some(Self { root, templates: Templates::built_in()?, today })
    }

    pub(super) fn style(&self) -> &str {
        self.templates.text("preview/preview.css")
    }

    pub(super) fn script(&self) -> &str {
        self.templates.text("preview/preview.js")
    }

    /// The list of issues, from the newest, and the queue.
    pub(super) fn list(&self, state: &State, page: usize) -> String {
        let survey = state.survey.as_deref();
        let issues = survey.map_or(&[][..], |survey| &survey.issues);
        let queue = survey.map_or(&[][..], |survey| &survey.queue);
        let pages = issues.len().div_ceil(ISSUES).max(1);
        let page = page.clamp(1, pages);
        let rows = issues.iter().skip((page - 1) * ISSUES).take(ISSUES);
        let own = ListView {
            issues: rows.map(|issue| self.row(issue, survey)).collect(),
            count: issues.len(),
            page,
            pages,
            newer: page - 1,
            older: if page < pages { page + 1 } else { 0 },
            queue: queue.iter().take(MOST).map(|item| self.item(item)).collect(),
            more: queue.len().saturating_sub(MOST),
        };
        self.write("preview/list.html", state, "All issues".to_owned(), own)
    }

    /// An issue under one of its tabs; `None` if there is no such issue.
    pub(super) fn issue(&self, state: &State, slot: Slot, tab: &Tab) -> Option<String> {
        let survey = state.survey.as_deref()?;
        let next = state.is_next(slot);
        if matches!(tab.show, Show::Board) && !next {
            return None;
        }
        let at = survey.issues.iter().position(|issue| issue.slot == slot)?;
        let issue = &survey.issues[at];
        let neighbour = |at: Option<usize>| {
            at.and_then(|at| survey.issues.get(at)).map(|issue| issue.slot.to_string()).unwrap_or_default()
        };
        let proof = state.proofs.get(&slot);
        let (found, others) = findings(state, survey, issue);
        let own = IssueView {
            slot: slot.to_string(),
            name: issue.name.clone(),
            number: issue.number,
            badges: self.badges(issue, survey),
            earlier: neighbour(Some(at + 1)),
            later: neighbour(at.checked_sub(1)),
            mail: proof.map(|proof| mail(proof, survey)),
            lacks: issue.lacks.iter().map(words::lack).collect(),
            web: if state.site.is_empty() { String::new() } else { format!("/site/{}", issue.page.as_str()) },
            tabs: tabs_of(tab, found.len(), issue.items.len(), next),
            panel: self.panel(state, issue, tab, &found, &others),
        };
        Some(self.write("preview/issue.html", state, format!("{} – {}", issue.name, tab.name), own))
    }

    /// There is nothing at this address.
    pub(super) fn missing(&self, state: &State) -> String {
        self.write("preview/missing.html", state, "Not here".to_owned(), ())
    }

    fn panel(
        &self,
        state: &State,
        issue: &SurveyedIssue,
        tab: &Tab,
        found: &[&Diagnostic],
        others: &[&Diagnostic],
    ) -> PanelView {
        let proof = state.proofs.get(&issue.slot);
        let verbatim = |label, text: &str| PanelView::Verbatim { label, text: text.to_owned() };
        let view = |findings: &[&Diagnostic]| -> Vec<FindingView> {
            findings.iter().take(MOST).map(|finding| FindingView::new(finding, &self.root)).collect()
        };
        match (&tab.show, proof) {
            (Show::Screens(screens), _) => screens_of(screens, state, issue),
            (Show::Text, Some(proof)) => verbatim("The plain text", &proof.mail.text),
            (Show::Source, Some(proof)) => match &proof.letter {
                Some(letter) => verbatim("The letter as it travels", letter),
                None => verbatim("The HTML of the mail", &proof.mail.html),
            },
            (Show::Text | Show::Source, None) => PanelView::Nothing,
            (Show::Contents, _) => {
                let introduction = issue.introduction.iter().map(|path| self.introduction(path));
                PanelView::Contents {
                    items: introduction.chain(issue.items.iter().map(|item| self.item(item))).collect(),
                }
            }
            (Show::Board, _) => PanelView::Board { board: self.board_view(state).map(Box::new) },
            (Show::Findings, _) => PanelView::Findings {
                own: view(found),
                own_more: found.len().saturating_sub(MOST),
                others: view(others),
                others_more: others.len().saturating_sub(MOST),
            },
        }
    }

    fn row(&self, issue: &SurveyedIssue, survey: Option<&Survey>) -> RowView {
        RowView {
            slot: issue.slot.to_string(),
            name: issue.name.clone(),
            number: issue.number,
            subject: issue.subject.clone(),
            items: issue.items.len(),
            badges: survey.map(|survey| self.badges(issue, survey)).unwrap_or_default(),
        }
    }

    fn badges(&self, issue: &SurveyedIssue, survey: &Survey) -> Vec<Badge> {
        let drafts = issue.items.iter().filter(|item| item.draft).count();
        let ahead = self.days_to(issue.slot.date, survey);
        words::when(ahead).into_iter().chain(words::drafts(issue.draft, drafts)).collect()
    }

    /// How many days from today to a day.
    pub(super) fn days_to(&self, day: IssueDate, survey: &Survey) -> i64 {
        (day.day() - (self.today)(survey.timezone).day()).num_days()
    }

    fn item(&self, item: &SurveyedItem) -> ItemView {
        let draft = item.draft.then(|| Badge { kind: "draft", text: "draft".to_owned() });
        let expires = item.expires.map(|day| Badge { kind: "soon", text: format!("until {day}") });
        ItemView {
            name: item.name.clone(),
            section: item.section.clone(),
            editor: editor(&self.root.join(&item.path), ""),
            path: item.path.clone(),
            notes: Vec::new(),
            badges: draft.into_iter().chain(expires).collect(),
        }
    }

    fn introduction(&self, path: &str) -> ItemView {
        ItemView {
            name: "Introduction".to_owned(),
            section: String::new(),
            editor: editor(&self.root.join(path), ""),
            path: path.to_owned(),
            notes: Vec::new(),
            badges: Vec::new(),
        }
    }

    pub(super) fn write<T: Serialize>(&self, template: &str, state: &State, title: String, own: T) -> String {
        let survey = state.survey.as_deref();
        let view = PageView {
            newsletter: survey.map_or_else(|| "Rotative".to_owned(), |survey| survey.title.clone()),
            lang: survey.map_or_else(|| "en".to_owned(), |survey| survey.lang.clone()),
            title,
            state: stand(state, &self.root),
            own,
        };
        self.templates.render(template, &view).unwrap_or_else(|fault| fault.message)
    }
}

/// How things stand.
fn stand(state: &State, root: &Path) -> StateView {
    let (faults, output) = match &state.fault {
        Some(Fault::Findings(report)) => (report.findings(), String::new()),
        Some(Fault::Output(why)) => (&[][..], why.clone()),
        None => (&[][..], String::new()),
    };
    let (kind, text) = words::stand(state);
    StateView {
        number: state.number,
        kind,
        text,
        looking: state.looking.clone().unwrap_or_default(),
        faults: faults.iter().take(MOST).map(|fault| FindingView::new(fault, root)).collect(),
        more: faults.len().saturating_sub(MOST),
        output,
        older: !state.site.is_empty(),
    }
}

/// What is pointed out in an issue, and what elsewhere.
fn findings<'a>(
    state: &'a State,
    survey: &'a Survey,
    issue: &SurveyedIssue,
) -> (Vec<&'a Diagnostic>, Vec<&'a Diagnostic>) {
    let mail = format!("out/mail/{}/", issue.slot.date);
    let files = issue.items.iter().map(|item| &item.path).chain(&issue.introduction);
    let files: Vec<&str> = files.map(String::as_str).collect();
    let folder = |path: &str| {
        files.iter().any(|file| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
    };
    let concerns = |finding: &&Diagnostic| {
        finding.location.as_ref().is_some_and(|place| {
            files.contains(&place.path.as_str()) || place.path.starts_with(&mail) || folder(&place.path)
        })
    };
    let (mut own, others): (Vec<_>, Vec<_>) = state.warnings.findings().iter().partition(concerns);
    own.extend(survey.proofs.get(&issue.slot).into_iter().flatten());
    own.sort_by(|a, b| a.location.cmp(&b.location));
    own.dedup();
    (own, others)
}

fn mail(proof: &Arc<Proof>, survey: &Survey) -> MailView {
    let facts = &proof.mail.facts;
    MailView {
        sender: survey.sender.clone(),
        initial: survey
            .sender
            .chars()
            .find(|letter| letter.is_alphanumeric())
            .map(String::from)
            .unwrap_or_default(),
        subject: facts.subject.clone(),
        preheader: facts.preheader.clone(),
        subject_length: facts.subject.chars().count(),
        html: facts.sizes.html,
        html_size: words::size(facts.sizes.html),
        text_size: words::size(facts.sizes.text),
        letter_size: proof.letter.as_ref().map(|letter| words::size(letter.len())).unwrap_or_default(),
        links: facts.links.len(),
    }
}

fn tabs_of(current: &Tab, findings: usize, items: usize, next: bool) -> Vec<TabView> {
    let count = |tab: &Tab| match tab.show {
        Show::Findings => findings,
        Show::Contents => items,
        _ => 0,
    };
    let view = |tab: &Tab| TabView {
        key: tab.key,
        name: tab.name,
        current: tab.key == current.key,
        count: count(tab),
    };
    TABS.iter().filter(|tab| next || !matches!(tab.show, Show::Board)).map(view).collect()
}

fn screens_of(screens: &[tabs::Screen], state: &State, issue: &SurveyedIssue) -> PanelView {
    let view = |screen: &tabs::Screen| {
        let scheme = screen.scheme.as_str();
        let (address, version) = match screen.edition {
            Edition::Web => (format!("/{scheme}/{}", issue.page.as_str()), state.site.clone()),
            mail => {
                let look = if mail == Edition::Bare { "bare" } else { scheme };
                let digest = state.proofs.get(&issue.slot).map(|proof| proof.mail.facts.digest.clone());
                (format!("/mail/{}/{look}", issue.slot), digest.unwrap_or_default())
            }
        };
        let width = match screen.width {
            Width::Desk => "desk",
            Width::Phone => "phone",
        };
        ScreenView { title: screen.title, address, version, scheme, width }
    };
    let screens: Vec<ScreenView> = screens.iter().map(view).collect();
    if screens.iter().any(|screen| screen.version.is_empty()) {
        return PanelView::Nothing;
    }
    PanelView::Screens { screens }
}
