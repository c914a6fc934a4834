//! A verdict for programs: one JSON object, under the schema `sepolq.access/1` that docs/json.md describes.

use std::io::{self, Write};

use analysis::context::SecurityContext;
use analysis::decide::{Applied, AppliedRule, Bound, Contexts, Proof, WhatIf};
use serde::Serialize;

use super::Output;
use super::access::{AccessAnswer, operation_name};
use super::policy_json::PolicyJson;

const SCHEMA: &str = "sepolq.access/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    what_if: WhatIfJson<'a>,
    source: String,
    target: String,
    class: &'a str,
    result: &'static str,
    permissive: bool,
    permissions: Vec<PermissionJson>,
    rules: Vec<RuleJson>,
    constraints: Vec<ConstraintJson>,
    /// What must hold, of what was left open, for what depends on it to be granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    granted_if: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<BoundJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<CommandJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witnesses: Option<WitnessesJson>,
}

#[derive(Serialize)]
struct WhatIfJson<'a> {
    allow: &'a [String],
    typeattribute: &'a [String],
    permissive: &'a [String],
}

#[derive(Serialize)]
struct PermissionJson {
    name: String,
    result: &'static str,
    /// Whether the policy defines it; else its handle_unknown decided.
    defined: bool,
    /// Whether a rule that is in force grants it.
    rule: bool,
    /// Whether a denial is logged.
    audited: bool,
}

#[derive(Serialize)]
struct RuleJson {
    statement: String,
    permissions: Vec<String>,
    in_force: bool,
    /// Whether the question added it.
    what_if: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<ConditionJson>,
    source_through: Option<String>,
    target_through: Option<String>,
}

#[derive(Serialize)]
struct ConditionJson {
    expression: String,
    branch: bool,
}

#[derive(Serialize)]
struct ConstraintJson {
    keyword: &'static str,
    permissions: Vec<String>,
    expression: String,
    /// Whether it refuses whatever was left open.
    certain: bool,
    because: Vec<LeafJson>,
}

#[derive(Serialize)]
struct LeafJson {
    comparison: String,
    value: Option<bool>,
    why: String,
}

#[derive(Serialize)]
struct RoleJson {
    from: Option<String>,
    to: Option<String>,
    permissions: Vec<String>,
    certain: bool,
}

#[derive(Serialize)]
struct BoundJson {
    source: String,
    target: String,
    permissions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<Box<BoundJson>>,
}

#[derive(Serialize)]
struct CommandJson {
    operation: &'static str,
    number: u16,
    checked: bool,
    allowed: bool,
    rules: Vec<String>,
}

