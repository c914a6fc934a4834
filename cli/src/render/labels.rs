//! Labels and contexts, field by field, for people and for programs (`sepolq.label/1`, `sepolq.context/1`).

use std::io::{self, Write};

use analysis::context::{ContextRules, Invalidity, PartialContext, categories_text, is_object_r};
use analysis::decide::{NewContext, Origin};
use avstore::{FileNames, StatementWriter, Store};
use serde::Serialize;

use super::{Output, PolicyJson, Style};
use crate::policy_source::PolicySource;

/// A label, and what it was asked for.
pub(crate) struct LabelAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) rules: &'a ContextRules<'p>,
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) label: NewContext<'p>,
}

/// A context, and what is wrong with it.
pub(crate) struct ContextAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) rules: &'a ContextRules<'p>,
    pub(crate) context: PartialContext,
    pub(crate) invalid: Vec<Invalidity>,
}

/// A field: its name, its text if it is not open, and where it comes from.
type FieldLine = (&'static str, Option<String>, String);

impl LabelAnswer<'_, '_> {
    fn fields(&self) -> Vec<FieldLine> {
        let policy = self.store.policy();
        let context = &self.label.context;
        let name = |name: Option<policydb::Name<'_>>| name.map(|name| name.to_string());
        let mut fields = vec![
            ("user", name(context.user.and_then(|id| policy.user_name(id))), self.origin(&self.label.user)),
            ("role", name(context.role.and_then(|id| policy.role_name(id))), self.origin(&self.label.role)),
            ("type", Some(self.store.type_name(context.r#type).to_string()), self.origin(&self.label.r#type)),
        ];
        if let Some(origin) = &self.label.range {
            let range = context.range.as_ref().map(|range| range.text(policy));
            fields.push(("range", range, self.origin(origin)));
        }
        fields
    }

    fn origin(&self, origin: &Origin<'_>) -> String {
        match origin {
            Origin::Rule(rule) => {
                let mut statement = Vec::new();
                StatementWriter::new(self.store, FileNames::Quoted).write(rule, &mut statement);
                String::from_utf8_lossy(&statement).into_owned()
            }
            Origin::Source => "the source's".to_owned(),
            Origin::Target => "the parent's".to_owned(),
            Origin::ObjectRole => "the role of objects".to_owned(),
            Origin::SourceLow => "the source's low level".to_owned(),
            Origin::Default(statement) => (*statement).to_owned(),
        }
    }

    fn refusals(&self) -> Vec<String> {
        let mut refusals: Vec<String> =
            self.label.invalid.iter().map(|reason| reason.text(self.rules, &self.label.context)).collect();
        if self.label.no_common_range {
            refusals.push("the ranges of source and parent have no sensitivity in common".to_owned());
        }
        refusals
    }
}

/// The context with `…` for fields that are open.
fn shown(context: &PartialContext, store: &Store<'_>) -> String {
    let policy = store.policy();
    let or_open = |text: Option<String>| text.unwrap_or_else(|| "…".to_owned());
    let user = or_open(context.user.and_then(|id| policy.user_name(id)).map(|name| name.to_string()));
    let role = or_open(context.role.and_then(|id| policy.role_name(id)).map(|name| name.to_string()));
    let mut text = format!("{user}:{role}:{}", store.type_name(context.r#type));
    if policy.header().mls {
        text.push(':');
        text.push_str(&or_open(context.range.as_ref().map(|range| range.text(policy))));
    }
    text
}

/// Prints the label, and under it where each field comes from.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn label_as_text(answer: &LabelAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    output.styled(Style::Keyword, shown(&answer.label.context, answer.store).as_bytes())?;
    output.text(b"\n")?;
    for (name, text, origin) in answer.fields() {
        let text = text.unwrap_or_else(|| "(open)".to_owned());
        output.text(format!("  {name:<6} {text:<24} ").as_bytes())?;
        output.styled(Style::Remark, origin.as_bytes())?;
        output.text(b"\n")?;
    }
    for refusal in answer.refusals() {
        output.text(b"  ")?;
        output.styled(Style::Denied, b"invalid")?;
        output.text(format!(": {refusal}; an enforcing kernel refuses to make it\n").as_bytes())?;
    }
    Ok(())
}

#[derive(Serialize)]
struct LabelJson<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    /// The whole label; null if a field is open.
    context: Option<String>,
    fields: Vec<FieldJson>,
    valid: Option<bool>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct FieldJson {
    name: &'static str,
    value: Option<String>,
    from: String,
}

/// Prints the label as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn label_as_json(answer: &LabelAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let complete = answer.label.context.complete(policy);
    let reasons = answer.refusals();
    let settings = answer.settings.iter().map(|(name, state)| (name.as_str(), *state));
    let document = LabelJson {
        schema: "sepolq.label/1",
        policy: PolicyJson::of(answer.source, policy, settings),
        context: complete.as_ref().map(|context| context.text(policy)),
        fields: answer
            .fields()
            .into_iter()
            .map(|(name, value, from)| FieldJson { name, value, from })
            .collect(),
        valid: (complete.is_some() || !reasons.is_empty()).then_some(reasons.is_empty()),
        reasons,
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}

impl ContextAnswer<'_, '_> {
    /// The fields in plain words.
    fn fields(&self) -> Vec<FieldLine> {
        let policy = self.store.policy();
        let context = &self.context;
        let mut fields = Vec::new();
        let open = |what: &str| format!("left open: {what}");
        match context.user {
            Some(id) => {
                let name = policy.user_name(id).map(|name| name.to_string());
                let range = self.rules.range_of(id).filter(|_| self.rules.has_levels());
                let within = range
                    .map_or_else(String::new, |range| format!(", whose range is {}", range.text(policy)));
                fields.push(("user", name, format!("an SELinux user{within}")));
            }
            None => fields.push(("user", None, open("any that may have the role"))),
        }
        match context.role {
            Some(id) => {
                let name = policy.role_name(id).map(|name| name.to_string());
                let words = if is_object_r(id) {
                    "the role of objects, which goes with everything"
                } else {
                    "a role"
                };
                fields.push(("role", name, words.to_owned()));
            }
            None => {
                let roles: Vec<String> = self
                    .rules
                    .roles_with(context.r#type)
                    .filter_map(|id| policy.role_name(id))
                    .map(|name| name.to_string())
                    .collect();
                let words = match roles.as_slice() {
                    [] => "object_r; no other may have the type".to_owned(),
                    some => format!("object_r, or {}", some.join(", ")),
                };
                fields.push(("role", None, open(&words)));
            }
        }
        let attributes =
            policy.attributes_of(context.r#type).bits().filter(|bit| *bit as usize != context.r#type.index());
        let n_attributes = attributes.count();
        let name = self.store.type_name(context.r#type).to_string();
        fields.push((
            "type",
            Some(name),
            match n_attributes {
                1 => "a type with 1 attribute".to_owned(),
                n => format!("a type with {n} attributes"),
            },
        ));
        if self.rules.has_levels() {
            match &context.range {
                Some(range) if range.low == range.high => {
                    fields.push(("level", Some(range.text(policy)), self.level_words(&range.low)));
                }
                Some(range) => {
                    fields.push((
                        "low",
                        Some(range.low.text(policy)),
                        format!("what a process works at: {}", self.level_words(&range.low)),
                    ));
                    fields.push((
                        "high",
                        Some(range.high.text(policy)),
                        format!("its clearance: {}", self.level_words(&range.high)),
                    ));
                }
                None => fields.push(("range", None, open("any within the user's"))),
            }
        }
        fields
    }

    fn level_words(&self, level: &analysis::context::MlsLevel) -> String {
        let policy = self.store.policy();
        let sensitivity =
            policy.sensitivity_name(level.sensitivity).map_or_else(String::new, |name| name.to_string());
        let categories = level.categories.values().count();
        match categories {
            0 => format!("sensitivity {sensitivity}, no categories"),
            1 => {
                format!("sensitivity {sensitivity}, category {}", categories_text(policy, &level.categories))
            }
            n => format!("sensitivity {sensitivity}, {n} categories"),
        }
    }
}

/// Prints the context field by field, and what is wrong with it.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn context_as_text(answer: &ContextAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let complete = answer.context.complete(answer.store.policy()).is_some();
    let (style, word) = match (answer.invalid.is_empty(), complete) {
        (false, _) => (Style::Denied, "invalid"),
        (true, true) => (Style::Granted, "valid"),
        (true, false) => (Style::Off, "incomplete"),
    };
    output.styled(style, word.as_bytes())?;
    output.text(format!(": {}\n", shown(&answer.context, answer.store)).as_bytes())?;
    for reason in &answer.invalid {
        output.text(format!("  because {}\n", reason.text(answer.rules, &answer.context)).as_bytes())?;
    }
    for (name, text, words) in answer.fields() {
        let text = text.unwrap_or_else(|| "(open)".to_owned());
        output.text(format!("  {name:<6} {text:<24} ").as_bytes())?;
        output.styled(Style::Remark, words.as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ContextJson<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    context: String,
    complete: bool,
    valid: bool,
    reasons: Vec<String>,
    fields: Vec<FieldJson>,
}

/// Prints the context as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn context_as_json(answer: &ContextAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let document = ContextJson {
        schema: "sepolq.context/1",
        policy: PolicyJson::of(answer.source, policy, std::iter::empty()),
        context: answer.context.text(policy),
        complete: answer.context.complete(policy).is_some(),
        valid: answer.invalid.is_empty(),
        reasons: answer.invalid.iter().map(|reason| reason.text(answer.rules, &answer.context)).collect(),
        fields: answer
            .fields()
            .into_iter()
            .map(|(name, value, from)| FieldJson { name, value, from })
            .collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
