//! The command line, and with it every help page: one definition.

use std::ffi::OsString;
use std::path::PathBuf;

use analysis::query::{KindSet, Pattern, parse_xperm_ranges};
use avstore::Kind;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;
use policydb::RuleKind;

use crate::completion;

/// Ask questions about SELinux policies.
#[derive(Debug, Parser)]
#[command(
    name = "sepolq",
    version,
    about = "Ask questions about SELinux policies",
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  sepolq allow -s httpd_t -t httpd_sys_content_t -c file
  sepolq --demo allow -s container_t -t container_file_t -c file -p write
  sepolq -P policy.33 search -t shadow_t --json

Without --policy and --demo the running policy is asked (/sys/fs/selinux/policy), else the installed one.
Exit status: 0 something was found, 1 nothing was found, 2 the question could not be asked."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The policy to ask: a binary policy file, or `-` for standard input [env: SEPOLQ_POLICY]
    #[arg(short = 'P', long, value_name = "FILE", global = true, conflicts_with = "demo")]
    pub(crate) policy: Option<PathBuf>,
    /// Ask a small policy that comes with the program: web server, containers, host files
    #[arg(long, global = true)]
    pub(crate) demo: bool,
    /// When to colour the output: `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    // Plain comments: documented values would turn every help page into the long form.
    // On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Rules that grant access
    #[command(after_help = ALLOW_EXAMPLES)]
    Allow(Search),
    /// Rules that audit access that is granted
    #[command(
        after_help = "Examples:\n  sepolq auditallow -s unconfined_t\n  sepolq auditallow -t security_t --json"
    )]
    Auditallow(Search),
    /// Rules that keep denials out of the audit log
    #[command(
        after_help = "Examples:\n  sepolq dontaudit -s httpd_t -c dir   Which denials of httpd_t on directories go unseen?\n  \
                      sepolq dontaudit -s container_t -t shadow_t"
    )]
    Dontaudit(Search),
    /// Rules that grant ioctl commands or netlink messages
    #[command(after_help = XPERM_EXAMPLES)]
    Allowxperm(Search),
    /// Rules that audit ioctl commands or netlink messages that are granted
    #[command(after_help = XPERM_EXAMPLES)]
    Auditallowxperm(Search),
    /// Rules that keep denied ioctl commands or netlink messages out of the audit log
    #[command(after_help = XPERM_EXAMPLES)]
    Dontauditxperm(Search),
    /// Rules that give new objects a type, those by file name included
    #[command(
        name = "type_transition",
        alias = "type-transition",
        after_help = "Examples:\n  sepolq type_transition -s init_t -c process   What do programs run as that init starts?\n  \
                      sepolq type_transition -D container_file_t    What creates files of this type?"
    )]
    TypeTransition(Search),
    /// Rules that name the type for relabelling an object
    #[command(
        name = "type_change",
        alias = "type-change",
        after_help = "Examples:\n  sepolq type_change -c chr_file   What are terminals relabelled to, and for whom?"
    )]
    TypeChange(Search),
    /// Rules that name the type of members of polyinstantiated objects
    #[command(
        name = "type_member",
        alias = "type-member",
        after_help = "Examples:\n  sepolq type_member -c dir   Which directories are polyinstantiated, and for whom?"
    )]
    TypeMember(Search),
    /// Rules that allow a change of role
    #[command(
        name = "role_allow",
        alias = "role-allow",
        after_help = "Examples:\n  sepolq role_allow -s staff_r   Which roles may staff_r change to?\n  \
                      sepolq role_allow -t system_r"
    )]
    RoleAllow(Search),
    /// Rules that give new processes and objects a role
    #[command(
        name = "role_transition",
        alias = "role-transition",
        after_help = "Examples:\n  sepolq role_transition -s sysadm_r\n  \
                      sepolq role_transition -t initrc_exec_t -D system_r"
    )]
    RoleTransition(Search),
    /// Rules that give new processes and objects a range
    #[command(
        name = "range_transition",
        alias = "range-transition",
        after_help = "Examples:\n  sepolq range_transition -s init_t\n  \
                      sepolq range_transition -D 's0 - s0:c0.c1023'   Rules that give exactly this range"
    )]
    RangeTransition(Search),
    /// Rules that no policy may break: the compiler checks them, and binary policies hold none
    #[command(after_help = "Binary policies hold no neverallow rules: this finds nothing, and says so.")]
    Neverallow(Search),
    /// Rules of any mix of kinds
    #[command(after_help = SEARCH_EXAMPLES)]
    Search(AnyKind),
    /// Print the script that makes a shell complete sepolq's words, names of the policy included
    #[command(
        after_help = "Examples:\n  sepolq completions bash > ~/.local/share/bash-completion/completions/sepolq\n  \
                      sepolq completions fish > ~/.config/fish/completions/sepolq.fish\n  \
                      sepolq completions zsh > ~/.zfunc/_sepolq"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of sepolq, or of one of its commands
    #[command(after_help = "Examples:\n  sepolq man | man -l -\n  sepolq man allow > sepolq-allow.1")]
    Man {
        /// The command; without one, the page of the program
        command: Option<String>,
    },
}

