//! Rules for programs: one JSON object, under the schema `sepolq.rules/1` that docs/json.md describes.
//! Fields may be added; none is removed or changes its meaning without a new number.

use std::io::{self, Write};
use std::rc::Rc;

use avstore::{FileNames, Rule, StatementWriter, condition_text, range_text};
use policydb::TypeId;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::lines::ConditionTexts;
use super::policy_json::PolicyJson;
use super::{Output, RuleAnswer, ViaSide};

const SCHEMA: &str = "sepolq.rules/1";

#[derive(Serialize)]
struct Document<'a, 'p> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    /// Rules found, shown or not.
    count: usize,
    /// Whether `--limit` left some out.
    truncated: bool,
    results: Results<'a, 'p>,
}

/// The rules, made one by one while they are written.
struct Results<'a, 'p>(&'a RuleAnswer<'a, 'p>);

#[derive(Serialize)]
struct RuleJson {
    statement: String,
    kind: &'static str,
    source: String,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    xperms: Option<XpermsJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<ConditionJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<ViaJson>,
}

#[derive(Serialize)]
struct XpermsJson {
    operation: &'static str,
    /// Both ends included.
    ranges: Vec<(u16, u16)>,
}

#[derive(Serialize)]
struct ConditionJson {
    expression: String,
    branch: bool,
    in_force: bool,
}

#[derive(Serialize)]
struct ViaJson {
    source: Option<SideJson>,
    target: Option<SideJson>,
}

#[derive(Serialize)]
struct SideJson {
    attribute: String,
    types: Vec<String>,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn rules_as_json(answer: &RuleAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        policy: PolicyJson::of(
            answer.source,
            answer.store.policy(),
            answer.settings.iter().map(|setting| (setting.name, setting.state)),
        ),
        count: answer.lines.len(),
        truncated: answer.lines.len() > answer.limit,
        results: Results(answer),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}

impl Serialize for Results<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let answer = self.0;
        let shown = answer.lines.len().min(answer.limit);
        let mut conditions = ConditionTexts::new(answer.store, condition_text);
        let mut statements = StatementWriter::new(answer.store, FileNames::Quoted);
        let mut results = serializer.serialize_seq(Some(shown))?;
        for (rule, _) in answer.lines.iter().take(shown) {
            results.serialize_element(&rule_json(answer, rule, &mut statements, &mut conditions))?;
        }
        results.end()
    }
}

fn rule_json(
    answer: &RuleAnswer<'_, '_>,
    rule: &Rule<'_>,
    statements: &mut StatementWriter<'_, '_>,
    conditions: &mut ConditionTexts<'_, '_>,
) -> RuleJson {
    let store = answer.store;
    let mut statement = Vec::new();
    statements.write(rule, &mut statement);
    let (mut permissions, mut xperms_json, mut file_name) = (None, None, None);
    match rule {
        Rule::Av { xperms: Some(xperms), .. } => {
            xperms_json = Some(XpermsJson { operation: xperms.operation(), ranges: xperms.ranges() });
        }
        Rule::Av { rule, .. } if rule.kind().has_permissions() => {
            let vector = rule.permissions();
            let granted = store.permissions(rule.class()).iter().filter(|p| vector >> p.bit & 1 == 1);
            permissions = Some(granted.map(|permission| permission.name.to_string()).collect());
        }
        Rule::Filename(rule) => file_name = Some(rule.name.to_string()),
        Rule::Av { .. } | Rule::RoleAllow(_) | Rule::RoleTransition(_) | Rule::RangeTransition(_) => {}
    }
    let type_name = |id: TypeId| store.type_name(id).to_string();
    let role_name = |id| store.policy().role_name(id).map(|name| name.to_string()).unwrap_or_default();
    let (source, target, default) = match rule {
        Rule::RoleAllow(rule) => (role_name(rule.source), role_name(rule.target), None),
        Rule::RoleTransition(rule) => {
            (role_name(rule.role), type_name(rule.r#type), Some(role_name(rule.new_role)))
        }
        rule => (
            rule.source_type().map(type_name).unwrap_or_default(),
            rule.target_type().map(type_name).unwrap_or_default(),
            rule.default_type().map(type_name),
        ),
    };
    let range = match rule {
        Rule::RangeTransition(rule) => Some(range_text(store.policy(), rule.range)),
        _ => None,
    };
    RuleJson {
        statement: String::from_utf8_lossy(&statement).into_owned(),
        kind: rule.kind().name(),
        source,
        target,
        class: rule.class(store).map(|id| store.class_name(id).to_string()),
        permissions,
        xperms: xperms_json,
        default,
        range,
        file_name,
        condition: rule.branch().map(|branch| ConditionJson {
            expression: conditions.get(branch.index()).to_owned(),
            branch: branch.when,
            in_force: answer.conditions.in_force(branch),
        }),
        via: answer.via.as_ref().map(|via| {
            let side =
                |side: Rc<ViaSide>| SideJson { attribute: side.attribute.clone(), types: side.types.clone() };
            let [source, target] = via.sides(store, rule);
            ViaJson { source: source.map(side), target: target.map(side) }
        }),
    }
}
