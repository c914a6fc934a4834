//! Random command lines, the same for the same seed and vocabulary: of sesearch, ([`declared`]) of seinfo, and
//! ([`paths`]) of sedta and seinfoflow.
//!
//! Most questions are made from a rule of the policy, so that they have an answer: each criterion is derived
//! from that rule by one of the ways in which it can match ([`criteria`]). Some of those then get one thing
//! wrong ([`mistakes`]), some name things at random, some are no valid command line at all. [`spelling`] picks
//! among the ways in which argparse lets one and the same question be written.
//!
//! Left out on purpose: more than one unknown permission in a question (SETools prints
//! them in random order); `-h` (the text wraps with the terminal); `--debug` (prints times); and questions
//! without a policy (the answer is the machine's).

mod criteria;
mod declared;
mod mistakes;
mod paths;
mod patterns;
mod spelling;

use crate::random::Random;
use crate::records::POLICY;
use crate::vocabulary::{SampleRule, Vocabulary, Words};
use criteria::Criterion;
pub use declared::DeclaredQuestions;
pub use paths::PathQuestions;
use spelling::Piece;

/// Rule kinds with the options that ask for them. The first spelling is the one to abbreviate.
const KINDS: &[(&str, &[&str])] = &[
    ("allow", &["--allow", "-A"]),
    ("allowxperm", &["--allowxperm", "-A"]),
    ("auditallow", &["--auditallow"]),
    ("auditallowxperm", &["--auditallowxperm"]),
    ("dontaudit", &["--dontaudit"]),
    ("dontauditxperm", &["--dontauditxperm"]),
    ("type_transition", &["--type_trans", "-T"]),
    ("type_change", &["--type_change"]),
    ("type_member", &["--type_member"]),
    ("neverallow", &["--neverallow"]),
    ("role_allow", &["--role_allow"]),
    ("role_transition", &["--role_trans"]),
    ("range_transition", &["--range_trans"]),
];

/// A generator of questions to a tool about one policy.
#[derive(Debug, Clone)]
pub enum Generator<'a> {
    /// Questions to sesearch.
    Rules(Questions<'a>),
    /// Questions to seinfo.
    Declared(DeclaredQuestions<'a>),
    /// Questions to sedta and seinfoflow.
    Paths(PathQuestions<'a>),
}

impl<'a> Generator<'a> {
    /// The questions of `seed` about the policy of `words`.
    pub fn new(seed: u64, words: &'a Words) -> Self {
        match words {
            Words::Rules(vocabulary) => Generator::Rules(Questions::new(seed, vocabulary)),
            Words::Declarations(declared) => Generator::Declared(DeclaredQuestions::new(seed, declared)),
            Words::Transitions(places) => Generator::Paths(PathQuestions::of_transitions(seed, places)),
            Words::Flows(places) => Generator::Paths(PathQuestions::of_flows(seed, places)),
        }
    }

    /// The next command line, with [`POLICY`] for the policy's file.
    pub fn question(&mut self) -> Vec<String> {
        match self {
            Generator::Rules(questions) => questions.question(),
            Generator::Declared(questions) => questions.question(),
            Generator::Paths(questions) => questions.question(),
        }
    }
}

/// A generator of questions about the rules of one policy.
#[derive(Debug, Clone)]
pub struct Questions<'a> {
    random: Random,
    vocabulary: &'a Vocabulary,
}

impl<'a> Questions<'a> {
    /// The questions of `seed` about the policy of `vocabulary`.
    pub fn new(seed: u64, vocabulary: &'a Vocabulary) -> Self {
        Self { random: Random::new(seed), vocabulary }
    }

    /// The next command line, with [`POLICY`] for the policy's file.
    pub fn question(&mut self) -> Vec<String> {
        match self.random.below(100) {
            0..62 => self.about_a_rule(),
            62..80 => self.with_a_mistake(),
            80..86 => self.at_random(),
            86..90 => self.broad(),
            _ => self.misspelt(),
        }
    }

    /// A question to which a rule of the policy is an answer.
    fn about_a_rule(&mut self) -> Vec<String> {
        let (mut pieces, criteria) = self.kinds_and_criteria();
        pieces.extend(criteria.iter().flat_map(Criterion::pieces));
        self.spell(pieces)
    }

    /// As [`Self::about_a_rule`], but with one criterion that is wrong, or just not that rule's.
    fn with_a_mistake(&mut self) -> Vec<String> {
        let (mut pieces, mut criteria) = self.kinds_and_criteria();
        mistakes::make_one(&mut criteria, self.vocabulary, &mut self.random);
        pieces.extend(criteria.iter().flat_map(Criterion::pieces));
        self.spell(pieces)
    }

    /// Criteria that have nothing to do with one another.
    fn at_random(&mut self) -> Vec<String> {
        let mut pieces = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            let rule = self.rule();
            let mut criteria = criteria::of_rule(&rule, self.vocabulary, &mut self.random);
            criteria.iter_mut().for_each(Criterion::keep_one_permission);
            pieces.extend(criteria.iter().flat_map(Criterion::pieces));
            pieces.push(self.kind(&rule.kind));
        }
        self.spell(pieces)
    }

    /// One criterion at most: long answers.
    fn broad(&mut self) -> Vec<String> {
        let rule = self.rule();
        let mut pieces = vec![self.kind(&rule.kind)];
        let mut criteria = criteria::of_rule(&rule, self.vocabulary, &mut self.random);
        criteria.truncate(1);
        pieces.extend(criteria.iter().flat_map(Criterion::pieces));
        self.spell(pieces)
    }

    /// A command line that argparse refuses, or reads in its own way.
    fn misspelt(&mut self) -> Vec<String> {
        let mut words = self.about_a_rule();
        spelling::misspell(&mut words, &mut self.random);
        words
    }

    fn kinds_and_criteria(&mut self) -> (Vec<Piece>, Vec<Criterion>) {
        let rule = self.rule();
        let mut pieces = vec![self.kind(&rule.kind)];
        if self.random.chance(25) {
            for _ in 0..1 + self.random.below(3) {
                let other = self.random.pick(KINDS).map_or("allow", |(kind, _)| kind);
                pieces.push(self.kind(other));
            }
        }
        (pieces, criteria::of_rule(&rule, self.vocabulary, &mut self.random))
    }

    fn rule(&mut self) -> SampleRule {
        self.random.pick(&self.vocabulary.rules).cloned().unwrap_or_default()
    }

    fn kind(&mut self, kind: &str) -> Piece {
        let options =
            KINDS.iter().find(|(name, _)| *name == kind).map_or(&["-A"][..], |(_, options)| options);
        Piece::Flag(self.random.word(options))
    }

    fn spell(&mut self, mut pieces: Vec<Piece>) -> Vec<String> {
        if self.random.chance(3) {
            pieces.push(Piece::Flag(self.random.word(&["-v", "--verbose"])));
        }
        spelling::spell(pieces, POLICY, &mut self.random)
    }
}

