//! The options of seinfoflow, and a command line sorted out.

use crate::personality::argparse::{Opt, Parser, Positionals, Value};
use crate::personality::python_int::integer;
use crate::personality::setools::Manner;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Help,
    Full,
    Version,
    Stats,
    Verbose,
    Debug,
    Policy,
    Map,
    Source,
    Target,
    ShortestPath,
    AllPaths,
    Reverse,
    MinWeight,
    LimitFlows,
    Booleans,
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
        flag(Id::Full, &["--full"]),
        flag(Id::Version, &["--version"]),
        flag(Id::Stats, &["--stats"]),
        flag(Id::Verbose, &["-v", "--verbose"]),
        flag(Id::Debug, &["--debug"]),
        value(Id::Policy, &["-p", "--policy"]),
        value(Id::Map, &["-m", "--map"]),
        value(Id::Source, &["-s", "--source"]),
        value(Id::Target, &["-t", "--target"]),
        flag(Id::ShortestPath, &["-S", "--shortest_path"]),
        number(Id::AllPaths, &["-A", "--all_paths"]),
        number(Id::MinWeight, &["-w", "--min_weight"]),
        number(Id::LimitFlows, &["-l", "--limit_flows"]),
        value(Id::Booleans, &["-b", "--booleans"]),
    ],
    // SETools 4.7 follows flows backwards, too.
    newer: &[flag(Id::Reverse, &["-r", "--reverse"])],
    must: Some(Id::Source),
    positionals: Positionals::Neighbours,
};

pub(super) const USAGE: &str = "\
usage: seinfoflow -s SOURCE [-t TARGET (-S | -A MAX_STEPS)] [OPTIONS] [EXCLUDED_TYPE ...]
";

pub(super) const HELP: &str = "
Follow information through the rules of an SELinux policy (sepolq, in place of SETools' seinfoflow).
Without -S or -A, all flows out of the source by one rule are printed.

  -p, --policy FILE       the policy; without it, the running one
  -m, --map FILE          the permission map; without it, the one that SETools installed, or else sepolq's own
  -s, --source TYPE       where information comes from
  -t, --target TYPE       where it goes

How:
  -S, --shortest_path     all shortest paths
  -A, --all_paths N       all paths of at most N steps

Which:
  -w, --min_weight N      flows of at least this weight, 1 to 10 (3)
  -l, --limit_flows N     the first N only
  -b, --booleans LIST     rules in force under `name:true,name:false`, others as they are; or `default`;
                          without it, all rules
  -r, --reverse           backwards: into the source (as in SETools 4.7)
  EXCLUDED_TYPE           types that no flow passes

Other:
  --full                  the rules behind each step
  --stats                 the size of the graph
  -h, --help   -v, --verbose   --debug   --version
";

/// How flows are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    Direct,
    Shortest,
    /// All paths of at most so many steps.
    All(i128),
}

/// The arguments, sorted out. Of repeated values the last counts.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) manner: Manner,
    pub(super) policy: Option<String>,
    pub(super) map: Option<String>,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) search: Search,
    pub(super) reverse: bool,
    pub(super) full: bool,
    pub(super) stats: bool,
    pub(super) min_weight: i128,
    /// At most so many flows; 0 for all.
    pub(super) limit: i128,
    /// Booleans that have a value other than their default; `None` for rules of both branches.
    pub(super) booleans: Option<Vec<(String, bool)>>,
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
    let given = |wanted: Id| last(wanted).filter(|value| !value.is_empty());
    let number = |wanted: Id| last(wanted).and_then(|value| integer(&value));
    let search = match number(Id::AllPaths) {
        _ if has(Id::ShortestPath) => Search::Shortest,
        Some(steps) if steps != 0 => Search::All(steps),
        _ => Search::Direct,
    };
    let target = last(Id::Target).unwrap_or_default();
    match (search, target.is_empty()) {
        (Search::Direct, false) => return Err("A target type is not used for flows in/out of a type."),
        (Search::Shortest | Search::All(_), true) => {
            return Err("The target type must be specified to determine a path.");
        }
        _ => {}
    }
    let limit = number(Id::LimitFlows).unwrap_or(0);
    if limit < 0 {
        return Err("Limit on information flows cannot be negative.");
    }
    let booleans = match last(Id::Booleans) {
        None => None,
        Some(text) if text == "default" => Some(Vec::new()),
        Some(text) => Some(text.split(',').map(boolean).collect::<Result<_, _>>()?),
    };
    Ok(Question {
        manner: Manner { verbose: has(Id::Verbose), debug: has(Id::Debug) },
        policy: given(Id::Policy),
        map: given(Id::Map),
        source: last(Id::Source).unwrap_or_default(),
        target,
        search,
        reverse: has(Id::Reverse),
        full: has(Id::Full),
        stats: has(Id::Stats),
        min_weight: number(Id::MinWeight).unwrap_or(3),
        limit,
        booleans,
        excluded,
    })
}

fn boolean(text: &str) -> Result<(String, bool), &'static str> {
    let mut parts = text.split(':');
    let (Some(name), Some(value), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err("Expected boolean format foo:true,bar:false");
    };
    match value.to_lowercase().as_str() {
        "true" => Ok((name.to_owned(), true)),
        "false" => Ok((name.to_owned(), false)),
        _ => Err("Conditional value must be true or false."),
    }
}
