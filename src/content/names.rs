//! The topics that entries name: many name the same, which is held once.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::de::Error;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::Slug;

use super::item::TopicName;

/// So many names are remembered by each core: a newsletter has some hundreds.
const MOST: usize = 4096;

thread_local! {
    static KNOWN: RefCell<FxHashMap<String, Arc<TopicName>>> = RefCell::default();
}

/// The topic of a name; `None` where it cannot be one.
pub(super) fn topic(name: &str) -> Option<Arc<TopicName>> {
    known(name, || Slug::from_text(name))
}

/// The topic of a name, whose key hangs on nothing else.
fn known(name: &str, key: impl FnOnce() -> Option<Slug>) -> Option<Arc<TopicName>> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(topic) = known.get(name) {
            return Some(Arc::clone(topic));
        }
        let topic = Arc::new(TopicName { key: key()?, name: name.to_owned() });
        if known.len() == MOST {
            known.clear();
        }
        known.insert(name.to_owned(), Arc::clone(&topic));
        Some(topic)
    })
}

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    key: &'a str,
    name: &'a str,
}

pub(super) fn serialize<S: Serializer>(topics: &[Arc<TopicName>], to: S) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(topics.len()))?;
    for topic in topics {
        list.serialize_element(&Written { key: topic.key.as_str(), name: &topic.name })?;
    }
    list.end()
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Arc<TopicName>>, D::Error> {
    let topic = |Written { key, name }: Written<'de>| {
        let topic = known(name, || Slug::parse(key).ok()).filter(|topic| topic.key.as_str() == key);
        topic.ok_or_else(|| D::Error::custom("a topic has another key"))
    };
    Vec::<Written<'de>>::deserialize(from)?.into_iter().map(topic).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_held_once_however_many_there_were_before() {
        let sea = topic("The sea").expect("a topic");
        assert!(Arc::ptr_eq(&sea, &topic("The sea").expect("a topic")));
        (0..=MOST).for_each(|number| drop(topic(&format!("Topic {number}"))));
        assert_eq!(topic("The sea"), Some(sea));
        assert!(topic("…").is_none());
    }
}
