//! The words of causes.

use analysis::context::{MlsRange, categories_text};
use analysis::decide::Operation;
use analysis::explain::{BooleanSet, Cause, ConstraintCause};

use super::tell::{Words, counted, side};
use super::told::{BooleanSetTold, CauseTold, LeafTold};

/// Commands named of those that no rule lists.
const COMMANDS_SHOWN: usize = 8;

impl Words<'_, '_> {
    /// All causes of a story, and what they leave out.
    pub(super) fn causes(&self) -> Vec<CauseTold> {
        let mut told: Vec<CauseTold> = self.answer.causes.iter().map(|cause| self.cause(cause)).collect();
        let by_rules = |cause: &Cause<'_>| matches!(cause, Cause::NoRule { .. } | Cause::Booleans { .. });
        let only_constraints = !self.answer.causes.iter().any(by_rules);
        if let Some(first) =
            told.iter_mut().find(|cause| cause.id == "constraint").filter(|_| only_constraints)
        {
            first.text.push("type enforcement would allow it".to_owned());
        }
        for open in &self.answer.denied.left_open {
            let text = format!(
                "the {} {} of the {} is none of this policy's, and was left open",
                open.part,
                avstore::shown_name(open.text.as_bytes()),
                side(open.side)
            );
            match told.first_mut() {
                Some(first) => first.text.push(text),
                None => told.push(plain("left_open", "open", Vec::new(), vec![text])),
            }
        }
        told
    }

    fn cause(&self, cause: &Cause<'_>) -> CauseTold {
        let (source, target, class) = (self.source(), self.target(), self.class());
        match cause {
            Cause::Allowed { permissions, booleans } => {
                let mut lines = vec![
                    "this policy allows it: the policy, a boolean or the label changed since, or another policy is loaded"
                        .to_owned(),
                ];
                if !booleans.is_empty() {
                    let names: Vec<String> = booleans.iter().map(|id| self.boolean_name(*id)).collect();
                    lines.push(format!("by rules that hang on {}", names.join(", ")));
                }
                plain(cause.id(), "none", self.permissions(*permissions), lines)
            }
            Cause::DontAudit { permissions } => plain(
                cause.id(),
                "dontaudit",
                self.permissions(*permissions),
                vec!["dontaudit rules of this policy keep such denials out of the log: probes that do no harm, as a rule".to_owned()],
            ),
            Cause::Unknown { permissions } => plain(
                cause.id(),
                "unknown",
                permissions.iter().map(|name| avstore::shown_name(name.as_bytes())).collect(),
                vec![format!("neither this policy nor the kernels known here have it for {class}: the rest is explained without it")],
            ),
            Cause::StoredContext { side: whose, text, faults } => {
                let text = avstore::shown_name(text.as_bytes());
                let mut lines = vec![format!(
                    "the {}'s label is stored as {text}, which the loaded policy did not know: it counts as unlabelled",
                    side(*whose)
                )];
                match faults.is_empty() {
                    true => lines.push("this policy knows it: it is not the one that was loaded then".to_owned()),
                    false => lines.extend(faults.iter().map(|fault| format!("in this policy, too: {fault}"))),
                }
                plain(cause.id(), "label", Vec::new(), lines)
            }
            Cause::NoRule { permissions } => plain(
                cause.id(),
                "type",
                self.permissions(*permissions),
                vec![match source == target {
                    true => format!("no rule lets {source} do that to its own {class}, whatever booleans are set"),
                    false => format!("no rule lets {source} do that to {target}:{class}, whatever booleans are set"),
                }],
            ),
            Cause::Booleans { permissions, sets } => {
                let told: Vec<BooleanSetTold> = sets.sets.iter().map(|set| self.boolean_set(set)).collect();
                let mut lines: Vec<String> = told.iter().map(|set| format!("rules for it are switched off: {}", settings(set, " and "))).collect();
                if sets.has_more || lines.is_empty() {
                    lines.push("more booleans than were tried play a part: `sepolq allow` shows the conditions".to_owned());
                }
                CauseTold { boolean_sets: told, ..plain(cause.id(), "boolean", self.permissions(*permissions), lines) }
            }
            Cause::Constraint(constraint) => self.constraint(cause.id(), constraint),
            Cause::Role { permissions, from, to } => plain(
                cause.id(),
                "role",
                self.permissions(*permissions),
                vec![format!(
                    "no `allow {} {};`: a process may not change its role so",
                    self.role_name(*from),
                    self.role_name(*to)
                )],
            ),
            Cause::Bounds { permissions, bounding, target } => plain(
                cause.id(),
                "bounds",
                self.permissions(*permissions),
                vec![format!(
                    "{source} is bounded by {} and never has more than it, which may not do that to {}",
                    self.type_name(*bounding),
                    self.type_name(*target)
                )],
            ),
            Cause::Commands { operation, verdicts } => {
                let (what, layer) = match operation {
                    Operation::Ioctl => ("ioctl command", "ioctl"),
                    Operation::Nlmsg => ("netlink message", "nlmsg"),
                };
                let numbers: Vec<String> = verdicts
                    .iter()
                    .take(COMMANDS_SHOWN)
                    .map(|verdict| format!("{:#06x}", verdict.command))
                    .collect();
                let more = if verdicts.len() > COMMANDS_SHOWN { ", …" } else { "" };
                let rules = verdicts.first().map_or(0, |verdict| verdict.rules.len());
                plain(
                    cause.id(),
                    layer,
                    Vec::new(),
                    vec![format!(
                        "no allowxperm rule lists {what} {}{more}, and {} on extended permissions {} every command be checked",
                        numbers.join(", "),
                        counted(rules as u64, "rule", "rules"),
                        if rules == 1 { "makes" } else { "make" },
                    )],
                )
            }
            Cause::Undefined { permissions, allowed } => {
                let verb = if *allowed { "allows" } else { "denies" };
                let text = format!("this policy does not define it, and {verb} what it does not define (handle_unknown)");
                plain(cause.id(), "unknown", permissions.clone(), vec![text])
            }
        }
    }

