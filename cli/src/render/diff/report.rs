//! What is told of a comparison, in words and numbers: text, Markdown, the page and JSON all show this.

use analysis::diff::{
    Cause, CauseSummary, Comparison, Effect, FileLabels, Finding, Level, Symbol, What, Which,
};
use serde::Serialize;

use super::domain::{DomainReport, Sources, domain_report};
use super::limits::DiffLimits;
use super::sections::{ComponentReport, Section, components, sections};
use super::{DiffAnswer, counted, listed};

/// All that is told.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Labels of the two policies and their versions.
    #[serde(skip)]
    pub(super) policies: [(String, u32); 2],
    /// Whether nothing changed.
    pub(super) is_same: bool,
    /// Whether the comparison was cut: then counts are of what was looked at, and what is not named may have changed.
    pub(super) truncated: bool,
    /// What is not compared, and what is worth knowing.
    pub(super) notes: Vec<String>,
    /// Types with another name: old, new.
    pub(super) renamed: Vec<(String, String)>,
    /// What is declared.
    pub(super) components: Vec<ComponentReport>,
    pub(super) access: Totals,
    pub(super) levels: Vec<(&'static str, usize)>,
    pub(super) findings: Vec<FindingReport>,
    pub(super) n_findings: usize,
    pub(super) gained_most: Vec<DomainLine>,
    pub(super) lost_most: Vec<DomainLine>,
    pub(super) causes: Vec<CauseReport>,
    pub(super) n_causes: usize,
    /// Causes by which domains that both policies have lost most; in text.
    #[serde(skip)]
    pub(super) taken_away: Vec<CauseReport>,
    /// Domains that constraints newly bind; in text.
    #[serde(skip)]
    pub(super) newly_bound: Vec<String>,
    #[serde(skip)]
    pub(super) n_newly_bound: usize,
    /// A domain of this difference, to ask about next; in text.
    #[serde(skip)]
    pub(super) example: Option<String>,
    /// Changes that are no access.
    pub(super) sections: Vec<Section>,
    /// All of the domains that were asked about.
    pub(super) domains: Vec<DomainReport>,
    pub(super) n_domains: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reach: Option<Vec<ReachReport>>,
}

/// How much access changed.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Totals {
    /// Changes of a domain, a type and a class.
    pub(super) accesses: usize,
    pub(super) permissions: usize,
    pub(super) gained: usize,
    pub(super) lost: usize,
    /// What booleans can grant, or no longer can, and what depends on other ones.
    pub(super) may_gain: usize,
    pub(super) may_lose: usize,
    pub(super) conditions: usize,
    pub(super) domains: usize,
}

#[derive(Serialize)]
pub(super) struct FindingReport {
    pub(super) level: &'static str,
    pub(super) id: &'static str,
    pub(super) text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) domains: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) targets: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) permissions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<String>,
    /// Why it is so serious, for access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<&'static str>,
    /// The condition that must hold first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<String>,
}

#[derive(Serialize)]
pub(super) struct DomainLine {
    pub(super) name: String,
    /// `new`, `gone`, or nothing.
    pub(super) status: &'static str,
    pub(super) confined: bool,
    pub(super) gained: usize,
    pub(super) lost: usize,
    pub(super) conditions: usize,
}

#[derive(Serialize)]
pub(super) struct CauseReport {
    pub(super) id: &'static str,
    pub(super) text: String,
    pub(super) accesses: usize,
    pub(super) permissions: usize,
    pub(super) gained: usize,
    pub(super) lost: usize,
    pub(super) n_domains: usize,
    pub(super) n_targets: usize,
    pub(super) domains: Vec<String>,
    pub(super) targets: Vec<String>,
    /// Rules that moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct ReachReport {
    pub(super) secret: String,
    pub(super) count: usize,
    pub(super) first: Vec<PathReport>,
}

#[derive(Serialize)]
pub(super) struct PathReport {
    pub(super) domain: String,
    pub(super) before: Option<usize>,
    pub(super) path: Vec<String>,
    pub(super) rules: Vec<String>,
}

/// Causes of which the rules are looked up, at most: that is a scan for each.
const WITH_RULES: usize = 200;

