//! The sections of type rules, extended permissions, and rules about roles and ranges.

use analysis::diff::statements::{
    Changes, Commands, Comparison, SharedClass, SharedType, Side, TooMuch, TypeRuleChange, XpermChange,
};
use policydb::RuleKind;

use super::first_xperm::FirstXperms;
use super::report::{Listed, Room};
use crate::personality::setools::Failure;

/// The lists of type rules of a kind.
///
/// # Errors
/// The policies differ in too much, or that makes too much text.
pub(super) fn type_rules(
    comparison: &Comparison<'_, '_>,
    kind: RuleKind,
    room: &Room,
) -> Result<Listed, Failure> {
    let Changes { added, removed, modified } = comparison.type_rules(kind).map_err(too_much)?;
    let statement = |change: &TypeRuleChange<'_>, side: Side| {
        let mut line = start(comparison, kind.keyword(), change.source, change.target, change.class);
        let default = side.of(change.defaults);
        line.extend(default.map(|default| comparison.type_name(default)).unwrap_or_default().iter());
        if let Some(name) = change.file_name {
            line.push(b' ');
            line.extend(name.as_bytes());
        }
        line.push(b';');
        if let Some(condition) = comparison.type_rule_condition(change.branch) {
            let when = if condition.when { "True" } else { "False" };
            line.extend([" [ ", &condition.text, " ]:", when].concat().as_bytes());
        }
        line
    };
    let modified = modified.iter().map(|change| {
        let mut line = start(comparison, kind.keyword(), change.source, change.target, change.class);
        let [old, new] =
            change.defaults.map(|default| comparison.type_name(default.unwrap_or(change.source)));
        line.extend([&b"+"[..], &new, b" -", &old].concat());
        if let Some(name) = change.file_name {
            line.push(b' ');
            line.extend(name.as_bytes());
        }
        line.push(b';');
        if let Some(condition) = comparison.type_rule_condition(change.branch) {
            line.extend([" [ ", &condition.text, " ]"].concat().as_bytes());
        }
        (statement(change, Side::Left), line)
    });
    Ok(Listed {
        added: room.sorted(added.iter().map(|change| statement(change, Side::Right)))?,
        removed: room.sorted(removed.iter().map(|change| statement(change, Side::Left)))?,
        modified: room.sorted_by_first(modified)?,
    })
}

/// The lists of rules on extended permissions of a kind.
///
/// # Errors
/// The policies differ in too much, or that makes too much text.
pub(super) fn xperms(
    comparison: &Comparison<'_, '_>,
    kind: RuleKind,
    room: &Room,
) -> Result<Listed, Failure> {
    let Changes { added, removed, modified } = comparison.xperms(kind).map_err(too_much)?;
    let first = Side::BOTH.map(|side| FirstXperms::new(comparison.store(side), kind));
    let [first_old, first_new] = &first;
    let statement = |change: &XpermChange, side: Side| {
        let mut line = start(comparison, kind.keyword(), change.source, change.target, change.class);
        line.extend(operation(change).as_bytes());
        let first = side.of([first_old, first_new]);
        // COMPAT(setools): of several rules it shows the first.
        let ids = comparison.ids(side, change.source, change.target, change.class);
        let shown = ids.map(|(source, target, class)| first.ranges(source, target, class, change.is_nlmsg));
        let ranges: Vec<String> = shown.unwrap_or_default().into_iter().map(range_text).collect();
        match ranges.as_slice() {
            [one] => line.extend([" ", one, ";"].concat().as_bytes()),
            several => line.extend([" { ", &several.join(" "), " };"].concat().as_bytes()),
        }
        line
    };
    let modified = modified.iter().map(|change| {
        let mut line = start(comparison, kind.keyword(), change.source, change.target, change.class);
        line.extend(operation(change).as_bytes());
        line.extend(b" { ");
        let [old, new] = &change.commands;
        let words = |commands: Commands, sign: &str| -> Vec<String> {
            let words = commands.ranges().iter().map(|range| match (sign, range.0 == range.1) {
                ("", _) => range_text(*range),
                (sign, true) => format!("{sign}{}", range_text(*range)),
                (sign, false) => format!("{sign}[{}]", range_text(*range)),
            });
            words.collect()
        };
        let all = [
            words(old.split(new, true), ""),
            words(new.split(old, false), "+"),
            words(old.split(new, false), "-"),
        ];
        line.extend(all.concat().join(" ").as_bytes());
        line.extend(b" };");
        (statement(change, Side::Left), line)
    });
    Ok(Listed {
        added: room.sorted(added.iter().map(|change| statement(change, Side::Right)))?,
        removed: room.sorted(removed.iter().map(|change| statement(change, Side::Left)))?,
        modified: room.sorted_by_first(modified)?,
    })
}

