//! The settings of a newsletter, judged and complete.

use std::path::PathBuf;

use chrono::Weekday;
use chrono_tz::Tz;

use crate::model::{Colour, EmailAddress, IssueDate, Language, LanguageTag, Slug, WebUrl};

use super::check::CheckSettings;
use super::delivery::DeliverySettings;
use super::mail::MailSettings;
use super::readers::{ListRule, ServiceSettings, StoreUrl, WeeklyRule};
use super::subject::SubjectPattern;

/// Everything `content/newsletter.yaml` says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The newsletter's name.
    pub title: String,
    /// What it is, in a line under the name.
    pub tagline: Option<String>,
    /// The language its texts are written in, as it is declared in pages.
    pub tag: LanguageTag,
    /// The language of the product's own words.
    pub language: Language,
    /// Where a day begins and ends.
    pub timezone: Tz,
    /// The address of the web edition, ending in `/`.
    pub base_url: WebUrl,
    /// Who answers for it.
    pub publisher: Publisher,
    /// How a subject is made.
    pub subject: SubjectPattern,
    /// The sections in order, one at least.
    pub sections: Vec<SectionRule>,
    /// The texts that are placed by rule.
    pub blocks: Vec<BlockRule>,
    /// How texts are set.
    pub typography: Typography,
    /// The days of publication.
    pub calendar: Calendar,
    /// What the copy editor overlooks or weighs otherwise.
    pub check: CheckSettings,
    /// How it looks.
    pub theme: Theme,
    /// How it is mailed, if it is.
    pub mail: Option<MailSettings>,
    /// Where readers and the ledger are kept.
    pub store: StoreUrl,
    /// The lists, one at least.
    pub lists: Vec<ListRule>,
    /// The digest of the week, if there is one.
    pub weekly: Option<WeeklyRule>,
    /// Where readers subscribe, if they can.
    pub service: Option<ServiceSettings>,
    /// When and under which rules issues are sent.
    pub delivery: DeliverySettings,
}

impl Config {
    /// The section of a name.
    pub fn section(&self, name: &str) -> Option<&SectionRule> {
        self.sections.iter().find(|section| section.name.as_str() == name)
    }

    /// The place of a section in the order of the issue.
    pub fn section_order(&self, name: &Slug) -> usize {
        self.sections.iter().position(|section| section.name == *name).unwrap_or(usize::MAX)
    }
}

/// Who answers for the newsletter.
#[derive(Debug, Clone, Default)]
pub struct Publisher {
    /// The name, of a person or a house.
    pub name: Option<String>,
    /// The postal address.
    pub address: Option<String>,
    /// Where to write to.
    pub email: Option<EmailAddress>,
}

/// A recurring part of every issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionRule {
    /// The name that items write.
    pub name: Slug,
    /// The heading, empty for none.
    pub title: String,
    /// What its items hold.
    pub kind: SectionKind,
    /// The fewest items an issue wants.
    pub min: usize,
    /// The most items an issue wants.
    pub max: Option<usize>,
    /// The most words an item should have.
    pub longest: usize,
    /// Whether its items must have a headline.
    pub headlines: Headlines,
}

/// What the items of a section hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// A short text.
    Brief,
    /// A quotation and who said it.
    Quote,
    /// A figure and what it counts.
    Figure,
    /// A person and a new office.
    Appointment,
}

impl SectionKind {
    /// The word of the settings, `brief` and so on.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brief => "brief",
            Self::Quote => "quote",
            Self::Figure => "figure",
            Self::Appointment => "appointment",
        }
    }
}

/// Whether the items of a section must have a headline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headlines {
    /// An item without `title` is an error.
    Required,
    /// The seed of this genre has items without one.
    Optional,
}

/// A text that is placed by rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockRule {
    /// Its name, which pages may style.
    pub name: Slug,
    /// Its Markdown, relative to `content/`.
    pub file: PathBuf,
    /// Where it goes.
    pub placement: Placement,
}

/// Where a block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// After so many items of an issue; at its end when it has fewer.
    After(usize),
    /// At the end of every issue.
    End,
    /// At the end of every article.
    EveryArticle,
}

