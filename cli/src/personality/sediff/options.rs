//! The options of sediff, and a command line sorted out.

use crate::personality::argparse::{Opt, Parser, Positionals, Value};
use crate::personality::setools::Manner;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Help,
    Version,
    Stats,
    Verbose,
    Debug,
    Common,
    Class,
    Type,
    Attribute,
    Role,
    User,
    Bool,
    Sensitivity,
    Category,
    Level,
    AllowAndXperm,
    Allow,
    Neverallow,
    Auditallow,
    Dontaudit,
    Allowxperm,
    Neverallowxperm,
    Auditallowxperm,
    Dontauditxperm,
    TypeTransition,
    TypeChange,
    TypeMember,
    RoleAllow,
    RoleTransition,
    RangeTransition,
    Constrain,
    MlsConstrain,
    Validatetrans,
    MlsValidatetrans,
    Ibendportcon,
    Ibpkeycon,
    InitialSid,
    FsUse,
    Genfscon,
    Netifcon,
    Nodecon,
    Portcon,
    Default,
    Property,
    Polcap,
    Typebounds,
}

const fn flag(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::None }
}

/// In the order of SETools: messages list names in it.
pub(super) const PARSER: Parser<Id> = Parser {
    options: &[
        flag(Id::Help, &["-h", "--help"]),
        flag(Id::Version, &["--version"]),
        flag(Id::Stats, &["--stats"]),
        flag(Id::Verbose, &["-v", "--verbose"]),
        flag(Id::Debug, &["--debug"]),
        flag(Id::Common, &["--common"]),
        flag(Id::Class, &["-c", "--class"]),
        flag(Id::Type, &["-t", "--type"]),
        flag(Id::Attribute, &["-a", "--attribute"]),
        flag(Id::Role, &["-r", "--role"]),
        flag(Id::User, &["-u", "--user"]),
        flag(Id::Bool, &["-b", "--bool"]),
        flag(Id::Sensitivity, &["--sensitivity"]),
        flag(Id::Category, &["--category"]),
        flag(Id::Level, &["--level"]),
        flag(Id::AllowAndXperm, &["-A"]),
        flag(Id::Allow, &["--allow"]),
        flag(Id::Neverallow, &["--neverallow"]),
        flag(Id::Auditallow, &["--auditallow"]),
        flag(Id::Dontaudit, &["--dontaudit"]),
        flag(Id::Allowxperm, &["--allowxperm"]),
        flag(Id::Neverallowxperm, &["--neverallowxperm"]),
        flag(Id::Auditallowxperm, &["--auditallowxperm"]),
        flag(Id::Dontauditxperm, &["--dontauditxperm"]),
        flag(Id::TypeTransition, &["-T", "--type_trans"]),
        flag(Id::TypeChange, &["--type_change"]),
        flag(Id::TypeMember, &["--type_member"]),
        flag(Id::RoleAllow, &["--role_allow"]),
        flag(Id::RoleTransition, &["--role_trans"]),
        flag(Id::RangeTransition, &["--range_trans"]),
        flag(Id::Constrain, &["--constrain"]),
        flag(Id::MlsConstrain, &["--mlsconstrain"]),
        flag(Id::Validatetrans, &["--validatetrans"]),
        flag(Id::MlsValidatetrans, &["--mlsvalidatetrans"]),
        flag(Id::Ibendportcon, &["--ibendportcon"]),
        flag(Id::Ibpkeycon, &["--ibpkeycon"]),
        flag(Id::InitialSid, &["--initialsid"]),
        flag(Id::FsUse, &["--fs_use"]),
        flag(Id::Genfscon, &["--genfscon"]),
        flag(Id::Netifcon, &["--netifcon"]),
        flag(Id::Nodecon, &["--nodecon"]),
        flag(Id::Portcon, &["--portcon"]),
        flag(Id::Default, &["--default"]),
        flag(Id::Property, &["--property"]),
        flag(Id::Polcap, &["--polcap"]),
        flag(Id::Typebounds, &["--typebounds"]),
    ],
    newer: &[],
    must: None,
    positionals: Positionals::Exactly(&["POLICY1", "POLICY2"]),
};

pub(super) const USAGE: &str = "\
usage: sediff [OPTIONS] POLICY1 POLICY2
";

pub(super) const HELP: &str = "
Show what changed from one SELinux policy to another (sepolq, in place of SETools' sediff).
Without a selection, everything that differs is shown.

  POLICY1                 the old policy
  POLICY2                 the new policy
  --stats                 counts only

What is declared:
  --common   -c, --class   -t, --type   -a, --attribute   -r, --role   -u, --user   -b, --bool
  --sensitivity   --category   --level

Rules:
  -A                      --allow and --allowxperm
  --allow   --auditallow   --dontaudit   --allowxperm   --auditallowxperm   --dontauditxperm
  -T, --type_trans   --type_change   --type_member
  --role_allow   --role_trans   --range_trans
  --neverallow   --neverallowxperm         never in a binary policy

Constraints:
  --constrain   --mlsconstrain   --validatetrans   --mlsvalidatetrans

Labels:
  --initialsid   --fs_use   --genfscon   --portcon   --netifcon   --nodecon   --ibpkeycon   --ibendportcon

Other:
  --default   --property   --polcap   --typebounds
  -h, --help   -v, --verbose   --debug   --version
";

/// The arguments, sorted out.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) manner: Manner,
    pub(super) stats: bool,
    /// The old policy and the new one.
    pub(super) policies: [String; 2],
    /// Nothing was selected, which selects everything.
    everything: bool,
    selected: Vec<Id>,
}

/// Whether a section is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    No,
    /// If there are differences.
    IfAny,
    /// In any case: it was selected.
    Yes,
}

impl Question {
    /// Sorts out the options that were given.
    pub(super) fn new(options: Vec<(Id, Option<String>)>, positionals: Vec<String>) -> Self {
        let mut selected: Vec<Id> = options.into_iter().map(|(id, _)| id).collect();
        let has = |wanted: Id, selected: &[Id]| selected.contains(&wanted);
        if has(Id::AllowAndXperm, &selected) {
            selected.extend([Id::Allow, Id::Allowxperm]);
        }
        let manner = Manner { verbose: has(Id::Verbose, &selected), debug: has(Id::Debug, &selected) };
        let stats = has(Id::Stats, &selected);
        let selects = |id: &Id| !matches!(id, Id::Stats | Id::Verbose | Id::Debug);
        let everything = !selected.iter().any(selects);
        let mut positionals = positionals.into_iter();
        let policies = [positionals.next().unwrap_or_default(), positionals.next().unwrap_or_default()];
        Question { manner, stats, policies, everything, selected }
    }

    /// Whether a section is wanted.
    pub(super) fn wants(&self, id: Id) -> Wanted {
        match (self.selected.contains(&id), self.everything) {
            (true, _) => Wanted::Yes,
            (false, true) => Wanted::IfAny,
            (false, false) => Wanted::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(line: &str) -> Question {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let parsed = PARSER.parse(&words, |_| false).unwrap();
        Question::new(parsed.options, parsed.positionals)
    }

    #[test]
    fn nothing_selected_is_everything() {
        assert_eq!(question("a b --stats").wants(Id::Level), Wanted::IfAny);
        assert_eq!(question("a -A b").wants(Id::Allowxperm), Wanted::Yes);
        assert_eq!(question("a -A b").wants(Id::Level), Wanted::No);
        assert_eq!(question("a -tb b").wants(Id::Bool), Wanted::Yes);
        assert_eq!(question("-c a b").policies, ["a", "b"]);
    }
}
