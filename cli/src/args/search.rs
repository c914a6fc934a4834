//! What a search takes: criteria, the state of booleans, and the form of the answer.

use analysis::query::{KindSet, Pattern, parse_xperm_ranges};
use avstore::Kind;
use clap::{ArgAction, Args};
use clap_complete::engine::ArgValueCompleter;

use crate::completion;

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

pub(crate) fn parse_setting(text: &str) -> Result<(String, bool), String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use policydb::RuleKind;

    #[test]
    fn keywords_take_hyphens_too() {
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
