//! Criteria that a given rule meets, in all the ways in which a rule can meet them.

use super::patterns;
use super::spelling::Piece;
use crate::random::Random;
use crate::vocabulary::{SampleRule, Vocabulary};

/// One value option with the flags that change its meaning.
#[derive(Debug, Clone)]
pub(super) struct Criterion {
    /// The option's letter, such as `-s`.
    pub(super) option: &'static str,
    /// Its value.
    pub(super) value: String,
    /// Flags such as `-ds`.
    pub(super) flags: Vec<&'static str>,
}

impl Criterion {
    fn new(option: &'static str, value: impl Into<String>) -> Self {
        Self { option, value: value.into(), flags: Vec::new() }
    }

    fn flag(mut self, flag: &'static str) -> Self {
        self.flags.push(flag);
        self
    }

    /// Cuts a list of permissions to its first: SETools names several unknown ones in random order.
    pub(super) fn keep_one_permission(&mut self) {
        if self.option == "-p" {
            self.value.truncate(self.value.find(',').unwrap_or(self.value.len()));
        }
    }

    /// The words of the command line that make it.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let value = Piece::Value(self.option, self.value.clone());
        self.flags.iter().map(|flag| Piece::Flag(flag)).chain([value]).collect()
    }
}

/// Some criteria that `rule` meets, in random order; mostly two or three.
pub(super) fn of_rule(rule: &SampleRule, vocabulary: &Vocabulary, random: &mut Random) -> Vec<Criterion> {
    let mut criteria = Vec::new();
    if random.chance(65) {
        criteria.push(side("-s", &rule.source, vocabulary, random));
    }
    if random.chance(55) {
        criteria.push(side("-t", &rule.target, vocabulary, random));
    }
    if !rule.class.is_empty() && random.chance(50) {
        criteria.push(class(rule, vocabulary, random));
    }
    if !rule.permissions.is_empty() && random.chance(40) {
        criteria.push(permissions(rule, random));
    }
    if !rule.extended.is_empty() {
        match random.below(10) {
            0..6 => criteria.push(extended(rule, random)),
            6..8 => criteria.push(Criterion::new("-p", "ioctl")),
            _ => {}
        }
    }
    if !rule.default.is_empty() && random.chance(45) {
        criteria.push(default(rule, vocabulary, random));
    }
    if !rule.booleans.is_empty() && random.chance(60) {
        criteria.push(booleans(rule, vocabulary, random));
    }
    random.shuffle(&mut criteria);
    criteria
}

/// `-s` or `-t`: the symbol itself, an alias, an attribute that overlaps it, a member, or a pattern.
fn side(option: &'static str, name: &str, vocabulary: &Vocabulary, random: &mut Random) -> Criterion {
    let (direct, regex) = if option == "-s" { ("-ds", "-rs") } else { ("-dt", "-rt") };
    let members = vocabulary.attributes.get(name);
    let attributes = vocabulary.types.get(name);
    match random.below(100) {
        0..40 => Criterion::new(option, name),
        40..52 => Criterion::new(option, name).flag(direct),
        52..62 => {
            let names = vocabulary.aliases_of(name);
            let alias = random.pick(&names).copied().unwrap_or(name);
            let criterion = Criterion::new(option, alias);
            if random.chance(30) { criterion.flag(direct) } else { criterion }
        }
        62..77 => {
            let near = members.or(attributes).and_then(|names| random.pick(names));
            Criterion::new(option, near.map_or(name, String::as_str))
        }
        77..90 => {
            // An expanded side is matched by its types' names only.
            let subject = members.and_then(|names| random.pick(names)).map_or(name, String::as_str);
            Criterion::new(option, patterns::matching(subject, random)).flag(regex)
        }
        _ => Criterion::new(option, patterns::matching(name, random)).flag(regex).flag(direct),
    }
}

/// `-c`: the class, a list with it, or a pattern.
fn class(rule: &SampleRule, vocabulary: &Vocabulary, random: &mut Random) -> Criterion {
    match random.below(100) {
        0..55 => Criterion::new("-c", &rule.class),
        55..80 => {
            let all: Vec<&String> = vocabulary.classes.keys().collect();
            let mut names = random.some(&all, 3);
            names.push(&rule.class);
            random.shuffle(&mut names);
            Criterion::new("-c", names.into_iter().map(String::as_str).collect::<Vec<_>>().join(","))
        }
        _ => Criterion::new("-c", patterns::matching(&rule.class, random)).flag("-rc"),
    }
}

