//! `sedta`: which domain can become which, as SETools 4.4.1 follows transitions.
//! Source: the script `sedta` of SETools 4.4.1 and its `DomainTransitionAnalysis`.
//!
//! Differences on purpose: entry points are sorted by name, where 4.4.1 has them in random order; policies before version 24, on
//! which 4.4.1 crashes, are answered, and file names of any script do no harm.

mod graph;
mod options;

use std::ffi::OsString;
use std::io::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

use analysis::reach::{Stated, TransitionFacts};
use avstore::Store;
use policydb::TypeId;

use self::graph::{Edge, TransitionGraph};
use self::options::{HELP, Id, PARSER, Question, Search, USAGE, sort_out};
use super::paths::{all_shortest_paths, all_simple_paths};
use super::rule_text::RuleTexts;
use super::setools::{Failure, Program, at_most, excluded_types, open, type_named};

const PROGRAM: Program = Program { name: "sedta", usage: USAGE, help: HELP };

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
    let excluded = excluded_types(&store, &question.excluded)?;
    if matches!(question.search, Search::All(steps) if steps < 1) {
        return Err("Maximum path length must be positive.".to_owned().into());
    }
    let source = type_named(&store, &question.source)?;
    let target = match question.search {
        Search::Direct => source,
        Search::Shortest | Search::All(_) => type_named(&store, &question.target)?,
    };
    manner.tell(&format!("Building domain transition graph from {}...", opened.path));
    let facts = TransitionFacts::of(&store);
    let graph = TransitionGraph::new(&facts, &excluded, question.reverse);
    let mut printer =
        Printer { question, graph: &graph, store: &store, texts: RuleTexts::new(&store), n_found: 0 };
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
    let found = if question.search == Search::Direct { "" } else { " path" };
    writeln!(output, "\n{} domain transition{found}(s) found.", printer.n_found)?;
    if question.stats {
        let (n_nodes, n_edges) = graph.size();
        writeln!(output, "\nGraph statistics:\nGraph nodes: {n_nodes}\nGraph edges: {n_edges}")?;
    }
    Ok(())
}

/// Prints transitions as they are found.
struct Printer<'q, 'f, 's, 'p> {
    question: &'q Question,
    graph: &'q TransitionGraph<'f, 's, 'p>,
    store: &'s Store<'p>,
    texts: RuleTexts<'s, 'p>,
    n_found: i128,
}

impl<'p> Printer<'_, '_, '_, 'p> {
    /// All edges of the source.
    fn direct(&mut self, source: TypeId, output: &mut dyn Write) -> Result<(), Failure> {
        for edge in self.graph.edges_from(source) {
            self.n_found += 1;
            write!(output, "Transition {}: ", self.n_found)?;
            self.edge(edge, output)?;
            if self.is_enough() {
                break;
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &[TypeId], output: &mut dyn Write) -> Result<ControlFlow<()>, Failure> {
        self.n_found += 1;
        writeln!(output, "Domain transition path {}:", self.n_found)?;
        for (number, step) in (1..).zip(path.windows(2)) {
            let &[from, to] = step else { continue };
            if let Some(edge) = self.graph.edge(from, to) {
                write!(output, "Step {number}: ")?;
                self.edge(edge, output)?;
            }
        }
        if self.is_enough() {
            return Ok(ControlFlow::Break(()));
        }
        writeln!(output)?;
        Ok(ControlFlow::Continue(()))
    }

    /// An edge, and its rules if they are asked for.
    fn edge(&mut self, edge: &Edge, output: &mut dyn Write) -> Result<(), Failure> {
        output.write_all(&self.store.type_name(edge.source).bytes())?;
        output.write_all(b" -> ")?;
        output.write_all(&self.store.type_name(edge.target).bytes())?;
        output.write_all(b"\n")?;
        if !self.question.full {
            return Ok(());
        }
        let rules = self.graph.rules(edge);
        output.write_all(b"\n")?;
        if !rules.transition.is_empty() {
            self.rules("Domain transition rule(s):", "", &rules.transition, output)?;
            if !rules.setexec.is_empty() {
                self.rules("\nSet execution context rule(s):", "", &rules.setexec, output)?;
            }
            for entrypoint in &rules.entrypoints {
                let name = self.store.type_name(entrypoint.file).bytes();
                output.write_all(&[b"\nEntrypoint ", &name[..], b":\n"].concat())?;
                self.rules("\tDomain entrypoint rule(s):", "\t", &entrypoint.entrypoint, output)?;
                self.rules("\n\tFile execute rule(s):", "\t", &entrypoint.execute, output)?;
                if !entrypoint.type_transition.is_empty() {
                    self.rules("\n\tType transition rule(s):", "\t", &entrypoint.type_transition, output)?;
                }
                output.write_all(b"\n")?;
            }
        }
        if !rules.dyntransition.is_empty() {
            self.rules("Dynamic transition rule(s):", "", &rules.dyntransition, output)?;
            self.rules("\nSet current process context rule(s):", "", &rules.setcurrent, output)?;
            output.write_all(b"\n")?;
        }
        output.write_all(b"\n")?;
        Ok(())
    }

    fn rules(
        &mut self,
        title: &str,
        indent: &str,
        rules: &[Stated<'p>],
        output: &mut dyn Write,
    ) -> Result<(), Failure> {
        writeln!(output, "{title}")?;
        for rule in rules {
            output.write_all(indent.as_bytes())?;
            output.write_all(&self.texts.text(rule.place))?;
            output.write_all(b"\n")?;
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        self.question.limit != 0 && self.n_found >= self.question.limit
    }
}
