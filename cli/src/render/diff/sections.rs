//! What changed that is no access: what is declared, and statements of other kinds than `allow`.

use analysis::diff::{Comparison, FileLabels, Part, Symbol, Which};
use avstore::{ComponentKind, Kind};
use policydb::RuleKind;
use serde::Serialize;

use super::limits::DiffLimits;
use super::{DiffAnswer, counted};

/// What changed of one kind of component.
#[derive(Serialize)]
pub(super) struct ComponentReport {
    pub(super) kind: &'static str,
    pub(super) n_added: usize,
    pub(super) n_removed: usize,
    pub(super) n_changed: usize,
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
    pub(super) changed: Vec<ChangedComponent>,
}

#[derive(Serialize)]
pub(super) struct ChangedComponent {
    pub(super) name: String,
    /// Words that only the newer policy has.
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
}

/// Statements of one kind that differ.
#[derive(Serialize)]
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) n_added: usize,
    pub(super) n_removed: usize,
    pub(super) n_changed: usize,
    /// Each with `+`, `-` or `~` before it; none if they are only counted.
    pub(super) lines: Vec<String>,
    pub(super) n_lines: usize,
}

/// What is declared and differs.
pub(super) fn components(comparison: &Comparison<'_, '_>, limits: DiffLimits) -> Vec<ComponentReport> {
    let shown = |all: &[String]| all.iter().take(limits.lines).cloned().collect::<Vec<String>>();
    let parts = |all: &[Part]| all.iter().take(limits.lines).map(Part::to_string).collect::<Vec<String>>();
    comparison
        .components
        .iter()
        .map(|change| ComponentReport {
            kind: plural(change.kind),
            n_added: change.added.len(),
            n_removed: change.removed.len(),
            n_changed: change.changed.len(),
            added: shown(&change.added),
            removed: shown(&change.removed),
            changed: change
                .changed
                .iter()
                .take(limits.lines)
                .map(|(name, words)| ChangedComponent {
                    name: name.clone(),
                    added: parts(&words.new),
                    removed: parts(&words.old),
                })
                .collect(),
        })
        .collect()
}

/// Several of a kind, as people call them.
const fn plural(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Type => "types",
        ComponentKind::Attribute => "attributes",
        ComponentKind::Alias => "aliases",
        ComponentKind::Role => "roles",
        ComponentKind::User => "users",
        ComponentKind::Class => "classes",
        ComponentKind::Common => "commons",
        ComponentKind::Boolean => "booleans",
        ComponentKind::Sensitivity => "sensitivities",
        ComponentKind::Category => "categories",
        ComponentKind::TypeBounds => "type bounds",
        ComponentKind::RoleBounds => "role bounds",
        ComponentKind::UserBounds => "user bounds",
        ComponentKind::Permissive => "permissive domains",
        ComponentKind::NeverAudit => "domains without audit",
        ComponentKind::Capability => "policy capabilities",
        ComponentKind::Default => "defaults",
        ComponentKind::InitialSid => "initial SIDs",
        kind => kind.keyword(),
    }
}

/// Lines of file contexts that a screen has.
const SHORT: usize = 8;

/// Statements of other kinds that differ.
pub(super) fn sections(answer: &DiffAnswer<'_, '_, '_>, limits: DiffLimits) -> Vec<Section> {
    let comparison = answer.comparison;
    let mut sections = vec![
        transitions(comparison, RuleKind::TypeTransition, limits),
        transitions(comparison, RuleKind::TypeChange, limits),
        transitions(comparison, RuleKind::TypeMember, limits),
        roles(comparison, Kind::RoleAllow, limits),
        roles(comparison, Kind::RoleTransition, limits),
        roles(comparison, Kind::RangeTransition, limits),
        xperms(comparison, limits),
        constraints(comparison, limits),
        audit(comparison, limits),
    ];
    if let Some(labels) = answer.labels {
        let mut lines = Lines::new("file_contexts", "file contexts".to_owned(), limits);
        // They were asked for.
        lines.1 = if limits.sections { limits.lines } else { limits.lines.min(SHORT) };
        file_labels(labels, &mut lines);
        sections.push(lines.0);
    }
    sections.retain(|section| section.n_lines > 0);
    sections
}

fn file_labels(labels: &FileLabels, lines: &mut Lines) {
    let shown = |text: &str| policydb::Name::new(text.as_bytes()).to_string();
    let of = |label: &Option<String>| label.as_ref().map(|label| shown(label));
    let mut push = |what: String, old: Option<String>, new: Option<String>| match (old, new) {
        (Some(old), Some(new)) => lines.changed(|| format!("{what} {new}  (was {old})")),
        (None, Some(new)) => lines.added(|| format!("{what} {new}")),
        (Some(old), None) => lines.removed(|| format!("{what} {old}")),
        (None, None) => {}
    };
    for change in &labels.lines {
        let kind = change.kind.map_or("", |kind| kind.word());
        let what = format!("{} {kind}", shown(&change.regex));
        push(what, of(&change.label.old), of(&change.label.new));
    }
    for change in &labels.substitutions {
        push(format!("{} is looked up as", shown(&change.from)), of(&change.to.old), of(&change.to.new));
    }
    for change in labels.paths.iter().filter(|change| change.is_order) {
        let by = |which: Which| change.by.get(which).as_deref().map_or_else(String::new, shown);
        let none = || "<<none>>".to_owned();
        let what = format!("{}, by the order of lines: {} decides", shown(&change.path), by(Which::New));
        let was = format!("{} by {}", of(&change.label.old).unwrap_or_else(none), by(Which::Old));
        push(what, Some(was), Some(of(&change.label.new).unwrap_or_else(none)));
    }
}

