//! Patterns of addresses: `/:year/:month/:title/` filled in.

use chrono::{Datelike, NaiveDateTime, Timelike};

/// Fills in a pattern. What `value` does not know stands for nothing; slashes are never doubled.
pub(super) fn fill(pattern: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once(':') {
        filled.push_str(before);
        let letters = after.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(after.len());
        let length = match after[letters..].strip_prefix('[').and_then(|slice| slice.find(']')) {
            Some(end) => letters + end + 2,
            None => letters,
        };
        filled.push_str(&value(&after[..length]).unwrap_or_default());
        rest = &after[length..];
    }
    filled.push_str(rest);
    rooted(&filled)
}

/// A path with one slash before it, and none doubled.
pub(super) fn rooted(path: &str) -> String {
    let mut text = String::from("/");
    for character in path.chars() {
        if character != '/' || !text.ends_with('/') {
            text.push(character);
        }
    }
    text
}

/// The parts of a moment by the names that Hugo and Jekyll share, or do not.
pub(super) fn moment(name: &str, when: NaiveDateTime) -> Option<String> {
    let week = when.iso_week();
    Some(match name {
        "year" => format!("{:04}", when.year()),
        "short_year" => format!("{:02}", when.year() % 100),
        "month" => format!("{:02}", when.month()),
        "i_month" => when.month().to_string(),
        "monthname" | "long_month" => when.format("%B").to_string(),
        "short_month" => when.format("%b").to_string(),
        "day" => format!("{:02}", when.day()),
        "i_day" => when.day().to_string(),
        "y_day" => format!("{:03}", when.ordinal()),
        "yearday" => when.ordinal().to_string(),
        "weekday" => when.weekday().num_days_from_sunday().to_string(),
        "weekdayname" | "long_day" => when.format("%A").to_string(),
        "short_day" => when.format("%a").to_string(),
        "w_year" => format!("{:04}", week.year()),
        "week" => format!("{:02}", week.week()),
        "w_day" => when.weekday().number_from_monday().to_string(),
        "hour" => format!("{:02}", when.hour()),
        "minute" => format!("{:02}", when.minute()),
        "second" => format!("{:02}", when.second()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_filled_and_slashes_stay_single() {
        let value = |name: &str| (name == "title").then(|| "a-b".to_owned());
        assert_eq!(fill("/:categories/:title:output_ext", value), "/a-b");
        assert_eq!(fill("blog/:title.html", value), "/blog/a-b.html");
        assert_eq!(fill("/:sections[1:]/:title/", |name| Some(name.to_owned())), "/sections[1:]/title/");
        let when =
            chrono::NaiveDate::from_ymd_opt(2018, 6, 8).expect("a day").and_hms_opt(9, 5, 0).expect("a time");
        assert_eq!(fill("/:year/:i_month/:y_day/:hour/", |name| moment(name, when)), "/2018/6/159/09/");
    }
}
