//! Why a boolean changes nothing, what keeps it from doing so, and what else is to know.

use analysis::decide::{Applied, AppliedRule, Blocked, Changes, TypeGroup, Unchanged, boolean_domains};
use avstore::{FileNames, StatementWriter};
use policydb::TypeId;

use super::super::access::permission_set;
use super::{EffectAnswer, Line, SHOWN, TYPES_SHOWN, on_off, push};

impl EffectAnswer<'_, '_> {
    /// Why nothing changes.
    pub(super) fn reasons(&self, lines: &mut Vec<Line>) {
        let effect = &self.effect;
        let domain = self.type_name(effect.domain.r#type);
        if effect.rules_from + effect.rules_to == 0 {
            if effect.blocked.is_empty() {
                push(lines, format!("nothing: no rule of this boolean is about {domain}"));
                self.whom(lines);
            }
            return;
        }
        match &effect.unchanged {
            Some(unchanged) => self.unchanged(unchanged, lines),
            None => push(
                lines,
                format!(
                    "nothing: {} about {domain}, and none makes a difference",
                    rules(effect.rules_from + effect.rules_to, "is", "are")
                ),
            ),
        }
    }

    pub(super) fn unchanged(&self, unchanged: &Unchanged<'_>, lines: &mut Vec<Line>) {
        let domain = self.type_name(self.effect.domain.r#type);
        let n_rules = rules(self.effect.rules_from, "names", "name");
        let proof = &unchanged.proof;
        if unchanged.is_granted() {
            push(lines, format!("nothing: {domain} is granted all of this already; {n_rules} it"));
            push(lines, format!("  {}", self.rule(&unchanged.rule, unchanged.target)));
            let mut left = proof.requested;
            for applied in proof.grants.iter().filter(|applied| applied.in_force).take(SHOWN) {
                if applied.rule.permissions() & left != 0 {
                    left &= !applied.rule.permissions();
                    push(lines, format!("  granted by {}", self.rule(applied, unchanged.target)));
                }
            }
            return;
        }
        push(lines, format!("nothing: what {n_rules} is granted already, or refused all the same"));
        push(lines, format!("  {}", self.rule(&unchanged.rule, unchanged.target)));
        let set = permission_set(self.store, unchanged.class, proof.requested, u32::MAX);
        let set = set.trim_matches(['{', '}', ' ']).replace(' ', ",");
        let (target, class) = (self.type_name(unchanged.target), self.store.class_name(unchanged.class));
        let state = if self.is_true_branch_on(unchanged) { "on" } else { "off" };
        let boolean = self.boolean_name(self.effect.boolean);
        let context = self.effect.domain.text(self.store.policy());
        push(lines, format!("  see sepolq can {context} {target} {class} {set} --bool {boolean}={state}"));
    }

    /// Whether the rule that changes nothing is in force with the boolean on.
    fn is_true_branch_on(&self, unchanged: &Unchanged<'_>) -> bool {
        let AppliedRule::Stated(rule) = &unchanged.rule.rule else { return true };
        let policy = self.store.policy();
        let Some(branch) = rule.branch() else { return true };
        let Some(conditional) = policy.conditionals().get(branch.index()) else { return true };
        let mut booleans = avstore::Booleans::of(policy);
        for (name, state) in self.settings {
            if let Some(id) = policy.boolean_named(name.as_bytes()) {
                booleans = booleans.with(id, *state);
            }
        }
        let value = avstore::condition_value(conditional, &booleans.with(self.effect.boolean, true));
        value == Some(branch.when)
    }

    /// Whom the boolean is about, if not this domain.
    fn whom(&self, lines: &mut Vec<Line>) {
        let domains = boolean_domains(self.store, self.effect.boolean);
        if domains.is_empty() {
            return push(lines, "  it switches no rule at all".to_owned());
        }
        let mut words: Vec<String> = domains
            .iter()
            .take(SHOWN)
            .map(|found| format!("{} ({})", self.type_name(found.source), found.total))
            .collect();
        if domains.len() > SHOWN {
            words.push(format!("and {} more", domains.len() - SHOWN));
        }
        push(lines, format!("  its rules are about {}", words.join(", ")));
    }

    /// The statement, its condition, and through which attributes it applies.
    fn rule(&self, applied: &Applied<'_>, target: TypeId) -> String {
        let AppliedRule::Stated(rule) = &applied.rule else { return "a rule of this question".to_owned() };
        let mut statement = Vec::new();
        StatementWriter::new(self.store, FileNames::Quoted).write(rule, &mut statement);
        let mut line = String::from_utf8_lossy(&statement).into_owned();
        if let Some(branch) = rule.branch() {
            let when = if branch.when { "True" } else { "False" };
            line.push_str(&format!(" [ {} ]:{when}", self.condition(branch.conditional)));
        }
        let sides = [(applied.source_through, self.effect.domain.r#type), (applied.target_through, target)];
        let through: Vec<String> = sides
            .into_iter()
            .filter_map(|(through, id)| {
                Some(format!("{} has {}", self.type_name(id), self.type_name(through?)))
            })
            .collect();
        if !through.is_empty() {
            line.push_str(&format!("  {}", through.join(", ")));
        }
        line
    }

    pub(super) fn blocked(&self, blocked: &Blocked, lines: &mut Vec<Line>) {
        let n_rules = rules(blocked.rules_from + blocked.rules_to, "", "");
        let domain = self.type_name(self.effect.domain.r#type);
        let value = match blocked.value {
            Some(true) => "which is true either way",
            Some(false) => "which is false either way",
            None => "which the kernel cannot compute",
        };
        let condition = self.condition(blocked.conditional);
        push(lines, format!("blocked: {n_rules}about {domain} under `{condition}`, {value}"));
        let ways: Vec<String> = blocked
            .ways
            .iter()
            .take(SHOWN)
            .map(|way| {
                let words =
                    way.iter().map(|(id, state)| format!("{}={}", self.boolean_name(*id), on_off(*state)));
                words.map(|word| format!("--bool {word}")).collect::<Vec<_>>().join(" ")
            })
            .collect();
        if !ways.is_empty() {
            push(lines, format!("  it would count with {}", ways.join(", or with ")));
        }
    }

    pub(super) fn notes(&self, lines: &mut Vec<Line>) {
        let effect = &self.effect;
        let domain = effect.domain.text(self.store.policy());
        let all = || {
            [&effect.access, &effect.to_domain]
                .into_iter()
                .flat_map(|list| list.adds.iter().chain(&list.takes))
        };
        let depends = |list: &Changes| {
            list.adds.iter().chain(&list.takes).find(|group| group.permissions.depends != 0).cloned()
        };
        let example = depends(&effect.access).map(|group| (group, true));
        if let Some((group, from)) =
            example.or_else(|| depends(&effect.to_domain).map(|group| (group, false)))
        {
            let other = group.others.types.first().map_or_else(String::new, |id| self.type_name(*id));
            let (source, target) = if from { (&domain, &other) } else { (&other, &domain) };
            let depends = group.permissions.depends;
            // The permission of the lowest bit: one is enough to see what it depends on.
            let set = permission_set(self.store, group.class, depends & depends.wrapping_neg(), u32::MAX);
            let class = self.store.class_name(group.class);
            let boolean = self.boolean_name(effect.boolean);
            let is_added =
                effect.access.adds.iter().chain(&effect.to_domain.adds).any(|added| *added == group);
            let state = on_off(is_added);
            push(
                lines,
                "note: `depends` is on levels, roles or users that were left open; on which tells, for one of them,"
                    .to_owned(),
            );
            push(lines, format!("  sepolq can {source} {target} {class} {set} --bool {boolean}={state}"));
        }
        let hides = |group: &TypeGroup| group.rest.len() > TYPES_SHOWN;
        if all().any(|group| hides(&group.others)) {
            push(lines, "note: --json lists all types".to_owned());
        }
        if effect.permissive {
            let name = self.type_name(effect.domain.r#type);
            push(
                lines,
                format!("note: {name} is permissive: what is denied is logged, and done all the same"),
            );
        }
        if effect.truncated {
            push(
                lines,
                "note: this policy makes too many pairs of types and classes; the lists are cut off"
                    .to_owned(),
            );
        }
    }
}

/// `1 conditional rule names`, `3 conditional rules name`.
fn rules(count: usize, one: &str, several: &str) -> String {
    if count == 1 {
        format!("1 conditional rule {one}")
    } else {
        format!("{count} conditional rules {several}")
    }
}
