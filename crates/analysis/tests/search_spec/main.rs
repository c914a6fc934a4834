//! The search engine against its specification, and conditions against their text, on generated policies.

use std::collections::BTreeSet;

use analysis::query::{KindSet, Pattern, Request, SetMatch, find};
use avstore::{Booleans, Branch, Conditions, FileNames, StatementWriter, Store, condition_text};
use policydb::{BoolId, Policy, RuleKind};
use spec::{Found, Match, Query, Side};
use testkit::generated::{self, CLASSES};
use testkit::random::Random;

const POLICIES: u64 = 60;
const QUERIES: usize = 150;

/// Calls `check` for generated policies, each with its own sequence of random choices.
fn for_generated_policies(first_seed: u64, mut check: impl FnMut(u64, &Policy<'_>, &mut Random)) {
    if generated::compiler_is_missing() {
        testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    for seed in first_seed..first_seed + POLICIES {
        let mut random = Random::new(seed);
        let text = generated::policy_text(&mut random);
        let bytes = generated::compile(&text, directory.path())
            .unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        let policy = Policy::parse(&bytes).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        check(seed, &policy, &mut random);
    }
}

#[test]
fn the_engine_finds_what_the_specification_finds() {
    let (mut asked, mut answered) = (0, 0);
    for_generated_policies(1, |seed, policy, random| {
        let store = Store::new(policy);
        for _ in 0..QUERIES {
            let query = random_query(random);
            let expected = match std::panic::catch_unwind(|| spec::search(policy, &query)) {
                Ok(expected) => expected,
                Err(_) => panic!("seed {seed}: the specification fails on {query:?}"),
            };
            let found = engine(&store, &query);
            assert_eq!(found, expected, "seed {seed}, query {query:?}");
            asked += 1;
            answered += usize::from(!expected.is_empty());
        }
    });
    assert!(
        answered * 3 > asked || asked == 0,
        "too many questions have no answer: {answered} of {asked} have one"
    );
}

#[test]
fn the_text_of_a_condition_means_the_condition() {
    for_generated_policies(1000, |seed, policy, _| {
        for (index, conditional) in (0..).zip(policy.conditionals()) {
            let text = condition_text(policy, conditional);
            for states in 0..1u32 << policy.n_booleans() {
                let mut booleans = Booleans::of(policy);
                let ids = (0..u32::try_from(policy.n_booleans()).unwrap()).map(BoolId::from_index);
                for id in ids {
                    booleans = booleans.with(id, states >> id.index() & 1 == 1);
                }
                let value = |name: &str| booleans.get(policy.boolean_named(name.as_bytes()).unwrap());
                let in_force =
                    |when| Conditions::under(policy, &booleans).in_force(Branch { conditional: index, when });
                let meant = grammar::evaluate(&text, &value);
                assert_eq!(
                    (in_force(true), in_force(false)),
                    (meant, !meant),
                    "seed {seed}: {text}, {states:b}"
                );
            }
        }
    });
}

fn random_query(random: &mut Random) -> Query {
    let kinds = if random.chance(60) { RuleKind::ALL.to_vec() } else { random.some(&RuleKind::ALL, 4) };
    let mut side = |percent| {
        random.chance(percent).then(|| Side { written: random.chance(25), name: generated::symbol(random) })
    };
    let (source, target) = (side(60), side(45));
    let (class, permissions) = CLASSES[random.below(CLASSES.len())];
    let asks_permissions = random.chance(30);
    let permissions = if asks_permissions { random.some(permissions, 3) } else { Vec::new() };
    let low = u16::try_from(random.below(0x500)).unwrap();
    let high = low + [0, 0, 3, 0x100][random.below(4)];
    let booleans: Vec<String> = (0..generated::BOOLEANS).map(|b| format!("b{b}")).collect();
    Query {
        kinds,
        source,
        target,
        classes: if asks_permissions || random.chance(20) { vec![class.to_owned()] } else { Vec::new() },
        permissions: permissions.into_iter().map(str::to_owned).collect(),
        permission_match: [Match::Any, Match::Equal, Match::All][random.below(3)],
        xperms: if random.chance(10) { (low..=high).collect() } else { BTreeSet::new() },
        xperms_equal: random.chance(20),
        default: random.chance(10).then(|| generated::symbol(random)),
        booleans: if random.chance(15) { random.some(&booleans, 2) } else { Vec::new() },
        booleans_equal: random.chance(40),
        enabled: random.chance(30),
        settings: if random.chance(40) {
            random.some(&booleans, 3).into_iter().map(|name| (name, random.chance(50))).collect()
        } else {
            Vec::new()
        },
    }
}

/// The engine's answer in the specification's form.
fn engine(store: &Store<'_>, query: &Query) -> BTreeSet<Found> {
    let pattern = |side: &Side| {
        if side.written { Pattern::Written(side.name.clone()) } else { Pattern::Name(side.name.clone()) }
    };
    let request = Request {
        kinds: KindSet::of(query.kinds.iter().copied()),
        source: query.source.as_ref().map(pattern),
        target: query.target.as_ref().map(pattern),
        classes: query.classes.clone(),
        permissions: query.permissions.clone(),
        permission_match: match query.permission_match {
            Match::Any => SetMatch::Any,
            Match::Equal => SetMatch::Equal,
            Match::All => SetMatch::All,
        },
        xperms: query.xperms.iter().map(|&command| (command, command)).collect(),
        xperms_equal: query.xperms_equal,
        default: query.default.clone().map(Pattern::Name),
        booleans: query.booleans.clone(),
        booleans_equal: query.booleans_equal,
        enabled: query.enabled,
        settings: query.settings.clone(),
        ..Request::default()
    };
    let criteria = request.resolve(store).expect("queries name what the policy has");
    let conditions = Conditions::under(store.policy(), &request.booleans(store).expect("known booleans"));
    let mut writer = StatementWriter::new(store, FileNames::Quoted);
    find(store, &criteria, usize::MAX)
        .expect("no limit")
        .iter()
        .map(|rule| {
            let mut statement = Vec::new();
            writer.write(rule, &mut statement);
            Found {
                statement: String::from_utf8(statement).expect("generated names are ASCII"),
                branch: rule.branch().map(|branch| (branch.index(), branch.when)),
                in_force: rule.branch().is_none_or(|branch| conditions.in_force(branch)),
            }
        })
        .collect()
}

/// Conditions as checkpolicy's grammar reads them, by precedence climbing: from loose to tight `||`, `^`,
/// `&&`, `!`, `==` and `!=`, all to the left.
mod grammar {
    /// The value of a condition under the values of its booleans.
    pub(super) fn evaluate(text: &str, value: &dyn Fn(&str) -> bool) -> bool {
        let spaced =
            text.replace('(', " ( ").replace(')', " ) ").replace("!", " ! ").replace(" !  = ", " != ");
        let spaced = spaced.replace(" ! =", " !=");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let (result, rest) = binary(&words, 0, value);
        assert!(rest.is_empty(), "left over: {rest:?} of {text}");
        result
    }

    const LEVELS: [&[&str]; 3] = [&["||"], &["^"], &["&&"]];

    fn binary<'w>(words: &'w [&'w str], level: usize, value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
        let next = |words| {
            if level + 1 < LEVELS.len() { binary(words, level + 1, value) } else { not(words, value) }
        };
        let (mut left, mut rest) = next(words);
        while let [operator, after @ ..] = rest
            && LEVELS[level].contains(operator)
        {
            let (right, after) = next(after);
            left = match *operator {
                "||" => left || right,
                "^" => left != right,
                _ => left && right,
            };
            rest = after;
        }
        (left, rest)
    }

    fn not<'w>(words: &'w [&'w str], value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
        match words {
            ["!", rest @ ..] => {
                let (operand, rest) = not(rest, value);
                (!operand, rest)
            }
            words => comparison(words, value),
        }
    }

    fn comparison<'w>(words: &'w [&'w str], value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
        let (mut left, mut rest) = atom(words, value);
        while let [operator @ ("==" | "!="), after @ ..] = rest {
            let (right, after) = atom(after, value);
            left = (left == right) == (*operator == "==");
            rest = after;
        }
        (left, rest)
    }

    fn atom<'w>(words: &'w [&'w str], value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
        match words {
            ["(", inner @ ..] => match binary(inner, 0, value) {
                (result, [")", rest @ ..]) => (result, rest),
                (_, rest) => panic!("no closing parenthesis at {rest:?}"),
            },
            [name, rest @ ..] => (value(name), rest),
            [] => panic!("nothing where a boolean should be"),
        }
    }
}
