//! What is never touched: addresses, file names, handles, versions, emoticons. Found word by word.

use super::run::{PROTECTED, Run, opening_bracket, opening_quote};
use super::words::{EMOTICONS, EXTENSIONS};

/// Marks every protected stretch of a run.
pub(super) fn protect(run: &mut Run) {
    if !run.seen.odd() {
        return;
    }
    let mut start = 0;
    while start < run.cells.len() {
        let mut end = start;
        let mut suspect = false;
        while end < run.cells.len() {
            let cell = run.cells[end];
            if cell.space() || !cell.free() {
                break;
            }
            let ends = run.cells.get(end + 1).is_none_or(|next| next.space());
            let first = end == start;
            suspect |= match cell.ch {
                '.' | ':' | ';' => !ends || first,
                '/' | '@' | '#' | '\\' | '<' | '=' | '^' => true,
                '8' | 'x' | 'X' => first,
                '-' => first || matches!(run.cells[end - 1].ch, '0'..='9' | '-'),
                _ => false,
            };
            end += 1;
        }
        if suspect && end > start {
            word(run, start, end);
        }
        start = end.max(start) + 1;
    }
}

/// A word between spaces.
fn word(run: &mut Run, start: usize, end: usize) {
    let text: Vec<char> = run.cells[start..end].iter().map(|cell| cell.ch).collect();
    let mut from = 0;
    while from < text.len()
        && (opening_bracket(text[from])
            || opening_quote(text[from])
            || matches!(text[from], '"' | '\'' | '’'))
    {
        from += 1;
    }
    let fresh = run.before(start).is_none_or(super::run::Cell::space) || from > 0;
    for (first, last) in stretches(&text, from, fresh) {
        for cell in &mut run.cells[start + first..start + last] {
            cell.flags |= PROTECTED;
        }
    }
}

fn stretches(text: &[char], from: usize, fresh: bool) -> Vec<(usize, usize)> {
    if fresh && let Some(length) = emoticon(&text[from..]) {
        return vec![(from, from + length)];
    }
    if let Some(at) = address(text, from) {
        return vec![(at, trimmed(text, at, text.len()))];
    }
    if let Some(range) = email(text, from) {
        return vec![range];
    }
    if fresh && let Some(end) = prefixed(text, from) {
        return vec![(from, end)];
    }
    let dotted = text[from..].contains(&'.');
    if dotted && let Some((at, end)) = file_or_domain(text, from) {
        return vec![(at, end)];
    }
    let mut found = Vec::new();
    if let Some(range) = numeric(text, from) {
        found.push(range);
    }
    found.extend(shortcode(text, from));
    found
}

/// `:)` and its kin, followed by the end or by punctuation.
fn emoticon(text: &[char]) -> Option<usize> {
    let first = text.first()?;
    if !matches!(first, ':' | ';' | '=' | '<' | '^' | 'x' | 'X' | '8') {
        return None;
    }
    let fits = |known: &&&str| {
        let length = known.chars().count();
        let starts = known.chars().zip(text).filter(|(a, b)| a == *b).count() == length;
        starts
            && text
                .get(length)
                .is_none_or(|next| matches!(next, '.' | ',' | '!' | '?' | ')' | '…' | '"' | '»' | ';' | ']'))
    };
    EMOTICONS.iter().filter(fits).map(|known| known.chars().count()).max()
}

/// Where an address of the web begins.
fn address(text: &[char], from: usize) -> Option<usize> {
    let starts = |at: usize, word: &str| {
        word.chars().enumerate().all(|(i, c)| text.get(at + i).is_some_and(|t| t.eq_ignore_ascii_case(&c)))
    };
    if let Some(at) = text.windows(3).position(|window| window == [':', '/', '/']) {
        let scheme = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
        let start = text[..at].iter().rposition(|c| !scheme(c)).map_or(0, |before| before + 1);
        return (start < at).then_some(start);
    }
    let places = std::iter::once(from)
        .chain((from..text.len()).filter(|at| matches!(text[*at], '\'' | '’' | '(' | '"')).map(|at| at + 1));
    places.into_iter().find(|at| ["www.", "mailto:", "tel:"].iter().any(|word| starts(*at, word)))
}

/// The end of an address without the punctuation that follows it.
fn trimmed(text: &[char], start: usize, end: usize) -> usize {
    let mut end = end;
    let mut open = 0_i32;
    for ch in &text[start..end] {
        open += i32::from(*ch == '(') - i32::from(*ch == ')');
    }
    while end > start {
        match text[end - 1] {
            '.' | ',' | ';' | ':' | '!' | '?' | '…' | '\'' | '’' | '"' | '”' | '»' | ']' => end -= 1,
            ')' if open < 0 => {
                open += 1;
                end -= 1;
            }
            _ => break,
        }
    }
    end
}

