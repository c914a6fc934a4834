//! What a boolean adds and takes, for people.

use std::io;

use analysis::decide::{AccessGroup, Changes, CommandChange, Commands, TypeGroup};

use super::super::access::{operation_name, permission_set};
use super::super::{Output, Style};
use super::{EffectAnswer, Line, SHOWN, TYPES_SHOWN, on_off, push};
use crate::policy_source::BooleanOrigin;

/// Prints the answer.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn effect_as_text(answer: &EffectAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    for (line, remark) in answer.lines() {
        output.text(line.as_bytes())?;
        if !remark.is_empty() {
            output.text(b"  ")?;
            output.styled(Style::Remark, format!("# {remark}").as_bytes())?;
        }
        output.text(b"\n")?;
    }
    Ok(())
}

impl EffectAnswer<'_, '_> {
    /// Where the state of the boolean comes from, and what it is: `off now, by the policy's default`.
    fn state(&self) -> String {
        let boolean = self.boolean_name(self.effect.boolean);
        let state = on_off(self.effect.state);
        if self.settings.iter().any(|(name, _)| *name == boolean) {
            return format!("{state}, as this question sets it");
        }
        match self.source.booleans {
            BooleanOrigin::Defaults => format!("{state} now, by the policy's default"),
            BooleanOrigin::Kernel => format!("{state} now"),
        }
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let effect = &self.effect;
        let boolean = self.boolean_name(effect.boolean);
        let domain = effect.domain.text(self.store.policy());
        let mut lines = Vec::new();
        if effect.is_empty() {
            push(&mut lines, format!("{boolean} changes nothing for {domain} ({})", self.state()));
            self.reasons(&mut lines);
        } else {
            let title = format!("{boolean} adds for {domain} ({})", self.state());
            self.section(&title, &effect.access.adds, &mut lines);
            self.section("takes", &effect.access.takes, &mut lines);
            self.commands(&mut lines);
            self.types(&mut lines);
            self.others(&mut lines);
            self.audit("logged when granted", &effect.auditallow, &mut lines);
            self.audit("not logged when denied", &effect.dontaudit, &mut lines);
            // Access may stay as it is while something else changes.
            if effect.access.is_empty()
                && let Some(unchanged) = &effect.unchanged
            {
                self.unchanged(unchanged, &mut lines);
            }
        }
        effect.blocked.iter().for_each(|blocked| self.blocked(blocked, &mut lines));
        self.notes(&mut lines);
        lines
    }

    fn section(&self, title: &str, groups: &[AccessGroup], lines: &mut Vec<Line>) {
        if groups.is_empty() {
            return push(lines, format!("{title}: nothing"));
        }
        push(lines, format!("{title}:"));
        lines.extend(self.groups(groups));
    }

    /// A line for each group, `  nfs_t:file { read write }`, in the order of their text.
    fn groups(&self, groups: &[AccessGroup]) -> Vec<Line> {
        let mut lines = Vec::new();
        for group in groups {
            let (others, remark) = self.type_group(&group.others);
            for (bits, word) in [(group.permissions.granted, ""), (group.permissions.depends, "depends")] {
                if bits != 0 {
                    let set = permission_set(self.store, group.class, bits, u32::MAX);
                    let remarks: Vec<&str> =
                        [word, &remark].into_iter().filter(|remark| !remark.is_empty()).collect();
                    let class = self.store.class_name(group.class);
                    lines.push((format!("  {others}:{class} {set}"), remarks.join("; ")));
                }
            }
        }
        lines.sort();
        lines
    }

