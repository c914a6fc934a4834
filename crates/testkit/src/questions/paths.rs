//! Random command lines of sedta and seinfoflow, the same for the same seed and vocabulary.
//!
//! Most ask for paths between types that some rule connects, so that there are some; with types excluded, weights, booleans,
//! limits, backwards. Some name what is no type, or numbers that make no sense; some are no valid command line.
//!
//! Left out on purpose: searches that would take SETools hours (all paths through a large policy without a limit); `-h` (the text
//! wraps with the terminal); `--debug` (prints tracebacks); questions without a policy (the answer is the machine's); and more
//! than a third of a policy's types excluded (networkx then walks sets of objects, whose order is random).

use super::spelling::{abbreviated, join};
use crate::random::Random;
use crate::records::POLICY;
use crate::vocabulary::Places;

/// Letters with the long names of the same option.
const LONG_OF_TRANSITIONS: &[(&str, &str)] = &[
    ("-p", "--policy"),
    ("-s", "--source"),
    ("-t", "--target"),
    ("-S", "--shortest_path"),
    ("-A", "--all_paths"),
    ("-r", "--reverse"),
    ("-l", "--limit_trans"),
    ("-v", "--verbose"),
];

const LONG_OF_FLOWS: &[(&str, &str)] = &[
    ("-p", "--policy"),
    ("-m", "--map"),
    ("-s", "--source"),
    ("-t", "--target"),
    ("-S", "--shortest_path"),
    ("-A", "--all_paths"),
    ("-w", "--min_weight"),
    ("-l", "--limit_flows"),
    ("-b", "--booleans"),
    ("-v", "--verbose"),
];

/// All long options that abbreviations are unique, or not, among.
const ALL_OF_TRANSITIONS: &[&str] = &[
    "--help",
    "--version",
    "--policy",
    "--source",
    "--target",
    "--full",
    "--stats",
    "--verbose",
    "--debug",
    "--shortest_path",
    "--all_paths",
    "--reverse",
    "--limit_trans",
];

const ALL_OF_FLOWS: &[&str] = &[
    "--help",
    "--full",
    "--version",
    "--stats",
    "--verbose",
    "--debug",
    "--policy",
    "--map",
    "--source",
    "--target",
    "--shortest_path",
    "--all_paths",
    "--min_weight",
    "--limit_flows",
    "--booleans",
];

/// Words that are ambiguous, unknown, no types, or joined to an option that takes no value.
const STRAY: &[&str] = &[
    "--s",
    "--st",
    "--ver",
    "--v",
    "--nosuch",
    "-Z",
    "-vZ",
    "--full=1",
    "-S=1",
    "-Sx",
    "extra",
    "--",
    "-5",
    "-",
    "--version",
    "-vv",
    "--al",
    "--li",
    "--full-rules",
    "-vS",
];

/// Options whose value is missing, for the end of a line.
const WITHOUT_VALUE: &[&str] = &["-s", "--source", "-t", "-l", "-A", "--all", "--limit"];

/// Numbers that are none, or make no sense.
const ODD_NUMBERS: &[&str] =
    &["0", "-1", "11", "x", "", "1.5", " 2 ", "0x2", "1_0", "99999999999999999999", "+3"];

/// Names that are no type.
const ODD_NAMES: &[&str] = &["nosuch_t", "", "*", "a b", "Init_t", "\u{fc}_t"];

/// Booleans as they should not be written.
const ODD_BOOLEANS: &[&str] = &[
    "",
    "x",
    "x:",
    "x:1",
    "x:true:y",
    "a:true,",
    ",",
    "default,x:true",
    "Default",
    "x:TRUE,y:False",
    ":true",
];

/// Permission maps that are none.
const ODD_MAPS: &[&str] = &["/dev/null", "/nonexistent/map", ".", ""];

/// A generator of questions about paths in one policy.
#[derive(Debug, Clone)]
pub struct PathQuestions<'a> {
    random: Random,
    places: &'a Places,
    of_flows: bool,
}

