//! What changed between two policy modules, by what they declare and state themselves: no policy says what their attributes mean.
//!
//! Rules are compared for each pair of names that they are written with, whatever statement they stand in. An optional block is a
//! condition: that what it requires is there; for its `else`, that it is not. A name that is an alias on the other side is the same
//! name. O(statements log statements).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use module::{Package, Place, SectionKind, Statement, statements};

/// Under which condition something is said; the default one always holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// A condition over booleans or tunables, and whether it is to be true.
    pub boolean: Option<(String, bool)>,
    /// The optional block around it.
    pub optional: Option<Optional>,
}

/// An optional block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Optional {
    /// What it requires that the whole module does not: `type audit_t`; sorted.
    pub requires: Vec<String>,
    /// Whether it is the `else`: what counts where something of this is not there.
    pub is_else: bool,
}

impl Condition {
    /// Whether it always holds.
    pub fn is_always(&self) -> bool {
        self.boolean.is_none() && self.optional.is_none()
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Requirements that are named.
        const NAMED: usize = 3;
        if let Some(Optional { requires, is_else }) = &self.optional {
            let names = requires.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = requires.len().saturating_sub(NAMED);
            f.write_str(if *is_else { "else of optional" } else { "optional" })?;
            if !names.is_empty() {
                write!(f, ": {names}")?;
            }
            if more > 0 {
                write!(f, " and {more} more")?;
            }
        }
        match (&self.boolean, &self.optional) {
            (Some((text, true)), None) => f.write_str(text),
            (Some((text, false)), None) => write!(f, "! ( {text} )"),
            (Some((text, true)), Some(_)) => write!(f, "; {text}"),
            (Some((text, false)), Some(_)) => write!(f, "; ! ( {text} )"),
            (None, Some(_)) => Ok(()),
            (None, None) => f.write_str("always"),
        }
    }
}

/// What rules of one kind say of two names and a class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleKey {
    /// The keyword.
    pub keyword: &'static str,
    /// The source, as it is written.
    pub source: String,
    /// The target, as it is written.
    pub target: String,
    /// The class.
    pub class: String,
}

/// A change of what rules say of two names and a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// Of what.
    pub key: RuleKey,
    /// What is newly said, and under which condition.
    pub added: Vec<(Condition, Vec<String>)>,
    /// What is no longer said.
    pub removed: Vec<(Condition, Vec<String>)>,
}

impl RuleChange {
    /// What both sides say under other conditions: permissions, the condition before, the condition now.
    pub fn moved(&self) -> Vec<(Vec<String>, &Condition, &Condition)> {
        let mut moved = Vec::new();
        for (before, old) in &self.removed {
            for (now, new) in &self.added {
                let both: Vec<String> = old.iter().filter(|one| new.contains(one)).cloned().collect();
                if !both.is_empty() {
                    moved.push((both, before, now));
                }
            }
        }
        moved
    }
}

