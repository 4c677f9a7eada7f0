//! Words that stand everywhere, and by which nothing is found.

use crate::model::Language;

const FRENCH: &str = "ai au aux avec avait avoir ce ceci cela ces cet cette ceux chez comme dans de des donc dont du elle elles \
    en entre est et etait etaient etant ete etre eu eux fait il ils je jusqu la le les leur leurs lorsqu lui ma mais me \
    meme mes mon ne ni nos notre nous on ont ou par parce pas peu peut plus pour puis puisqu qu quand que quelqu quels \
    quelle qui quoi quoiqu sa sans se selon sera ses si son sont sous sur ta te tes ton tous tout toute toutes tres tu \
    un une vos votre vous";

const ENGLISH: &str = "about after all also an and any are as at be been but by can could do does for from had has have he \
    her his how if in into is it its me more most my no nor not of on or other our out over own she so some such than \
    that the their them then there these they this those to up was we were what when where which who will with would \
    you your";

/// The words of a language that are not looked for, folded.
pub fn stop_words(language: Option<Language>) -> &'static str {
    match language {
        Some(Language::French) => FRENCH,
        Some(Language::English) => ENGLISH,
        _ => "",
    }
}
