//! Lists of `tag=value; tag=value`, as records of DKIM and DMARC are written (RFC 6376, section 3.2).

/// The tags of a record, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tags(Vec<(String, String)>);

impl Tags {
    /// Reads a record; what is no tag is passed over.
    pub(super) fn read(text: &str) -> Self {
        let tag = |part: &str| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        };
        Self(text.split(';').filter_map(tag).collect())
    }

    /// The value of a tag.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first tag of all.
    pub(super) fn first(&self) -> Option<(&str, &str)> {
        self.0.first().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a list of words parted by colons, as in `h=sha256:sha1`, has one of these; a missing list has all.
    pub(super) fn allows(&self, name: &str, words: &[&str]) -> bool {
        self.get(name).is_none_or(|list| {
            list.split(':').any(|word| words.iter().any(|known| word.trim().eq_ignore_ascii_case(known)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_spaces_and_without() {
        let tags = Tags::read("v=DKIM1 ;k= rsa; p=AAA = ; junk;h=sha256: x");
        assert_eq!(tags.first(), Some(("v", "DKIM1")));
        assert_eq!((tags.get("k"), tags.get("p"), tags.get("n")), (Some("rsa"), Some("AAA ="), None));
        assert!(
            tags.allows("h", &["sha256"]) && !tags.allows("h", &["sha1"]) && tags.allows("s", &["email"])
        );
    }
}
