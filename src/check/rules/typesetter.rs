//! What a typesetter would point out in the front matter: the body is proofread where it is set.

use crate::check::galley::Galley;
use crate::check::room::Room;
use crate::content::TextSetting;
use crate::model::Diagnostic;
use crate::typography::findings;

pub(super) fn check(galley: &Galley<'_>, _: &Room<'_>, said: &mut Vec<Diagnostic>) {
    let Some(language) = galley.language else { return };
    if galley.entry().is_some_and(|entry| entry.setting == TextSetting::AsTyped) {
        return;
    }
    let credits = galley.credits();
    for passage in galley.passages.iter().filter(|passage| passage.is_head()).chain(&credits) {
        for finding in findings::find(&passage.text, language) {
            let byte =
                |at: usize| passage.text.char_indices().nth(at).map_or(passage.text.len(), |(byte, _)| byte);
            let range = byte(finding.start)..byte(finding.end);
            let fix = finding.fix.and_then(|text| galley.fix_in_head(passage, range.clone(), text));
            let warning = Diagnostic::warning(finding.rule, finding.message).hint(finding.hint);
            said.push(warning.at(galley.at(passage, range)).fix(fix));
        }
    }
}
