//! Styles written once, carried into every element: most mail programs read nothing else.

use css_inline::{CSSInliner, InlineError};

/// The HTML with the stylesheet's rules in `style` attributes.
pub fn inline_css(html: &str, stylesheet: &str) -> Result<String, InlineError> {
    let inliner = CSSInliner::options()
        .load_remote_stylesheets(false)
        .inline_style_tags(false)
        .minify_css(true)
        .keep_style_tags(true)
        .keep_link_tags(false)
        .extra_css(Some(stylesheet.into()))
        .build();
    inliner.inline(html)
}