    fn boolean_set(&self, set: &BooleanSet) -> BooleanSetTold {
        let booleans = set.settings.iter().map(|setting| self.setting(setting)).collect();
        BooleanSetTold { booleans, adds: set.added, domains: set.domains }
    }

    fn constraint(&self, id: &'static str, constraint: &ConstraintCause) -> CauseTold {
        let mut lines = Vec::new();
        lines.extend(self.categories(constraint));
        for leaf in &constraint.leaves {
            lines.push(format!("{}: {}", leaf.comparison, leaf.why));
        }
        if !constraint.certain {
            lines.push("it depends on what the record leaves open".to_owned());
        }
        let leaves = constraint.leaves.iter().map(|leaf| LeafTold {
            comparison: leaf.comparison.clone(),
            value: leaf.value,
            why: leaf.why.clone(),
        });
        let one_level = self.store.policy().sensitivities().is_some_and(|(n, _)| n <= 1);
        let layer = match (constraint.compares_levels, one_level) {
            (true, true) => "MCS",
            (true, false) => "MLS",
            (false, _) => "constraint",
        };
        CauseTold {
            expression: Some(constraint.expression.clone()),
            leaves: leaves.collect(),
            ..plain(id, layer, self.permissions(constraint.permissions), lines)
        }
    }

    /// In words, where it is the categories that differ: of a container and a file, or of any two.
    fn categories(&self, constraint: &ConstraintCause) -> Option<String> {
        let denied = &self.answer.denied;
        let (source, target) = (denied.source.range.as_ref()?, denied.target.range.as_ref()?);
        let lacking = target.high.categories.difference(&source.high.categories);
        if !constraint.compares_levels
            || source.high.sensitivity != target.high.sensitivity
            || lacking.is_empty()
        {
            return None;
        }
        let policy = self.store.policy();
        let set = |range: &MlsRange| {
            let text = categories_text(policy, &range.high.categories);
            if text.is_empty() { "none".to_owned() } else { format!("{{{text}}}") }
        };
        let noun = match self.class().as_str() {
            "file" | "dir" | "lnk_file" | "chr_file" | "blk_file" | "sock_file" | "fifo_file" => {
                super::title::noun(&self.class()).rsplit(' ').next().unwrap_or_default().to_owned()
            }
            _ => "other side".to_owned(),
        };
        Some(match (self.answer.is_container, self.answer.is_containers_file) {
            (true, true) => format!(
                "the {noun} has another container's categories {}; this container has {}",
                set(target),
                set(source)
            ),
            (true, false) => {
                format!("the {noun} has the categories {}; this container has {}", set(target), set(source))
            }
            (false, _) => {
                format!("the {noun} has the categories {}; the process has {}", set(target), set(source))
            }
        })
    }
}

/// `httpd_can_network_connect=on`.
pub(super) fn settings(set: &BooleanSetTold, separator: &str) -> String {
    let one = |setting: &super::told::SettingTold| {
        format!("{}={}", setting.name, if setting.state { "on" } else { "off" })
    };
    set.booleans.iter().map(one).collect::<Vec<_>>().join(separator)
}

fn plain(id: &'static str, layer: &'static str, permissions: Vec<String>, text: Vec<String>) -> CauseTold {
    CauseTold { id, layer, permissions, text, boolean_sets: Vec::new(), expression: None, leaves: Vec::new() }
}
