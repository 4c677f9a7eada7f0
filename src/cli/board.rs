//! `rotative board`: the next issue filling up: what is there, what lacks, what waits.

use std::fmt::Write as _;
use std::path::Path;

use crate::build::{self, Board, BoardItem, BoardSection, BoardWaiting, Order, Which};
use crate::issue::Drafts;
use crate::model::IssueDate;

use super::next::due_next;
use super::subscribers::Format;
use super::terminal::Terminal;
use super::{Outcome, day, filling, open};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The day of the issue [default: the next one]
    #[arg(value_parser = day)]
    date: Option<IssueDate>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args, root: &Path, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let Some(project) = open(root, terminal) else { return Ok(Outcome::Findings) };
    let date = args.date.map_or_else(|| due_next(&project.config), Ok)?;
    let filling = filling::filling(root, terminal);
    let order = Order { drafts: Drafts::Included, filling, ..Which::Newest.into() };
    let board = match build::board(root, Some(date), &order) {
        Ok(board) => board,
        Err(report) => {
            terminal.report(&report);
            return Ok(Outcome::Findings);
        }
    };
    match args.format {
        Format::Json => terminal.result(&serde_json::to_string_pretty(&board)?),
        Format::Text => terminal.result(table(&board).trim_end()),
    }
    Ok(Outcome::Done)
}

fn table(board: &Board) -> String {
    let mut text = board.date.clone();
    if let Some(number) = board.number {
        let _ = write!(text, ", no. {number}");
    }
    text.push('\n');
    if board.number.is_none() {
        text.push_str("nothing stands in this issue yet\n");
    }
    for (label, line) in [("subject", &board.subject), ("preheader", &board.preheader)] {
        if !line.is_empty() {
            let _ = writeln!(text, "{label:<10} {line}");
        }
    }
    text.push_str(&weight(board));
    for section in &board.sections {
        text.push('\n');
        text.push_str(&section_lines(section));
    }
    text.push_str(&queue_lines(&board.queue));
    text
}

fn weight(board: &Board) -> String {
    let size = |bytes: usize| format!("{:.1} KB", bytes as f64 / 1000.0);
    let mut parts = vec![many(board.words, "word"), format!("{} min to read", board.minutes)];
    parts.extend(board.html_bytes.map(|bytes| format!("mail {}", size(bytes))));
    parts.extend(board.text_bytes.map(|bytes| format!("text {}", size(bytes))));
    parts.push(many(board.errors, "error"));
    parts.push(many(board.warnings, "warning"));
    format!("{:<10} {}\n", "weight", parts.join(", "))
}

fn section_lines(section: &BoardSection) -> String {
    let most = section.max.map(|max| format!(" of {max}")).unwrap_or_default();
    let lacks = if section.lacking > 0 { format!(", lacks {}", section.lacking) } else { String::new() };
    let full = section.max.is_some_and(|max| section.items.len() > max);
    let over = if full { ", too many" } else { "" };
    let mut text = format!("{} ({}{most}{lacks}{over})\n", section.name, section.items.len());
    for item in &section.items {
        let _ = writeln!(text, "  {:<32} {:>5} words  {}{}", item.slug, item.words, item.name, marks(item));
    }
    text
}

fn marks(item: &BoardItem) -> String {
    let marks = [(item.lead, "lead"), (item.draft, "draft"), (item.queued, "from the queue")];
    let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
    if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) }
}

fn queue_lines(queue: &[BoardWaiting]) -> String {
    if queue.is_empty() {
        return String::new();
    }
    let mut text = format!("\nqueue ({})\n", queue.len());
    for item in queue {
        let since = item.queued.as_ref().map(|day| format!(", since {day}")).unwrap_or_default();
        let until = item.expires.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {:<32} {:<11} {}, priority {}{since}{until}",
            item.slug, item.state, item.section, item.priority
        );
    }
    text
}

fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
