//! All pairs: a summary for people, and the chosen ones as CSV, as a graph for Graphviz, or as JSON (`sepolq.matrix/1`).

use std::io::{self, Write};

use analysis::reach::{Kind, Matrix};
use avstore::{Store, shown_name};
use policydb::TypeId;
use serde::Serialize;

use crate::policy_source::PolicySource;
use crate::render::layout::paragraph;
use crate::render::{Output, PolicyJson, Style};

/// What `reach --matrix` answers.
pub(crate) struct MatrixAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) kinds: &'a [&'static Kind],
    /// The types that are printed.
    pub(crate) chosen: &'a [TypeId],
    pub(crate) matrix: Matrix,
}

impl MatrixAnswer<'_, '_> {
    fn name(&self, id: TypeId) -> String {
        shown_name(&self.store.type_name(id).bytes())
    }

    /// What a group is called: its type with the most neighbours, on both sides, and how many others there are.
    fn group_name(&self, group: &[TypeId]) -> String {
        let n_neighbours = |id: &TypeId| {
            let at = self.matrix.types.binary_search(id).ok();
            at.and_then(|at| self.matrix.neighbours.get(at)).map_or(0, |row| row.len())
        };
        let most = group.iter().max_by_key(|id| (n_neighbours(id), std::cmp::Reverse(id.value())));
        most.map_or_else(String::new, |id| match group.len() - 1 {
            1 => format!("{} and 1 other", self.name(*id)),
            others => format!("{} and {others} others", self.name(*id)),
        })
    }

    /// The group that a type is in, by its position.
    fn group_of(&self, id: TypeId) -> Option<usize> {
        self.matrix.groups.iter().position(|group| group.contains(&id))
    }
}

/// Prints how many pairs there are, by steps, and the groups.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn matrix_as_text(answer: &MatrixAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let matrix = &answer.matrix;
    let n = matrix.types.len();
    let pairs = n.saturating_mul(n.saturating_sub(1));
    let all: usize = matrix.by_steps.iter().sum();
    let kinds: Vec<&str> = answer.kinds.iter().map(|kind| kind.id).collect();
    let per_mille = all.saturating_mul(1000).checked_div(pairs).unwrap_or_default();
    output.text(
        format!(
            "{n} types; {all} of {pairs} pairs reach each other ({}.{} %), by {}\n",
            per_mille / 10,
            per_mille % 10,
            kinds.join(", ")
        )
        .as_bytes(),
    )?;
    for (at, count) in matrix.by_steps.iter().enumerate() {
        let steps = if at == 0 { "step " } else { "steps" };
        output.text(format!("  in {:>2} {steps} {count:>10}\n", at + 1).as_bytes())?;
    }
    output.styled(Style::Keyword, b"groups of types that all reach each other\n")?;
    const SHOWN: usize = 10;
    for group in matrix.groups.iter().take(SHOWN) {
        output.text(format!("  {:>6}  {}\n", group.len(), answer.group_name(group)).as_bytes())?;
    }
    match matrix.groups.len() {
        0 => output.text(b"  none\n")?,
        n if n > SHOWN => output.text(format!("  and {} more (--json)\n", n - SHOWN).as_bytes())?,
        _ => {}
    }
    paragraph(
        "Name types or @attributes after --matrix to see how far each is from each.",
        0,
        Some(Style::Remark),
        output,
    )
}

/// A row and a column for each type: steps from the row's type to the column's, 0 to itself, nothing where it does not reach it.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn matrix_as_csv(answer: &MatrixAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let names: Vec<String> = answer.chosen.iter().map(|id| csv_field(&answer.name(*id))).collect();
    output.text(format!("from,{}\n", names.join(",")).as_bytes())?;
    for (name, steps) in names.iter().zip(&answer.matrix.chosen) {
        let cells: Vec<String> =
            steps.iter().map(|steps| steps.map_or_else(String::new, |steps| steps.to_string())).collect();
        output.text(format!("{name},{}\n", cells.join(",")).as_bytes())?;
    }
    Ok(())
}

/// A field of CSV: quoted where it must be (RFC 4180).
fn csv_field(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

/// The chosen types as a graph: an edge for each single step, a cluster for each group.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn matrix_as_dot(answer: &MatrixAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    output.text(b"digraph reach {\n")?;
    let mut groups: Vec<(Option<usize>, Vec<TypeId>)> = Vec::new();
    for id in answer.chosen {
        let group = answer.group_of(*id);
        match groups.iter_mut().find(|(other, _)| *other == group) {
            Some((_, members)) => members.push(*id),
            None => groups.push((group, vec![*id])),
        }
    }
    for (at, (group, members)) in groups.iter().enumerate() {
        let whole = group.and_then(|group| answer.matrix.groups.get(group));
        let indent = if whole.is_some() { "    " } else { "  " };
        if let Some(whole) = whole {
            let label = quoted(&answer.group_name(whole));
            output.text(format!("  subgraph cluster_{at} {{\n    label={label};\n").as_bytes())?;
        }
        for id in members {
            output.text(format!("{indent}{};\n", quoted(&answer.name(*id))).as_bytes())?;
        }
        if whole.is_some() {
            output.text(b"  }\n")?;
        }
    }
    for (from, steps) in answer.chosen.iter().zip(&answer.matrix.chosen) {
        for (to, _) in answer.chosen.iter().zip(steps).filter(|(_, steps)| **steps == Some(1)) {
            let (from, to) = (quoted(&answer.name(*from)), quoted(&answer.name(*to)));
            output.text(format!("  {from} -> {to};\n").as_bytes())?;
        }
    }
    output.text(b"}\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    kinds: Vec<&'static str>,
    n_types: usize,
    /// Ordered pairs of different types of which the first reaches the second, by the steps it takes, from 1 on.
    pairs_by_steps: &'a [usize],
    groups: Vec<GroupJson>,
    types: Vec<String>,
    /// From the type of the row to that of the column; 0 to itself, null if it does not reach it.
    steps: &'a [Vec<Option<u16>>],
}

#[derive(Serialize)]
struct GroupJson {
    name: String,
    size: usize,
    types: Vec<String>,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn matrix_as_json(answer: &MatrixAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let names = |ids: &[TypeId]| ids.iter().map(|id| answer.name(*id)).collect::<Vec<String>>();
    let settings = answer.settings.iter().map(|(name, state)| (name.as_str(), *state));
    let group = |group: &Vec<TypeId>| GroupJson {
        name: answer.group_name(group),
        size: group.len(),
        types: names(group),
    };
    let document = Document {
        schema: "sepolq.matrix/1",
        policy: PolicyJson::of(answer.source, policy, settings),
        kinds: answer.kinds.iter().map(|kind| kind.id).collect(),
        n_types: answer.matrix.types.len(),
        pairs_by_steps: &answer.matrix.by_steps,
        groups: answer.matrix.groups.iter().map(group).collect(),
        types: names(answer.chosen),
        steps: &answer.matrix.chosen,
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