    /// Types by attributes and names, and what else is to say about them.
    fn type_group(&self, group: &TypeGroup) -> (String, String) {
        let mut names: Vec<String> = group.rest.iter().map(|id| self.type_name(*id)).collect();
        names.sort();
        let hidden = names.len().saturating_sub(TYPES_SHOWN);
        let attributes = group.attributes.iter().map(|part| {
            let most = if part.is_whole() { "" } else { "most of " };
            format!("{most}{}", self.type_name(part.attribute))
        });
        let mut words: Vec<String> = attributes.chain(names.into_iter().take(TYPES_SHOWN)).collect();
        if hidden > 0 {
            words.push(format!("and {hidden} more"));
        }
        let alone = words.len() == 1;
        let counts = group.attributes.iter().map(|part| {
            let name = if alone { String::new() } else { format!("{}: ", self.type_name(part.attribute)) };
            let of = if part.is_whole() { String::new() } else { format!(" of {}", part.members) };
            format!("{name}{}{of} types", part.here)
        });
        let counts: Vec<String> = counts.collect();
        let text = match words.as_slice() {
            [one] => one.clone(),
            several => format!("{{ {} }}", several.join(" ")),
        };
        (text, counts.join(", "))
    }

    fn commands(&self, lines: &mut Vec<Line>) {
        if self.effect.commands.is_empty() {
            return;
        }
        push(lines, "commands:".to_owned());
        for change in &self.effect.commands {
            let CommandChange { targets, class, operation, off, on, depends } = change;
            let (targets, remark) = self.type_group(targets);
            let remarks: Vec<&str> = [if *depends { "depends" } else { "" }, &remark]
                .into_iter()
                .filter(|remark| !remark.is_empty())
                .collect();
            let (class, name) = (self.store.class_name(*class), operation_name(*operation));
            let line = format!("  {targets}:{class} {name}: off {}, on {}", commands(off), commands(on));
            lines.push((line, remarks.join("; ")));
        }
    }

    fn types(&self, lines: &mut Vec<Line>) {
        if self.effect.types.is_empty() {
            return;
        }
        push(lines, "types of what it makes:".to_owned());
        let mut rules: Vec<Line> = Vec::new();
        for change in &self.effect.types {
            let [target, off, on] = [change.target, change.off, change.on].map(|id| self.type_name(id));
            let class = self.store.class_name(change.class);
            push(&mut rules, format!("  {} {target}:{class}: off {off}, on {on}", change.kind.keyword()));
        }
        rules.sort();
        lines.extend(rules);
    }

    fn others(&self, lines: &mut Vec<Line>) {
        let domain = self.type_name(self.effect.domain.r#type);
        let Changes { adds, takes, .. } = &self.effect.to_domain;
        if adds.is_empty() && takes.is_empty() {
            return push(lines, "for others: nothing".to_owned());
        }
        for (word, groups) in [("adds", adds), ("takes", takes)] {
            if !groups.is_empty() {
                push(lines, format!("{word} for others, towards {domain}:"));
                let mut found: Vec<Line> = Vec::new();
                for (line, remark) in self.groups(groups) {
                    // `  who:class permissions`; the domain is the target.
                    let line = line.trim_start().replacen(':', &format!(" {domain}:"), 1);
                    found.push((format!("  {line}"), remark));
                }
                lines.extend(found);
            }
        }
    }

    fn audit(&self, title: &str, changes: &Changes, lines: &mut Vec<Line>) {
        for (word, groups) in [("adds", &changes.adds), ("takes", &changes.takes)] {
            if !groups.is_empty() {
                push(lines, format!("{title}, {word}:"));
                lines.extend(self.groups(groups));
            }
        }
    }
}

fn commands(commands: &Commands) -> String {
    let Commands::Ranges(ranges) = commands else {
        return if *commands == Commands::All { "all commands" } else { "none" }.to_owned();
    };
    let mut words: Vec<String> = ranges
        .iter()
        .take(SHOWN)
        .map(
            |(low, high)| if low == high { format!("{low:#06x}") } else { format!("{low:#06x}-{high:#06x}") },
        )
        .collect();
    if ranges.len() > SHOWN {
        words.push(format!("and {} more ranges", ranges.len() - SHOWN));
    }
    words.join(" ")
}
