//! What a template may see: these structures and nothing else.

use serde::Serialize;

use super::words::Words;

/// The newsletter.
#[derive(Debug, Clone, Serialize)]
pub struct NewsletterView {
    /// Its name.
    pub title: String,
    /// The line under the name, empty for none.
    pub tagline: String,
    /// The language tag of its pages.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// The colour of links, as light.
    pub accent: String,
    /// The colour of links, as dark.
    pub accent_dark: String,
    /// The colour of texts, as light.
    pub ink: String,
    /// The font stack of headings, for a stylesheet.
    pub headings: &'static str,
    /// The font stack of texts, for a stylesheet.
    pub text: &'static str,
    /// Who answers for it, empty if not said.
    pub publisher: String,
    /// The postal address, empty if not said.
    pub address: String,
    /// The full address of the first page.
    pub base_url: String,
    /// Where to subscribe, empty without a service.
    pub subscribe_url: String,
    /// Where the reader of a mail unsubscribes, empty where the newsletter is not mailed.
    pub unsubscribe_url: String,
    /// Where the reader of a mail sees and changes what is kept, empty without a service.
    pub preferences_url: String,
}

/// What every page has.
#[derive(Debug, Serialize)]
pub struct PageView<'a, T: Serialize> {
    /// The newsletter.
    pub newsletter: &'a NewsletterView,
    /// The product's words in its language.
    pub words: &'static Words,
    /// The way from this page to the first one.
    pub root: String,
    /// The page's full address.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// What the page is about, in a sentence.
    pub description: String,
    /// The picture that stands for the name.
    pub logo: Option<ImageView>,
    /// What this kind of page has besides.
    #[serde(flatten)]
    pub own: T,
}

/// The page or the mail of an issue.
#[derive(Debug, Serialize)]
pub struct IssuePage {
    /// The issue.
    pub issue: IssueView,
}

/// The page of an article.
#[derive(Debug, Serialize)]
pub struct ArticlePage {
    /// The article.
    pub article: EntryView,
    /// The blocks at its end.
    pub blocks: Vec<BlockView>,
}

/// The first page.
#[derive(Debug, Serialize)]
pub struct HomePage {
    /// All issues, newest first.
    pub issues: Vec<IssueLink>,
    /// The digests of the weeks, newest first.
    pub digests: Vec<IssueLink>,
    /// All articles, newest first.
    pub articles: Vec<EntryLink>,
    /// All topics, by name.
    pub topics: Vec<TopicLink>,
}

/// The list of topics.
#[derive(Debug, Serialize)]
pub struct TopicsPage {
    /// All topics, by name.
    pub topics: Vec<TopicLink>,
}

/// The page of a topic.
#[derive(Debug, Serialize)]
pub struct TopicPage {
    /// Its name.
    pub name: String,
    /// Its text.
    pub html: String,
    /// The topics beside it.
    pub related: Vec<TopicLink>,
    /// What appeared, by year, newest first.
    pub years: Vec<YearView>,
}

/// A year of a topic.
#[derive(Debug, Serialize)]
pub struct YearView {
    /// The year.
    pub year: i32,
    /// What appeared, newest first.
    pub entries: Vec<EntryLink>,
}

/// An issue in full.
#[derive(Debug, Serialize)]
pub struct IssueView {
    /// `2018-06-08`.
    pub date: String,
    /// `vendredi 8 juin 2018`.
    pub long_date: String,
    /// `Vendredi 8 juin 2018`.
    pub heading: String,
    /// From 1.
    pub number: u32,
    /// The subject of the mail.
    pub subject: String,
    /// The line after it.
    pub preheader: String,
    /// Its page.
    pub url: String,
    /// The introduction as HTML, empty for none.
    pub introduction: String,
    /// Sections and blocks in order.
    pub parts: Vec<PartView>,
    /// The issue before.
    pub previous: Option<IssueLink>,
    /// The issue after.
    pub next: Option<IssueLink>,
}

/// A stretch of an issue: items of a section, or a block.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum PartView {
    /// Items of one section.
    Section {
        /// The section's name.
        name: String,
        /// `brief`, `quote`, `figure` or `appointment`.
        kind: &'static str,
        /// The heading to show here, empty for none.
        heading: String,
        /// The items.
        items: Vec<EntryView>,
    },
    /// A text placed by rule.
    Block(BlockView),
}

