//! `rotative board`: the next issue filling up: what is there, what lacks, what waits.

use std::fmt::Write as _;
use std::path::Path;

use crate::build::{self, Board, BoardErratum, BoardItem, BoardSection, BoardWaiting, Order, Which};
use crate::issue::Drafts;
use crate::model::{Diagnostic, IssueDate};

use super::filling::next_open;
use super::subscribers::Format;
use super::terminal::Terminal;
use super::{Outcome, day, filling, open, today};

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
    let date = args.date.map_or_else(|| next_open(&project, terminal), Ok)?;
    let filling = filling::filling(root, terminal);
    let order = Order { drafts: Drafts::Included, filling, ..Which::Newest.into() };
    let board = match build::board(root, Some(date), &order, today) {
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
    text.push_str(&errata_lines(&board.errata));
    text.push_str(&queue_lines(&board.queue));
    text.push_str(&finding_lines(&board.findings));
    text
}

fn weight(board: &Board) -> String {
    let size = |bytes: usize| format!("{:.1} kB", bytes as f64 / 1000.0);
    let mut parts = Vec::new();
    if board.words > 0 {
        parts.extend([many(board.words, "word"), format!("{} min to read", board.minutes)]);
    }
    parts.extend(board.html_bytes.map(|bytes| format!("mail {}", size(bytes))));
    parts.extend(board.text_bytes.map(|bytes| format!("text {}", size(bytes))));
    parts.push(many(board.errors, "error"));
    parts.push(many(board.warnings, "warning"));
    format!("{:<10} {}\n", "weight", parts.join(", "))
}

fn section_lines(section: &BoardSection) -> String {
    let mut count = section.count.to_string();
    if let Some(max) = section.max {
        let _ = write!(count, " of {max}");
    }
    if section.lacking > 0 {
        let _ = write!(count, ", lacks {}", section.lacking);
    }
    if section.max.is_some_and(|max| section.count > max) {
        count.push_str(", too many");
    }
    let drafts = section.items.len() - section.count;
    if drafts > 0 {
        let _ = write!(count, ", and {}", many(drafts, "draft"));
    }
    let mut text = format!("{} ({count})\n", section.name);
    for item in &section.items {
        let words = many(item.words, "word");
        let _ = writeln!(text, "  {:<32} {words:>10}  {}{}", item.slug, item.name, marks(item));
    }
    text
}

fn marks(item: &BoardItem) -> String {
    let marks = [(item.lead, "lead"), (item.draft, "draft"), (item.queued, "from the queue")];
    let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
    if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) }
}

fn errata_lines(errata: &[BoardErratum]) -> String {
    if errata.is_empty() {
        return String::new();
    }
    let mut text = format!("\ncorrections ({})\n", errata.len());
    for erratum in errata {
        let BoardErratum { name, date, text: told, .. } = erratum;
        let _ = writeln!(text, "  {date}  {name}: {told}");
    }
    text
}

fn queue_lines(queue: &[BoardWaiting]) -> String {
    if queue.is_empty() {
        return String::new();
    }
    let mut text = format!("\nqueue ({})\n", queue.len());
    for item in queue {
        let age = item.queued.as_ref().zip(item.waited).map(|(day, days)| match days {
            1.. => format!("{}, since {day}", many(usize::try_from(days).unwrap_or(0), "day")),
            _ => format!("since {day}"),
        });
        let from = item.not_before.as_ref().map(|day| format!("not before {day}"));
        let until = item.expires.as_ref().map(|day| format!("until {day}"));
        let notes =
            [Some(item.section.clone()), Some(format!("priority {}", item.priority)), age, from, until];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let _ = writeln!(text, "  {:<32} {:<11} {}", item.slug, item.state, notes.join(", "));
    }
    text
}

fn finding_lines(findings: &[Diagnostic]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = format!("\nfindings ({})\n", findings.len());
    for finding in findings {
        let Diagnostic { severity, rule, message, location, .. } = finding;
        let place = location.as_ref().map(|place| match place.line {
            0 => format!("{}: ", place.path),
            line => format!("{}:{line}:{}: ", place.path, place.column),
        });
        let _ = writeln!(text, "  {severity}[{rule}] {}{message}", place.unwrap_or_default());
    }
    text
}

fn many(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
