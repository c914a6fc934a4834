//! What is open, for programs: `sepolq.breakout/1`.

use std::io::{self, Write};

use analysis::breakout::{AskedAnswer, Cell, Layer, Missing, NeedAnswer, NeedVerdict, Primitive, Verdict};
use analysis::decide::Applied;
use avstore::Store;
use serde::Serialize;

use super::BreakoutAnswer;
use super::catalogue::{PrimitiveJson, primitive_json};
use crate::render::access::{condition, statement};
use crate::render::{Output, PolicyJson};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    counts: CountsJson,
    primitives: Vec<PrimitiveJson<'a>>,
    results: Vec<DomainJson<'a>>,
}

#[derive(Serialize)]
struct CountsJson {
    open: usize,
    blocked: usize,
    cannot_tell: usize,
    accepted: usize,
}

#[derive(Serialize)]
struct DomainJson<'a> {
    domain: String,
    asked_as: String,
    permissive: bool,
    cells: Vec<CellJson<'a>>,
}

#[derive(Serialize)]
struct CellJson<'a> {
    id: &'a str,
    verdict: &'static str,
    accepted: bool,
    /// The way that says so, by position and in words.
    way: usize,
    how: Option<&'a str>,
    needs: Vec<NeedJson<'a>>,
    opened_by: Vec<Vec<SettingJson>>,
}

#[derive(Serialize)]
struct NeedJson<'a> {
    verdict: &'static str,
    permissive: bool,
    source: Option<String>,
    target: Option<String>,
    objects: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Vec<&'a str>>,
    access: Vec<AccessJson<'a>>,
}

#[derive(Serialize)]
struct AccessJson<'a> {
    class: &'a str,
    permissions: &'a [String],
    rules: Vec<RuleJson>,
    off: Vec<RuleJson>,
    undefined: &'a [String],
    lacking: Vec<LackingJson<'a>>,
    constraints: Vec<ConstraintJson<'a>>,
    granted_if: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    granted_to: Option<[String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denied_to: Option<[String; 2]>,
}

#[derive(Serialize)]
struct RuleJson {
    statement: String,
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
struct LackingJson<'a> {
    permissions: &'a [String],
    layer: &'static str,
}

#[derive(Serialize)]
struct ConstraintJson<'a> {
    expression: &'a str,
    because: Vec<LeafJson<'a>>,
}

#[derive(Serialize)]
struct LeafJson<'a> {
    comparison: &'a str,
    value: Option<bool>,
    why: &'a str,
}

#[derive(Serialize)]
struct SettingJson {
    name: String,
    state: bool,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn breakout_as_json(answer: &BreakoutAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let count = |verdict, accepted| {
        answer.answers.iter().map(|domain| answer.count(domain, verdict, accepted)).sum::<usize>()
    };
    let settings = answer.settings.iter().map(|(name, state)| (name.as_str(), *state));
    let results = answer.answers.iter().map(|domain| DomainJson {
        domain: domain.domain.text(policy),
        asked_as: domain.asked_as.text(policy),
        permissive: domain.permissive,
        cells: answer
            .catalogue
            .primitives
            .iter()
            .zip(&domain.cells)
            .map(|(primitive, cell)| {
                cell_json(answer.store, primitive, cell, answer.is_accepted(primitive, domain, cell))
            })
            .collect(),
    });
    let document = Document {
        schema: "sepolq.breakout/1",
        policy: PolicyJson::of(answer.source, policy, settings),
        counts: CountsJson {
            open: count(Verdict::Open, false),
            blocked: count(Verdict::Blocked, false),
            cannot_tell: count(Verdict::CannotTell, false),
            accepted: count(Verdict::Open, true) + count(Verdict::CannotTell, true),
        },
        primitives: answer.catalogue.primitives.iter().map(primitive_json).collect(),
        results: results.collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}

fn cell_json<'a>(
    store: &Store<'_>,
    primitive: &'a Primitive,
    cell: &'a Cell<'_>,
    accepted: bool,
) -> CellJson<'a> {
    let needs = cell.telling().map(|way| way.needs.as_slice()).unwrap_or_default();
    let setting = |(id, state): &(policydb::BoolId, bool)| SettingJson {
        name: store.policy().boolean(*id).map(|(name, _)| name.to_string()).unwrap_or_default(),
        state: *state,
    };
    CellJson {
        id: &primitive.id,
        verdict: cell.verdict.id(),
        accepted,
        way: cell.way,
        how: primitive.ways.get(cell.way).and_then(|way| way.how.as_deref()),
        needs: needs.iter().map(|need| need_json(store, need)).collect(),
        opened_by: cell.booleans.iter().map(|settings| settings.iter().map(setting).collect()).collect(),
    }
}

fn need_json<'a>(store: &Store<'_>, need: &'a NeedAnswer<'_>) -> NeedJson<'a> {
    let policy = store.policy();
    let (verdict, missing) = match &need.verdict {
        NeedVerdict::Granted => ("granted", None),
        NeedVerdict::Denied => ("denied", None),
        NeedVerdict::Depends => ("depends", None),
        NeedVerdict::Missing(missing) => ("missing", Some(missing)),
    };
    let missing = missing.map(|missing| match missing {
        Missing::Objects(names) | Missing::Subjects(names) => names.iter().map(String::as_str).collect(),
        Missing::Rejected(name) => vec![name.as_str()],
    });
    NeedJson {
        verdict,
        permissive: need.permissive,
        source: need.source.as_ref().map(|source| source.text(policy)),
        target: need.target.as_ref().map(|target| target.text(policy)),
        objects: need.n_objects,
        missing,
        access: need.asked.iter().map(|asked| access_json(store, asked)).collect(),
    }
}

fn access_json<'a>(store: &Store<'_>, asked: &'a AskedAnswer<'_>) -> AccessJson<'a> {
    let policy = store.policy();
    let pair = |pair: &(analysis::context::SecurityContext, analysis::context::SecurityContext)| {
        [pair.0.text(policy), pair.1.text(policy)]
    };
    AccessJson {
        class: &asked.class,
        permissions: &asked.permissions,
        rules: asked.rules.iter().map(|rule| rule_json(store, rule)).collect(),
        off: asked.off.iter().map(|rule| rule_json(store, rule)).collect(),
        undefined: &asked.undefined,
        lacking: asked
            .lacking
            .iter()
            .map(|lacking| LackingJson { permissions: &lacking.permissions, layer: Layer::id(lacking.layer) })
            .collect(),
        constraints: asked
            .constraints
            .iter()
            .map(|constraint| ConstraintJson {
                expression: &constraint.expression,
                because: constraint
                    .reasons
                    .iter()
                    .map(|leaf| LeafJson { comparison: &leaf.comparison, value: leaf.value, why: &leaf.why })
                    .collect(),
            })
            .collect(),
        granted_if: &asked.granted_if,
        granted_to: asked.witnesses.granted.as_ref().map(pair),
        denied_to: asked.witnesses.denied.as_ref().map(pair),
    }
}

fn rule_json(store: &Store<'_>, applied: &Applied<'_>) -> RuleJson {
    let name = |id: Option<policydb::TypeId>| id.map(|id| store.type_name(id).to_string());
    RuleJson {
        statement: statement(store, applied, None),
        condition: condition(store, applied).map(|(expression, branch)| ConditionJson { expression, branch }),
        source_through: name(applied.source_through),
        target_through: name(applied.target_through),
    }
}
