//! `sesearch`: rules as SETools 4.4.1 searches and prints them.
//! Source: `sesearch`, `terulequery.py` and `terule.pxi` of SETools 4.4.1.
//!
//! Errors while searching go to standard output with status 1, usage errors to standard error with
//! status 2; nothing found is status 0.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use analysis::query::{
    ClassSet, Criteria, KindSet, PermissionCriterion, SetMatch, XpermCriterion, find, most_rules,
};
use avstore::{FileNames, StatementWriter, Store, TypeSet, boolean_ids};
use policydb::{BoolId, ClassId, Policy, PolicyBytes, RuleKind, TypeId};

use super::argparse::{Opt, Parser};
use super::conditional_text::conditional_text;
use super::python_int::{HexNumber, repr};
use super::python_regex::PythonRegex;
use crate::policy_source;
use crate::render::Lines;

/// The version that the drop-in answers with.
const VERSION: &str = "4.4.1";
/// The newest kernel policy that SETools' libsepol reads; it stands in a message.
const NEWEST_POLICY: u32 = 33;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Id {
    Help,
    Version,
    Verbose,
    Debug,
    AllowAndXperm,
    Kind(RuleKind),
    /// A kind that binary policies do not hold.
    Neverallow,
    Source,
    Target,
    Class,
    Perms,
    Xperms,
    Default,
    Bool,
    BoolEqual,
    PermsEqual,
    XpermsEqual,
    PermsSubset,
    SourceDirect,
    TargetDirect,
    SourceRegex,
    TargetRegex,
    ClassRegex,
    DefaultRegex,
    BoolRegex,
}

const fn flag(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, takes_value: false }
}

const fn value(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, takes_value: true }
}

/// In the order of SETools: messages list names in it.
const PARSER: Parser<Id> = Parser {
    options: &[
        flag(Id::Help, &["-h", "--help"]),
        flag(Id::Version, &["--version"]),
        flag(Id::Verbose, &["-v", "--verbose"]),
        flag(Id::Debug, &["--debug"]),
        flag(Id::AllowAndXperm, &["-A"]),
        flag(Id::Kind(RuleKind::Allow), &["--allow"]),
        flag(Id::Kind(RuleKind::AllowXperm), &["--allowxperm"]),
        flag(Id::Kind(RuleKind::AuditAllow), &["--auditallow"]),
        flag(Id::Kind(RuleKind::AuditAllowXperm), &["--auditallowxperm"]),
        flag(Id::Kind(RuleKind::DontAudit), &["--dontaudit"]),
        flag(Id::Kind(RuleKind::DontAuditXperm), &["--dontauditxperm"]),
        flag(Id::Neverallow, &["--neverallow"]),
        flag(Id::Neverallow, &["--neverallowxperm"]),
        flag(Id::Kind(RuleKind::TypeTransition), &["-T", "--type_trans"]),
        flag(Id::Kind(RuleKind::TypeChange), &["--type_change"]),
        flag(Id::Kind(RuleKind::TypeMember), &["--type_member"]),
        value(Id::Source, &["-s", "--source"]),
        value(Id::Target, &["-t", "--target"]),
        value(Id::Class, &["-c", "--class"]),
        value(Id::Perms, &["-p", "--perms"]),
        value(Id::Xperms, &["-x", "--xperms"]),
        value(Id::Default, &["-D", "--default"]),
        value(Id::Bool, &["-b", "--bool"]),
        flag(Id::BoolEqual, &["-eb"]),
        flag(Id::PermsEqual, &["-ep"]),
        flag(Id::XpermsEqual, &["-ex"]),
        flag(Id::PermsSubset, &["-Sp"]),
        flag(Id::SourceDirect, &["-ds"]),
        flag(Id::TargetDirect, &["-dt"]),
        flag(Id::SourceRegex, &["-rs"]),
        flag(Id::TargetRegex, &["-rt"]),
        flag(Id::ClassRegex, &["-rc"]),
        flag(Id::DefaultRegex, &["-rd"]),
        flag(Id::BoolRegex, &["-rb"]),
    ],
    newer: &[flag(Id::Kind(RuleKind::TypeTransition), &["--type_transition"])],
};