/// `name@host.tld`.
fn email(text: &[char], from: usize) -> Option<(usize, usize)> {
    let at = text.iter().position(|c| *c == '@').filter(|at| *at > from)?;
    let local = |c: &char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(*c);
    let mut start = text[..at].iter().rposition(|c| !local(c)).map_or(0, |before| before + 1).max(from);
    if let Some(mark) = text[start..at].iter().position(|c| *c == '\'') {
        let elision: String = text[start..start + mark].iter().flat_map(|c| c.to_lowercase()).collect();
        if ["c", "d", "j", "l", "m", "n", "s", "t", "qu"].contains(&elision.as_str()) {
            start += mark + 1;
        }
    }
    let host = text[at + 1..].iter().take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-')).count();
    let end = trimmed(text, at, at + 1 + host);
    let dotted = text[at + 1..end].contains(&'.');
    (start < at && dotted).then_some((start, end))
}

/// Paths, handles, hashtags, options: known by how they begin.
fn prefixed(text: &[char], from: usize) -> Option<usize> {
    let rest = &text[from..];
    let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let end = trimmed(text, from, text.len());
    let path = match rest {
        ['/', next, ..] => next.is_alphanumeric() || matches!(next, '.' | '_' | '-'),
        ['.', '/', ..] | ['.', '.', '/', ..] | ['~', '/', ..] => true,
        [drive, ':', '\\', ..] => drive.is_ascii_alphabetic(),
        _ => false,
    };
    if path {
        return Some(end);
    }
    match rest {
        ['@' | '#', next, ..] if word(Some(next)) => {
            let length = rest[1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
            Some(from + 1 + length)
        }
        ['-', '-', next, ..] if next.is_ascii_alphabetic() => Some(end),
        ['.', next, ..] if next.is_ascii_uppercase() => Some(end),
        _ => None,
    }
}

/// `photo.png`, `example.org/page`.
fn file_or_domain(text: &[char], from: usize) -> Option<(usize, usize)> {
    let end = trimmed(text, from, text.len());
    let body = &text[from..end];
    if let Some(slash) = body.iter().position(|c| *c == '/') {
        let start = body[..slash]
            .iter()
            .rposition(|c| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
            .map_or(0, |b| b + 1);
        let host: String = body[start..slash].iter().collect();
        let top = host.rsplit('.').next().unwrap_or("");
        let labels = host.split('.').all(|label| !label.is_empty());
        let named = host.contains('.')
            && labels
            && (2..=12).contains(&top.len())
            && top.bytes().all(|b| b.is_ascii_lowercase());
        if named {
            return Some((from + start, end));
        }
    }
    let dot = body.iter().rposition(|c| *c == '.')?;
    let extension: String = body[dot + 1..].iter().collect::<String>().to_ascii_lowercase();
    let name = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '~' | '+');
    if dot > 0 && EXTENSIONS.contains(&extension.as_str()) {
        let start = body[..dot].iter().rposition(|c| !name(c)).map_or(0, |before| before + 1);
        return (start < dot).then_some((from + start, end));
    }
    None
}

/// Versions, addresses of machines, ISO dates: digits joined by dots or hyphens.
fn numeric(text: &[char], from: usize) -> Option<(usize, usize)> {
    let start = from
        + usize::from(
            matches!(text.get(from), Some('v' | 'V')) && text.get(from + 1).is_some_and(char::is_ascii_digit),
        );
    let digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    if !digit(start) {
        return None;
    }
    let length = text[start..].iter().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).count();
    let body: String = text[start..start + length].iter().collect();
    let body = body.trim_end_matches(['.', '-']);
    let version = body.matches('.').count() >= 2 && !body.contains("..") && !body.contains('-');
    let groups: Vec<usize> = body.split('-').map(str::len).collect();
    let iso = groups == [4, 2, 2];
    (version || iso).then_some((from, start + body.len()))
}

/// `:tada:`.
fn shortcode(text: &[char], from: usize) -> Option<(usize, usize)> {
    let first = text[from..].iter().position(|c| *c == ':')? + from;
    if first > from {
        return None;
    }
    let name = text[first + 1..]
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
        .count();
    let last = first + 1 + name;
    (name > 0 && text.get(last) == Some(&':')).then_some((first, last + 1))
}
