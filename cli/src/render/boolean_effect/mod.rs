//! What a boolean adds and takes for a domain: `show BOOL --for DOMAIN`.

mod json;
mod text;
mod why;

#[cfg(test)]
mod tests;

use analysis::decide::BooleanEffect;
use avstore::{Store, condition_text};
use policydb::{BoolId, TypeId};

pub(crate) use json::effect_as_json;
pub(crate) use text::effect_as_text;

use crate::policy_source::PolicySource;

/// Types that are listed before the others are only counted.
const TYPES_SHOWN: usize = 8;
/// Ranges of commands, rules that grant something already, and sources of rules, likewise.
const SHOWN: usize = 6;

/// The effect, and what was asked.
pub(crate) struct EffectAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    /// Booleans that the question sets.
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) effect: BooleanEffect<'p>,
}

/// A line, and a remark behind it.
type Line = (String, String);

impl EffectAnswer<'_, '_> {
    fn boolean_name(&self, id: BoolId) -> String {
        self.store.policy().boolean(id).map_or_else(String::new, |(name, _)| name.to_string())
    }

    fn type_name(&self, id: TypeId) -> String {
        self.store.type_name(id).to_string()
    }

    fn condition(&self, conditional: u32) -> String {
        let policy = self.store.policy();
        policy
            .conditionals()
            .get(conditional as usize)
            .map_or_else(String::new, |conditional| condition_text(policy, conditional))
    }
}

const fn on_off(state: bool) -> &'static str {
    if state { "on" } else { "off" }
}

fn push(lines: &mut Vec<Line>, line: String) {
    lines.push((line, String::new()));
}