const USAGE: &str = "\
usage: sesearch [OPTIONS] [POLICY]
";

const HELP: &str = "
Search the rules of an SELinux policy (sepolq, in place of SETools' sesearch).

Rule types:
  -A                      allow and allowxperm
  --allow, --auditallow, --dontaudit
  --allowxperm, --auditallowxperm, --dontauditxperm
  -T, --type_trans        type_transition (also --type_transition)
  --type_change, --type_member
  --neverallow, --neverallowxperm   never in a binary policy: finds nothing

Criteria:
  -s, --source NAME       source type or attribute
  -t, --target NAME       target type or attribute
  -c, --class LIST        object classes, separated by commas
  -p, --perms LIST        permissions, separated by commas
  -x, --xperms LIST       extended permissions, hexadecimal, with ranges
  -D, --default NAME      default type of type rules
  -b, --bool LIST         booleans in the rule's condition
  -ds, -dt                source, target as written, without attribute expansion
  -ep, -ex, -eb           exactly these permissions, extended permissions, booleans
  -Sp                     all of these permissions
  -rs, -rt, -rc, -rd, -rb regular expressions for source, target, class, default, boolean

Other:
  -h, --help   -v, --verbose   --debug   --version

`sepolq allow --help` describes the native commands.
";

/// The arguments, sorted out. Of repeated values the last counts; empty ones count as not given.
#[derive(Default)]
struct Question {
    kinds: Vec<RuleKind>,
    any_kind: bool,
    source: Option<String>,
    target: Option<String>,
    class: Option<String>,
    perms: Option<String>,
    xperms: Option<String>,
    default: Option<String>,
    boolean: Option<String>,
    flags: Vec<Id>,
}

impl Question {
    fn has(&self, flag: Id) -> bool {
        self.flags.contains(&flag)
    }
}

/// Runs the program.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let arguments: Vec<String> = arguments.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let parsed = match PARSER.parse(&arguments, |id| matches!(id, Id::Help | Id::Version)) {
        Ok(parsed) => parsed,
        Err(message) => return usage_error(&message),
    };
    match parsed.options.last() {
        Some((Id::Help, _)) => return print(&[USAGE, HELP].concat()),
        Some((Id::Version, _)) => return print(&format!("{VERSION}\n")),
        _ => {}
    }
    if !parsed.unrecognized.is_empty() {
        return usage_error(&format!("unrecognized arguments: {}", parsed.unrecognized.join(" ")));
    }
    let question = sort_out(parsed.options);
    if !question.any_kind {
        return usage_error("At least one rule type must be specified.");
    }
    let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let status = match answer(&question, parsed.positional.as_deref(), &mut output) {
        Ok(()) => Ok(0),
        Err(Failure::Message(message)) => writeln!(output, "{message}").map(|()| 1),
        Err(Failure::Output(error)) => Err(error),
    };
    match status.and_then(|status| output.flush().map(|()| status)) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // COMPAT(setools): a closed pipe kills the program by its signal.
            let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGPIPE);
            ExitCode::from(1)
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "sesearch: {error}");
            ExitCode::from(1)
        }
    }
}

fn print(text: &str) -> ExitCode {
    ExitCode::from(u8::from(io::stdout().write_all(text.as_bytes()).is_err()))
}

fn usage_error(message: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{USAGE}sesearch: error: {message}");
    ExitCode::from(2)
}