/// A text placed by rule.
#[derive(Debug, Serialize)]
pub struct BlockView {
    /// The block's name.
    pub name: String,
    /// Its text.
    pub html: String,
    /// Its language, empty where it is the newsletter's.
    pub lang: String,
}

/// An item or an article in full.
#[derive(Debug, Serialize)]
pub struct EntryView {
    /// The file's name: the anchor on the page.
    pub slug: String,
    /// Its own address.
    pub url: String,
    /// The headline, empty for none.
    pub title: String,
    /// The level of its headline, 2 or 3.
    pub level: usize,
    /// What archives call it.
    pub name: String,
    /// The text with its closing credit.
    pub html: String,
    /// The picture above it.
    pub image: Option<ImageView>,
    /// Its language, empty where it is the newsletter's.
    pub lang: String,
    /// The direction of its language, `ltr` or `rtl`.
    pub dir: &'static str,
    /// Who wrote it, empty if not said.
    pub author: String,
    /// `2018-06-08`.
    pub date: String,
    /// `vendredi 8 juin 2018`.
    pub long_date: String,
    /// Whether it opens the subject.
    pub lead: bool,
    /// Its topics.
    pub topics: Vec<TopicLink>,
    /// The quotation of a section of kind quote.
    pub quote: Option<QuoteView>,
    /// The figure of a section of kind figure.
    pub figure: Option<FigureView>,
    /// The person of a section of kind appointment.
    pub person: Option<PersonView>,
    /// What had to be corrected.
    pub corrections: Vec<CorrectionView>,
    /// What has run before on its topics.
    pub related: Vec<EntryLink>,
}

/// A picture.
#[derive(Debug, Clone, Serialize)]
pub struct ImageView {
    /// Its address.
    pub url: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// What it shows.
    pub alt: String,
    /// The line under it, empty for none.
    pub caption: String,
    /// Who made it, empty if not said.
    pub credit: String,
}

/// A quotation.
#[derive(Debug, Serialize)]
pub struct QuoteView {
    /// What was said.
    pub text: String,
    /// By whom.
    pub by: String,
    /// In what office, empty if not said.
    pub role: String,
}

/// A figure.
#[derive(Debug, Serialize)]
pub struct FigureView {
    /// The figure with its unit.
    pub value: String,
    /// What it counts.
    pub of: String,
    /// Where it was found, empty if not said.
    pub study: String,
}

/// An appointment.
#[derive(Debug, Serialize)]
pub struct PersonView {
    /// Who.
    pub name: String,
    /// The new office.
    pub role: String,
    /// Where, empty if not said.
    pub organisation: String,
    /// The office before, empty if not said.
    pub before: String,
}

/// What had to be corrected.
#[derive(Debug, Serialize)]
pub struct CorrectionView {
    /// `9 juin 2018`.
    pub date: String,
    /// What was wrong.
    pub text: String,
}

/// A link to an issue.
#[derive(Debug, Serialize)]
pub struct IssueLink {
    /// `2018-06-08`.
    pub date: String,
    /// `vendredi 8 juin 2018`.
    pub long_date: String,
    /// From 1.
    pub number: u32,
    /// The name of its lead.
    pub name: String,
    /// Its page.
    pub url: String,
    /// What is in it: the names of its items.
    pub items: Vec<String>,
}

/// A link to an item or an article.
#[derive(Debug, Serialize)]
pub struct EntryLink {
    /// What archives call it.
    pub name: String,
    /// Its address.
    pub url: String,
    /// `2018-06-08`.
    pub date: String,
    /// `8 juin 2018`.
    pub short_date: String,
    /// `8 juin`.
    pub day: String,
    /// `item` or `article`.
    pub kind: &'static str,
    /// Its language, empty where it is the newsletter's.
    pub lang: String,
}

/// A link to a topic.
#[derive(Debug, Clone, Serialize)]
pub struct TopicLink {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// How many items and articles it has.
    pub count: usize,
    /// What it is about, empty if not said.
    pub description: String,
}
