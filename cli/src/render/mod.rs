//! Answers → text or JSON on a writer. Nothing here decides anything about policies.

mod json;
mod lines;
mod output;
mod rules;
mod text;

pub(crate) use json::rules_as_json;
pub(crate) use lines::{ConditionTexts, Lines};
pub(crate) use output::{Output, Style};
pub(crate) use rules::{RuleAnswer, Setting, Via, ViaSide};
pub(crate) use text::rules_as_text;
