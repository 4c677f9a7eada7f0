//! The web edition: which pages there are, and each of them as a file.
//!
//! Never knows: where files are written, mail.

use crate::content::Article;
use crate::issue::{Archive, Issue};
use crate::links::Place;
use crate::model::{Diagnostic, OutFile, Slot, Slug};
use crate::render::context::{HomePage, IssuePage, TopicsPage};
use crate::render::{Edition, Renderer, words};

/// A page of the web edition, not yet rendered.
#[derive(Debug, Clone, Copy)]
pub enum Page<'a> {
    /// The first page.
    Home,
    /// The newest issue, at an address that stays.
    Latest(Slot),
    /// An issue or a digest.
    Issue(Slot),
    /// An article.
    Article(&'a Article),
    /// The list of topics.
    Topics,
    /// A topic.
    Topic(&'a Slug),
    /// The stylesheet.
    Style,
}

/// All pages of an archive.
pub fn pages<'a>(archive: &Archive<'a>) -> Vec<Page<'a>> {
    let mut pages = vec![Page::Home, Page::Style, Page::Topics];
    pages.extend(archive.issues.last().map(|issue| Page::Latest(issue.slot())));
    pages.extend(archive.issues.iter().chain(&archive.digests).map(|issue| Page::Issue(issue.slot())));
    pages.extend(archive.articles.iter().map(|article| Page::Article(article)));
    let used = archive.threads.iter().filter(|(_, thread)| !thread.entries.is_empty());
    pages.extend(used.map(|(key, _)| Page::Topic(key)));
    pages
}

/// A page as a file of `out/`.
pub fn render(
    page: Page<'_>,
    renderer: &Renderer<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Result<OutFile, Diagnostic> {
    let newsletter = &renderer.set(&renderer.config.title);
    let place = match page {
        Page::Home => Place::home(),
        Page::Latest(_) => Place::latest(),
        Page::Issue(slot) => renderer.archive.issue(slot).map_or_else(Place::home, Issue::place),
        Page::Article(article) => Place::article(article.date, &article.entry.slug),
        Page::Topics => Place::topics(),
        Page::Topic(key) => Place::topic(key),
        Page::Style => Place::asset("style.css"),
    };
    let edition = Edition::Web(place.clone());
    let templates = renderer.templates;
    let titled = |title: &str| format!("{title} – {newsletter}");
    let html = match page {
        Page::Home => {
            let view = home(renderer, &edition);
            let tagline = renderer.set(renderer.config.tagline.as_deref().unwrap_or_default());
            templates.render(
                "site/index.html",
                &renderer.page(&place, &edition, newsletter.clone(), tagline, view),
            )
        }
        Page::Issue(slot) | Page::Latest(slot) => {
            let Some(found) = renderer.archive.issue(slot) else {
                return Err(Diagnostic::error("no-issue", format!("the issue of {slot} is gone")));
            };
            // What is to be said of an issue is said at its own address.
            let mut said = Vec::new();
            let latest = matches!(page, Page::Latest(_));
            let issue = renderer.issue(found, &edition, if latest { &mut said } else { findings });
            let (title, description) = (titled(&issue.long_date), issue.preheader.clone());
            let mut view = renderer.page(&place, &edition, title, description, IssuePage { issue });
            view.url = renderer.links.absolute(&found.place());
            templates.render("site/issue.html", &view)
        }
        Page::Article(article) => {
            let view = renderer.article(article, &edition, findings);
            let title = titled(&view.article.title);
            templates.render(
                "site/article.html",
                &renderer.page(&place, &edition, title, view.article.name.clone(), view),
            )
        }
        Page::Topics => {
            let view = TopicsPage { topics: renderer.topics(&edition) };
            let title = titled(words(renderer.config.language).topics);
            templates.render("site/topics.html", &renderer.page(&place, &edition, title, String::new(), view))
        }
        Page::Topic(key) => {
            let Some((key, thread)) = renderer.archive.thread(key) else {
                return Err(Diagnostic::error("topic", format!("the topic `{key}` is gone")));
            };
            let view = renderer.topic(key, thread, &edition, findings);
            let description =
                renderer.set(thread.topic.and_then(|topic| topic.description.as_deref()).unwrap_or_default());
            templates.render(
                "site/topic.html",
                &renderer.page(&place, &edition, titled(&renderer.set(thread.name)), description, view),
            )
        }
        Page::Style => templates.render(
            "site/style.css",
            &renderer.page(&place, &edition, newsletter.clone(), String::new(), ()),
        ),
    }?;
    Ok(OutFile::new(format!("site/{}", place.file()), html))
}

fn home(renderer: &Renderer<'_>, edition: &Edition) -> HomePage {
    let archive = renderer.archive;
    HomePage {
        issues: archive.issues.iter().rev().map(|issue| renderer.issue_link(issue, edition)).collect(),
        digests: archive.digests.iter().rev().map(|issue| renderer.issue_link(issue, edition)).collect(),
        articles: archive
            .articles
            .iter()
            .rev()
            .map(|article| renderer.article_link(article, edition))
            .collect(),
        topics: renderer.topics(edition),
    }
}
