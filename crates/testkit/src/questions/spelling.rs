//! The many ways in which argparse lets one question be written, and some that it refuses.
//!
//! Source: Python's `argparse.py` (3.11): clusters of short flags, values joined with and without `=`,
//! abbreviated long options, options on both sides of the positional argument, `--`.

use crate::random::Random;

/// Part of a command line that must not be torn apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// An option without a value.
    Flag(&'static str),
    /// An option, by its letter, with its value.
    Value(&'static str, String),
}

/// Letters with the long names of the same option.
const LONG: &[(&str, &str)] = &[
    ("-s", "--source"),
    ("-t", "--target"),
    ("-c", "--class"),
    ("-p", "--perms"),
    ("-x", "--xperms"),
    ("-D", "--default"),
    ("-b", "--bool"),
];

/// All long options that abbreviations are unique, or not, among.
const ALL_LONG: &[&str] = &[
    "--help",
    "--version",
    "--verbose",
    "--debug",
    "--allow",
    "--allowxperm",
    "--auditallow",
    "--auditallowxperm",
    "--dontaudit",
    "--dontauditxperm",
    "--neverallow",
    "--neverallowxperm",
    "--type_trans",
    "--type_change",
    "--type_member",
    "--role_allow",
    "--role_trans",
    "--range_trans",
    "--source",
    "--target",
    "--class",
    "--perms",
    "--xperms",
    "--default",
    "--bool",
];

/// Words that are ambiguous, unknown, or joined to an option that takes no value.
const STRAY: &[&str] = &[
    "--al",
    "--audit",
    "--d",
    "--de",
    "--type",
    "--ro",
    "--nosuch",
    "--ver",
    "-Z",
    "-e",
    "-r=1",
    "-r",
    "-S",
    "-dsA",
    "-t=",
    "--allow=yes",
    "-A=1",
    "-ds=1",
    "-Aq",
    "-TAq",
    "-AT",
    "-TA",
    "--",
    "extra",
    "-1",
    "-",
    "-rsrt",
    "-eq",
    "--type-trans",
    "-AATT",
    "-epread",
    "--dontauditxp",
];

/// Options whose value is missing. Only for the end of a line: elsewhere they could take the policy's name for
/// their value, and the question would be about the machine's own policy.
const WITHOUT_VALUE: &[&str] = &["-s", "-As", "--source", "--perm", "-p", "-x", "-rs -D", "-b"];

/// Writes pieces in random order and spelling, with the policy's name somewhere among them.
pub(super) fn spell(mut pieces: Vec<Piece>, policy: &str, random: &mut Random) -> Vec<String> {
    random.shuffle(&mut pieces);
    if random.chance(4)
        && let Some(Piece::Value(option, value)) =
            pieces.iter().find(|piece| matches!(piece, Piece::Value(..))).cloned()
    {
        // Repeated: the last one counts.
        pieces.insert(0, Piece::Value(option, value + "x"));
    }
    // Mostly last, as people write it.
    let place = if random.chance(75) { pieces.len() } else { random.below(pieces.len() + 1) };
    let mut words = Vec::new();
    let mut cluster: Option<&'static str> = None;
    for (index, piece) in pieces.iter().enumerate() {
        if index == place {
            words.extend(cluster.take().map(str::to_owned));
            words.push(policy.to_owned());
        }
        match piece {
            Piece::Flag(flag @ ("-A" | "-T")) if cluster.is_none() && random.chance(25) => {
                cluster = Some(flag)
            }
            Piece::Flag(flag) => words.push(abbreviated(flag, ALL_LONG, random)),
            Piece::Value(option, value) => match cluster.take() {
                // -As TYPE, -AsTYPE
                Some(flag) => {
                    let joined = format!("{flag}{}", option.trim_start_matches('-'));
                    join(&mut words, joined, value, "", random.chance(80));
                }
                None => spell_value(&mut words, option, value, random),
            },
        }
    }
    words.extend(cluster.map(str::to_owned));
    if place >= pieces.len() {
        if random.chance(2) {
            words.push("--".into());
        }
        words.push(policy.to_owned());
    }
    words
}

fn spell_value(words: &mut Vec<String>, option: &'static str, value: &str, random: &mut Random) {
    let long = LONG.iter().find(|(letter, _)| *letter == option).map_or(option, |(_, long)| long);
    match random.below(20) {
        0..11 => join(words, option.to_owned(), value, "", true),
        11..14 => join(words, long.to_owned(), value, "", true),
        14..16 => join(words, long.to_owned(), value, "=", false),
        16 => join(words, option.to_owned(), value, "", false),
        17 => join(words, option.to_owned(), value, "=", false),
        _ => {
            let long = abbreviated(long, ALL_LONG, random);
            let apart = random.chance(50);
            join(words, long, value, "=", apart);
        }
    }
}

/// Appends an option and its value, apart or joined by `by`. An empty value can only stand apart or after `=`.
pub(super) fn join(words: &mut Vec<String>, option: String, value: &str, by: &str, apart: bool) {
    if apart || (value.is_empty() && by.is_empty()) {
        words.extend([option, value.to_owned()]);
    } else {
        words.push(format!("{option}{by}{value}"));
    }
}

/// A long option, sometimes cut to a beginning that none other of `all_long` has.
pub(super) fn abbreviated(option: &'static str, all_long: &[&str], random: &mut Random) -> String {
    if !option.starts_with("--") || random.chance(70) {
        return option.to_owned();
    }
    let unique = |end: &usize| {
        let start = option.get(..*end).unwrap_or(option);
        all_long.iter().filter(|other| other.starts_with(start)).count() == 1
    };
    let ends: Vec<usize> = (3..option.len()).filter(unique).collect();
    let end = random.pick(&ends).copied().unwrap_or(option.len());
    option.get(..end).unwrap_or(option).to_owned()
}

/// Spoils a command line.
pub(super) fn misspell(words: &mut Vec<String>, random: &mut Random) {
    match random.below(10) {
        // No rule type at all.
        0 => words.retain(|word| !(word.starts_with("-A") || word.starts_with("-T") || is_kind(word))),
        // A policy that is not there.
        1 => words.iter_mut().filter(|word| *word == crate::records::POLICY).for_each(|word| {
            *word = "/nonexistent/policy.33".into();
        }),
        2 => words.push("--version".into()),
        3 => words.extend(random.word(WITHOUT_VALUE).split(' ').map(str::to_owned)),
        _ => {
            let stray = random.word(STRAY).to_owned();
            let place = if random.chance(50) { words.len() } else { random.below(words.len() + 1) };
            words.insert(place, stray);
        }
    }
}

fn is_kind(word: &str) -> bool {
    ["--al", "--au", "--don", "--nev", "--type"].iter().any(|start| word.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::{ALL_LONG, Piece, abbreviated, spell};
    use crate::random::Random;

    #[test]
    fn every_piece_is_spelt_and_the_policy_named_once() {
        let mut random = Random::new(5);
        for _ in 0..500 {
            let pieces = vec![Piece::Flag("-A"), Piece::Value("-s", "a_t".into()), Piece::Flag("-ds")];
            let words = spell(pieces, "POLICY", &mut random);
            assert_eq!(words.iter().filter(|word| *word == "POLICY").count(), 1, "{words:?}");
            assert!(words.iter().any(|word| word.ends_with("a_t")), "{words:?}");
            assert!(words.iter().any(|word| word.starts_with("-A")), "{words:?}");
        }
    }

    #[test]
    fn abbreviations_stay_unique() {
        let mut random = Random::new(6);
        for _ in 0..200 {
            let word = abbreviated("--dontaudit", ALL_LONG, &mut random);
            assert_eq!(word, "--dontaudit", "every shorter word could be --dontauditxperm");
            let word = abbreviated("--source", ALL_LONG, &mut random);
            assert!("--source".starts_with(&word) && word.len() > 2);
        }
    }
}