#[cfg(test)]
mod tests {
    use super::Questions;
    use crate::records::POLICY;
    use crate::vocabulary::Vocabulary;

    fn vocabulary() -> Vocabulary {
        serde_json::from_str(
            r#"{"types": {"a_t": ["domain"], "b_t": []}, "aliases": {"c_t": "b_t"},
                "attributes": {"domain": ["a_t"], "nobody": []},
                "classes": {"file": ["ioctl", "read", "write"]}, "booleans": ["loud"],
                "rules": [{"kind": "allow", "source": "domain", "target": "b_t", "class": "file",
                           "permissions": ["read"], "extended": [], "default": "", "booleans": ["loud"]},
                          {"kind": "allowxperm", "source": "a_t", "target": "b_t", "class": "file",
                           "permissions": [], "extended": [4096, 4097, 35073], "default": "", "booleans": []},
                          {"kind": "role_allow", "source": "a_r", "target": "b_r", "class": "",
                           "permissions": [], "extended": [], "default": "", "booleans": []},
                          {"kind": "range_transition", "source": "a_t", "target": "b_t", "class": "process",
                           "permissions": [], "extended": [], "default": "s0 - s0:c1", "booleans": []}]}"#,
        )
        .unwrap_or_default()
    }

    #[test]
    fn the_same_seed_asks_the_same_questions() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.rules.len(), 4);
        let ask = |seed| {
            let mut questions = Questions::new(seed, &vocabulary);
            (0..200).map(|_| questions.question()).collect::<Vec<_>>()
        };
        assert_eq!(ask(1), ask(1));
        assert_ne!(ask(1), ask(2));
    }

    #[test]
    fn every_option_of_the_issue_is_asked_about() {
        let vocabulary = vocabulary();
        let mut questions = Questions::new(3, &vocabulary);
        let words: Vec<String> = (0..4000).flat_map(|_| questions.question()).collect();
        let options = "-A --allow --auditallow --dontaudit --allowxperm --auditallowxperm --dontauditxperm -T --type_trans \
                       --type_change --type_member -s --source -t --target -ds -dt -rs -rt -c --class -rc -p --perms -ep \
                       -Sp -x --xperms -ex -D --default -rd -b --bool -eb -rb --version --role_allow \
                       --range_trans";
        for option in options.split_whitespace() {
            assert!(words.iter().any(|word| word == option), "{option} is never asked");
        }
    }

    #[test]
    fn a_question_without_a_policy_is_never_a_valid_one() {
        let vocabulary = vocabulary();
        let mut questions = Questions::new(4, &vocabulary);
        for _ in 0..40_000 {
            let words = questions.question();
            let names_one = words.iter().any(|word| word == POLICY || word == "/nonexistent/policy.33");
            assert!(names_one || words.iter().any(|word| word == "--version"), "{words:?}");
            let place = words.iter().position(|word| word == POLICY).unwrap_or_default();
            let before = words.get(place.wrapping_sub(1)).map_or("", String::as_str);
            assert!(!takes_a_value(before), "{before} takes the policy's name for its value: {words:?}");
        }
    }

    /// True for an option whose value is the next word: `-s`, `-As`, and what only `--source` begins with.
    fn takes_a_value(word: &str) -> bool {
        let cluster = word.trim_start_matches('-').trim_start_matches(['A', 'T']);
        let is_short = word.starts_with('-') && ["s", "t", "c", "p", "x", "D", "b"].contains(&cluster);
        let long = ["--source", "--target", "--class", "--perms", "--xperms", "--default", "--bool"];
        is_short || (word.len() > 4 && long.iter().any(|option| option.starts_with(word)))
    }
}