/// How texts are set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typography {
    /// As they are typed.
    Off,
    /// As a typesetter would.
    On(TypographyOptions),
}

/// What the typesetter may be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypographyOptions {
    /// Which no-break spaces go where.
    pub spaces: Spaces,
    /// Whether spaces are set before `; ! ? :` where none was typed.
    pub insert: Switch<true>,
    /// Whether ordinals are raised.
    pub ordinals: Ordinals,
    /// Whether `oe` becomes `œ` in the words that want it.
    pub ligatures: Switch<true>,
    /// Whether `14h30` is spaced.
    pub hours: Hours,
    /// Whether pasted no-break spaces go.
    pub stray_nbsp: StrayNbsp,
    /// Whether headings keep their last word company.
    pub widow: Widow,
    /// Which dash sets off an aside.
    pub dash: Dash,
    /// Names that keep their mark: `Yahoo!`.
    pub keep: Vec<String>,
    /// Units besides the known ones.
    pub units: Vec<String>,
}

/// An option with its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch<const DEFAULT: bool>(pub bool);

impl<const DEFAULT: bool> Default for Switch<DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident, $($(#[$other_doc:meta])* $other:ident),* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub enum $name { $(#[$first_doc])* #[default] $first, $($(#[$other_doc])* $other),* }
    )+};
}

choices! {
    /// Which no-break spaces go where.
    Spaces {
        /// Narrow before `; ! ?` and in thousands, full elsewhere.
        Imprimerie,
        /// Full everywhere.
        Nbsp,
        /// Narrow also in guillemets and before the colon.
        Narrow
    }
    /// How ordinals are set.
    Ordinals {
        /// Raised.
        Sup,
        /// On the line.
        Plain
    }
    /// How hours are set.
    Hours {
        /// As typed.
        Keep,
        /// `14 h 30`.
        Spaced
    }
    /// What happens to no-break spaces where no rule wants one.
    StrayNbsp {
        /// They stay.
        Keep,
        /// They become plain spaces.
        Clean
    }
    /// Whether a short last word is kept company.
    Widow {
        /// No.
        Off,
        /// In headings.
        Headings
    }
    /// The dash of asides.
    Dash {
        /// The en dash.
        En,
        /// The em dash.
        Em
    }
}

/// The days of publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The days of the week.
    pub days: Vec<Weekday>,
    /// The holidays, on which nothing appears.
    pub holidays: Vec<Holiday>,
    /// Days on which nothing appears, first and last of each span.
    pub except: Vec<(IssueDate, IssueDate)>,
}

/// One or more days that are holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holiday {
    /// The eleven days of France.
    France,
    /// The thirteen of Alsace and Moselle: those of France and two besides.
    AlsaceMoselle,
    /// A day of every year: month and day.
    Yearly(u32, u32),
    /// One day.
    Day(IssueDate),
}

/// How the newsletter looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// The colour of links and rules, as light.
    pub accent: Colour,
    /// The same as dark.
    pub accent_dark: Colour,
    /// The colour of texts, as light.
    pub ink: Colour,
    /// The letters of headings.
    pub headings: Typeface,
    /// The letters of texts.
    pub text: Typeface,
    /// The picture that stands for the name.
    pub logo: Option<Logo>,
    /// Whether a picture is drawn of every issue for networks to show.
    pub cards: Cards,
    /// Whether the web edition can be searched.
    pub search: Search,
}

/// Whether social cards are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cards {
    /// One of every issue.
    Drawn,
    /// None.
    Off,
}

/// Whether an index of the archive is made, and a page that searches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Both.
    Offered,
    /// Neither.
    Off,
}

/// Which letters are used: families that every system has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typeface {
    /// Georgia and its like.
    Serif,
    /// Arial and its like.
    Sans,
}

/// The picture that stands for the name of the newsletter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The file, relative to `content/`.
    pub file: PathBuf,
    /// What it shows; the newsletter's name unless said otherwise.
    pub alt: String,
}
