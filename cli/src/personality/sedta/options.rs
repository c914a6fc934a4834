//! The options of sedta, and a command line sorted out.

use crate::personality::argparse::{Opt, Parser, Positionals, Value};
use crate::personality::python_int::integer;
use crate::personality::setools::Manner;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Help,
    Version,
    Policy,
    Source,
    Target,
    Full,
    Stats,
    Verbose,
    Debug,
    ShortestPath,
    AllPaths,
    Reverse,
    LimitTransitions,
}

const fn flag(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::None }
}

const fn value(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::Required }
}

const fn number(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::Integer }
}

/// In the order of SETools: messages list names in it.
pub(super) const PARSER: Parser<Id> = Parser {
    options: &[
        flag(Id::Help, &["-h", "--help"]),
        flag(Id::Version, &["--version"]),
        value(Id::Policy, &["-p", "--policy"]),
        value(Id::Source, &["-s", "--source"]),
        value(Id::Target, &["-t", "--target"]),
        flag(Id::Full, &["--full"]),
        flag(Id::Stats, &["--stats"]),
        flag(Id::Verbose, &["-v", "--verbose"]),
        flag(Id::Debug, &["--debug"]),
        flag(Id::ShortestPath, &["-S", "--shortest_path"]),
        number(Id::AllPaths, &["-A", "--all_paths"]),
        flag(Id::Reverse, &["-r", "--reverse"]),
        number(Id::LimitTransitions, &["-l", "--limit_trans"]),
    ],
    newer: &[],
    must: Some(Id::Source),
    positionals: Positionals::Neighbours,
};

pub(super) const USAGE: &str = "\
usage: sedta -s SOURCE [-t TARGET (-S | -A MAX_STEPS)] [OPTIONS] [EXCLUDED_TYPE ...]
";

pub(super) const HELP: &str = "
Follow the transitions between the domains of an SELinux policy (sepolq, in place of SETools' sedta).
Without -S or -A, all transitions out of the source are printed.

  -p, --policy FILE       the policy; without it, the running one
  -s, --source TYPE       the domain to begin with
  -t, --target TYPE       the domain to end with

How:
  -S, --shortest_path     all shortest paths
  -A, --all_paths N       all paths of at most N transitions

Which:
  -r, --reverse           backwards: into the source
  -l, --limit_trans N     the first N only
  EXCLUDED_TYPE           domains and entry points that no transition uses

Other:
  --full                  the rules behind each transition
  --stats                 the size of the graph
  -h, --help   -v, --verbose   --debug   --version
";

/// How transitions are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    Direct,
    Shortest,
    /// All paths of at most so many transitions.
    All(i128),
}

/// The arguments, sorted out. Of repeated values the last counts.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) manner: Manner,
    pub(super) policy: Option<String>,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) search: Search,
    pub(super) reverse: bool,
    pub(super) full: bool,
    pub(super) stats: bool,
    /// At most so many; 0 for all. A number below 0 is one.
    pub(super) limit: i128,
    pub(super) excluded: Vec<String>,
}

/// Sorts out the options that were given.
///
/// # Errors
/// What makes no sense together.
pub(super) fn sort_out(
    options: Vec<(Id, Option<String>)>,
    excluded: Vec<String>,
) -> Result<Question, &'static str> {
    let has = |flag: Id| options.iter().any(|(id, _)| *id == flag);
    let last = |wanted: Id| options.iter().rfind(|(id, _)| *id == wanted)?.1.clone();
    let number = |wanted: Id| last(wanted).and_then(|value| integer(&value));
    let search = match number(Id::AllPaths) {
        _ if has(Id::ShortestPath) => Search::Shortest,
        Some(steps) if steps != 0 => Search::All(steps),
        _ => Search::Direct,
    };
    let target = last(Id::Target).unwrap_or_default();
    match (search, target.is_empty()) {
        (Search::Direct, false) => return Err("An algorithm must be specified to determine a path."),
        (Search::Shortest | Search::All(_), true) => {
            return Err("The target type must be specified to determine a path.");
        }
        _ => {}
    }
    Ok(Question {
        manner: Manner { verbose: has(Id::Verbose), debug: has(Id::Debug) },
        policy: last(Id::Policy).filter(|path| !path.is_empty()),
        source: last(Id::Source).unwrap_or_default(),
        target,
        search,
        reverse: has(Id::Reverse),
        full: has(Id::Full),
        stats: has(Id::Stats),
        limit: number(Id::LimitTransitions).unwrap_or(0),
        excluded,
    })
}