/// A shell that can complete.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
        }
    }
}

const ALLOW_EXAMPLES: &str = "\
Examples:
  sepolq allow -s httpd_t -t httpd_sys_content_t -c file
  sepolq allow -s container_t -t container_file_t -c file -p write --via
      Through which attributes may containers write their files?
  sepolq allow -s @container_domain          Rules written on the attribute itself
  sepolq allow -s httpd_t -t /content/       Targets whose name contains `content`
  sepolq allow -s httpd_t --enabled --bool httpd_can_network_connect=on
      What would be in force with the boolean on?

A rule that is found is not yet a grant: constraints, levels and type bounds may still refuse.";

const XPERM_EXAMPLES: &str = "\
Examples:
  sepolq allowxperm -s container_t
  sepolq allowxperm -c chr_file -x 0x5401          Rules that cover the command TCGETS
  sepolq allowxperm -x 0x8900-0x89ff --json";

const SEARCH_EXAMPLES: &str = "\
Examples:
  sepolq search -s container_t -t shadow_t               Every kind of rule between the two
  sepolq search allow dontaudit -s httpd_t -c tcp_socket
  sepolq search -b container_manage_cgroup               Everything that the boolean switches
  sepolq search type_transition,type_change -s staff_t --count";

/// `search`: the kinds, and the criteria.
#[derive(Debug, Args)]
pub(crate) struct AnyKind {
    /// Kinds of rule, such as `allow` or `type_transition`; all if none is given
    #[arg(value_name = "KIND", value_delimiter = ',', value_parser = parse_kind)]
    kinds: Vec<Kind>,
    #[command(flatten)]
    pub(crate) search: Search,
}

impl AnyKind {
    pub(crate) fn kinds(&self) -> KindSet {
        if self.kinds.is_empty() { KindSet::of(Kind::ALL) } else { KindSet::of(self.kinds.iter().copied()) }
    }
}

impl Command {
    /// The kinds of rule that a command named after one kind searches.
    pub(crate) fn kinds(&self) -> KindSet {
        match self {
            Command::Allow(_) => KindSet::of([RuleKind::Allow]),
            Command::Auditallow(_) => KindSet::of([RuleKind::AuditAllow]),
            Command::Dontaudit(_) => KindSet::of([RuleKind::DontAudit]),
            Command::Allowxperm(_) => KindSet::of([RuleKind::AllowXperm]),
            Command::Auditallowxperm(_) => KindSet::of([RuleKind::AuditAllowXperm]),
            Command::Dontauditxperm(_) => KindSet::of([RuleKind::DontAuditXperm]),
            Command::TypeTransition(_) => KindSet::of([RuleKind::TypeTransition]),
            Command::TypeChange(_) => KindSet::of([RuleKind::TypeChange]),
            Command::TypeMember(_) => KindSet::of([RuleKind::TypeMember]),
            Command::RoleAllow(_) => KindSet::of([Kind::RoleAllow]),
            Command::RoleTransition(_) => KindSet::of([Kind::RoleTransition]),
            Command::RangeTransition(_) => KindSet::of([Kind::RangeTransition]),
            Command::Neverallow(_) | Command::Completions { .. } | Command::Man { .. } => KindSet::default(),
            Command::Search(any) => any.kinds(),
        }
    }

