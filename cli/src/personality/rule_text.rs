//! Rules as SETools prints them: names as they are, and the condition behind.

use analysis::reach::Place;
use avstore::{FileNames, StatementWriter, Store};

use super::conditional_text::conditional_text;
use crate::render::ConditionTexts;

/// Writes rules of one policy.
pub(super) struct RuleTexts<'s, 'p> {
    store: &'s Store<'p>,
    statements: StatementWriter<'s, 'p>,
    conditions: ConditionTexts<'s, 'p>,
}

impl<'s, 'p> RuleTexts<'s, 'p> {
    pub(super) fn new(store: &'s Store<'p>) -> Self {
        RuleTexts {
            store,
            statements: StatementWriter::new(store, FileNames::Bare),
            conditions: ConditionTexts::new(store, conditional_text),
        }
    }

    /// The text of the rule that stands at a place.
    pub(super) fn text(&mut self, place: Place<'p>) -> Vec<u8> {
        let mut text = Vec::new();
        if let Some(rule) = place.rule(self.store) {
            self.statements.write(&rule, &mut text);
            self.conditions.write_suffix(&rule, &mut text);
        }
        text
    }
}