#[derive(Serialize)]
struct WitnessesJson {
    granted: Option<[String; 2]>,
    denied: Option<[String; 2]>,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn access_as_json(
    answer: &AccessAnswer<'_, '_>,
    what_if: &WhatIf,
    output: &mut Output,
) -> io::Result<()> {
    let policy = answer.store().policy();
    let request = answer.request;
    let proof = answer.proof.as_ref();
    let open = proof.is_some_and(|proof| proof.open() != 0);
    let pair = |pair: &(SecurityContext, SecurityContext)| [pair.0.text(policy), pair.1.text(policy)];
    let document = Document {
        schema: SCHEMA,
        policy: PolicyJson::of(
            answer.source,
            policy,
            what_if.booleans.iter().map(|(name, state)| (name.as_str(), *state)),
        ),
        what_if: WhatIfJson {
            allow: &what_if.allows,
            typeattribute: &what_if.attributes,
            permissive: &what_if.permissive,
        },
        source: request.source.text(policy),
        target: request.target.text(policy),
        class: &request.wanted.class_name,
        result: answer.verdict().word(),
        permissive: proof.is_some_and(|proof| proof.decision.permissive),
        permissions: permissions(answer),
        rules: proof
            .map_or_else(Vec::new, |proof| proof.grants.iter().map(|rule| rule_json(answer, rule)).collect()),
        constraints: proof.map_or_else(Vec::new, |proof| constraints(answer, proof)),
        granted_if: proof.zip(request.wanted.class).map_or_else(Vec::new, |(proof, class)| {
            answer.decider.open_conditions(proof, class, proof.open())
        }),
        role: proof.and_then(|proof| proof.role).map(|role| {
            let name = |id: Option<policydb::RoleId>| {
                id.and_then(|id| policy.role_name(id)).map(|name| name.to_string())
            };
            let permissions = names(answer, role.permissions);
            RoleJson { from: name(role.from), to: name(role.to), permissions, certain: role.certain }
        }),
        bounds: proof.and_then(|proof| proof.bound.as_deref()).map(|bound| bound_json(answer, bound)),
        command: answer.command.as_ref().map(|(operation, verdict)| CommandJson {
            operation: operation_name(*operation),
            number: verdict.command,
            checked: verdict.checked,
            allowed: verdict.allowed,
            rules: verdict.rules.iter().map(|rule| answer.statement(rule, None)).collect(),
        }),
        witnesses: open.then(|| WitnessesJson {
            granted: answer.witnesses.granted.as_ref().map(pair),
            denied: answer.witnesses.denied.as_ref().map(pair),
        }),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}

fn names(answer: &AccessAnswer<'_, '_>, bits: u32) -> Vec<String> {
    let Some(class) = answer.request.wanted.class else { return Vec::new() };
    let permissions = answer.store().permissions(class).iter().filter(|p| bits >> p.bit & 1 == 1);
    permissions.map(|permission| permission.name.to_string()).collect()
}

fn permissions(answer: &AccessAnswer<'_, '_>) -> Vec<PermissionJson> {
    let decision = answer.proof.as_ref().map(|proof| proof.decision).unwrap_or_default();
    let json = |permission: super::access::Permission| PermissionJson {
        result: permission.verdict.word(),
        defined: permission.bit != 0,
        rule: permission.bit & decision.by_rules != 0,
        audited: permission.bit == 0 || permission.bit & decision.auditdeny != 0,
        name: permission.name,
    };
    answer.permissions().into_iter().map(json).collect()
}

fn rule_json(answer: &AccessAnswer<'_, '_>, applied: &Applied<'_>) -> RuleJson {
    let name = |id: Option<policydb::TypeId>| id.map(|id| answer.store().type_name(id).to_string());
    RuleJson {
        statement: answer.statement(applied, None),
        permissions: names(answer, applied.rule.permissions() & answer.request.wanted.permissions),
        in_force: applied.in_force,
        what_if: matches!(applied.rule, AppliedRule::Extra(_)),
        condition: answer.condition(applied).map(|(expression, branch)| ConditionJson { expression, branch }),
        source_through: name(applied.source_through),
        target_through: name(applied.target_through),
    }
}

fn constraints(answer: &AccessAnswer<'_, '_>, proof: &Proof<'_>) -> Vec<ConstraintJson> {
    let Some(class) = answer.request.wanted.class else { return Vec::new() };
    let contexts = Contexts::new(&answer.request.source, &answer.request.target);
    let json = |refusal: &analysis::decide::Refusal| {
        let constraint = answer.decider.constraints(class).get(refusal.index)?;
        let because = answer.decider.leaf_reasons(constraint, &refusal.values, contexts).into_iter();
        Some(ConstraintJson {
            keyword: if avstore::compares_levels(&constraint.steps) { "mlsconstrain" } else { "constrain" },
            permissions: names(answer, refusal.permissions),
            expression: answer.decider.expression_text(constraint),
            certain: refusal.certain,
            because: because
                .map(|leaf| LeafJson { comparison: leaf.comparison, value: leaf.value, why: leaf.why })
                .collect(),
        })
    };
    proof.constraints.iter().filter_map(json).collect()
}

fn bound_json(answer: &AccessAnswer<'_, '_>, bound: &Bound<'_>) -> BoundJson {
    let name = |id| answer.store().type_name(id).to_string();
    BoundJson {
        source: name(bound.source),
        target: name(bound.target),
        permissions: names(answer, bound.permissions),
        bounds: bound.proof.bound.as_deref().map(|inner| Box::new(bound_json(answer, inner))),
    }
}
