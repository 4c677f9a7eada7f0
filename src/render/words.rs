//! The product's own words on pages and in mails, in French and in English.

use serde::Serialize;

use crate::model::Language;

/// Every word a template may need; the names say where they stand.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the French and English texts below say it better")]
pub struct Words {
    pub number: &'static str,
    pub issue_of: &'static str,
    pub issues: &'static str,
    pub articles: &'static str,
    pub article: &'static str,
    pub topics: &'static str,
    pub topic: &'static str,
    pub related_topics: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub already_run: &'static str,
    pub by: &'static str,
    pub study: &'static str,
    pub before: &'static str,
    pub correction: &'static str,
    pub home: &'static str,
    pub latest: &'static str,
    pub read_online: &'static str,
    pub subscribe: &'static str,
    pub unsubscribe: &'static str,
    pub reason: &'static str,
    pub picture: &'static str,
    pub permalink: &'static str,
    pub skip: &'static str,
    pub nothing_yet: &'static str,
    pub open: &'static str,
    pub close: &'static str,
    pub colon: &'static str,
    pub semicolon: &'static str,
    pub role_description: &'static str,
}

/// The words of a language.
pub fn words(language: Language) -> &'static Words {
    match language {
        Language::French => &FRENCH,
        Language::English => &ENGLISH,
    }
}

const FRENCH: Words = Words {
    number: "n°\u{a0}",
    issue_of: "Numéro du",
    issues: "Tous les numéros",
    articles: "Articles de fond",
    article: "Article",
    topics: "Thèmes",
    topic: "Thème",
    related_topics: "Thèmes voisins",
    previous: "Numéro précédent",
    next: "Numéro suivant",
    already_run: "Déjà paru",
    by: "par",
    study: "Étude",
    before: "auparavant",
    correction: "Rectificatif du",
    home: "Accueil",
    latest: "Dernier numéro",
    read_online: "Lire ce numéro en ligne",
    subscribe: "S’abonner",
    unsubscribe: "Se désabonner",
    reason: "Vous recevez cette lettre parce que vous vous y êtes abonné.",
    picture: "Image",
    permalink: "Lien permanent vers",
    skip: "Aller au contenu",
    nothing_yet: "Rien encore.",
    open: "«\u{a0}",
    close: "\u{a0}»",
    colon: "\u{a0}: ",
    semicolon: "\u{a0}; ",
    role_description: "lettre",
};

const ENGLISH: Words = Words {
    number: "no.\u{a0}",
    issue_of: "Issue of",
    issues: "All issues",
    articles: "Long reads",
    article: "Article",
    topics: "Topics",
    topic: "Topic",
    related_topics: "Related topics",
    previous: "Previous issue",
    next: "Next issue",
    already_run: "Previously",
    by: "by",
    study: "Study",
    before: "formerly",
    correction: "Correction of",
    home: "Home",
    latest: "Latest issue",
    read_online: "Read this issue online",
    subscribe: "Subscribe",
    unsubscribe: "Unsubscribe",
    reason: "You receive this letter because you subscribed to it.",
    picture: "Picture",
    permalink: "Permanent link to",
    skip: "Skip to content",
    nothing_yet: "Nothing yet.",
    open: "“",
    close: "”",
    colon: ": ",
    semicolon: "; ",
    role_description: "newsletter",
};
