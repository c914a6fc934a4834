//! What is serious about the changes of access: those that the same row of the table makes serious and the same statement made
//! are one finding. O(changes × rows that speak of their class).

use std::collections::{BTreeMap, HashMap};

use super::both::Which;
use super::domains::Effect;
use super::effective::AccessChange;
use super::matching::Symbol;
use super::newcomers::{UNENTERED, entered};
use super::severity::{Level, Row, Target, table};
use super::statement_findings::statement_findings;
use super::{Comparison, Condition};
use crate::containers::Containers;

/// A change, or changes that belong together, and how serious they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How serious.
    pub level: Level,
    /// A stable name of the row that says so.
    pub id: &'static str,
    /// The domain that it is about, if it is about one.
    pub domain: Option<Symbol>,
    /// What it is.
    pub what: What,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Domains were granted more.
    Access(AccessFinding),
    /// Something else, in words.
    Statement(String),
}

/// What domains are newly granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessFinding {
    /// What they do to the targets, in words.
    pub verb: &'static str,
    /// Why that is so serious.
    pub why: &'static str,
    /// The domains, ascending.
    pub domains: Vec<Symbol>,
    /// The targets, ascending.
    pub targets: Vec<Symbol>,
    /// For each class, by its common number, the permissions.
    pub permissions: BTreeMap<u32, u64>,
    /// How many pairs of a target and a class for all the domains together.
    pub accesses: usize,
    /// What made the change: a position among the causes.
    pub cause: u32,
    /// The condition that must hold, if it does not by default.
    pub when: Option<Condition>,
}

/// All findings but those of level `info`, the most serious first.
pub(super) fn findings(comparison: &Comparison<'_, '_>) -> Vec<Finding> {
    let mut findings = access_findings(comparison);
    statement_findings(comparison, &mut findings);
    sort(&mut findings);
    findings
}

/// Leaves out what is of level `info`, and puts the most serious first.
pub(super) fn sort(findings: &mut Vec<Finding>) {
    findings.retain(|finding| finding.level > Level::Info);
    let size = |finding: &Finding| match &finding.what {
        What::Access(access) => (1, access.domains.len(), access.accesses),
        What::Statement(_) => (2, 0, 0),
    };
    // Stable: what is equally serious stays in the order in which it was found.
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.level, size(finding))));
}

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    level: Level,
    row: usize,
    cause: u32,
    when: Option<Condition>,
}

fn access_findings(comparison: &Comparison<'_, '_>) -> Vec<Finding> {
    let resolved = Resolved::of(comparison);
    let entered = entered(comparison);
    let matching = &comparison.matching;
    let table = table();
    let mut found: BTreeMap<Key, AccessFinding> = BTreeMap::new();
    for changes in comparison.effective.changes.chunk_by(|a, b| a.source == b.source) {
        let Some(source) = changes.first().map(|change| change.source) else { continue };
        if !matching.has(Which::New, source)
            || !comparison.is_confined(source)
            || !comparison.is_domain(source)
        {
            continue;
        }
        let stem = stem(&matching.name(source));
        let mut own: HashMap<Symbol, bool> = HashMap::new();
        for change in changes {
            let effect = comparison.effect(change);
            if !matches!(effect, Effect::Gained | Effect::MayGain) {
                continue;
            }
            let target = change.target;
            let is_own = *own.entry(target).or_insert_with(|| {
                // The engine's types are called after containers, too.
                let by_name = match is(&resolved.is_container, source) {
                    true => is(&resolved.is_container_file, target),
                    false => is_below(&stem, &matching.name(target)),
                };
                target == source || by_name
            });
            let mut left = change.permissions;
            for of_class in resolved.rows.get(change.class as usize).into_iter().flatten() {
                let permissions = left & of_class.mask;
                let Some(row) = table.access.get(of_class.row) else { continue };
                if permissions == 0 || !fits(comparison, &resolved, (of_class.row, row), change, is_own) {
                    continue;
                }
                left &= !permissions;
                let steps = usize::from(effect == Effect::MayGain)
                    + if matching.has(Which::Old, source) {
                        usize::from(!matching.has(Which::Old, target))
                    } else {
                        entered.get(&source).copied().unwrap_or(UNENTERED)
                    };
                let level = row.level.less(steps);
                if level == Level::Info {
                    continue;
                }
                let when = (effect == Effect::MayGain).then_some(change.after);
                let key = Key { level, row: of_class.row, cause: change.cause, when };
                let finding = found.entry(key).or_insert_with(|| AccessFinding {
                    verb: &row.what,
                    why: &row.why,
                    domains: Vec::new(),
                    targets: Vec::new(),
                    permissions: BTreeMap::new(),
                    accesses: 0,
                    cause: change.cause,
                    when,
                });
                if finding.domains.last() != Some(&source) {
                    finding.domains.push(source);
                }
                if finding.targets.last() != Some(&target) {
                    finding.targets.push(target);
                }
                *finding.permissions.entry(change.class).or_default() |= permissions;
                finding.accesses += 1;
            }
        }
    }
    let finished = found.into_iter().map(|(key, mut access)| {
        access.targets.sort_unstable();
        access.targets.dedup();
        let id = table.access.get(key.row).map_or("", |row| row.id.as_str());
        let domain = access.domains.first().copied();
        Finding { level: key.level, id, domain, what: What::Access(access) }
    });
    finished.collect()
}

