//! What is serious about files that get another label: that it is no longer a sensitive one, or that confined domains may write or
//! execute it which could not do so with the label that it had. What is a domain's own by its name is expected, and so is that
//! one kind of program becomes another; of files that had no label nothing is known. All else is `label`, low. As with access, types
//! that the older policy does not have are one level less.
//!
//! Who may do what is read from the rules of the newer policy that hold by default. O(differing types × rules).

use std::collections::BTreeMap;

use super::Comparison;
use super::both::Which;
use super::findings::{Finding, What, is_below, sort, stem};
use super::labels::{FileLabels, PathChange};
use super::matching::{Symbol, SymbolSet};
use super::severity::{level_of, table};
use super::words::joined;

/// Types whose rules are looked up; what beyond that gets another label is low.
const MOST_TYPES: usize = 400;
/// Paths and domains that are named.
const SHOWN: usize = 3;

/// The row for files that lose a sensitive label, which is as serious whatever they get.
const UNPROTECTED: &str = "label_unprotected";

/// Who may do something with a type.
struct Users {
    write: SymbolSet,
    execute: SymbolSet,
}

impl Comparison<'_, '_> {
    /// Findings with those about files that get another label, the most serious first.
    pub fn findings_with(&self, labels: &FileLabels) -> Vec<Finding> {
        let mut findings = self.findings();
        findings.extend(label_findings(self, labels));
        sort(&mut findings);
        findings
    }
}

fn label_findings(comparison: &Comparison<'_, '_>, labels: &FileLabels) -> Vec<Finding> {
    let mut groups: BTreeMap<(&'static str, String), Vec<&PathChange>> = BTreeMap::new();
    let mut users: BTreeMap<Symbol, Users> = BTreeMap::new();
    for change in &labels.paths {
        let (id, what) = judged(comparison, change, &mut users);
        groups.entry((id, what)).or_default().push(change);
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut n_others = 0usize;
    for ((id, what), changes) in groups {
        if id == "label" {
            n_others = n_others.saturating_add(changes.len());
            continue;
        }
        let paths = joined(changes.iter().map(|change| shown(&change.path)), SHOWN);
        let text = format!("{paths} {what}");
        let is_new = changes
            .iter()
            .all(|change| change.types.new.is_some_and(|new| !comparison.matching.has(Which::Old, new)));
        let level = level_of(id).less(usize::from(is_new && id != UNPROTECTED));
        findings.push(Finding { level, id, domain: None, what: What::Statement(text) });
    }
    let n_rest = labels.lines.len().saturating_add(labels.substitutions.len());
    if findings.is_empty() && (n_others > 0 || n_rest > 0) {
        let text =
            format!("file contexts differ: {n_rest} lines and substitutions, {n_others} paths looked up");
        let finding =
            Finding { level: level_of("label"), id: "label", domain: None, what: What::Statement(text) };
        findings.push(finding);
    }
    findings
}

fn shown(path: &str) -> String {
    policydb::Name::new(path.as_bytes()).to_string()
}

/// The row for a path, and what it says.
fn judged(
    comparison: &Comparison<'_, '_>,
    change: &PathChange,
    users: &mut BTreeMap<Symbol, Users>,
) -> (&'static str, String) {
    let matching = &comparison.matching;
    let name = |of: Option<Symbol>, label: &Option<String>| match (of, label) {
        (Some(symbol), _) => matching.name(symbol),
        (None, Some(label)) => shown(label),
        (None, None) => "no label".to_owned(),
    };
    let (old, new) = (change.types.old, change.types.new);
    let names = (name(old, &change.label.old), name(new, &change.label.new));
    let became = format!(
        "{} {} where it was {}",
        if change.is_order { "by order become" } else { "become" },
        names.1,
        names.0
    );
    let has_any = |symbol: Symbol, attributes: &[String]| {
        attributes.iter().filter_map(|attribute| matching.named(attribute)).any(|attribute| {
            Which::BOTH.into_iter().any(|which| matching.stands_for(which, attribute, symbol))
        })
    };
    let secrets = &table().secrets;
    let is_secret = |symbol: Option<Symbol>| {
        symbol.is_some_and(|symbol| {
            secrets.types.contains(&matching.name(symbol)) || has_any(symbol, &secrets.attributes)
        })
    };
    let was_program = old.is_some_and(|old| has_any(old, &table().programs.attributes));
    if is_secret(old) && !is_secret(new) {
        return (UNPROTECTED, became);
    }
    let (Some(new), Some(old)) = (new.filter(|new| old != Some(*new)), old) else { return ("label", became) };
    for symbol in [new, old] {
        if users.len() < MOST_TYPES {
            users.entry(symbol).or_insert_with(|| users_of(comparison, symbol));
        }
    }
    let Some(theirs) = users.get(&new) else { return ("label", became) };
    let before = users.get(&old);
    for (id, verb, now, before) in [
        ("label_write", "write", &theirs.write, before.map(|before| &before.write)),
        ("label_execute", "execute", &theirs.execute, before.map(|before| &before.execute)),
    ] {
        if id == "label_execute" && was_program {
            continue;
        }
        let is_own = |domain: Symbol| is_below(&stem(&matching.name(domain)), &matching.name(new));
        let gained = now
            .iter()
            .filter(|domain| before.is_none_or(|before| !before.contains(*domain)) && !is_own(*domain));
        let gained = comparison.names(gained);
        if !gained.is_empty() {
            let who = if gained.len() == 1 { "a confined domain" } else { "confined domains" };
            let text = format!("{became}: {who} may now {verb} it: {}", joined(gained.iter(), SHOWN));
            return (id, text);
        }
    }
    ("label", became)
}

/// The confined domains that may write or execute files of a type, by the rules of the newer policy that hold.
fn users_of(comparison: &Comparison<'_, '_>, target: Symbol) -> Users {
    let matching = &comparison.matching;
    let empty = SymbolSet::new(matching.n_symbols());
    let mut users = Users { write: empty.clone(), execute: empty };
    let Some(class) = matching.class_named("file") else { return users };
    let bits = |names: &[&str]| names.iter().fold(0, |all, name| all | matching.permission(class, name));
    let (write, execute) = (bits(&["write", "append"]), bits(&["execute"]));
    for rule in comparison.allow.all() {
        let mask = rule.masks.new;
        if rule.class != class
            || mask & (write | execute) == 0
            || !matching.stands_for(Which::New, rule.target, target)
            || !comparison.conditions.now(rule.condition, Which::New)
        {
            continue;
        }
        for source in matching.types_of(Which::New, rule.source) {
            if !comparison.is_confined(source) || !comparison.is_domain(source) {
                continue;
            }
            if mask & write != 0 {
                users.write.insert(source);
            }
            if mask & execute != 0 {
                users.execute.insert(source);
            }
        }
    }
    users
}
