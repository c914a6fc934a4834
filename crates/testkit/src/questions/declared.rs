//! Random seinfo command lines, the same for the same seed and vocabulary.
//!
//! Most ask for something that the policy declares, by its name, an alias or a number within its range; some for what
//! it does not; some for everything of a kind; some are no valid command line.
//!
//! Left out on purpose: ranges of ports and keys (SETools 4.4.1 fails by a fault of its own); `-h` (the text wraps with
//! the terminal); `--debug` (prints times); and questions without a policy, or whose last query takes the policy for its
//! value (the answer is the machine's).

use super::spelling::{abbreviated, join};
use crate::random::Random;
use crate::records::POLICY;
use crate::vocabulary::Declarations;

/// The queries by their long names, with the letters of those that have one.
const QUERIES: &[(&str, &str)] = &[
    ("--attribute", "-a"),
    ("--bool", "-b"),
    ("--class", "-c"),
    ("--role", "-r"),
    ("--type", "-t"),
    ("--user", "-u"),
    ("--category", ""),
    ("--common", ""),
    ("--constrain", ""),
    ("--default", ""),
    ("--fs_use", ""),
    ("--genfscon", ""),
    ("--ibpkeycon", ""),
    ("--ibendportcon", ""),
    ("--initialsid", ""),
    ("--netifcon", ""),
    ("--nodecon", ""),
    ("--permissive", ""),
    ("--polcap", ""),
    ("--portcon", ""),
    ("--sensitivity", ""),
    ("--typebounds", ""),
    ("--validatetrans", ""),
];

/// All long options that abbreviations are unique, or not, among.
const ALL_LONG: &[&str] = &[
    "--help",
    "--version",
    "--expand",
    "--flat",
    "--verbose",
    "--debug",
    "--attribute",
    "--bool",
    "--class",
    "--role",
    "--type",
    "--user",
    "--category",
    "--common",
    "--constrain",
    "--default",
    "--fs_use",
    "--genfscon",
    "--ibpkeycon",
    "--ibendportcon",
    "--initialsid",
    "--netifcon",
    "--nodecon",
    "--permissive",
    "--polcap",
    "--portcon",
    "--sensitivity",
    "--typebounds",
    "--validatetrans",
    "--all",
    "--ioportcon",
    "--iomemcon",
    "--pcidevicecon",
    "--pirqcon",
    "--devicetreecon",
];

/// Options that change how things are shown, or that do nothing here.
const FLAGS: &[&str] = &[
    "-x",
    "-x",
    "-x",
    "--expand",
    "--flat",
    "--flat",
    "--all",
    "-v",
    "--ioportcon",
    "--pirqcon",
    "--iomemcon",
];

/// Values that nothing has.
const UNKNOWN: &[&str] =
    &["nosuch", "", "File", " file", "file,dir", "*", "\u{fc}", "0", "a b", "domian", "true", ".*", "s0:c0"];

const ODD_PORTS: &[&str] = &[
    "x",
    "0",
    "70000",
    "1-",
    "-5",
    "1-2-3",
    "+80",
    " 80 ",
    "8_0",
    "99999999999999999999",
    "0x50",
    "22,80",
    "-",
    "80.0",
    "0080",
    "\u{661}x",
];

const ODD_KEYS: &[&str] = &[
    "0",
    "zz",
    "0x10000",
    "0x",
    "1_0",
    "ffff",
    "-1",
    "1-2-3",
    "0x8000 ",
    "0X1",
    "0xffffffffffffffffffff",
    "8000",
    "-",
    "0x_a",
];

const ODD_NODES: &[&str] = &[
    "10.1.2.3/16",
    "zz",
    "10.0.0.0/33",
    "10.0.0.0/255.0.0.0",
    "10.0.0.0/0.255.255.255",
    "10.1.2.3",
    "0.0.0.0/0",
    "::/0",
    "fe80::1/64",
    "fe80::%eth0/64",
    "fe80::1%lo/10",
    "::1/128",
    "::1",
    "010.0.0.0",
    "10.0.0.0/8/8",
    "::ffff:10.0.0.1/104",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::1%",
    "12345::",
    "1.2.3",
    "10.0.0.0/",
    "::/ffff::",
    "::1.2.3.4/127",
    "1::2::3",
];

/// Words that are ambiguous, unknown, or joined to an option that takes no value.
const STRAY: &[&str] = &[
    "--c",
    "--p",
    "--io",
    "--nosuch",
    "-Z",
    "-xq",
    "--flat=1",
    "-x=1",
    "--ver",
    "extra",
    "-5",
    "-",
    "--",
    "-vx",
    "--expand=",
    "--all=yes",
    "-e",
    "--i",
    "--de",
    "-xvx",
    "--t",
    "--v=1",
    "-X",
    "--fs-use",
    "--a",
];

