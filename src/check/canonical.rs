//! One address for one page: without tracking, mobile and AMP hosts, and whatever else does not matter.

use crate::model::WebUrl;

/// Parameters that say how somebody came, not where to.
const TRACKING: [&str; 42] = [
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "gad_source",
    "gad_campaignid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "xtor",
    "xts",
    "xtref",
    "_hsenc",
    "_hsmi",
    "hsctatracking",
    "vero_id",
    "vero_conv",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "s_cid",
    "wickedid",
    "ml_subscriber",
    "ml_subscriber_hash",
    "_openstat",
    "fb_action_ids",
    "fb_action_types",
    "fb_source",
    "srsltid",
    "guce_referrer",
    "guce_referrer_sig",
    "guccounter",
    "echobox",
];
/// Beginnings of such names: Google and its like, Piwik and Matomo, AT Internet, HubSpot, Mailjet.
const TRACKING_STARTS: [&str; 6] = ["utm_", "pk_", "mtm_", "piwik_", "at_", "hsa_"];

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING.contains(&name.as_str()) || TRACKING_STARTS.iter().any(|start| name.starts_with(start))
}

/// An address as it is written, without the parameters that only track; `None` when it has none.
pub fn without_tracking(written: &str) -> Option<String> {
    let (before, fragment) = match written.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (written, None),
    };
    let tracks = |piece: &&str| {
        // Markdown and HTML may write the separator as `&amp;`.
        let piece = piece.trim_start_matches("amp;");
        is_tracking(piece.split('=').next().unwrap_or(piece))
    };
    let (path, query) = before.split_once('?').unwrap_or((before, ""));
    let kept: Vec<&str> = query.split('&').filter(|piece| !tracks(piece)).collect();
    let fragment_tracks = fragment.is_some_and(|fragment| tracks(&fragment));
    if kept.join("&") == query && !fragment_tracks {
        return None;
    }
    let query = kept.join("&");
    let query = query.trim_start_matches("amp;");
    let mut clean = path.to_owned();
    if !query.is_empty() {
        clean.push('?');
        clean.push_str(query);
    }
    if let Some(fragment) = fragment.filter(|_| !fragment_tracks) {
        clean.push('#');
        clean.push_str(fragment);
    }
    Some(clean)
}

