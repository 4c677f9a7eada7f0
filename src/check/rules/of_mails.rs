//! Rules of the mail checker: what each is for.

use crate::check::rule::{Family::Mail, Rule};

pub(super) const RULES: [Rule; 7] = [
    Rule::strict("mail", Mail, "The mail could not be composed.", "look at what is named"),
    Rule::strict(
        "mail-structure",
        Mail,
        "The frame of a mail: language, headings in order, tables with a role, pictures with sizes, no scripts and forms. What mail programs and screen readers need.",
        "compare the template with the built-in one",
    ),
    Rule::strict(
        "mail-style",
        Mail,
        "A mail uses only the styles that mail programs know, inline, in plain units and colours.",
        "compare the template with the built-in one",
    )
    .lenient(),
    Rule::strict(
        "mail-footer",
        Mail,
        "A mail says who answers for it, and has links to unsubscribe and to its web edition.",
        "compare the template with the built-in one",
    ),
    Rule::new(
        "mail-size",
        Mail,
        "Gmail cuts a mail near 102 kB, and the rest is not seen. The heaviest items are named.",
        "shorten them, or move one to another day",
    ),
    Rule::new(
        "preheader-length",
        Mail,
        "Inboxes show 90 to 200 characters after the subject.",
        "write `preheader:` in issue.md, or labels that say more",
    ),
    Rule::strict(
        "text-parity",
        Mail,
        "The text of a mail says what its HTML does, in the same order, with the same addresses.",
        "a template of your own may say more than the text",
    ),
];
