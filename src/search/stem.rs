//! Light stems: enough for number, gender and the commonest feminine forms, too little to join strangers.

use crate::model::Language;

/// The stem of a folded word in a language; in any other, the word itself.
pub(super) fn stem(word: &str, language: Option<Language>, out: &mut String) {
    out.clear();
    out.push_str(word);
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return without_article(word, out);
    }
    match language {
        Some(Language::French) => french(out),
        Some(Language::English) => english(out),
        _ => {}
    }
}

/// Arabic writes its article onto the word.
fn without_article(word: &str, out: &mut String) {
    if let Some(rest) = word.strip_prefix("ال")
        && rest.chars().count() >= 3
    {
        out.clear();
        out.push_str(rest);
    }
}

/// `avertissements`, `lunettes`, `journaux`, `première`, `directrice`, `européenne`, `active`, `publique`.
fn french(word: &mut String) {
    french_plural(word);
    let whole = word.len();
    while word.len() >= 5 && word.ends_with('e') {
        word.pop();
    }
    if word.len() < whole && word.len() >= 6 && word.ends_with('s') && !word.ends_with("ss") {
        word.pop();
    }
    let _ = swap(word, "tric", "teu", 6)
        || swap(word, "eur", "eu", 6)
        || swap(word, "er", "", 6)
        || swap(word, "if", "iv", 5)
        || swap(word, "qu", "c", 5)
        || swap(word, "ail", "al", 6);
    let bytes = word.as_bytes();
    if bytes.len() >= 5 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2] {
        word.pop();
    }
}

fn french_plural(word: &mut String) {
    if word.len() < 4 || swap(word, "eaux", "eau", 4) || swap(word, "aux", "al", 6) {
        return;
    }
    if word.ends_with("ux") || word.ends_with('s') && !word.ends_with("ss") {
        word.pop();
    }
}

/// The plural alone, by the rules of Harman's S-stemmer; `news` is none.
fn english(word: &mut String) {
    if word.len() < 4 || word == "news" {
        return;
    }
    let ends = |ending: &str| word.ends_with(ending);
    if ends("ies") && !ends("aies") && !ends("eies") && word.len() >= 5 {
        swap(word, "ies", "y", 5);
    } else if ends("s") && !ends("us") && !ends("ss") {
        word.pop();
    }
}

/// Puts one ending in the place of another, if the word is long enough.
fn swap(word: &mut String, ending: &str, other: &str, least: usize) -> bool {
    let fits = word.len() >= least && word.ends_with(ending);
    if fits {
        word.truncate(word.len() - ending.len());
        word.push_str(other);
    }
    fits
}
