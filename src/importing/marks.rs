//! Markdown written: text that means itself, and the marks around it.

/// A text in which nothing is a mark.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let mark = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' => true,
            '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
            '~' => next == '~' || before == '~',
            '&' => next == '#' || next.is_alphabetic(),
            '|' => true,
            _ => false,
        };
        if mark {
            out.push('\\');
        }
        out.push(character);
        before = character;
    }
    out
}

/// A paragraph none of whose lines begins anything else.
pub(super) fn guarded(paragraph: &str) -> String {
    let lines: Vec<String> = paragraph.lines().map(guarded_line).collect();
    lines.join("\n")
}

fn guarded_line(line: &str) -> String {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = |at: usize| line[at..].chars().next();
    let numbered = (1..10).contains(&digits)
        && matches!(after(digits), Some('.' | ')'))
        && after(digits + 1).is_none_or(|c| c == ' ');
    if numbered {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    let all = |mark: char| !line.is_empty() && line.chars().all(|c| c == mark || c == ' ');
    let begins = line.starts_with(['#', '>'])
        || ["+", "-"]
            .iter()
            .any(|mark| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
        || line.starts_with("~~~")
        || all('=')
        || all('-')
        || line.starts_with(':') && line.contains("-");
    if begins { format!("\\{line}") } else { line.to_owned() }
}

/// A code span, with as many backticks as it needs.
pub(super) fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest(&text, '`') + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A block of code.
pub(super) fn fenced(text: &str, language: &str) -> String {
    let fence = "`".repeat(longest(text, '`').max(2) + 1);
    let language: String = language.chars().filter(|c| c.is_alphanumeric() || "+-#_.".contains(*c)).collect();
    let text = text.trim_matches('\n');
    format!("{fence}{language}\n{text}\n{fence}")
}

fn longest(text: &str, mark: char) -> usize {
    text.split(|c| c != mark).map(str::len).max().unwrap_or(0)
}

/// The target of a link or picture, as it stands in parentheses.
pub(super) fn target(address: &str) -> String {
    let safe: String = address.chars().filter(|c| !c.is_control()).collect();
    if safe.is_empty() || safe.contains([' ', '(', ')', '<', '>', '\\']) {
        let safe = safe.replace('\\', "%5C").replace('<', "%3C").replace('>', "%3E");
        return format!("<{safe}>");
    }
    safe
}

/// A title behind a target; nothing where it is empty.
pub(super) fn title(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return String::new();
    }
    format!(
        " \"{}\"",
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('<', "\\<").replace('&', "\\&")
    )
}

/// A link.
pub(super) fn link(text: &str, address: &str) -> String {
    format!("[{text}]({})", target(address))
}

/// A picture.
pub(super) fn picture(alt: &str, address: &str, caption: &str) -> String {
    let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("![{}]({}{})", escaped(&alt), target(address), title(caption))
}

/// A block whose lines stand under a first one: `> `, `- `.
pub(super) fn hung(block: &str, first: &str, rest: &str) -> String {
    let mut out = String::new();
    for (at, line) in block.lines().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let mark = if at == 0 { first } else { rest };
        out.push_str(if line.is_empty() { mark.trim_end() } else { mark });
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Parser};

    use super::*;

    fn plain(markdown: &str) -> String {
        let text = |event| match event {
            Event::Text(text) => Some(text.into_string()),
            _ => None,
        };
        Parser::new_ext(markdown, crate::render::options()).filter_map(text).collect()
    }

    #[test]
    fn a_paragraph_begins_nothing_else() {
        for line in ["# a", "> a", "- a", "+ a", "12. a", "3) a", "===", "---", "~~~"] {
            assert!(guarded(line).contains('\\'), "{line}");
        }
        for line in ["-a", "2018 was", "1.5 is", "a - b"] {
            assert_eq!(guarded(line), line);
        }
    }

    #[test]
    fn code_has_as_many_backticks_as_it_needs() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(fenced("a\n```\nb\n", "c++"), "````c++\na\n```\nb\n````");
    }

    #[test]
    fn what_is_escaped_reads_as_it_was() {
        let text = "a * b [c] <d> &amp; `e` _f_ snake_case ~~g~~ \\h";
        assert_eq!(plain(&escaped(text)), text);
    }
}