/// Makes the report.
pub(crate) fn diff_report(answer: &DiffAnswer<'_, '_, '_>, limits: DiffLimits) -> Report {
    let comparison = answer.comparison;
    let matching = &comparison.matching;
    let policies = [Which::Old, Which::New].map(|which| {
        let source = match which {
            Which::Old => answer.sources[0],
            Which::New => answer.sources[1],
        };
        (source.label.clone(), matching.store(which).policy().format().version)
    });
    let by_domain = comparison.by_domain();
    let totals = comparison.totals();
    let causes = comparison.by_cause();
    let most = |count: fn(&analysis::diff::DomainChange) -> usize| {
        let mut all: Vec<&analysis::diff::DomainChange> =
            by_domain.iter().filter(|change| count(change) > 0).collect();
        all.sort_by_cached_key(|change| (std::cmp::Reverse(count(change)), matching.name(change.domain)));
        all.into_iter().take(limits.domains).map(|change| domain_line(comparison, change)).collect()
    };
    let mut taken: Vec<&CauseSummary> = causes
        .iter()
        .filter(|cause| cause.lost > 0 && !matches!(cause.cause, Cause::TypeRemoved(_)))
        .collect();
    taken.sort_by_key(|cause| std::cmp::Reverse(cause.lost));
    let mut detailed: Vec<Symbol> = answer.domains.to_vec();
    if detailed.is_empty() {
        // Those for whom most changed, confined and known before first.
        let mut all: Vec<_> = by_domain.iter().collect();
        all.sort_by_cached_key(|change| {
            let is_known = change.has.old && change.has.new;
            let changes = change.gained + change.lost + change.conditions;
            (!change.is_confined, !is_known, std::cmp::Reverse(changes), matching.name(change.domain))
        });
        detailed.extend(all.iter().take(limits.details).map(|change| change.domain));
    }
    let newly_bound: Vec<_> = comparison.constrained.iter().filter(|change| !change.loosens).collect();
    let sources = Sources::of(comparison, &detailed);
    let none = Sources::default();
    Report {
        policies,
        truncated: comparison.truncated,
        is_same: comparison.is_same() && answer.labels.is_none_or(FileLabels::is_empty),
        notes: notes(comparison),
        renamed: matching.renamed(),
        components: components(comparison, limits),
        access: Totals {
            accesses: totals.accesses,
            permissions: totals.permissions,
            gained: totals.gained,
            lost: totals.lost,
            may_gain: totals.may_gain,
            may_lose: totals.may_lose,
            conditions: totals.conditions,
            domains: by_domain.len(),
        },
        levels: Level::ALL
            .iter()
            .map(|level| {
                (level.name(), answer.findings.iter().filter(|finding| finding.level == *level).count())
            })
            .filter(|(_, count)| *count > 0)
            .collect(),
        findings: answer
            .findings
            .iter()
            .take(limits.findings)
            .map(|finding| finding_report(comparison, finding, limits))
            .collect(),
        n_findings: answer.findings.len(),
        gained_most: most(|change| change.gained),
        lost_most: most(|change| change.lost),
        n_causes: causes.len(),
        causes: causes
            .iter()
            .take(limits.causes)
            .enumerate()
            .map(|(at, cause)| {
                let sections = limits.sections && at < WITH_RULES;
                cause_report(comparison, cause, DiffLimits { sections, ..limits })
            })
            .collect(),
        taken_away: taken
            .into_iter()
            .take(limits.taken_away)
            .map(|cause| cause_report(comparison, cause, limits))
            .collect(),
        newly_bound: newly_bound
            .iter()
            .take(limits.taken_away)
            .map(|change| comparison.constrained_text(change))
            .collect(),
        n_newly_bound: newly_bound.len(),
        example: example(answer, &by_domain),
        sections: sections(answer, limits),
        domains: detailed
            .iter()
            .map(|domain| domain_report(comparison, *domain, sources.get(domain).unwrap_or(&none), limits))
            .collect(),
        n_domains: by_domain.len(),
        reach: answer.reach.map(|reach| {
            reach
                .iter()
                .map(|secret| ReachReport {
                    secret: matching.name(secret.secret),
                    count: secret.count,
                    first: secret
                        .first
                        .iter()
                        .map(|new| PathReport {
                            domain: matching.name(new.domain),
                            before: new.before,
                            path: new.path.iter().map(|symbol| matching.name(*symbol)).collect(),
                            rules: new.rules.clone(),
                        })
                        .collect(),
                })
                .collect()
        }),
    }
}

