//! Pages made fit for the screen of their maker: light or dark whatever the screen is, a mail's pictures and links at hand.

/// In which colours a page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// By day.
    Light,
    /// By night.
    Dark,
}

impl Scheme {
    /// The word of CSS.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The HTML of a mail. What it has under the newsletter's public address is taken from here.
pub(super) fn mail(html: &str, base: &str, scheme: Scheme) -> String {
    let html = html.replace(&format!("src=\"{base}"), "src=\"/site/");
    page(&html.replace(&format!("href=\"{base}"), "href=\"/site/"), scheme)
}

/// The HTML of a page.
pub(super) fn page(html: &str, scheme: Scheme) -> String {
    let (head, body) = html.split_at(html.find("<body").unwrap_or(html.len()));
    style(head, scheme) + &in_styles(body, scheme)
}

/// A stylesheet, or the head of a page.
pub(super) fn style(css: &str, scheme: Scheme) -> String {
    let one = css.replace("light dark", scheme.as_str()).replace("dark light", scheme.as_str());
    decided(&one, scheme)
}

/// The same in the style elements of a text, and nowhere else.
fn in_styles(text: &str, scheme: Scheme) -> String {
    let mut parts = text.split("<style");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (css, rest) = part.split_at(part.find("</style").unwrap_or(part.len()));
        out.push_str("<style");
        out.push_str(&style(css, scheme));
        out.push_str(rest);
    }
    out
}

/// Media queries for colours become such that always hold, or never.
fn decided(css: &str, scheme: Scheme) -> String {
    const FEATURE: &str = "prefers-color-scheme";
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once(FEATURE) {
        match (before.trim_end().strip_suffix('('), after.split_once(')')) {
            (Some(before), Some((asked, after))) => {
                let asked = asked.trim_start().trim_start_matches(':').trim();
                let holds = asked.is_empty() || asked == scheme.as_str();
                out.push_str(before);
                out.push_str(if holds { "(min-width:0)" } else { "(max-width:0)" });
                rest = after;
            }
            _ => {
                out.push_str(before);
                out.push_str(FEATURE);
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "<meta content=\"light dark\"><style>:root{color-scheme:light dark}\
        @media (prefers-color-scheme:dark){a{b:c}}@media ( prefers-color-scheme : light ){}</style>\
        <body><img src=\"https://d.example/a.png\"><p>light dark (prefers-color-scheme: dark)</p>\
        <style>@media screen and (prefers-color-scheme: light){}</style>";

    #[test]
    fn a_mail_is_shown_dark_on_a_light_screen() {
        assert_eq!(
            mail(MAIL, "https://d.example/", Scheme::Dark),
            "<meta content=\"dark\"><style>:root{color-scheme:dark}\
             @media (min-width:0){a{b:c}}@media (max-width:0){}</style>\
             <body><img src=\"/site/a.png\"><p>light dark (prefers-color-scheme: dark)</p>\
             <style>@media screen and (max-width:0){}</style>"
        );
    }
}