/// An option with its value, or a flag.
type Piece = (&'static str, Option<String>);

impl<'a> PathQuestions<'a> {
    /// Questions to sedta.
    pub fn of_transitions(seed: u64, places: &'a Places) -> Self {
        Self { random: Random::new(seed), places, of_flows: false }
    }

    /// Questions to seinfoflow.
    pub fn of_flows(seed: u64, places: &'a Places) -> Self {
        Self { random: Random::new(seed), places, of_flows: true }
    }

    /// The next command line, with [`POLICY`] for the policy's file.
    pub fn question(&mut self) -> Vec<String> {
        // About a large policy every question takes long, so few are wasted.
        let wrong = if self.places.is_large { 6 } else { 16 };
        let kind = self.random.below(100);
        let (mut pieces, excluded) = self.pieces();
        if kind < wrong {
            self.make_a_mistake(&mut pieces);
        }
        let mut words = self.spell(pieces, excluded);
        if (wrong..wrong * 2).contains(&kind) {
            self.misspell(&mut words);
        }
        words
    }

    fn pieces(&mut self) -> (Vec<Piece>, Vec<String>) {
        let (source, target) = self.ends();
        let mut pieces: Vec<Piece> = vec![("-p", Some(POLICY.to_owned())), ("-s", Some(source))];
        let mut limit = if self.random.chance(20) { 1 + self.random.below(9) } else { 0 };
        match self.random.below(10) {
            0..3 => {}
            3..7 => pieces.extend([("-S", None), ("-t", Some(target))]),
            _ => {
                let most = if !self.places.is_large {
                    5
                } else {
                    // Longer ones there would be by the million.
                    limit = 1 + self.random.below(60);
                    if self.of_flows { 2 } else { 3 }
                };
                let steps = 1 + self.random.below(most);
                pieces.extend([("-A", Some(steps.to_string())), ("-t", Some(target))]);
            }
        }
        if limit > 0 {
            pieces.push(("-l", Some(limit.to_string())));
        }
        for (flag, percent) in [("--full", 45), ("--stats", 12), ("-v", 3)] {
            if self.random.chance(percent) {
                pieces.push((flag, None));
            }
        }
        if self.of_flows {
            self.add_settings_of_flows(&mut pieces);
        } else if self.random.chance(35) {
            pieces.push(("-r", None));
        }
        let mut excluded = Vec::new();
        if self.random.chance(30) {
            let most = (self.places.types.len() / 3).min(3);
            for _ in 0..self.random.below(most + 1) {
                let list =
                    if self.random.chance(50) { &self.places.entry_points } else { &self.places.types };
                excluded.extend(self.random.pick(list).cloned());
            }
        }
        (pieces, excluded)
    }

    /// Weights, booleans and maps.
    fn add_settings_of_flows(&mut self, pieces: &mut Vec<Piece>) {
        if self.random.chance(65) {
            pieces.push(("-w", Some((1 + self.random.below(10)).to_string())));
        }
        if self.random.chance(35) {
            let some = self.random.some(&self.places.booleans, 3);
            let settings: Vec<String> = some
                .into_iter()
                .map(|name| format!("{name}:{}", self.random.word(&["true", "false", "True"])))
                .collect();
            let all = if settings.is_empty() || self.random.chance(40) {
                "default".to_owned()
            } else {
                settings.join(",")
            };
            pieces.push(("-b", Some(all)));
        }
        if let Some(map) = self.random.pick(&self.places.maps).filter(|_| self.random.chance(25)) {
            pieces.push(("-m", Some(map.clone())));
        }
    }

    /// From where to where.
    fn ends(&mut self) -> (String, String) {
        let any = |random: &mut Random, places: &Places| {
            let list =
                if random.chance(6) && !places.aliases.is_empty() { &places.aliases } else { &places.types };
            random.pick(list).cloned().unwrap_or_default()
        };
        match self.random.below(10) {
            // Two pairs: to the end of the one from the beginning of the other.
            0..4 => {
                let first = self.random.pick(&self.places.pairs).cloned().unwrap_or_default();
                let second = self.random.pick(&self.places.pairs).cloned().unwrap_or_default();
                (first.0, second.1)
            }
            4..7 => self.random.pick(&self.places.pairs).cloned().unwrap_or_default(),
            7 => {
                let (one, other) = self.random.pick(&self.places.pairs).cloned().unwrap_or_default();
                (other, one)
            }
            _ => (any(&mut self.random, self.places), any(&mut self.random, self.places)),
        }
    }

    /// Makes one thing wrong, or odd.
    fn make_a_mistake(&mut self, pieces: &mut Vec<Piece>) {
        let number = self.random.word(ODD_NUMBERS).to_owned();
        let attribute = self.random.pick(&self.places.attributes).cloned().unwrap_or_default();
        let odd_name =
            if self.random.chance(50) { attribute } else { self.random.word(ODD_NAMES).to_owned() };
        match self.random.below(if self.of_flows { 8 } else { 5 }) {
            0 => pieces.push(("-l", Some(number))),
            1 if !self.places.is_large => pieces.push(("-A", Some(number))),
            1 | 2 => pieces.push(("-s", Some(odd_name))),
            3 => pieces.push(("-t", Some(odd_name))),
            4 => {
                pieces.retain(|(option, _)| *option != self.random.word(&["-s", "-S", "-t"]));
            }
            5 => pieces.push(("-w", Some(number))),
            6 => pieces.push(("-b", Some(self.random.word(ODD_BOOLEANS).to_owned()))),
            _ => pieces.push(("-m", Some(self.random.word(ODD_MAPS).to_owned()))),
        }
    }

    /// Writes pieces in random order and spelling, with the excluded types before or behind or among them.
    fn spell(&mut self, mut pieces: Vec<Piece>, excluded: Vec<String>) -> Vec<String> {
        // Of two values the last counts, so what is odd stays last among its like.
        let mut keys: Vec<(usize, Piece)> =
            pieces.drain(..).map(|piece| (self.random.below(1000), piece)).collect();
        for place in 1..keys.len() {
            let (before, rest) = keys.split_at_mut(place);
            let Some((key, (option, _))) = rest.first_mut() else { continue };
            let latest = before.iter().filter(|(_, (other, _))| other == option).map(|(key, _)| *key).max();
            *key = latest.map_or(*key, |latest| latest + 1);
        }
        keys.sort_by_key(|(key, _)| *key);
        let last = keys.len();
        let place = match self.random.below(4) {
            0 => 0,
            1 => self.random.below(last + 1),
            _ => last,
        };
        let mut words = Vec::new();
        for (index, (_, (option, value))) in keys.into_iter().enumerate() {
            if index == place {
                words.extend(excluded.iter().cloned());
            }
            self.spell_one(option, value, &mut words);
        }
        if place == last {
            if !excluded.is_empty() && self.random.chance(15) {
                words.push("--".to_owned());
            }
            words.extend(excluded);
        }
        words
    }

    fn spell_one(&mut self, option: &'static str, value: Option<String>, words: &mut Vec<String>) {
        let (long_of, all) = if self.of_flows {
            (LONG_OF_FLOWS, ALL_OF_FLOWS)
        } else {
            (LONG_OF_TRANSITIONS, ALL_OF_TRANSITIONS)
        };
        let long = long_of.iter().find(|(letter, _)| *letter == option).map_or(option, |(_, long)| *long);
        let Some(value) = value else {
            let name = if self.random.chance(60) { option } else { long };
            return words.push(abbreviated(name, all, &mut self.random));
        };
        match self.random.below(10) {
            0 => join(words, option.to_owned(), &value, "", false),
            1 => join(words, option.to_owned(), &value, "=", false),
            2 => join(words, abbreviated(long, all, &mut self.random), &value, "=", false),
            3 => join(words, abbreviated(long, all, &mut self.random), &value, "=", true),
            _ => join(words, option.to_owned(), &value, "=", true),
        }
    }

    /// Spoils a command line.
    fn misspell(&mut self, words: &mut Vec<String>) {
        match self.random.below(6) {
            0 => words.push(self.random.word(WITHOUT_VALUE).to_owned()),
            1 => words.iter_mut().filter(|word| *word == POLICY).for_each(|word| {
                *word = "/nonexistent/policy.33".into();
            }),
            _ => {
                let stray = self.random.word(STRAY).to_owned();
                let place = self.random.below(words.len() + 1);
                words.insert(place, stray);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PathQuestions;
    use crate::records::POLICY;
    use crate::vocabulary::Places;

    fn places(is_large: bool) -> Places {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        Places {
            types: list(&["a_t", "b_t", "c_t", "d_t", "e_t", "f_t"]),
            pairs: vec![("a_t".into(), "b_t".into())],
            entry_points: list(&["x_exec_t"]),
            aliases: list(&["an_alias"]),
            attributes: list(&["domain"]),
            booleans: list(&["b_one", "b_two"]),
            maps: list(&["reach.perm_map"]),
            is_large,
        }
    }

    #[test]
    fn every_option_is_asked_and_the_same_seed_asks_the_same() {
        let places = places(false);
        let ask = |seed| {
            let mut questions = PathQuestions::of_flows(seed, &places);
            (0..3000).map(|_| questions.question()).collect::<Vec<_>>()
        };
        assert_eq!(ask(1), ask(1));
        assert_ne!(ask(1), ask(2));
        let words: Vec<String> = ask(1).into_iter().flatten().collect();
        for word in
            ["-S", "-A", "-w", "-b", "-m", "-l", "--full", "--stats", "default", "x_exec_t", "domain", "--"]
        {
            assert!(words.iter().any(|other| other == word), "{word}");
        }
        let mut questions = PathQuestions::of_transitions(1, &places);
        let words: Vec<String> = (0..3000).flat_map(|_| questions.question()).collect();
        assert!(words.iter().any(|word| word == "-r") && !words.iter().any(|word| word == "-w"));
    }

    #[test]
    fn all_paths_of_a_large_policy_have_a_limit() {
        let places = places(true);
        let mut questions = PathQuestions::of_flows(2, &places);
        for _ in 0..5000 {
            let words = questions.question();
            let has = |start: &str| words.iter().any(|word| word.starts_with(start));
            // A question that was spoilt on purpose is refused before anything is looked for: `-A` without its number, for one.
            let is_cut = words.last().is_some_and(|word| word == "-A");
            let is_spoilt = is_cut || words.iter().filter(|word| *word == POLICY).count() != 1;
            assert!(is_spoilt || !has("-A") || has("-l") || has("--l"), "{words:?}");
        }
    }
}
