//! What a boolean adds and takes, for programs: `sepolq.boolean-effect/1`, which docs/json.md describes.

use std::io::{self, Write};

use analysis::decide::{AccessGroup, Changes, Commands};
use policydb::{ClassId, TypeId};
use serde::Serialize;

use super::super::access::operation_name;
use super::super::{Output, PolicyJson};
use super::{EffectAnswer, on_off};

const SCHEMA: &str = "sepolq.boolean-effect/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    boolean: String,
    state: &'static str,
    domain: String,
    permissive: bool,
    /// Whether anything changes.
    changes: bool,
    access: ChangesJson,
    to_domain: ChangesJson,
    auditallow: ChangesJson,
    dontaudit: ChangesJson,
    commands: Vec<CommandJson>,
    types: Vec<TypeJson>,
    rules_from: usize,
    rules_to: usize,
    /// Whether what its rules grant is granted without them, where access does not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted_already: Option<bool>,
    blocked: Vec<BlockedJson>,
    truncated: bool,
}

#[derive(Serialize)]
struct ChangesJson {
    adds: Vec<GroupJson>,
    takes: Vec<GroupJson>,
}

#[derive(Serialize)]
struct GroupJson {
    class: String,
    granted: Vec<String>,
    depends: Vec<String>,
    /// Attributes that rules name, with all or most of their types among `types`.
    attributes: Vec<AttributeJson>,
    types: Vec<String>,
}

#[derive(Serialize)]
struct AttributeJson {
    name: String,
    /// How many of its types are in `types`.
    here: usize,
    /// How many it has.
    members: usize,
}

#[derive(Serialize)]
struct CommandJson {
    class: String,
    operation: &'static str,
    off: Vec<(u16, u16)>,
    on: Vec<(u16, u16)>,
    depends: bool,
    types: Vec<String>,
}

#[derive(Serialize)]
struct TypeJson {
    kind: &'static str,
    target: String,
    class: String,
    off: String,
    on: String,
}

#[derive(Serialize)]
struct BlockedJson {
    expression: String,
    value: Option<bool>,
    rules_from: usize,
    rules_to: usize,
    ways: Vec<std::collections::BTreeMap<String, bool>>,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn effect_as_json(answer: &EffectAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document(answer))?;
    writer.write_all(b"\n")
}

pub(super) fn document<'a>(answer: &'a EffectAnswer<'_, '_>) -> impl Serialize + use<'a> {
    let effect = &answer.effect;
    let policy = answer.store.policy();
    let settings = answer.settings.iter().map(|(name, state)| (name.as_str(), *state));
    Document {
        schema: SCHEMA,
        policy: PolicyJson::of(answer.source, policy, settings),
        boolean: answer.boolean_name(effect.boolean),
        state: on_off(effect.state),
        domain: effect.domain.text(policy),
        permissive: effect.permissive,
        changes: !effect.is_empty(),
        access: changes(answer, &effect.access),
        to_domain: changes(answer, &effect.to_domain),
        auditallow: changes(answer, &effect.auditallow),
        dontaudit: changes(answer, &effect.dontaudit),
        commands: effect
            .commands
            .iter()
            .map(|change| CommandJson {
                class: answer.store.class_name(change.class).to_string(),
                operation: operation_name(change.operation),
                off: ranges(&change.off),
                on: ranges(&change.on),
                depends: change.depends,
                types: type_names(answer, &change.targets.types),
            })
            .collect(),
        types: effect
            .types
            .iter()
            .map(|change| TypeJson {
                kind: change.kind.keyword(),
                target: answer.type_name(change.target),
                class: answer.store.class_name(change.class).to_string(),
                off: answer.type_name(change.off),
                on: answer.type_name(change.on),
            })
            .collect(),
        rules_from: effect.rules_from,
        rules_to: effect.rules_to,
        granted_already: effect.unchanged.as_ref().map(|unchanged| unchanged.is_granted()),
        blocked: effect
            .blocked
            .iter()
            .map(|blocked| BlockedJson {
                expression: answer.condition(blocked.conditional),
                value: blocked.value,
                rules_from: blocked.rules_from,
                rules_to: blocked.rules_to,
                ways: blocked
                    .ways
                    .iter()
                    .map(|way| way.iter().map(|(id, state)| (answer.boolean_name(*id), *state)).collect())
                    .collect(),
            })
            .collect(),
        truncated: effect.truncated,
    }
}

fn changes(answer: &EffectAnswer<'_, '_>, changes: &Changes) -> ChangesJson {
    let groups = |groups: &[AccessGroup]| {
        let group = |group: &AccessGroup| GroupJson {
            class: answer.store.class_name(group.class).to_string(),
            granted: permission_names(answer, group.class, group.permissions.granted),
            depends: permission_names(answer, group.class, group.permissions.depends),
            attributes: group
                .others
                .attributes
                .iter()
                .map(|part| AttributeJson {
                    name: answer.type_name(part.attribute),
                    here: part.here,
                    members: part.members,
                })
                .collect(),
            types: type_names(answer, &group.others.types),
        };
        groups.iter().map(group).collect()
    };
    ChangesJson { adds: groups(&changes.adds), takes: groups(&changes.takes) }
}

fn permission_names(answer: &EffectAnswer<'_, '_>, class: ClassId, bits: u32) -> Vec<String> {
    let permissions = answer.store.permissions(class).iter().filter(|p| bits >> p.bit & 1 == 1);
    permissions.map(|permission| permission.name.to_string()).collect()
}

fn type_names(answer: &EffectAnswer<'_, '_>, types: &[TypeId]) -> Vec<String> {
    let mut names: Vec<String> = types.iter().map(|id| answer.type_name(*id)).collect();
    names.sort();
    names
}

fn ranges(commands: &Commands) -> Vec<(u16, u16)> {
    match commands {
        Commands::None => Vec::new(),
        Commands::All => vec![(0, u16::MAX)],
        Commands::Ranges(ranges) => ranges.clone(),
    }
}