/// What two addresses of one page have in common; `None` for the front page of a site, which is no story.
pub(super) fn canonical(url: &WebUrl) -> Option<String> {
    let plain = without_tracking(url.as_str()).unwrap_or_else(|| url.as_str().to_owned());
    let rest = plain.split_once("://").map_or(plain.as_str(), |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or(rest);
    let rest = unwrapped(rest);
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443")).unwrap_or(&host);
    let first = ["www.", "m.", "mobile.", "amp."].iter().find_map(|first| host.strip_prefix(first));
    let host = first.filter(|rest| rest.contains('.')).unwrap_or(host);
    let path = path.trim_matches('/');
    let path = path.strip_prefix("amp/").unwrap_or(path);
    let path = path.strip_suffix("/amp").or_else(|| path.strip_suffix(".amp")).unwrap_or(path);
    let path = path.strip_suffix(".amp.html").map_or_else(|| path.to_owned(), |path| format!("{path}.html"));
    let path = ["index.html", "index.php", "index.htm"]
        .iter()
        .find_map(|index| path.strip_suffix(index))
        .unwrap_or(&path)
        .trim_end_matches('/');
    let mut query: Vec<&str> = query.split('&').filter(|piece| !piece.is_empty() && !is_amp(piece)).collect();
    query.sort_unstable();
    if path.is_empty() && query.is_empty() {
        return None;
    }
    Some(format!("{host}/{path}?{}", query.join("&")))
}

/// Whether an address is that of a whole site, which is no story.
pub fn is_front_page(url: &WebUrl) -> bool {
    canonical(url).is_none()
}

fn is_amp(parameter: &str) -> bool {
    matches!(parameter, "amp" | "amp=1" | "amp=true" | "outputType=amp" | "outputtype=amp")
}

/// The page behind a copy that a search engine keeps (`…cdn.ampproject.org/c/s/…`, `google.com/amp/s/…`).
fn unwrapped(rest: &str) -> &str {
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let kept = host.ends_with(".cdn.ampproject.org");
    let inner = match host {
        "www.google.com" | "www.google.fr" => path.strip_prefix("amp/"),
        _ if kept => path.strip_prefix("c/").or_else(|| path.strip_prefix("v/")),
        _ => None,
    };
    inner.map_or(rest, |inner| inner.strip_prefix("s/").unwrap_or(inner))
}

/// The addresses of the web that stand in a text, in bytes.
pub(super) fn addresses(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("http").map(|at| from + at) {
        let rest = &text[at..];
        from = at + 4;
        // One slash is a slip; browsers and our own reader see what is meant.
        if !rest.starts_with("http:/") && !rest.starts_with("https:/") {
            continue;
        }
        let end = rest
            .find(|ch: char| ch.is_whitespace() || matches!(ch, '"' | '\'' | '<' | '>' | '{' | '}' | '|'))
            .unwrap_or(rest.len());
        let address = rest[..end].trim_end_matches([',', ']', ')', '.', ';']);
        found.push(at..at + address.len());
        from = at + end;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let of = |text: &str| canonical(&WebUrl::parse(text).expect("an address"));
        of(one) == of(other) && of(one).is_some()
    }

    #[test]
    fn a_page_has_one_address() {
        let page = "https://www.journal.example/a/b?id=3&x=1";
        for other in [
            "http://journal.example/a/b/?x=1&id=3",
            "HTTPS://WWW.Journal.EXAMPLE:443/a/b?id=3&x=1#comments",
            "https://m.journal.example/a/b?utm_source=x&id=3&fbclid=y&x=1",
            "https://journal.example/amp/a/b?id=3&x=1&amp=1",
            "https://www-journal-example.cdn.ampproject.org/c/s/www.journal.example/a/b?id=3&x=1",
        ] {
            assert!(same(page, other), "{other}");
        }
        assert!(!same(page, "https://journal.example/a/b?id=4&x=1"));
        assert!(!same(page, "https://other.example/a/b?id=3&x=1"));
        assert!(same("https://a.example/x.html", "https://a.example/x.amp.html"));
        assert_eq!(canonical(&WebUrl::parse("https://www.cnil.fr/?utm_source=x").expect("a URL")), None);
    }

    #[test]
    fn only_what_tracks_is_taken_out() {
        let clean = |text: &str| without_tracking(text);
        assert_eq!(
            clean("https://a.example/?b=1&utm_source=x#c").as_deref(),
            Some("https://a.example/?b=1#c")
        );
        assert_eq!(clean("https://a.example/?utm_a=1&amp;b=1").as_deref(), Some("https://a.example/?b=1"));
        assert_eq!(clean("https://a.example/b#xtor=RSS-1").as_deref(), Some("https://a.example/b"));
        assert_eq!(clean("https://a.example/?MC_CID=1").as_deref(), Some("https://a.example/"));
        assert_eq!(clean("https://a.example/?attr=1&ref=x#top"), None);
        assert_eq!(clean("https://a.example/utm_source=x"), None);
    }

    #[test]
    fn addresses_end_where_they_end() {
        let text = "{name: X, url: https://a.example/b?c=d}, \"http://e.example/\" [https://f.example]";
        let found: Vec<&str> = addresses(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["https://a.example/b?c=d", "http://e.example/", "https://f.example"]);
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(query in "([a-c]|utm_x|fbclid|&|=|amp;|#|\\?){0,12}") {
            let url = format!("https://a.example/b?{query}");
            if let Some(clean) = without_tracking(&url) {
                prop_assert_eq!(without_tracking(&clean), None, "{}", clean);
            }
        }
    }
}