/// `-p`: some of the rule's permissions, exactly its set (`-ep`), or a part of it (`-Sp`).
fn permissions(rule: &SampleRule, random: &mut Random) -> Criterion {
    let some = random.some(&rule.permissions, 4).join(",");
    match random.below(100) {
        0..40 => Criterion::new("-p", some),
        40..60 => {
            let mut all = rule.permissions.clone();
            random.shuffle(&mut all);
            Criterion::new("-p", all.join(",")).flag("-ep")
        }
        60..70 => Criterion::new("-p", some).flag("-ep"),
        70..95 => Criterion::new("-p", some).flag("-Sp"),
        _ => Criterion::new("-p", some).flag("-Sp").flag("-ep"),
    }
}

/// `-x`: values and ranges that meet the rule's, or exactly its set (`-ex`).
fn extended(rule: &SampleRule, random: &mut Random) -> Criterion {
    if random.chance(35) {
        return Criterion::new("-x", runs(&rule.extended).join(",")).flag("-ex");
    }
    let values = random.some(&rule.extended, 3);
    let words: Vec<String> = values.into_iter().map(|value| around(value, random)).collect();
    let criterion = Criterion::new("-x", words.join(","));
    if random.chance(20) { criterion.flag("-ex") } else { criterion }
}

/// A value, or a range around it, forwards or backwards, in one of the spellings of hexadecimal.
fn around(value: u32, random: &mut Random) -> String {
    let (low, high) =
        (value.saturating_sub(random.below(20) as u32), (value + random.below(300) as u32).min(0xffff));
    match random.below(8) {
        0..2 => format!("{value:#x}"),
        2 => format!("{value:x}"),
        3 => format!("0X{value:04X}"),
        4..6 => format!("{low:#06x}-{high:#06x}"),
        6 => format!("{low:x}-{high:x}"),
        _ => format!("{high:#x}-{low:#x}"),
    }
}

/// Ascending values as ranges and single values.
fn runs(values: &[u32]) -> Vec<String> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &value in values {
        match runs.last_mut() {
            Some((_, high)) if *high + 1 == value => *high = value,
            _ => runs.push((value, value)),
        }
    }
    let word =
        |(low, high)| if low == high { format!("{low:#06x}") } else { format!("{low:#06x}-{high:#06x}") };
    runs.into_iter().map(word).collect()
}

/// `-D`: the default type, an alias, an attribute of it, or a pattern.
///
/// For a range: as printed, or without its blanks; -rd does nothing.
fn default(rule: &SampleRule, vocabulary: &Vocabulary, random: &mut Random) -> Criterion {
    if rule.kind == "range_transition" {
        let range = if random.chance(50) { rule.default.replace(' ', "") } else { rule.default.clone() };
        let criterion = Criterion::new("-D", range);
        return if random.chance(15) { criterion.flag("-rd") } else { criterion };
    }
    match random.below(100) {
        0..50 => Criterion::new("-D", &rule.default),
        50..70 => {
            let attributes = vocabulary.types.get(&rule.default).and_then(|names| random.pick(names));
            Criterion::new("-D", attributes.unwrap_or(&rule.default))
        }
        70..80 => {
            let names = vocabulary.aliases_of(&rule.default);
            Criterion::new("-D", random.pick(&names).copied().unwrap_or(&rule.default))
        }
        _ => Criterion::new("-D", patterns::matching(&rule.default, random)).flag("-rd"),
    }
}

/// `-b`: some of the condition's booleans and others, exactly those (`-eb`), or a pattern.
fn booleans(rule: &SampleRule, vocabulary: &Vocabulary, random: &mut Random) -> Criterion {
    let some = random.some(&rule.booleans, 3);
    match random.below(100) {
        0..45 => Criterion::new("-b", some.join(",")),
        45..60 => {
            let mut names = random.some(&vocabulary.booleans, 2);
            names.extend(some);
            Criterion::new("-b", names.join(","))
        }
        60..80 => Criterion::new("-b", rule.booleans.join(",")).flag("-eb"),
        80..85 => Criterion::new("-b", some.join(",")).flag("-eb"),
        _ => {
            let name = some.first().map_or("", String::as_str);
            let criterion = Criterion::new("-b", patterns::matching(name, random)).flag("-rb");
            if random.chance(20) { criterion.flag("-eb") } else { criterion }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn values_are_joined_to_runs() {
        assert_eq!(runs(&[1, 2, 3, 5, 0xffff]), ["0x0001-0x0003", "0x0005", "0xffff"]);
        assert!(runs(&[]).is_empty());
    }
}
