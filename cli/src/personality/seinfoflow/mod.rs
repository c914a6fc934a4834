//! `seinfoflow`: where information flows by the rules, as SETools 4.4.1 follows it.
//! Source: the script `seinfoflow` of SETools 4.4.1 and its `InfoFlowAnalysis`.
//!
//! What only 4.7 has is `--reverse`. Policies before version 24, on which 4.4.1 crashes, are answered, and file names of any script
//! do no harm.

mod graph;
mod map;
mod options;

use std::ffi::OsString;
use std::io::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

use analysis::reach::{Direction, Flows};
use avstore::{Booleans, Store, expression_value};
use policydb::TypeId;

use self::graph::{FlowGraph, Limits};
use self::options::{HELP, Id, PARSER, Question, Search, USAGE, sort_out};
use super::paths::{Graph, all_shortest_paths, all_simple_paths};
use super::rule_text::RuleTexts;
use super::setools::{Failure, Program, at_most, excluded_types, open, type_named};

const PROGRAM: Program = Program { name: "seinfoflow", usage: USAGE, help: HELP };

/// Runs the program.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let parsed = match PROGRAM.read(&PARSER, [Id::Help, Id::Version], arguments) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    match sort_out(parsed.options, parsed.positionals) {
        Ok(question) => PROGRAM.answer(question.manner, |output| answer(&question, output)),
        Err(message) => PROGRAM.usage_error(message),
    }
}

fn answer(question: &Question, output: &mut dyn Write) -> Result<(), Failure> {
    let manner = question.manner;
    let opened = open(question.policy.as_deref(), manner)?;
    let policy = opened.parse(manner)?;
    let store = Store::new(&policy);
    let map = map::load(question.map.as_deref(), manner)?;
    let min_weight = u8::try_from(question.min_weight).ok().filter(|weight| (1..=10).contains(weight));
    let min_weight =
        min_weight.ok_or_else(|| "Min information flow weight must be an integer 1-10.".to_owned())?;
    let excluded = excluded_types(&store, &question.excluded)?;
    if matches!(question.search, Search::All(steps) if steps < 1) {
        return Err("Maximum path length must be positive.".to_owned().into());
    }
    let source = type_named(&store, &question.source)?;
    let target = match question.search {
        Search::Direct => source,
        Search::Shortest | Search::All(_) => type_named(&store, &question.target)?,
    };
    manner.tell(&format!("Building information flow graph from {}...", opened.path));
    let flows = Flows::of(&store, &map);
    let limits = Limits { min_weight, excluded, conditions: conditions(question, &store) };
    let direction = if question.reverse { Direction::Backward } else { Direction::Forward };
    let graph = FlowGraph::new(&flows, limits, direction);
    let mut printer =
        Printer { question, graph: &graph, texts: RuleTexts::new(&store), store: &store, n_flows: 0 };
    match question.search {
        Search::Direct => printer.direct(source, output)?,
        Search::Shortest => {
            all_shortest_paths(&graph, source, target, &mut |path| printer.path(path, output))?;
        }
        Search::All(steps) => {
            let steps = at_most(steps);
            all_simple_paths(&graph, source, target, steps, &mut |path| printer.path(path, output))?;
        }
    }
    writeln!(output, "\n{} information flow(s) found.", printer.n_flows)?;
    if question.stats {
        let (n_nodes, n_edges) = graph.size();
        writeln!(output, "\nGraph statistics:\nGraph nodes: {n_nodes}\nGraph edges: {n_edges}")?;
    }
    Ok(())
}

/// The value of each conditional, if rules must be in force.
fn conditions(question: &Question, store: &Store<'_>) -> Option<Vec<bool>> {
    let policy = store.policy();
    let mut booleans = Booleans::of(policy);
    for (name, state) in question.booleans.as_ref()? {
        // Unknown names are no error.
        if let Some(id) = policy.boolean_named(name.as_bytes()) {
            booleans = booleans.with(id, *state);
        }
    }
    let value = |conditional| expression_value(conditional, &booleans).unwrap_or(false);
    Some(policy.conditionals().iter().map(value).collect())
}

/// Prints flows as they are found.
struct Printer<'q, 'f, 's, 'p> {
    question: &'q Question,
    graph: &'q FlowGraph<'f, 's, 'p>,
    store: &'s Store<'p>,
    texts: RuleTexts<'s, 'p>,
    n_flows: i128,
}

impl Printer<'_, '_, '_, '_> {
    /// All edges of the source.
    fn direct(&mut self, source: TypeId, output: &mut dyn Write) -> Result<(), Failure> {
        let all = self.graph.successor_set(source);
        for other in self.graph.successors(source, &all) {
            self.n_flows += 1;
            write!(output, "Flow {}: ", self.n_flows)?;
            self.step([source, other], output)?;
            if self.is_enough() {
                break;
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &[TypeId], output: &mut dyn Write) -> Result<ControlFlow<()>, Failure> {
        self.n_flows += 1;
        writeln!(output, "Flow {}:", self.n_flows)?;
        for (number, step) in (1..).zip(path.windows(2)) {
            if let &[from, to] = step {
                write!(output, "  Step {number}: ")?;
                self.step([from, to], output)?;
            }
        }
        if self.is_enough() {
            return Ok(ControlFlow::Break(()));
        }
        writeln!(output)?;
        Ok(ControlFlow::Continue(()))
    }

    /// An edge that was followed from one type to another, and its rules if they are asked for.
    fn step(&mut self, followed: [TypeId; 2], output: &mut dyn Write) -> Result<(), Failure> {
        let [from, to] = if self.question.reverse { [followed[1], followed[0]] } else { followed };
        let name = |id| self.store.type_name(id);
        output.write_all(&name(from).bytes())?;
        output.write_all(b" -> ")?;
        output.write_all(&name(to).bytes())?;
        output.write_all(b"\n")?;
        if !self.question.full {
            return Ok(());
        }
        let rules = self.graph.rules(from, to);
        let mut lines: Vec<Vec<u8>> = rules.into_iter().map(|rule| self.texts.text(rule.place())).collect();
        lines.sort_unstable();
        for line in lines {
            output.write_all(b"    ")?;
            output.write_all(&line)?;
            output.write_all(b"\n")?;
        }
        output.write_all(b"\n")?;
        Ok(())
    }

    fn is_enough(&self) -> bool {
        self.question.limit != 0 && self.n_flows >= self.question.limit
    }
}