/// What changed.
#[derive(Clone, Debug, Default)]
pub struct ModuleChanges {
    /// Names that became aliases of new ones, and the new ones: no change.
    pub renamed: Vec<(String, String)>,
    /// Statements that declare something, or say something of a symbol, and are new; texts, sorted.
    pub declared: Vec<String>,
    /// Those that are gone.
    pub no_longer_declared: Vec<String>,
    /// Booleans whose default flipped, and the new default.
    pub defaults: Vec<(String, bool)>,
    /// Rules, by what they are about.
    pub rules: Vec<RuleChange>,
    /// By section of the package, as its title: lines that are new.
    pub lines_added: Vec<(&'static str, String)>,
    /// Those that are gone.
    pub lines_removed: Vec<(&'static str, String)>,
}

impl ModuleChanges {
    /// Whether nothing changed; renames by alias are no change.
    pub fn is_empty(&self) -> bool {
        self.declared.is_empty()
            && self.no_longer_declared.is_empty()
            && self.defaults.is_empty()
            && self.rules.is_empty()
            && self.lines_added.is_empty()
            && self.lines_removed.is_empty()
    }
}

/// What one module says, names put into those of the new module.
#[derive(Default)]
struct Said {
    rules: BTreeMap<RuleKey, BTreeMap<Condition, BTreeSet<String>>>,
    declared: BTreeSet<String>,
    booleans: BTreeMap<String, bool>,
    lines: BTreeSet<(&'static str, String)>,
}

/// Compares two modules.
pub fn module_changes(old: &Package<'_>, new: &Package<'_>) -> ModuleChanges {
    let (old_statements, new_statements) = (statements(&old.module), statements(&new.module));
    let renamed = renamed(&old_statements, &new_statements);
    let names: HashMap<&str, &str> =
        renamed.iter().map(|(before, now)| (before.as_str(), now.as_str())).collect();
    let before = Said::of(old, &old_statements, &names);
    let now = Said::of(new, &new_statements, &names);
    let mut rules = Vec::new();
    let keys: BTreeSet<&RuleKey> = before.rules.keys().chain(now.rules.keys()).collect();
    for key in keys {
        let (old, new) = (before.rules.get(key), now.rules.get(key));
        let (added, removed) = (beyond(new, old), beyond(old, new));
        if !added.is_empty() || !removed.is_empty() {
            rules.push(RuleChange { key: key.clone(), added, removed });
        }
    }
    let flipped = now
        .booleans
        .iter()
        .filter(|(name, state)| before.booleans.get(*name).is_some_and(|before| before != *state));
    ModuleChanges {
        defaults: flipped.map(|(name, state)| (name.clone(), *state)).collect(),
        declared: now.declared.difference(&before.declared).cloned().collect(),
        no_longer_declared: before.declared.difference(&now.declared).cloned().collect(),
        rules,
        lines_added: now.lines.difference(&before.lines).cloned().collect(),
        lines_removed: before.lines.difference(&now.lines).cloned().collect(),
        renamed,
    }
}

/// What one side says that the other does not, by condition.
fn beyond(
    one: Option<&BTreeMap<Condition, BTreeSet<String>>>,
    other: Option<&BTreeMap<Condition, BTreeSet<String>>>,
) -> Vec<(Condition, Vec<String>)> {
    let mut found = Vec::new();
    for (condition, gives) in one.into_iter().flatten() {
        let others = other.and_then(|other| other.get(condition));
        let more: Vec<String> =
            gives.iter().filter(|one| others.is_none_or(|others| !others.contains(*one))).cloned().collect();
        if !more.is_empty() {
            found.push((condition.clone(), more));
        }
    }
    found
}

/// Types that have a new name, where the old name is an alias of it now.
fn renamed(old: &[Statement], new: &[Statement]) -> Vec<(String, String)> {
    let declares = |statements: &[Statement], name: &str| {
        statements
            .iter()
            .any(|statement| statement.keyword == "type" && statement.sources.iter().any(|one| one == name))
    };
    let mut renamed: Vec<(String, String)> = new
        .iter()
        .filter(|statement| statement.keyword == "typealias")
        .filter_map(|statement| Some((statement.gives.last()?.clone(), statement.sources.first()?.clone())))
        .filter(|(alias, name)| declares(old, alias) && !declares(old, name))
        .collect();
    renamed.sort();
    renamed.dedup();
    renamed
}

/// A symbol that an exclusion, such as `-name`, names is renamed too.
fn in_new_names(name: &str, names: &HashMap<&str, &str>) -> String {
    match name.strip_prefix('-') {
        Some(rest) => format!("-{}", in_new_names(rest, names)),
        None => (*names.get(name).unwrap_or(&name)).to_owned(),
    }
}

impl Said {
    fn of(package: &Package<'_>, statements: &[Statement], names: &HashMap<&str, &str>) -> Self {
        let mut said = Said::default();
        let optionals = optionals(statements, names);
        let rename =
            |all: &[String]| -> Vec<String> { all.iter().map(|one| in_new_names(one, names)).collect() };
        for statement in statements {
            let (sources, targets) = (rename(&statement.sources), rename(&statement.targets));
            let condition = Condition {
                boolean: statement.place.condition.clone(),
                optional: optional_of(&statement.place, &optionals),
            };
            // A declaration of an optional block says so.
            let declaration = |text: String| match condition.is_always() {
                true => format!("{text};"),
                false => format!("{text};  [ {condition} ]"),
            };
            match statement.keyword {
                // What is required says nothing about what is given.
                "require" => {}
                "bool" | "tunable" => {
                    let state = statement.gives.last().is_some_and(|state| state == "true");
                    for name in &sources {
                        said.booleans.insert(name.clone(), state);
                        said.declared.insert(declaration(format!("{} {name}", statement.keyword)));
                    }
                }
                "typealias" => {
                    let alias = statement.gives.last().cloned().unwrap_or_default();
                    // The old name of what was renamed, and the new name where it was an alias before.
                    let is_rename =
                        names.contains_key(alias.as_str()) || names.values().any(|now| *now == alias);
                    if !is_rename {
                        said.declared
                            .insert(declaration(format!("typealias {} alias {alias}", sources.join(" "))));
                    }
                }
                keyword if !statement.classes.is_empty() && keyword != "class" => {
                    said.add_rules(statement, &condition, &sources, &targets, &rename(&statement.gives));
                }
                keyword => {
                    let all = [vec![keyword.to_owned()], sources, targets, rename(&statement.gives)].concat();
                    said.declared.insert(declaration(all.join(" ")));
                }
            }
        }
        const TEXTS: [(SectionKind, &str); 4] = [
            (SectionKind::FileContexts, "file_contexts"),
            (SectionKind::Seusers, "seusers"),
            (SectionKind::UserExtra, "user_extra"),
            (SectionKind::NetfilterContexts, "netfilter_contexts"),
        ];
        for (kind, title) in TEXTS {
            let text = String::from_utf8_lossy(package.section(kind).unwrap_or_default()).into_owned();
            let lines = text.lines().map(|line| {
                let words: Vec<String> =
                    line.split_ascii_whitespace().map(|word| in_new_context(word, names)).collect();
                words.join(" ")
            });
            let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            said.lines.extend(lines.map(|line| (title, line)));
        }
        said
    }

    /// A rule says the same of each pair of its names.
    fn add_rules(
        &mut self,
        statement: &Statement,
        condition: &Condition,
        sources: &[String],
        targets: &[String],
        gives: &[String],
    ) {
        // Sets that take types out, or mean all but some, are one name; so are those that only forged modules have.
        const MOST_PAIRS: usize = 1 << 14;
        let is_large = sources.len().saturating_mul(targets.len()) > MOST_PAIRS;
        let whole =
            |names: &[String]| is_large || names.iter().any(|name| name.starts_with(['-', '~', '*', '(']));
        let each = |names: &[String]| if whole(names) { vec![names.join(" ")] } else { names.to_vec() };
        let gives: Vec<String> = match statement.keyword {
            "allow" | "auditallow" | "dontaudit" | "neverallow" | "auditdeny" => gives.to_vec(),
            _ => vec![gives.join(" ")],
        };
        for source in each(sources) {
            for target in each(targets) {
                for class in &statement.classes {
                    let key = RuleKey {
                        keyword: statement.keyword,
                        source: source.clone(),
                        target: target.clone(),
                        class: class.clone(),
                    };
                    let by_condition = self.rules.entry(key).or_default();
                    by_condition.entry(condition.clone()).or_default().extend(gives.iter().cloned());
                }
            }
        }
    }
}

/// What each optional block requires that the whole module does not, by the block's number.
fn optionals(statements: &[Statement], names: &HashMap<&str, &str>) -> HashMap<usize, Vec<String>> {
    let mut optionals: HashMap<usize, BTreeSet<String>> = HashMap::new();
    let of_blocks = statements.iter().filter(|one| one.place.block > 0 && one.place.branch == 0);
    for statement in of_blocks.filter(|one| one.keyword == "require") {
        // `require { type audit_t; }`: the kind is the third word.
        let kind = statement.text.split(' ').nth(2).unwrap_or_default();
        let required = statement.sources.iter().map(|name| format!("{kind} {}", in_new_names(name, names)));
        optionals.entry(statement.place.block).or_default().extend(required);
    }
    optionals.into_iter().map(|(block, requires)| (block, requires.into_iter().collect())).collect()
}

fn optional_of(place: &Place, optionals: &HashMap<usize, Vec<String>>) -> Option<Optional> {
    let requires = || optionals.get(&place.block).cloned().unwrap_or_default();
    (place.block > 0).then(|| Optional { requires: requires(), is_else: place.branch > 0 })
}

/// A word of a line of file contexts: the type of a context is renamed.
fn in_new_context(word: &str, names: &HashMap<&str, &str>) -> String {
    let parts: Vec<&str> = word.split(':').collect();
    match parts.as_slice() {
        [user, role, name, rest @ ..] if names.contains_key(name) => {
            let renamed = in_new_names(name, names);
            [&[*user, *role, renamed.as_str()], rest].concat().join(":")
        }
        _ => word.to_owned(),
    }
}