fn fits(
    comparison: &Comparison<'_, '_>,
    resolved: &Resolved,
    (number, row): (usize, &Row),
    change: &AccessChange,
    is_own: bool,
) -> bool {
    let (source, target) = (change.source, change.target);
    row.targets.iter().any(|wanted| match wanted {
        Target::Any => true,
        Target::Other => !is_own,
        Target::Domain => target != source && comparison.is_domain(target),
        Target::Program => is(&resolved.is_program, target),
        Target::Named => resolved.is_named.get(&number).is_some_and(|is_one| is(is_one, target)),
        Target::Engine => is(&resolved.is_container, source) && is(&resolved.is_engine, target),
        Target::Secret if row.id.starts_with("read") => {
            is(&resolved.is_secret, target) && !is(&resolved.is_written, target)
        }
        Target::Secret => is(&resolved.is_secret, target),
    })
}

/// A domain's name without `_t`.
pub(super) fn stem(name: &str) -> String {
    name.strip_suffix("_t").unwrap_or(name).to_owned()
}

/// Whether a type's name begins with a stem.
pub(super) fn is_below(stem: &str, name: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// What a row asks of a class, in the numbers of a comparison.
struct ClassRow {
    row: usize,
    mask: u64,
}

/// What the table speaks of, in the numbers of a comparison.
struct Resolved {
    /// By class.
    rows: Vec<Vec<ClassRow>>,
    /// By row, the types that it names.
    is_named: HashMap<usize, Vec<bool>>,
    is_secret: Vec<bool>,
    /// Secrets that everybody may read.
    is_written: Vec<bool>,
    is_program: Vec<bool>,
    is_engine: Vec<bool>,
    is_container: Vec<bool>,
    /// Types of containers' files and of images.
    is_container_file: Vec<bool>,
}

impl Resolved {
    fn of(comparison: &Comparison<'_, '_>) -> Self {
        let matching = &comparison.matching;
        let table = table();
        let rows = (0..matching.n_classes()).map(|class| {
            let name = matching.class_name(class);
            let in_group = |group: &String| {
                *group == "*"
                    || *group == name
                    || table.classes.get(group).is_some_and(|all| all.contains(&name))
            };
            let rows = table.access.iter().enumerate().filter(|(_, row)| row.classes.iter().any(in_group));
            let rows = rows.map(|(at, row)| {
                let bits = row.permissions.iter().map(|name| matching.permission(class, name));
                let mask =
                    if row.permissions.is_empty() { u64::MAX } else { bits.fold(0, |all, bit| all | bit) };
                ClassRow { row: at, mask }
            });
            rows.filter(|row| row.mask != 0).collect()
        });
        let marked = |symbols: &mut dyn Iterator<Item = Symbol>| {
            let mut is_one = vec![false; matching.n_symbols()];
            for symbol in symbols {
                if let Some(slot) = is_one.get_mut(symbol.index()) {
                    *slot = true;
                }
            }
            is_one
        };
        let members = |names: &mut dyn Iterator<Item = &str>| -> Vec<Symbol> {
            let attributes = names.filter_map(|name| matching.named(name));
            let members = attributes.flat_map(|attribute| {
                Which::BOTH.into_iter().flat_map(move |which| matching.types_of(which, attribute))
            });
            members.collect()
        };
        // Types by name, and members of attributes.
        let named = |types: &mut dyn Iterator<Item = &str>, attributes: &mut dyn Iterator<Item = &str>| {
            let types = types.filter_map(|name| matching.named(name));
            marked(&mut types.chain(members(attributes)))
        };
        let is_named = table.access.iter().enumerate().filter(|(_, row)| !row.types.is_empty());
        let is_named = is_named.map(|(at, row)| {
            let attributes = &mut row.types.iter().filter_map(|name| name.strip_prefix('@'));
            let types = &mut row.types.iter().map(String::as_str).filter(|name| !name.starts_with('@'));
            (at, named(types, attributes))
        });
        let (secrets, none) = (&table.secrets, || std::iter::empty::<&str>());
        fn words(all: &[String]) -> impl Iterator<Item = &str> {
            all.iter().map(String::as_str)
        }
        let (mut engines, mut containers, mut files) = (Vec::new(), Vec::new(), Vec::new());
        for which in Which::BOTH {
            let found = Containers::of(matching.store(which));
            engines.extend(found.runtimes().filter_map(|id| matching.symbol(which, id)));
            let is_file =
                |symbol: &Symbol| matching.id(which, *symbol).is_some_and(|id| found.is_container_file(id));
            files.extend(matching.types().filter(is_file));
            containers.extend(found.domains().filter_map(|id| matching.symbol(which, id)));
        }
        Resolved {
            rows: rows.collect(),
            is_named: is_named.collect(),
            is_secret: named(&mut words(&secrets.types), &mut words(&secrets.attributes)),
            is_written: named(&mut words(&secrets.written), &mut none()),
            is_program: named(&mut none(), &mut words(&table.programs.attributes)),
            is_engine: marked(&mut engines.into_iter()),
            is_container: marked(&mut containers.into_iter()),
            is_container_file: marked(&mut files.into_iter()),
        }
    }
}

fn is(of: &[bool], symbol: Symbol) -> bool {
    of.get(symbol.index()).copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn what_is_a_domains_own_is_told_by_its_name() {
        assert!(is_below("httpd", "httpd_log_t") && is_below("httpd", "httpd"));
        assert!(!is_below("http", "httpd_log_t"));
    }
}