    /// The criteria of a command that searches.
    pub(crate) fn search(&self) -> Option<&Search> {
        Some(match self {
            Command::Allow(search)
            | Command::Auditallow(search)
            | Command::Dontaudit(search)
            | Command::Allowxperm(search)
            | Command::Auditallowxperm(search)
            | Command::Dontauditxperm(search)
            | Command::TypeTransition(search)
            | Command::TypeChange(search)
            | Command::TypeMember(search)
            | Command::RoleAllow(search)
            | Command::RoleTransition(search)
            | Command::RangeTransition(search)
            | Command::Neverallow(search) => search,
            Command::Search(any) => &any.search,
            Command::Completions { .. } | Command::Man { .. } => return None,
        })
    }
}

/// The criteria of a search and the form of its answer.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Source: a type, alias, attribute or role; `@ATTR` the attribute as written; `/RE/` a regular
    /// expression
    #[arg(short, long, value_name = "TYPE", help_heading = CRITERIA, add = ArgValueCompleter::new(completion::types))]
    pub(crate) source: Option<Pattern>,
    /// Target, likewise
    #[arg(short, long, value_name = "TYPE", help_heading = CRITERIA, add = ArgValueCompleter::new(completion::types))]
    pub(crate) target: Option<Pattern>,
    /// Object classes, separated by commas, or one `/RE/`
    #[arg(short, long = "class", value_name = "CLASS", value_delimiter = ',', help_heading = CRITERIA, add = ArgValueCompleter::new(completion::classes))]
    pub(crate) classes: Vec<String>,
    /// Permissions, separated by commas: rules that have any of them
    #[arg(short, long = "perms", value_name = "PERM", value_delimiter = ',', help_heading = CRITERIA, add = ArgValueCompleter::new(completion::permissions))]
    pub(crate) permissions: Vec<String>,
    /// Rules that have exactly the given permissions (also `-ep`)
    #[arg(long, requires = "permissions", conflicts_with = "perms_subset", help_heading = CRITERIA)]
    pub(crate) perms_equal: bool,
    /// Rules that have all of the given permissions (also `-Sp`)
    #[arg(long, requires = "permissions", help_heading = CRITERIA)]
    pub(crate) perms_subset: bool,
    /// Extended permissions: hexadecimal commands and ranges, such as 0x5401,0x8910-0x8927
    #[arg(short, long, value_name = "XPERMS", value_parser = parse_xperms, help_heading = CRITERIA)]
    pub(crate) xperms: Option<Xperms>,
    /// Rules that have exactly the given extended permissions (also `-ex`)
    #[arg(long, requires = "xperms", help_heading = CRITERIA)]
    pub(crate) xperms_equal: bool,
    /// Default of type rules: a type or attribute; of role_transition a role, of range_transition a range
    #[arg(short = 'D', long, value_name = "TYPE", help_heading = CRITERIA, add = ArgValueCompleter::new(completion::types))]
    pub(crate) default: Option<Pattern>,
    /// Booleans in the rule's condition, separated by commas, or one `/RE/`: conditional rules only
    #[arg(short, long = "boolean", value_name = "BOOL", value_delimiter = ',', help_heading = CRITERIA, add = ArgValueCompleter::new(completion::booleans))]
    pub(crate) booleans: Vec<String>,
    /// Rules whose condition names exactly the given booleans (also `-eb`)
    #[arg(long, requires = "booleans", help_heading = CRITERIA)]
    pub(crate) boolean_equal: bool,
    /// Match the source as written, without looking through attributes (also `-ds`)
    #[arg(long, requires = "source", help_heading = CRITERIA)]
    pub(crate) direct_source: bool,
    /// Match the target as written, without looking through attributes (also `-dt`)
    #[arg(long, requires = "target", help_heading = CRITERIA)]
    pub(crate) direct_target: bool,

    /// Only rules that are in force
    #[arg(long, help_heading = STATE)]
    pub(crate) enabled: bool,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting, help_heading = STATE)]
    pub(crate) settings: Vec<(String, bool)>,

    /// Say through which attribute each side matched
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) via: bool,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long, conflicts_with = "count", help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// Print only the number of rules
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) count: bool,
    /// Print at most this many rules
    #[arg(long, value_name = "N", action = ArgAction::Set, help_heading = OUTPUT)]
    pub(crate) limit: Option<usize>,
}