fn sort_out(options: Vec<(Id, Option<String>)>) -> Question {
    let mut question = Question::default();
    for (id, value) in options {
        let value = value.filter(|value| !value.is_empty());
        match id {
            Id::AllowAndXperm => question.kinds.extend([RuleKind::Allow, RuleKind::AllowXperm]),
            Id::Kind(kind) => question.kinds.push(kind),
            Id::Neverallow => {}
            Id::Source => question.source = value,
            Id::Target => question.target = value,
            Id::Class => question.class = value,
            Id::Perms => question.perms = value,
            Id::Xperms => question.xperms = value,
            Id::Default => question.default = value,
            Id::Bool => question.boolean = value,
            flag => question.flags.push(flag),
        }
        question.any_kind |= matches!(id, Id::AllowAndXperm | Id::Kind(_) | Id::Neverallow);
    }
    question
}

/// Why there is no answer.
enum Failure {
    /// What SETools prints.
    Message(String),
    /// The output cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Message(message)
    }
}

fn answer(question: &Question, policy: Option<&str>, output: &mut impl Write) -> Result<(), Failure> {
    let (path, bytes) = open(policy)?;
    let policy = Policy::parse(&bytes).map_err(|_| not_a_policy(&path))?;
    let store = Store::new(&policy);
    let criteria = resolve(question, &store)?;
    let mut conditions = crate::render::ConditionTexts::new(&store, conditional_text);
    let mut statements = StatementWriter::new(&store, FileNames::Bare);
    let rules = find(&store, &criteria, most_rules(bytes.len())).map_err(|error| error.to_string())?;
    let lines = Lines::sorted(&store, rules, |rule, out| {
        statements.write(rule, out);
        // COMPAT(setools): rules on extended permissions are printed without their condition.
        if !rule.kind().has_xperms() {
            conditions.write_suffix(rule, out);
        }
    });
    for (_, line) in lines.iter() {
        output.write_all(line)?;
        output.write_all(b"\n")?;
    }
    Ok(())
}

fn open(policy: Option<&str>) -> Result<(String, PolicyBytes), String> {
    let Some(path) = policy.filter(|path| !path.is_empty()) else {
        return policy_source::system_policies()
            .find_map(|path| Some((path.display().to_string(), PolicyBytes::open(&path).ok()?)))
            .ok_or_else(|| "Unable to locate an SELinux policy to load.".to_owned());
    };
    match PolicyBytes::open(Path::new(path)) {
        Ok(bytes) => Ok((path.to_owned(), bytes)),
        Err(error) => Err(match error.io().map(|error| (error.kind(), error.raw_os_error())) {
            Some((io::ErrorKind::NotFound, _)) => {
                format!("[Errno 2] No such file or directory: {}", repr(path))
            }
            Some((io::ErrorKind::PermissionDenied, _)) => {
                format!("[Errno 13] Permission denied: {}", repr(path))
            }
            _ => not_a_policy(path),
        }),
    }
}

fn not_a_policy(path: &str) -> String {
    format!(
        "Invalid policy: {path}. A binary policy must be specified. (use e.g. policy.{NEWEST_POLICY} or sepolicy) \
         Source policies are not supported."
    )
}

/// Resolves the criteria in the order in which SETools does: the first that fails is the one reported.
fn resolve(question: &Question, store: &Store<'_>) -> Result<Criteria, String> {
    let mut criteria = Criteria { kinds: KindSet::of(question.kinds.iter().copied()), ..Criteria::default() };
    let side = |name: &Option<String>, regex, direct| {
        rule_side(store, name.as_deref(), question.has(regex), question.has(direct))
    };
    criteria.target = side(&question.target, Id::TargetRegex, Id::TargetDirect)?;
    criteria.source = side(&question.source, Id::SourceRegex, Id::SourceDirect)?;
    // A default is a type: as written or expanded is the same, but an attribute stands for its members.
    criteria.default = default_types(store, question.default.as_deref(), question.has(Id::DefaultRegex))?;
    criteria.classes = classes(store, question)?;
    criteria.permissions = permissions(store, question, criteria.classes.as_ref())?;
    criteria.xperms = xperms(question)?;
    criteria.conditionals = conditionals(store, question)?;
    Ok(criteria)
}

