//! `who-can`, and `can SOURCE '*'`: all types that are granted some access.

use std::io::Write;

use analysis::context::PartialContext;
use analysis::decide::{Access, Decider, Grant, Operation, Request, Sought, Wanted, WhatIf};
use anyhow::bail;
use serde::Serialize;

use super::can::permission_names;
use crate::args::{Global, WhoCan};
use crate::policy_source::{self, PolicySource};
use crate::render::{Output, PolicyJson, Style};
use crate::status::Status;

/// The types, and what was asked for them.
pub(super) struct Found<'a, 'p> {
    decider: &'a Decider<'a, 'p>,
    sought: Sought,
    given: PartialContext,
    wanted: Wanted,
    grants: Vec<Grant>,
}

impl<'a, 'p> Found<'a, 'p> {
    /// Asks.
    ///
    /// # Errors
    /// The policy does not define the class, or a permission.
    pub(super) fn new(
        decider: &'a Decider<'a, 'p>,
        sought: Sought,
        given: PartialContext,
        wanted: Wanted,
        any: bool,
        command: Option<(Operation, u16)>,
    ) -> anyhow::Result<Self> {
        let Some(class) = wanted.class.filter(|_| !wanted.has_undefined()) else {
            let what = wanted.undefined.first().unwrap_or(&wanted.class_name);
            bail!("the policy does not define `{what}`, so its handle_unknown decides alike for every type");
        };
        decider.prepare();
        // Without permissions: whatever is granted.
        let any = any || wanted.all;
        let mut grants = decider.who_can(sought, &given, class, wanted.permissions, any);
        if let Some((operation, command)) = command {
            grants.retain(|grant| {
                let other = PartialContext::of_type(grant.id);
                let access = match sought {
                    Sought::Sources => Access { source: &other, target: &given, class },
                    Sought::Targets => Access { source: &given, target: &other, class },
                };
                decider.command(&access, operation, command).allowed
            });
        }
        Ok(Found { decider, sought, given, wanted, grants })
    }
}

impl Found<'_, '_> {
    /// Whether there is a type to which something is granted whatever was left open.
    fn any_granted(&self) -> bool {
        self.grants.iter().any(|grant| grant.granted != 0)
    }
}

/// Answers `who-can`.
pub(crate) fn run(global: &Global, who: &WhoCan) -> anyhow::Result<Status> {
    let what_if = who.what_if.what_if();
    policy_source::with_store(global, |source, store| {
        let decider = Decider::new(store, what_if.resolve(store)?);
        let rules = decider.context_rules();
        let permissions = permission_names(&who.permissions);
        if permissions.is_empty() {
            bail!("name at least one permission");
        }
        let request = Request::resolve(rules, store, &who.target, &who.target, &who.class, &permissions)?;
        let mut found = Found::new(&decider, Sought::Sources, request.target, request.wanted, who.any, None)?;
        if who.granted {
            let all = found.wanted.permissions;
            found.grants.retain(|grant| if who.any { grant.granted != 0 } else { grant.granted == all });
        }
        print(global, source, &found, &what_if, who.json)
    })
}

/// Prints the types that were found.
pub(super) fn print(
    global: &Global,
    source: &PolicySource,
    found: &Found<'_, '_>,
    what_if: &WhatIf,
    json: bool,
) -> anyhow::Result<Status> {
    let status = if found.any_granted() { Status::Found } else { Status::NothingFound };
    Output::answer(global.color, status, |output| {
        if json { as_json(source, found, what_if, output) } else { as_text(found, output) }
    })
}

/// The names of permissions, sorted.
fn names(found: &Found<'_, '_>, bits: u32) -> Vec<String> {
    let Some(class) = found.wanted.class else { return Vec::new() };
    let permissions = found.decider.store().permissions(class).iter().filter(|p| bits >> p.bit & 1 == 1);
    permissions.map(|permission| permission.name.to_string()).collect()
}

fn as_text(found: &Found<'_, '_>, output: &mut Output) -> std::io::Result<()> {
    let several = found.wanted.all || found.wanted.permissions.count_ones() > 1;
    let mut rows: Vec<(String, Grant)> = found
        .grants
        .iter()
        .map(|grant| (found.decider.store().type_name(grant.id).to_string(), *grant))
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, grant) in rows {
        output.text(name.as_bytes())?;
        let open = grant.possible & !grant.granted;
        let mut remarks = Vec::new();
        if several && grant.granted != 0 {
            remarks.push(names(found, grant.granted).join(","));
        }
        if open != 0 {
            let which = if several { format!(" {}", names(found, open).join(",")) } else { String::new() };
            remarks.push(format!("depends{which}"));
        }
        if grant.permissive {
            remarks.push("permissive".to_owned());
        }
        if !remarks.is_empty() {
            output.styled(Style::Remark, format!("  # {}", remarks.join("; ")).as_bytes())?;
        }
        output.text(b"\n")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    /// Which side was looked for.
    sought: &'static str,
    given: String,
    class: &'a str,
    permissions: Vec<String>,
    count: usize,
    results: Vec<GrantJson>,
}

#[derive(Serialize)]
struct GrantJson {
    r#type: String,
    result: &'static str,
    granted: Vec<String>,
    depends: Vec<String>,
    permissive: bool,
}

fn as_json(
    source: &PolicySource,
    found: &Found<'_, '_>,
    what_if: &WhatIf,
    output: &mut Output,
) -> std::io::Result<()> {
    let store = found.decider.store();
    let mut results: Vec<GrantJson> = found
        .grants
        .iter()
        .map(|grant| GrantJson {
            r#type: store.type_name(grant.id).to_string(),
            result: if grant.possible == grant.granted { "granted" } else { "depends" },
            granted: names(found, grant.granted),
            depends: names(found, grant.possible & !grant.granted),
            permissive: grant.permissive,
        })
        .collect();
    results.sort_by(|a, b| a.r#type.cmp(&b.r#type));
    let settings = what_if.booleans.iter().map(|(name, state)| (name.as_str(), *state));
    let document = Document {
        schema: "sepolq.who-can/1",
        policy: PolicyJson::of(source, store.policy(), settings),
        sought: match found.sought {
            Sought::Sources => "source",
            Sought::Targets => "target",
        },
        given: found.given.text(store.policy()),
        class: &found.wanted.class_name,
        permissions: names(found, found.wanted.permissions),
        count: results.len(),
        results,
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
