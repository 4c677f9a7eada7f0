//! Dates as people say them. The words are our own: locale data print "1 juin" where French says "1er juin".

use super::{IssueDate, Language};

const FRENCH_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const FRENCH_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const ENGLISH_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const ARABIC_DAYS: [&str; 7] = ["الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"];
const ARABIC_MONTHS: [&str; 12] = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];

/// `vendredi 1er juin 2018`, `Friday, 1 June 2018`; a no-break space joins day and month.
pub fn long(date: IssueDate, language: Language) -> String {
    let day = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0);
    match language {
        Language::French => format!("{} {}", FRENCH_DAYS[day], short(date, language)),
        Language::English => format!("{}, {}", ENGLISH_DAYS[day], short(date, language)),
        Language::Arabic => format!("{} {}", ARABIC_DAYS[day], short(date, language)),
    }
}

/// `1er juin 2018`, `1 June 2018`.
pub fn short(date: IssueDate, language: Language) -> String {
    let mut text = String::with_capacity(LONGEST);
    write_day_and_month(date, language, &mut text);
    text.push(' ');
    push(date.year().unsigned_abs(), &mut text);
    text
}

/// `1er juin`, `1 June`.
pub fn day_and_month(date: IssueDate, language: Language) -> String {
    let mut text = String::with_capacity(LONGEST);
    write_day_and_month(date, language, &mut text);
    text
}

/// The room for day, month and year, in bytes. Every link of an archive says its day: no text grows while it is written.
const LONGEST: usize = 32;

fn write_day_and_month(date: IssueDate, language: Language, text: &mut String) {
    let day = date.day_of_month();
    push(day, text);
    if day == 1 && language == Language::French {
        text.push_str("er");
    }
    text.push('\u{a0}');
    text.push_str(month(date, language));
}

/// A number in its digits.
fn push(number: u32, text: &mut String) {
    if number >= 10 {
        push(number / 10, text);
    }
    text.extend(char::from_digit(number % 10, 10));
}

/// `juin`, `June`.
pub fn month(date: IssueDate, language: Language) -> &'static str {
    month_name(date.month(), language)
}

/// The same of a month by its number, 1 to 12.
pub fn month_name(number: u32, language: Language) -> &'static str {
    let at = usize::try_from(number.clamp(1, 12) - 1).unwrap_or(0);
    match language {
        Language::French => FRENCH_MONTHS[at],
        Language::English => ENGLISH_MONTHS[at],
        Language::Arabic => ARABIC_MONTHS[at],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_french_month_is_an_ordinal() {
        let say = |text: &str, language| long(IssueDate::parse(text).expect("a date"), language);
        assert_eq!(say("2018-06-01", Language::French), "vendredi 1er\u{a0}juin 2018");
        assert_eq!(say("2018-06-08", Language::French), "vendredi 8\u{a0}juin 2018");
        assert_eq!(say("2018-08-01", Language::English), "Wednesday, 1\u{a0}August 2018");
        assert_eq!(say("2024-02-29", Language::French), "jeudi 29\u{a0}février 2024");
    }
}
