//! Answers → text or JSON on a writer. Nothing here decides anything about policies.

mod access;
mod access_json;
mod access_text;
mod boolean_effect;
mod breakout;
mod components;
mod diff;
mod explain;
mod fields;
mod json;
mod labels;
mod layout;
mod lines;
mod module;
mod module_diff;
mod modules;
mod mount;
mod output;
mod policy_json;
mod reach;
mod rules;
mod shell;
mod system_status;
mod text;

pub(crate) use access::{AccessAnswer, Verdict, operation_name};
pub(crate) use access_json::access_as_json;
pub(crate) use access_text::access_as_text;
pub(crate) use boolean_effect::{EffectAnswer, effect_as_json, effect_as_text};
pub(crate) use breakout::{
    BreakoutAnswer, breakout_as_json, breakout_as_text, catalogue_as_json, catalogue_as_text,
};
pub(crate) use components::{
    InfoAnswer, ListAnswer, ShowAnswer, info_as_json, info_as_text, kinds_as_json, kinds_as_text,
    list_as_json, list_as_table, list_as_text, show_as_json, show_as_text,
};
pub(crate) use diff::{
    DiffAnswer, DiffLimits, diff_as_html, diff_as_json, diff_as_markdown, diff_as_text, diff_report,
};
pub(crate) use explain::{
    Clock, Compared, Explained, ExplainedRefusal, Facts, Stories, again_as_text, commands_as_text,
    nothing_found, stories_as_json, stories_as_markdown, stories_as_text, story_as_text, story_title,
};
pub(crate) use json::rules_as_json;
pub(crate) use labels::{
    ContextAnswer, LabelAnswer, context_as_json, context_as_text, label_as_json, label_as_text,
};
pub(crate) use lines::{ConditionTexts, Lines};
pub(crate) use module::{
    ModuleAnswer, module_as_json, module_as_text, statements_as_json, statements_as_text,
};
pub(crate) use module_diff::{
    ComparedModule, ModuleChange, ModuleDiffAnswer, module_diff_as_json, module_diff_as_text,
};
pub(crate) use modules::{ModulesAnswer, modules_as_json, modules_as_text};
pub(crate) use mount::{
    Labelled, Labels, Mounted, Mounts, labels_as_json, labels_as_text, mounts_as_json, mounts_as_text,
};
pub(crate) use output::{Output, Style};
pub(crate) use policy_json::PolicyJson;
pub(crate) use reach::{
    MatrixAnswer, PathAnswer, ReachAnswer, matrix_as_csv, matrix_as_dot, matrix_as_json, matrix_as_text,
    paths_as_json, paths_as_text, reach_as_json, reach_as_text,
};
pub(crate) use rules::{RuleAnswer, Setting, Via, ViaSide};
pub(crate) use system_status::{
    AskedPolicy, BooleanState, BooleanStates, Denials, EngineState, EnginesState, Health, Kernel, Loaded,
    ModulesState, Seen, SystemStatus, status_as_json, status_as_text, status_lines, unseen,
};
pub(crate) use text::rules_as_text;
