//! The options of sesearch, and a command line sorted out.

use policydb::RuleKind;

use crate::personality::argparse::{Opt, Parser, Positionals, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Help,
    Version,
    Verbose,
    Debug,
    AllowAndXperm,
    Kind(RuleKind),
    RoleAllow,
    RoleTransition,
    RangeTransition,
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
    BothDirect,
    SourceRegex,
    TargetRegex,
    ClassRegex,
    DefaultRegex,
    BoolRegex,
}

const fn flag(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::None }
}

const fn value(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::Required }
}

/// In the order of SETools: messages list names in it.
pub(super) const PARSER: Parser<Id> = Parser {
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
        flag(Id::RoleAllow, &["--role_allow"]),
        flag(Id::RoleTransition, &["--role_trans"]),
        flag(Id::RangeTransition, &["--range_trans"]),
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
    newer: &[
        // SETools 3 had one option for both sides.
        flag(Id::BothDirect, &["-d"]),
        flag(Id::Kind(RuleKind::TypeTransition), &["--type_transition"]),
        flag(Id::RoleTransition, &["--role_transition"]),
        flag(Id::RangeTransition, &["--range_transition"]),
    ],
    must: None,
    positionals: Positionals::One,
};

pub(super) const USAGE: &str = "\
usage: sesearch [OPTIONS] [POLICY]
";

pub(super) const HELP: &str = "
Search the rules of an SELinux policy (sepolq, in place of SETools' sesearch).

Rule types:
  -A                      allow and allowxperm
  --allow, --auditallow, --dontaudit
  --allowxperm, --auditallowxperm, --dontauditxperm
  -T, --type_trans        type_transition (also --type_transition)
  --type_change, --type_member
  --role_allow, --role_trans, --range_trans (also --role_transition, --range_transition)
  --neverallow, --neverallowxperm   never in a binary policy: finds nothing

Criteria:
  -s, --source NAME       source type, attribute or role
  -t, --target NAME       target type, attribute or role
  -c, --class LIST        object classes, separated by commas
  -p, --perms LIST        permissions, separated by commas
  -x, --xperms LIST       extended permissions, hexadecimal, with ranges
  -D, --default NAME      default type, role or range
  -b, --bool LIST         booleans in the rule's condition
  -ds, -dt                source, target as written, without attribute expansion; -d both (as in SETools 3)
  -ep, -ex, -eb           exactly these permissions, extended permissions, booleans
  -Sp                     all of these permissions
  -rs, -rt, -rc, -rd, -rb regular expressions for source, target, class, default, boolean

Other:
  -h, --help   -v, --verbose   --debug   --version

`sepolq allow --help` describes the native commands.
";

/// The arguments, sorted out. Of repeated values the last counts; empty ones count as not given.
#[derive(Default)]
pub(super) struct Question {
    pub(super) type_kinds: Vec<RuleKind>,
    /// Whether a kind that exists was asked for, or one that never does.
    pub(super) any_kind: bool,
    /// Whether kinds of type enforcement were asked for, those that never exist included.
    pub(super) any_type_kind: bool,
    pub(super) source: Option<String>,
    pub(super) target: Option<String>,
    pub(super) class: Option<String>,
    pub(super) perms: Option<String>,
    pub(super) xperms: Option<String>,
    pub(super) default: Option<String>,
    pub(super) boolean: Option<String>,
    flags: Vec<Id>,
}

impl Question {
    pub(super) fn has(&self, flag: Id) -> bool {
        self.flags.contains(&flag)
    }
}

/// Sorts out the options that were given.
pub(super) fn sort_out(options: Vec<(Id, Option<String>)>) -> Question {
    let mut question = Question::default();
    for (id, value) in options {
        let value = value.filter(|value| !value.is_empty());
        match id {
            Id::AllowAndXperm => question.type_kinds.extend([RuleKind::Allow, RuleKind::AllowXperm]),
            Id::Kind(kind) => question.type_kinds.push(kind),
            Id::Neverallow => {}
            Id::Source => question.source = value,
            Id::Target => question.target = value,
            Id::Class => question.class = value,
            Id::Perms => question.perms = value,
            Id::Xperms => question.xperms = value,
            Id::Default => question.default = value,
            Id::Bool => question.boolean = value,
            Id::BothDirect => question.flags.extend([Id::SourceDirect, Id::TargetDirect]),
            flag => question.flags.push(flag),
        }
        question.any_type_kind |= matches!(id, Id::AllowAndXperm | Id::Kind(_) | Id::Neverallow);
        question.any_kind |=
            question.any_type_kind || matches!(id, Id::RoleAllow | Id::RoleTransition | Id::RangeTransition);
    }
    question
}