/// The symbols that may stand on a rule's side, or `None` for any.
fn rule_side(
    store: &Store<'_>,
    name: Option<&str>,
    regex: bool,
    direct: bool,
) -> Result<Option<TypeSet>, String> {
    let Some(name) = name else { return Ok(None) };
    if regex {
        let matching = matching_names(store, &PythonRegex::compile(name)?);
        // COMPAT(setools): without -ds or -dt the names of attributes do not count, only their members'.
        return Ok(Some(if direct { matching } else { store.symbols_for(&types_only(store, &matching)) }));
    }
    let id = type_or_attribute(store, name)?;
    let members = store.members(id);
    // COMPAT(setools): an attribute without types is a criterion that matches everything.
    if members.is_empty() {
        return Ok(None);
    }
    Ok(Some(if direct { TypeSet::of(store.policy().n_types(), id) } else { store.symbols_for(&members) }))
}

fn default_types(store: &Store<'_>, name: Option<&str>, regex: bool) -> Result<Option<TypeSet>, String> {
    let Some(name) = name else { return Ok(None) };
    if regex {
        return Ok(Some(types_only(store, &matching_names(store, &PythonRegex::compile(name)?))));
    }
    let members = store.members(type_or_attribute(store, name)?);
    Ok((!members.is_empty()).then_some(members))
}

/// Types and attributes in whose name an expression matches; aliases do not count.
fn matching_names(store: &Store<'_>, regex: &PythonRegex) -> TypeSet {
    let mut set = store.empty_set();
    let matching =
        store.type_ids().filter(|id| regex.is_match(&String::from_utf8_lossy(&store.type_name(*id).bytes())));
    matching.for_each(|id| set.insert(id));
    set
}

fn types_only(store: &Store<'_>, set: &TypeSet) -> TypeSet {
    let mut types = store.empty_set();
    set.iter().filter(|id| !store.is_attribute(*id)).for_each(|id| types.insert(id));
    types
}

fn type_or_attribute(store: &Store<'_>, name: &str) -> Result<TypeId, String> {
    store.policy().type_named(name.as_bytes()).ok_or_else(|| format!("{name} is not a valid type attribute"))
}

fn classes(store: &Store<'_>, question: &Question) -> Result<Option<ClassSet>, String> {
    let Some(text) = &question.class else { return Ok(None) };
    let n_classes = store.policy().n_classes();
    if question.has(Id::ClassRegex) {
        let regex = PythonRegex::compile(text)?;
        let matching = store.class_ids().filter(|id| regex.is_match(&store.class_name(*id).to_string()));
        return Ok(Some(ClassSet::of(n_classes, matching)));
    }
    let named = |name: &str| {
        store.policy().class_named(name.as_bytes()).ok_or_else(|| format!("{name} is not a valid class"))
    };
    let ids: Vec<ClassId> = text.split(',').map(named).collect::<Result<_, _>>()?;
    Ok(Some(ClassSet::of(n_classes, ids)))
}