/// A domain that is worth asking about: that of the most serious finding about one, or else one for whom most changed.
fn example(answer: &DiffAnswer<'_, '_, '_>, by_domain: &[analysis::diff::DomainChange]) -> Option<String> {
    let comparison = answer.comparison;
    let of_finding = answer.findings.iter().find_map(|finding| finding.domain);
    let most =
        || by_domain.iter().max_by_key(|change| change.gained.max(change.lost)).map(|change| change.domain);
    let bound = || comparison.constrained.first().map(|change| change.r#type);
    let started = || comparison.transitions.first().map(|change| change.source);
    let of_rule = || comparison.roles.iter().find_map(|change| change.source);
    let of_commands = || comparison.xperms.first().map(|change| change.source);
    let domain =
        of_finding.or_else(most).or_else(bound).or_else(started).or_else(of_rule).or_else(of_commands);
    domain.map(|domain| comparison.matching.name(domain))
}

fn notes(comparison: &Comparison<'_, '_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some((which, left_out)) = &comparison.left_out {
        let version = comparison.matching.store(*which).policy().format().version;
        let side = if *which == Which::Old { "old" } else { "new" };
        notes.push(format!(
            "not compared, because version {version} (the {side} policy) cannot carry it: {}",
            left_out.join("; ")
        ));
    }
    notes.extend(comparison.unknown_text());
    if comparison.truncated {
        notes.push(
            "the comparison was cut, because more may differ than honest policies give: what is not named may have changed too"
                .to_owned(),
        );
    }
    notes
}

fn domain_line(comparison: &Comparison<'_, '_>, change: &analysis::diff::DomainChange) -> DomainLine {
    DomainLine {
        name: comparison.matching.name(change.domain),
        status: match (change.has.old, change.has.new) {
            (false, _) => "new",
            (_, false) => "gone",
            _ => "",
        },
        confined: change.is_confined,
        gained: change.gained,
        lost: change.lost,
        conditions: change.conditions,
    }
}

/// The first names of some symbols.
fn names(comparison: &Comparison<'_, '_>, symbols: &[Symbol], most: usize) -> Vec<String> {
    let mut names = comparison.names(symbols.iter().copied());
    names.truncate(most);
    names
}

fn finding_report(comparison: &Comparison<'_, '_>, finding: &Finding, limits: DiffLimits) -> FindingReport {
    let (level, id) = (finding.level.name(), finding.id);
    let access = match &finding.what {
        What::Access(access) => access,
        What::Statement(text) => {
            let text = text.clone();
            let none = Vec::new;
            let (domains, targets, permissions) = (none(), none(), none());
            return FindingReport {
                level,
                id,
                text,
                domains,
                targets,
                permissions,
                cause: None,
                why: None,
                when: None,
            };
        }
    };
    let domains = names(comparison, &access.domains, limits.names);
    let targets = names(comparison, &access.targets, limits.names);
    let n_domains = access.domains.len();
    let who = if n_domains <= 2 {
        listed(&domains, n_domains)
    } else {
        format!(
            "{} ({})",
            counted(n_domains, "confined domain", "confined domains"),
            listed(&domains, n_domains)
        )
    };
    let permissions: Vec<String> = access
        .permissions
        .iter()
        .map(|(class, mask)| {
            format!(
                "{} {}",
                comparison.matching.class_name(*class),
                comparison.permissions_text(*class, *mask)
            )
        })
        .collect();
    let is_self = access.targets == access.domains;
    // A capability is had on oneself: what matters is which.
    let what = if is_self { permissions.join(", ") } else { listed(&targets, access.targets.len()) };
    let verb = if n_domains == 1 { access.verb.to_owned() } else { plural(access.verb) };
    let cause =
        comparison.effective.causes.get(access.cause as usize).map(|cause| comparison.cause_text(*cause));
    let when = access.when.map(|condition| comparison.conditions.text(condition).to_owned());
    let may = when.as_ref().map_or_else(String::new, |when| format!(", once {when} is true"));
    let text = format!("{who} newly {verb} {what}{may}");
    let why = Some(access.why);
    FindingReport { level, id, text, domains, targets, permissions, cause, why, when }
}

/// What several do, of what one does: the first word without its `s`.
fn plural(verb: &str) -> String {
    let (first, rest) =
        verb.split_once(' ').map_or((verb, String::new()), |(first, rest)| (first, format!(" {rest}")));
    let first = match first {
        "has" => "have",
        other => other.strip_suffix('s').unwrap_or(other),
    };
    format!("{first}{rest}")
}

/// A stable name of a kind of cause.
pub(super) const fn cause_id(cause: Cause) -> &'static str {
    match cause {
        Cause::TypeAdded(_) => "type_added",
        Cause::TypeRemoved(_) => "type_removed",
        Cause::Joined(..) => "joined",
        Cause::Left(..) => "left",
        Cause::Flipped(_) => "default",
        Cause::Moved(..) => "moved",
        Cause::RuleAdded(_) | Cause::SelfAdded(_) => "rule_added",
        Cause::RuleRemoved(_) | Cause::SelfRemoved(_) => "rule_removed",
        Cause::Bounds(_) => "bounds",
    }
}

fn cause_report(comparison: &Comparison<'_, '_>, cause: &CauseSummary, limits: DiffLimits) -> CauseReport {
    // Counts come from the whole, names from the first few.
    let first = |set: &analysis::diff::SymbolSet| {
        let mut names = comparison.names(set.iter().take(limits.names.saturating_mul(4)));
        names.truncate(limits.names);
        names
    };
    CauseReport {
        id: cause_id(cause.cause),
        text: comparison.cause_text(cause.cause),
        accesses: cause.accesses,
        permissions: cause.permissions,
        gained: cause.gained,
        lost: cause.lost,
        n_domains: cause.domains.len(),
        n_targets: cause.targets.len(),
        domains: first(&cause.domains),
        targets: first(&cause.targets),
        rules: if limits.sections { comparison.moved_rules(cause.cause, limits.names) } else { Vec::new() },
    }
}

/// What an effect is called before a list.
pub(super) const fn effect_title(effect: Effect) -> &'static str {
    match effect {
        Effect::Gained => "gained",
        Effect::Lost => "lost",
        Effect::MayGain => "may gain, by a boolean",
        Effect::MayLose => "can no longer gain, by a boolean",
        Effect::Conditions => "depends on something else",
    }
}