fn operation(change: &XpermChange) -> &'static str {
    if change.is_nlmsg { "nlmsg" } else { "ioctl" }
}

fn range_text((low, high): (u16, u16)) -> String {
    if low == high { format!("{low:#06x}") } else { format!("{low:#06x}-{high:#06x}") }
}

/// The lists of role `allow` rules.
///
/// # Errors
/// They make too much text.
pub(super) fn role_allows(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    let Changes { added, removed, .. } = comparison.role_allows();
    let lines = |rules: Vec<analysis::diff::statements::RoleAllowStatement<'_>>| {
        room.sorted(
            rules
                .iter()
                .map(|rule| [b"allow ", rule.source.as_bytes(), b" ", rule.target.as_bytes(), b";"].concat()),
        )
    };
    Ok(Listed { added: lines(added)?, removed: lines(removed)?, modified: Vec::new() })
}

/// The lists of `role_transition` rules.
///
/// # Errors
/// The policies differ in too much, or that makes too much text.
pub(super) fn role_transitions(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    let Changes { added, removed, modified } = comparison.role_transitions().map_err(too_much)?;
    let head = |change: &analysis::diff::statements::RoleTransitionChange<'_>| {
        let (target, class) = (comparison.type_name(change.target), comparison.class_name(change.class));
        [b"role_transition ", change.role.as_bytes(), b" ", &target, b":", class.as_bytes(), b" "].concat()
    };
    let default =
        |default: Option<policydb::Name<'_>>| default.map_or_else(Vec::new, |name| name.as_bytes().to_vec());
    let statement = |change: &_, side: Side| {
        let change: &analysis::diff::statements::RoleTransitionChange<'_> = change;
        [head(change), default(side.of(change.defaults)), b";".to_vec()].concat()
    };
    let modified = modified.iter().map(|change| {
        let [old, new] = change.defaults.map(default);
        // COMPAT(setools): no semicolon.
        (statement(change, Side::Left), [&head(change)[..], b"+", &new, b" -", &old].concat())
    });
    Ok(Listed {
        added: room.sorted(added.iter().map(|change| statement(change, Side::Right)))?,
        removed: room.sorted(removed.iter().map(|change| statement(change, Side::Left)))?,
        modified: room.sorted_by_first(modified)?,
    })
}

/// The lists of `range_transition` rules.
///
/// # Errors
/// The policies differ in too much, or that makes too much text.
pub(super) fn range_transitions(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    let Changes { added, removed, modified } = comparison.range_transitions().map_err(too_much)?;
    let head = |change: &analysis::diff::statements::RangeTransitionChange| {
        start(comparison, "range_transition", change.source, change.target, change.class)
    };
    let statement = |change: &_, side: Side| {
        let change: &analysis::diff::statements::RangeTransitionChange = change;
        let [old, new] = &change.defaults;
        let default = side.of([old, new]).as_deref().unwrap_or_default();
        [&head(change)[..], default, b";"].concat()
    };
    let modified = modified.iter().map(|change| {
        let [old, new] = &change.defaults;
        let [old, new] = [old, new].map(|range| range.as_deref().unwrap_or_default());
        // COMPAT(setools): no semicolon.
        let line = [&head(change)[..], b"+[", new, b"] -[", old, b"]"].concat();
        (statement(change, Side::Left), line)
    });
    Ok(Listed {
        added: room.sorted(added.iter().map(|change| statement(change, Side::Right)))?,
        removed: room.sorted(removed.iter().map(|change| statement(change, Side::Left)))?,
        modified: room.sorted_by_first(modified)?,
    })
}

/// `KEYWORD SOURCE TARGET:CLASS `
fn start(
    comparison: &Comparison<'_, '_>,
    keyword: &str,
    source: SharedType,
    target: SharedType,
    class: SharedClass,
) -> Vec<u8> {
    let (source, target) = (comparison.type_name(source), comparison.type_name(target));
    let class = comparison.class_name(class);
    [keyword.as_bytes(), b" ", &source, b" ", &target, b":", class.as_bytes(), b" "].concat()
}

fn too_much(error: TooMuch) -> Failure {
    Failure::Message(error.to_string())
}
