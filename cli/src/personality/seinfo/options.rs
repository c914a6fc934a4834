//! The options of seinfo, and a command line sorted out.

use crate::personality::argparse::{Opt, Parser, Positionals, Value};
use crate::personality::setools::Manner;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Help,
    Version,
    Expand,
    Flat,
    Verbose,
    Debug,
    All,
    Attribute,
    Bool,
    Class,
    Role,
    Type,
    User,
    Category,
    Common,
    Constrain,
    Default,
    FsUse,
    Genfscon,
    Ibpkeycon,
    Ibendportcon,
    InitialSid,
    Netifcon,
    Nodecon,
    Permissive,
    Polcap,
    Portcon,
    RoleTypes,
    Sensitivity,
    Typebounds,
    Validatetrans,
    Ioportcon,
    Iomemcon,
    Pcidevicecon,
    Pirqcon,
    Devicetreecon,
}

impl Id {
    /// Whether this asks for what only policies for Xen have.
    const fn is_xen(self) -> bool {
        matches!(self, Id::Ioportcon | Id::Iomemcon | Id::Pcidevicecon | Id::Pirqcon | Id::Devicetreecon)
    }
}

const fn flag(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::None }
}

const fn query(id: Id, names: &'static [&'static str]) -> Opt<Id> {
    Opt { id, names, value: Value::Optional }
}

/// In the order of SETools: messages list names in it.
pub(super) const PARSER: Parser<Id> = Parser {
    options: &[
        flag(Id::Help, &["-h", "--help"]),
        flag(Id::Version, &["--version"]),
        flag(Id::Expand, &["-x", "--expand"]),
        flag(Id::Flat, &["--flat"]),
        flag(Id::Verbose, &["-v", "--verbose"]),
        flag(Id::Debug, &["--debug"]),
        query(Id::Attribute, &["-a", "--attribute"]),
        query(Id::Bool, &["-b", "--bool"]),
        query(Id::Class, &["-c", "--class"]),
        query(Id::Role, &["-r", "--role"]),
        query(Id::Type, &["-t", "--type"]),
        query(Id::User, &["-u", "--user"]),
        query(Id::Category, &["--category"]),
        query(Id::Common, &["--common"]),
        query(Id::Constrain, &["--constrain"]),
        query(Id::Default, &["--default"]),
        query(Id::FsUse, &["--fs_use"]),
        query(Id::Genfscon, &["--genfscon"]),
        query(Id::Ibpkeycon, &["--ibpkeycon"]),
        query(Id::Ibendportcon, &["--ibendportcon"]),
        query(Id::InitialSid, &["--initialsid"]),
        query(Id::Netifcon, &["--netifcon"]),
        query(Id::Nodecon, &["--nodecon"]),
        query(Id::Permissive, &["--permissive"]),
        query(Id::Polcap, &["--polcap"]),
        query(Id::Portcon, &["--portcon"]),
        query(Id::Sensitivity, &["--sensitivity"]),
        query(Id::Typebounds, &["--typebounds"]),
        query(Id::Validatetrans, &["--validatetrans"]),
        flag(Id::All, &["--all"]),
        // Flags in 4.4; since 4.7 they take a value.
        query(Id::Ioportcon, &["--ioportcon"]),
        query(Id::Iomemcon, &["--iomemcon"]),
        query(Id::Pcidevicecon, &["--pcidevicecon"]),
        query(Id::Pirqcon, &["--pirqcon"]),
        query(Id::Devicetreecon, &["--devicetreecon"]),
    ],
    newer: &[Opt { id: Id::RoleTypes, names: &["--role_types"], value: Value::Required }],
    must: None,
    positionals: Positionals::One,
};

pub(super) const USAGE: &str = "\
usage: seinfo [OPTIONS] [POLICY]
";