fn permissions(
    store: &Store<'_>,
    question: &Question,
    classes: Option<&ClassSet>,
) -> Result<Option<PermissionCriterion>, String> {
    let Some(text) = &question.perms else { return Ok(None) };
    let mut names: Vec<&str> = text.split(',').collect();
    names.sort_unstable();
    names.dedup();
    let classes = classes.filter(|_| !question.has(Id::ClassRegex));
    let bit_of = |id: ClassId, name: &str| {
        store.permissions(id).iter().find(|p| p.name.as_bytes() == name.as_bytes()).map(|p| 1u32 << p.bit)
    };
    let in_scope = |id: &ClassId| classes.is_none_or(|classes| classes.contains(*id));
    let unknown: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !store.class_ids().filter(in_scope).any(|id| bit_of(id, name).is_some()))
        .collect();
    if !unknown.is_empty() {
        // SETools lists them in an order that changes from run to run; here they are sorted.
        let scope = if classes.is_some() { "in the specified classes" } else { "any class" };
        return Err(format!("Permission(s) do not exist {scope}: {}", unknown.join(", ")));
    }
    let matching = match (question.has(Id::PermsSubset), question.has(Id::PermsEqual)) {
        (true, _) => SetMatch::All,
        (_, true) => SetMatch::Equal,
        _ => SetMatch::Any,
    };
    // COMPAT(setools): on extended permissions -Sp is ignored, and -ep only counts the list.
    let xperms_match = !(question.has(Id::PermsEqual) && names.len() > 1);
    let by_class = store
        .class_ids()
        .map(|id| {
            let bits = names.iter().filter_map(|name| bit_of(id, name)).fold(0, |bits, bit| bits | bit);
            (bits, names.iter().all(|name| bit_of(id, name).is_some()))
        })
        .collect();
    Ok(Some(PermissionCriterion {
        by_class,
        matching,
        ioctl: xperms_match && names.contains(&"ioctl"),
        nlmsg: xperms_match && names.contains(&"nlmsg"),
    }))
}

fn xperms(question: &Question) -> Result<Option<XpermCriterion>, String> {
    let Some(text) = &question.xperms else { return Ok(None) };
    let number = |text: &str| {
        HexNumber::parse(text)
            .ok_or_else(|| format!("invalid literal for int() with base 16: {}", repr(text)))
    };
    let mut ends = Vec::new();
    for item in text.split(',') {
        ends.push(match item.split('-').collect::<Vec<_>>().as_slice() {
            [one] => (number(one)?, number(one)?),
            [low, high] => (number(low)?, number(high)?),
            _ => return Err(format!("Unable to parse \"{item}\" for xperms.")),
        });
    }
    let mut commands = vec![false; 1 << 16];
    for (low, high) in ends {
        let end = |number: HexNumber| {
            number.as_u16().ok_or_else(|| format!("{} is not a valid ioctl.", number.padded()))
        };
        let (low, high) = (end(low)?, end(high)?);
        commands[usize::from(low.min(high))..=usize::from(low.max(high))].fill(true);
    }
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for command in (0..=u16::MAX).filter(|command| commands[usize::from(*command)]) {
        match ranges.last_mut() {
            Some(last) if last.1.checked_add(1) == Some(command) => last.1 = command,
            _ => ranges.push((command, command)),
        }
    }
    Ok(Some(XpermCriterion { ranges, equal: question.has(Id::XpermsEqual) }))
}

fn conditionals(store: &Store<'_>, question: &Question) -> Result<Option<Vec<bool>>, String> {
    let Some(text) = &question.boolean else { return Ok(None) };
    let policy = store.policy();
    if question.has(Id::BoolRegex) {
        let regex = PythonRegex::compile(text)?;
        let named = |id| policy.boolean(id).is_some_and(|(name, _)| regex.is_match(&name.to_string()));
        return Ok(Some(policy.conditionals().iter().map(|c| boolean_ids(c).any(named)).collect()));
    }
    let named = |name: &str| {
        policy.boolean_named(name.as_bytes()).ok_or_else(|| format!("{name} is not a valid Boolean"))
    };
    let asked: Vec<BoolId> = text.split(',').map(named).collect::<Result<_, _>>()?;
    let matches = |c| {
        let names_any = boolean_ids(c).any(|id| asked.contains(&id));
        let names_only = || boolean_ids(c).all(|id| asked.contains(&id));
        let names_all = || asked.iter().all(|id| boolean_ids(c).any(|named| named == *id));
        if question.has(Id::BoolEqual) { names_only() && names_all() } else { names_any }
    };
    Ok(Some(policy.conditionals().iter().map(matches).collect()))
}
