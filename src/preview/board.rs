//! The board on a page: the next issue filling up, section by section, and what waits for room.

use crate::build::{Board, BoardErratum, BoardItem, BoardSection, BoardWaiting, Survey};
use crate::model::IssueDate;

use super::finding::{FindingView, editor};
use super::page::{MOST, Pages};
use super::state::{Filling, State};
use super::views::{Badge, BoardPage, BoardSectionView, BoardView, ErratumView, ItemView};
use super::words;

impl Pages {
    /// The board as a page of its own: an issue that nobody has begun has no other.
    pub(super) fn board(&self, state: &State) -> String {
        let board = self.board_view(state);
        let title =
            board.as_ref().map_or_else(|| "Board".to_owned(), |board| format!("Board – {}", board.day));
        self.write("preview/board-page.html", state, title, BoardPage { board })
    }

    /// The board; `None` where no issue comes.
    pub(super) fn board_view(&self, state: &State) -> Option<BoardView> {
        let Filling::Shown(board) = &state.board else { return None };
        let survey = state.survey.as_deref()?;
        let ahead = IssueDate::parse(&board.date).ok().and_then(|day| words::when(self.days_to(day, survey)));
        let findings = board.findings.iter().take(MOST);
        Some(BoardView {
            slot: board.date.clone(),
            day: board.day.clone(),
            number: board.number.unwrap_or_default(),
            subject: board.subject.clone(),
            preheader: board.preheader.clone(),
            badges: ahead.into_iter().collect(),
            words: board.words,
            minutes: board.minutes,
            html: board.html_bytes.unwrap_or_default(),
            html_size: board.html_bytes.map(words::size).unwrap_or_default(),
            text_size: board.text_bytes.map(words::size).unwrap_or_default(),
            errors: words::many(board.errors, "error", "errors"),
            warnings: words::many(board.warnings, "warning", "warnings"),
            worst: worst(board),
            sections: board.sections.iter().map(|section| self.section(section)).collect(),
            findings: findings.map(|finding| FindingView::new(finding, &self.root)).collect(),
            more: board.findings.len().saturating_sub(MOST),
            errata: board.errata.iter().map(|erratum| self.erratum(erratum)).collect(),
            queue: board.queue.iter().take(MOST).map(|item| self.waiting(item, board, survey)).collect(),
        })
    }

    fn section(&self, section: &BoardSection) -> BoardSectionView {
        let title = if section.title.is_empty() { &section.name } else { &section.title };
        BoardSectionView {
            title: title.clone(),
            count: words::count(section.count, section.max),
            badge: words::fullness(section),
            items: section.items.iter().map(|item| self.standing(item)).collect(),
        }
    }

    fn standing(&self, item: &BoardItem) -> ItemView {
        let badge = |kind, text: &str| Badge { kind, text: text.to_owned() };
        let badges = [
            item.lead.then(|| badge("now", "lead")),
            item.draft.then(|| badge("draft", "draft")),
            item.queued.then(|| badge("soon", "from the queue")),
        ];
        ItemView {
            name: item.name.clone(),
            section: String::new(),
            editor: editor(&self.root.join(&item.path), ""),
            path: item.path.clone(),
            notes: vec![words::many(item.words, "word", "words")],
            badges: badges.into_iter().flatten().collect(),
        }
    }

    fn erratum(&self, erratum: &BoardErratum) -> ErratumView {
        let BoardErratum { name, path, date, text } = erratum;
        ErratumView {
            name: name.clone(),
            text: text.clone(),
            date: date.clone(),
            editor: editor(&self.root.join(path), ""),
            path: path.clone(),
        }
    }

    fn waiting(&self, item: &BoardWaiting, board: &Board, survey: &Survey) -> ItemView {
        let days = |day: &Option<String>| {
            let day = day.as_deref().and_then(|day| IssueDate::parse(day).ok())?;
            Some(self.days_to(day, survey))
        };
        let age = days(&item.queued).map(|days| words::age(-days));
        let left = item.expires.as_deref().zip(days(&item.expires));
        let left = left.map(|(until, days)| words::time_left(until, days));
        let notes = std::iter::once(format!("priority {}", item.priority)).chain(age).chain(left);
        let title = board.sections.iter().find(|section| section.name == item.section);
        let title = title.map(|section| section.title.clone()).filter(|title| !title.is_empty());
        ItemView {
            name: item.name.clone(),
            section: title.unwrap_or_else(|| item.section.clone()),
            editor: editor(&self.root.join(&item.path), ""),
            path: item.path.clone(),
            notes: notes.collect(),
            badges: vec![words::fate(item)],
        }
    }
}

fn worst(board: &Board) -> &'static str {
    match (board.errors, board.warnings) {
        (0, 0) => "none",
        (0, _) => "warning",
        _ => "error",
    }
}