pub(super) const HELP: &str = "
List what an SELinux policy declares (sepolq, in place of SETools' seinfo).
Without a query: statistics. A query takes the name of the one thing to list; put POLICY first, or
`--` before it, so that no query takes it for a name.

  -x, --expand            whole statements instead of names
  --flat                  no counts, no indentation
  --all                   everything, and statistics

Queries:
  -a, --attribute [NAME]  type attributes; with -x their types
  -b, --bool [NAME]       booleans
  -c, --class [NAME]      object classes
  -r, --role [NAME]       roles
  --role_types NAME       roles that may have the type
  -t, --type [NAME]       types
  -u, --user [NAME]       SELinux users
  --category [NAME], --sensitivity [NAME]
  --common [NAME]         permissions that classes inherit
  --constrain [CLASS], --validatetrans [CLASS], --default [CLASS]
  --permissive [TYPE], --typebounds [BOUND_TYPE], --polcap [NAME]
  --initialsid [NAME], --fs_use [FS], --genfscon [FS]
  --portcon [PORT[-PORT]], --netifcon [DEVICE], --nodecon [ADDRESS[/BITS]]
  --ibpkeycon [PKEY[-PKEY]], --ibendportcon [NAME]
  --ioportcon [PORT[-PORT]], --iomemcon [ADDRESS[-ADDRESS]], --pcidevicecon [DEVICE],
  --pirqcon [IRQ], --devicetreecon [PATH]         of a policy for Xen

Other:
  -h, --help   -v, --verbose   --debug   --version
";

/// What is asked of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<'q> {
    /// Everything in it.
    Everything,
    /// What has this value.
    Value(&'q str),
}

/// The arguments, sorted out.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) manner: Manner,
    pub(super) expand: bool,
    pub(super) flat: bool,
    pub(super) all: bool,
    pub(super) policy: Option<String>,
    queries: Vec<(Id, Option<String>)>,
}

impl Question {
    /// Sorts out the options that were given.
    pub(super) fn new(mut options: Vec<(Id, Option<String>)>, policy: Option<String>) -> Self {
        // COMPAT(setools): in 4.4 what follows these is the policy.
        let mut taken = options.iter_mut().filter(|(id, _)| id.is_xen()).map(|(_, value)| value);
        let policy = policy.or_else(|| taken.find(|value| value.is_some()).and_then(Option::take));
        let has = |flag| options.iter().any(|(id, _)| *id == flag);
        Question {
            manner: Manner { verbose: has(Id::Verbose), debug: has(Id::Debug) },
            expand: has(Id::Expand),
            flat: has(Id::Flat),
            all: has(Id::All),
            policy: policy.filter(|path| !path.is_empty()),
            queries: options,
        }
    }

    /// What was asked of a section; of repeated queries the last counts, and an empty value withdraws it.
    pub(super) fn asked(&self, id: Id) -> Option<Asked<'_>> {
        let last = self.queries.iter().rev().find(|(given, _)| *given == id);
        match last.map(|(_, value)| value.as_deref()) {
            Some(Some("")) | None => self.all.then_some(Asked::Everything).filter(|_| id != Id::RoleTypes),
            Some(Some(value)) => Some(Asked::Value(value)),
            Some(None) => Some(Asked::Everything),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(line: &str) -> Question {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let parsed = PARSER.parse(&words, |_| false).unwrap();
        Question::new(parsed.options, parsed.positionals.into_iter().next())
    }

    #[test]
    fn the_last_value_counts_and_an_empty_one_withdraws_the_query() {
        assert_eq!(question("-t a -t b").asked(Id::Type), Some(Asked::Value("b")));
        assert_eq!(question("-t a -t").asked(Id::Type), Some(Asked::Everything));
        assert_eq!(question("-ta --type=").asked(Id::Type), None);
        assert_eq!(question("-ta --type= --all").asked(Id::Type), Some(Asked::Everything));
        assert_eq!(question("--all -ta").asked(Id::Type), Some(Asked::Value("a")));
        assert_eq!(question("--all").asked(Id::RoleTypes), None);
    }

    #[test]
    fn a_query_takes_what_was_meant_as_the_policy_but_those_about_xen_do_not() {
        let eaten = question("-t policy.33");
        assert_eq!((eaten.policy.as_deref(), eaten.asked(Id::Type)), (None, Some(Asked::Value("policy.33"))));
        let left = question("--ioportcon policy.30");
        assert_eq!(
            (left.policy.as_deref(), left.asked(Id::Ioportcon)),
            (Some("policy.30"), Some(Asked::Everything))
        );
        let both = question("policy.30 --ioportcon 0x3f8");
        assert_eq!(
            (both.policy.as_deref(), both.asked(Id::Ioportcon)),
            (Some("policy.30"), Some(Asked::Value("0x3f8")))
        );
    }

    #[test]
    fn names_of_newer_versions() {
        assert_eq!(question("--role_types x_t p").asked(Id::RoleTypes), Some(Asked::Value("x_t")));
        assert_eq!(question("--role_t x_t p").asked(Id::RoleTypes), Some(Asked::Value("x_t")));
        assert_eq!(question("--rol x_t p").asked(Id::Role), Some(Asked::Value("x_t")));
    }
}