/// A generator of questions about one policy.
#[derive(Debug, Clone)]
pub struct DeclaredQuestions<'a> {
    random: Random,
    declared: &'a Declarations,
}

/// Some words that belong together, and whether the last would take the next word for its value.
#[derive(Debug, Default)]
struct Group {
    words: Vec<String>,
    is_open: bool,
}

impl<'a> DeclaredQuestions<'a> {
    /// The questions of `seed` about what the policy declares.
    pub fn new(seed: u64, declared: &'a Declarations) -> Self {
        Self { random: Random::new(seed), declared }
    }

    /// The next command line, with [`POLICY`] for the policy's file.
    pub fn question(&mut self) -> Vec<String> {
        match self.random.below(100) {
            0..48 => self.queries(1),
            48..64 => self.queries(4),
            64..72 => self.broad(),
            72..86 => self.odd(),
            _ => self.misspelt(),
        }
    }

    /// At most `most` queries for what is there.
    fn queries(&mut self, most: usize) -> Vec<String> {
        let mut groups = Vec::new();
        for _ in 0..=self.random.below(most) {
            let (long, letter) = self.query();
            let group = match self.declared_value(long) {
                Some(value) if self.random.chance(85) => self.spell(long, letter, &value),
                _ => self.open(long, letter),
            };
            groups.push(group);
        }
        self.line(groups, 40)
    }

    /// Everything of some kinds, or of all, or only the statistics.
    fn broad(&mut self) -> Vec<String> {
        let mut groups = Vec::new();
        for _ in 0..self.random.below(3) {
            let (long, letter) = self.query();
            groups.push(self.open(long, letter));
        }
        self.line(groups, 60)
    }

    /// A query for what is not there, or cannot be.
    fn odd(&mut self) -> Vec<String> {
        let (long, letter) = match self.random.below(10) {
            0..2 => ("--portcon", ""),
            2..4 => ("--ibpkeycon", ""),
            4..6 => ("--nodecon", ""),
            _ => self.query(),
        };
        let value = match long {
            "--portcon" => self.random.word(ODD_PORTS),
            "--ibpkeycon" => self.random.word(ODD_KEYS),
            "--nodecon" => self.random.word(ODD_NODES),
            _ => self.random.word(UNKNOWN),
        };
        let mut groups = vec![self.spell(long, letter, value)];
        if self.random.chance(30) {
            let (long, letter) = self.query();
            if let Some(value) = self.declared_value(long) {
                groups.push(self.spell(long, letter, &value));
            }
        }
        self.random.shuffle(&mut groups);
        self.line(groups, 20)
    }

    /// A command line that argparse refuses, or reads in its own way.
    fn misspelt(&mut self) -> Vec<String> {
        let (long, letter) = self.query();
        let value = self.declared_value(long).unwrap_or_else(|| "nosuch".into());
        let group = self.spell(long, letter, &value);
        let mut words = self.line(vec![group], 0);
        match self.random.below(8) {
            0 => words.push("--version".into()),
            1 => words.iter_mut().filter(|word| *word == POLICY).for_each(|word| {
                *word = "/nonexistent/policy.33".into();
            }),
            _ => {
                let stray = self.random.word(STRAY).to_owned();
                let place = self.random.below(words.len() + 1);
                words.insert(place, stray);
            }
        }
        words
    }

    fn query(&mut self) -> (&'static str, &'static str) {
        self.random.pick(QUERIES).copied().unwrap_or(("--type", "-t"))
    }

    /// A value by which a query finds something, if there is something.
    fn declared_value(&mut self, long: &str) -> Option<String> {
        let has_aliases = matches!(long, "--type" | "--category" | "--sensitivity");
        let list = if has_aliases && self.random.chance(25) { "alias" } else { long };
        let value = self.random.pick(self.declared.get(list)?)?.clone();
        let (first, last) = match value.split_once('-') {
            Some((first, last)) if matches!(long, "--portcon" | "--ibpkeycon") => (first, last),
            _ => return Some(value),
        };
        // One number of a range, or just that range's ends.
        let radix = if long == "--portcon" { 10 } else { 16 };
        let number = |text: &str| usize::from_str_radix(text.trim_start_matches("0x"), radix).ok();
        let (low, high) = (number(first)?, number(last)?);
        let within = low + self.random.below(high - low + 1);
        let number = self.random.pick(&[low, high, within]).copied()?;
        Some(if radix == 10 { number.to_string() } else { format!("{number:#x}") })
    }

    /// A query without a value.
    fn open(&mut self, long: &'static str, letter: &'static str) -> Group {
        let word = match self.random.below(4) {
            0 if !letter.is_empty() => format!("-x{}", letter.trim_start_matches('-')),
            1 if !letter.is_empty() => letter.to_owned(),
            2 => abbreviated(long, ALL_LONG, &mut self.random),
            _ => long.to_owned(),
        };
        Group { words: vec![word], is_open: true }
    }