const CRITERIA: &str = "Which rules";
const STATE: &str = "Conditional rules";
const OUTPUT: &str = "Output";

/// Extended permissions of one option. A type of its own, because clap reads a vector as repetition.
#[derive(Clone, Debug)]
pub(crate) struct Xperms(pub(crate) Vec<(u16, u16)>);

fn parse_xperms(text: &str) -> Result<Xperms, String> {
    parse_xperm_ranges(text).map(Xperms).map_err(|error| error.to_string())
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    let name = text.replace('-', "_");
    Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::name);
        let near = analysis::nearest(&name, known.map(String::from));
        match near.first() {
            Some(near) => format!("no such kind of rule; did you mean `{near}`?"),
            None => format!("no such kind of rule; there are {}", known.join(", ")),
        }
    })
}

fn parse_setting(text: &str) -> Result<(String, bool), String> {
    let Some((name, state)) = text.split_once('=') else {
        return Err(format!(
            "say what it should be: `{text}=on` or `{text}=off`; to find the rules that it switches, use `-b {text}`"
        ));
    };
    let state = match state {
        "on" | "true" | "1" => true,
        "off" | "false" | "0" => false,
        _ => return Err(format!("`{state}` is neither `on` nor `off`")),
    };
    Ok((name.to_owned(), state))
}

/// SETools' options of two letters behind one dash, which clap cannot declare, as the long options that
/// mean the same here.
const SETOOLS_SPELLINGS: [(&str, &str); 6] = [
    ("-ep", "--perms-equal"),
    ("-Sp", "--perms-subset"),
    ("-ex", "--xperms-equal"),
    ("-eb", "--boolean-equal"),
    ("-ds", "--direct-source"),
    ("-dt", "--direct-target"),
];

/// The arguments with SETools' spellings replaced. No value can be mistaken for one: values do not begin
/// with a dash.
pub(crate) fn with_setools_spellings(arguments: Vec<OsString>) -> Vec<OsString> {
    arguments
        .into_iter()
        .map(|argument| {
            let long = SETOOLS_SPELLINGS.iter().find(|(short, _)| argument == *short).map(|(_, long)| *long);
            long.map(OsString::from).unwrap_or(argument)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn setools_spellings_are_taken() {
        let given = ["sepolq", "allow", "-ep", "-p", "read", "-ds", "-s", "a_t"].map(OsString::from).to_vec();
        let cli = Cli::try_parse_from(with_setools_spellings(given)).unwrap();
        let search = cli.command.search().unwrap();
        assert!(search.perms_equal && search.direct_source && !search.perms_subset);
    }

    #[test]
    fn keywords_take_hyphens_too() {
        for name in ["type_transition", "type-transition"] {
            let cli = Cli::try_parse_from(["sepolq", name]).unwrap();
            assert_eq!(cli.command.kinds(), KindSet::of([RuleKind::TypeTransition]));
        }
        assert_eq!(parse_kind("type-change"), Ok(Kind::Type(RuleKind::TypeChange)));
        assert!(parse_kind("alow").unwrap_err().contains("`allow`"));
    }

    #[test]
    fn a_setting_without_a_state_is_explained() {
        assert_eq!(parse_setting("b=on"), Ok(("b".to_owned(), true)));
        assert!(parse_setting("b").unwrap_err().contains("-b b"));
        assert!(parse_setting("b=maybe").is_err());
    }
}
