//! The order of an issue: items by position, then by section and name; blocks where their rules put them.

use crate::config::{Config, Placement};
use crate::content::{Block, Item};

use super::{Heading, Part};

/// Sorts the items of one issue.
pub(super) fn sort(items: &mut [&Item], config: &Config) {
    items.sort_by_cached_key(|item| {
        let place = item.position.map_or((1, 0), |position| (0, position));
        (place, config.section_order(&item.section), &item.entry.slug)
    });
}

/// Groups sorted items by section and puts the blocks between them.
pub(super) fn parts<'a>(items: &[&'a Item], blocks: &'a [Block], config: &'a Config) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut before: Option<&Item> = None;
    for (at, item) in items.iter().enumerate() {
        push_item(&mut parts, item, before, config);
        before = Some(item);
        let here = blocks.iter().filter(|block| block.placement == Placement::After(at + 1));
        parts.extend(here.map(Part::Block));
    }
    let late = blocks.iter().filter(|block| match block.placement {
        Placement::After(count) => count > items.len() || count == 0 && items.is_empty(),
        Placement::End => true,
        Placement::EveryArticle => false,
    });
    parts.extend(late.map(Part::Block));
    let early = blocks.iter().filter(|block| block.placement == Placement::After(0) && !items.is_empty());
    let first: Vec<_> = early.map(Part::Block).collect();
    parts.splice(0..0, first);
    parts
}

fn push_item<'a>(parts: &mut Vec<Part<'a>>, item: &'a Item, before: Option<&Item>, config: &'a Config) {
    let follows = before.is_some_and(|before| before.section == item.section);
    if let (true, Some(Part::Section { items, .. })) = (follows, parts.last_mut()) {
        items.push(item);
        return;
    }
    let heading = if follows { Heading::Continued } else { Heading::Shown };
    if let Some(rule) = config.section(item.section.as_str()) {
        parts.push(Part::Section { rule, heading, items: vec![item] });
    }
}