/// A section that grows line by line.
struct Lines(Section, usize);

impl Lines {
    fn new(id: &'static str, title: String, limits: DiffLimits) -> Self {
        let most = if limits.sections { limits.lines } else { 0 };
        Lines(
            Section { id, title, n_added: 0, n_removed: 0, n_changed: 0, lines: Vec::new(), n_lines: 0 },
            most,
        )
    }

    fn push(&mut self, sign: char, text: impl FnOnce() -> String) {
        self.0.n_lines += 1;
        if self.0.lines.len() < self.1 {
            self.0.lines.push(format!("{sign} {}", text()));
        }
    }

    fn added(&mut self, text: impl FnOnce() -> String) {
        self.0.n_added += 1;
        self.push('+', text);
    }

    fn removed(&mut self, text: impl FnOnce() -> String) {
        self.0.n_removed += 1;
        self.push('-', text);
    }

    fn changed(&mut self, text: impl FnOnce() -> String) {
        self.0.n_changed += 1;
        self.push('~', text);
    }
}

fn transitions(comparison: &Comparison<'_, '_>, kind: RuleKind, limits: DiffLimits) -> Section {
    let mut lines = Lines::new(kind.keyword(), format!("{} rules", kind.keyword()), limits);
    for change in comparison.transitions.iter().filter(|change| change.kind == kind) {
        let text = || comparison.transition_text(change);
        match (change.default.old, change.default.new) {
            (None, _) => lines.added(text),
            (_, None) => lines.removed(text),
            _ => lines.changed(text),
        }
    }
    lines.0
}

fn roles(comparison: &Comparison<'_, '_>, kind: Kind, limits: DiffLimits) -> Section {
    let mut lines = Lines::new(kind.name(), format!("{} rules", kind.name()), limits);
    for change in comparison.roles.iter().filter(|change| change.kind == kind) {
        let text = || change.text.clone();
        match change.which {
            Which::New => lines.added(text),
            Which::Old => lines.removed(text),
        }
    }
    lines.0
}

fn xperms(comparison: &Comparison<'_, '_>, limits: DiffLimits) -> Section {
    let mut lines = Lines::new("xperms", "extended permissions".to_owned(), limits);
    for change in &comparison.xperms {
        let text = || comparison.xperm_text(change);
        match (change.has_any.old, change.has_any.new) {
            (false, _) => lines.added(text),
            (_, false) => lines.removed(text),
            _ => lines.changed(text),
        }
    }
    lines.0
}

fn constraints(comparison: &Comparison<'_, '_>, limits: DiffLimits) -> Section {
    let mut lines = Lines::new("constraints", "constraints".to_owned(), limits);
    for (sign, text) in comparison.constraint_texts() {
        match sign {
            '+' => lines.added(|| text),
            '-' => lines.removed(|| text),
            _ => lines.changed(|| text),
        }
    }
    for change in &comparison.constrained {
        lines.changed(|| comparison.constrained_text(change));
    }
    lines.0
}

fn audit(comparison: &Comparison<'_, '_>, limits: DiffLimits) -> Section {
    let mut lines = Lines::new("audit", "what is logged".to_owned(), limits);
    for (totals, more, less) in [
        (comparison.audit.auditallow, "grants are newly audited", "grants are no longer audited"),
        (comparison.audit.dontaudit, "denials are newly kept out of the log", "denials are newly logged"),
    ] {
        if totals.gained > 0 {
            lines.added(|| format!("{} on which {more}", counted(totals.gained, "access", "accesses")));
        }
        if totals.lost > 0 {
            lines.removed(|| format!("{} on which {less}", counted(totals.lost, "access", "accesses")));
        }
        let others = totals.may_gain + totals.may_lose + totals.conditions;
        if others > 0 {
            lines.changed(|| {
                format!("{} on which that depends on other booleans", counted(others, "access", "accesses"))
            });
        }
    }
    lines.0
}

/// Statements of other kinds that differ for a domain: those about it, or an attribute of it.
pub(super) fn of_domain(comparison: &Comparison<'_, '_>, domain: Symbol) -> Vec<String> {
    let mut lines = Vec::new();
    for change in comparison.transitions.iter().filter(|change| {
        // What starts a domain is of interest to it, too.
        change.source == domain || [change.default.old, change.default.new].contains(&Some(domain))
    }) {
        let sign = match (change.default.old, change.default.new) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        };
        lines.push(format!("{sign} {}", comparison.transition_text(change)));
    }
    for change in comparison.roles.iter().filter(|change| change.source == Some(domain)) {
        let sign = if change.which == Which::New { '+' } else { '-' };
        lines.push(format!("{sign} {}", change.text));
    }
    for change in comparison.xperms.iter().filter(|change| comparison.is_about(change, domain)) {
        lines.push(format!("~ {}", comparison.xperm_text(change)));
    }
    lines.extend(comparison.other_xperms_by_membership(domain));
    lines
}
