//! The headline of a page without the name of its site.

use crate::model::Slug;

/// What stands between a headline and the name of a site.
const MARKS: [&str; 10] = [" - ", " – ", " — ", " | ", " · ", " • ", " :: ", " » ", " « ", " / "];

/// Takes the names of a site off a headline, from its end and its beginning. A headline that is nothing else stays.
pub(super) fn without_site(title: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| letters(name)).filter(|name| !name.is_empty()).collect();
    let is_name = |text: &str| names.contains(&letters(text));
    let mut title = title.trim();
    while let Some(rest) = shorter(title, is_name).filter(|rest| !letters(rest).is_empty()) {
        title = rest;
    }
    title.to_owned()
}

fn shorter(title: &str, is_name: impl Fn(&str) -> bool) -> Option<&str> {
    let ends = MARKS.iter().filter_map(|mark| title.rsplit_once(mark));
    let starts = MARKS.iter().filter_map(|mark| title.split_once(mark));
    let last = ends.filter(|(_, name)| is_name(name)).map(|(rest, _)| rest);
    let first = starts.filter(|(name, _)| is_name(name)).map(|(_, rest)| rest);
    last.chain(first).map(str::trim).next()
}

/// The names that a host tells: of `www.lemonde.fr`, that are `lemonde.fr` and `lemonde`.
pub(super) fn names_of(host: &str) -> Vec<&str> {
    const SHARED: [&str; 8] = ["ac", "asso", "co", "com", "gouv", "gov", "net", "org"];
    let host = host.strip_prefix("www.").unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let own = labels.iter().rev().skip(1).copied().find(|label| !SHARED.contains(label));
    let domain = own.and_then(|own| host.rfind(own)).map(|at| &host[at..]);
    [Some(host), own, domain].into_iter().flatten().collect()
}

/// A name as it is compared: letters and digits without accents.
fn letters(text: &str) -> String {
    match Slug::from_text(text) {
        Some(slug) => slug.as_str().replace('-', ""),
        None => text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_site_is_taken_off_and_nothing_else() {
        let cut = |title: &str, site: &str, host: &str| {
            let names: Vec<&str> = [site].into_iter().chain(names_of(host)).collect();
            without_site(title, &names)
        };
        for (title, site, host, cut_title) in [
            ("Le pont ouvre - Le Fournil", "Le Fournil", "x.example", "Le pont ouvre"),
            ("Le pont ouvre | lefournil", "", "www.lefournil.fr", "Le pont ouvre"),
            ("Le pont ouvre – Le Fournil.fr", "", "www.lefournil.fr", "Le pont ouvre"),
            (
                "Le Fournil : le pont – Politique — LE FOURNIL",
                "Le Fournil",
                "x.fr",
                "Le Fournil : le pont – Politique",
            ),
            ("L'Équipe | Le pont | L'Équipe", "", "www.lequipe.fr", "Le pont"),
            ("Bridge opens - Chronicle", "", "news.chronicle.co.uk", "Bridge opens"),
            ("Le Fournil", "Le Fournil", "x.fr", "Le Fournil"),
            ("Pont-levis - un essai", "Le Fournil", "x.fr", "Pont-levis - un essai"),
            ("Мост открыт — Пекарня", "Пекарня", "x.ru", "Мост открыт"),
            (" - ", "-", "x.fr", "-"),
        ] {
            assert_eq!(cut(title, site, host), cut_title, "{title}");
        }
    }
}
