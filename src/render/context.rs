//! What a template may see: these structures and nothing else.

use serde::Serialize;

pub use super::catalogue::*;

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
    /// The letters of headings, `serif` or `sans`.
    pub headings_face: &'static str,
    /// The letters of texts, `serif` or `sans`.
    pub text_face: &'static str,
    /// The font stack of headings, for a stylesheet.
    pub headings: &'static str,
    /// The font stack of texts, for a stylesheet.
    pub text: &'static str,
    /// Whether its web edition can be searched.
    pub search: bool,
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

/// What every page has, beside `newsletter`, a [`NewsletterView`], and `words`, the product's [`Words`](super::Words) in its language.
#[derive(Debug, Serialize)]
pub struct PageView<T: Serialize> {
    /// The way from this page to the first one.
    pub root: String,
    /// The page's full address.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// What the page is about, in a sentence.
    pub description: String,
    /// The page's path under the first one: `topics/`.
    pub path: String,
    /// What browsers, search engines and networks are told.
    pub head: HeadView,
    /// The page of corrections, empty as long as there are none.
    pub corrections_url: String,
    /// The picture that stands for the name.
    pub logo: Option<ImageView>,
    /// What this kind of page has besides.
    #[serde(flatten)]
    pub own: T,
}

/// What stands in the head of a page for programs to read.
#[derive(Debug, Default, Serialize)]
pub struct HeadView {
    /// What the page may load, for its Content-Security-Policy.
    pub policy: String,
    /// `website` or `article`.
    pub kind: &'static str,
    /// The moment of its appearance, empty where it has none.
    pub published: String,
    /// The moment of its last correction, empty where it has none.
    pub modified: String,
    /// The picture that networks show for it; its address is a full one.
    pub card: Option<ImageView>,
    /// The page before it, empty for none.
    pub previous: String,
    /// The page after it, empty for none.
    pub next: String,
    /// A feed of its own besides those of the newsletter.
    pub feed: Option<FeedLink>,
    /// What it is, as JSON-LD that is safe inside a script element; empty for none.
    pub data: String,
}

/// A link to a feed.
#[derive(Debug, Serialize)]
pub struct FeedLink {
    /// Its name.
    pub title: String,
    /// Its address.
    pub url: String,
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

/// The page of a former address.
#[derive(Debug, Serialize)]
pub struct MovedPage {
    /// Where it stands now.
    pub target: String,
}

/// An item or an article as feeds carry it.
#[derive(Debug, Serialize)]
pub struct FeedEntryPage {
    /// The item or article; its template sees `newsletter` and `words` too.
    pub item: EntryView,
}

/// The page that searches the archive.
#[derive(Debug, Serialize)]
pub struct SearchPage {
    /// All topics, by name.
    pub topics: Vec<TopicLink>,
    /// The years that have an index, newest first.
    pub years: Vec<i32>,
    /// The words that need not be found, folded, with spaces between them.
    pub stops: String,
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
    /// The names it had before, which are anchors too.
    pub anchors: Vec<String>,
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
    /// What it says first, as plain text.
    pub summary: String,
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