    /// A query with a value, in one of the ways in which argparse lets it be written.
    fn spell(&mut self, long: &'static str, letter: &'static str, value: &str) -> Group {
        let mut words = Vec::new();
        // What begins with a dash and is no number would be an option.
        let is_option = value.starts_with('-') && value[1..].parse::<u32>().is_err();
        let way = if letter.is_empty() { 4 + self.random.below(6) } else { self.random.below(10) };
        match way {
            0 => join(&mut words, letter.to_owned(), value, "", is_option && value.is_empty()),
            1 => join(&mut words, format!("-x{}", letter.trim_start_matches('-')), value, "", !is_option),
            2 | 3 => join(&mut words, letter.to_owned(), value, "=", !is_option),
            4 | 5 => join(&mut words, long.to_owned(), value, "=", false),
            6 => join(&mut words, abbreviated(long, ALL_LONG, &mut self.random), value, "=", !is_option),
            _ => join(&mut words, long.to_owned(), value, "=", !is_option),
        }
        Group { words, is_open: false }
    }

    /// The line of some queries, with flags in `percent` of 100 places, and the policy where no query takes it.
    fn line(&mut self, mut groups: Vec<Group>, percent: usize) -> Vec<String> {
        for _ in 0..2 {
            if self.random.chance(percent) {
                let flag = self.random.word(FLAGS).to_owned();
                let place = self.random.below(groups.len() + 1);
                groups.insert(place, Group { words: vec![flag], is_open: false });
            }
        }
        let ends_open = groups.last().is_some_and(|group| group.is_open);
        let mut places: Vec<usize> = (0..groups.len()).filter(|&place| !takes_next(&groups, place)).collect();
        places.push(groups.len());
        let place = self.random.pick(&places).copied().unwrap_or_default();
        let policy = if place == groups.len() && (ends_open || self.random.chance(3)) {
            vec!["--".to_owned(), POLICY.to_owned()]
        } else {
            vec![POLICY.to_owned()]
        };
        groups.insert(place, Group { words: policy, is_open: false });
        groups.into_iter().flat_map(|group| group.words).collect()
    }
}

/// Whether what stands before a place takes what comes there.
fn takes_next(groups: &[Group], place: usize) -> bool {
    place.checked_sub(1).and_then(|before| groups.get(before)).is_some_and(|group| group.is_open)
}

#[cfg(test)]
mod tests {
    use super::{ALL_LONG, DeclaredQuestions, QUERIES};
    use crate::records::POLICY;
    use crate::vocabulary::Declarations;

    fn declared() -> Declarations {
        let lists = [
            ("--type", &["a_t", "b_t"][..]),
            ("alias", &["an_alias"]),
            ("--portcon", &["80", "1-1023"]),
            ("--ibpkeycon", &["0x1-0xa"]),
            ("--class", &["file"]),
        ];
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        lists.into_iter().map(|(name, values)| (name.to_owned(), list(values))).collect()
    }

    #[test]
    fn the_same_seed_asks_the_same_questions() {
        let declared = declared();
        let ask = |seed| {
            let mut questions = DeclaredQuestions::new(seed, &declared);
            (0..200).map(|_| questions.question()).collect::<Vec<_>>()
        };
        assert_eq!(ask(1), ask(1));
        assert_ne!(ask(1), ask(2));
    }

    #[test]
    fn every_query_is_asked_with_and_without_a_value() {
        let declared = declared();
        let mut questions = DeclaredQuestions::new(3, &declared);
        let words: Vec<String> = (0..4000).flat_map(|_| questions.question()).collect();
        for (long, letter) in QUERIES {
            assert!(words.iter().any(|word| word == long), "{long}");
            assert!(words.iter().any(|word| word.starts_with(&format!("{long}="))), "{long}=");
            assert!(letter.is_empty() || words.iter().any(|word| word == letter), "{letter}");
        }
        for word in ["-x", "--flat", "--all", "--version", "an_alias", "1023", "0xa"] {
            assert!(words.iter().any(|other| other.ends_with(word)), "{word}");
        }
    }

    #[test]
    fn no_query_takes_the_policy() {
        let declared = declared();
        let mut questions = DeclaredQuestions::new(4, &declared);
        for _ in 0..20_000 {
            let words = questions.question();
            let Some(place) = words.iter().position(|word| word == POLICY) else { continue };
            let before = words.get(place.wrapping_sub(1)).map_or("", String::as_str);
            // What could be several options is an error.
            let is_unique = ALL_LONG.iter().filter(|long| long.starts_with(before)).count() == 1;
            let takes = QUERIES.iter().any(|(long, letter)| {
                let is_letter =
                    !letter.is_empty() && (before == *letter || before == letter.replace('-', "-x"));
                let is_long = before == *long || (before.len() > 2 && is_unique && long.starts_with(before));
                is_letter || is_long
            });
            assert!(!takes, "{words:?}");
        }
    }
}
