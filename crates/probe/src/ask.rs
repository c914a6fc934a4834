//! Everything that can be asked of a policy, asked of one that loaded.
//!
//! Names and criteria are drawn from the policy itself by a sequence that its bytes determine, so that a case
//! asks the same in every run. Work is bounded: what is listed by the thousand elsewhere is sampled here.

use analysis::context::MlsRange;
use analysis::query::{KindSet, Pattern, Request, SetMatch, SideMatcher, most_rules, search};
use avstore::{
    Booleans, Branch, Conditions, FileNames, Kind, Rule, StatementWriter, Store, TypeSet, boolean_ids,
    condition_text, range_text,
};
use policydb::{BoolId, ClassId, Name, Policy, RoleId, TypeId, UserId};
use testkit::random::Random;

use crate::comparisons::compare;
use crate::components::ask_components;
use crate::decisions::{ask_booleans, ask_decisions};
use crate::differences::ask_differences;

/// Questions to each policy.
const QUESTIONS: usize = 12;
/// Symbols of a kind that are looked at closely.
const SAMPLE: usize = 24;
/// Rules that are written as text for each question, and conditions for each policy.
const WRITTEN: usize = 300;

/// Loads the bytes, and asks everything of what loaded.
///
/// # Panics
/// When an answer contradicts another one.
pub fn ask_everything(bytes: &[u8]) {
    let policy = match Policy::parse(bytes) {
        Ok(policy) => policy,
        Err(error) => {
            return assert!(error.offset <= bytes.len() && !error.to_string().is_empty(), "{error}");
        }
    };
    let store = Store::new(&policy);
    // FNV-1a: any number that depends on every byte.
    let seed = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let asked = Asked { store: &store, n_bytes: bytes.len() };
    let mut random = Random::new(seed);
    asked.symbols(&mut random);
    asked.tables();
    asked.conditions(&mut random);
    for _ in 0..QUESTIONS {
        asked.question(&mut random);
    }
    ask_decisions(&store, &mut random);
    ask_components(&store, bytes.len(), &mut random);
    ask_booleans(&store, &mut random);
    compare(bytes);
    ask_differences(&policy);
}

struct Asked<'s, 'p> {
    store: &'s Store<'p>,
    n_bytes: usize,
}

/// Some of the ids from 0 to `n`, the one beyond included.
fn some_ids(n: usize, random: &mut Random) -> impl Iterator<Item = u32> + use<> {
    let step = 1 + n / SAMPLE;
    let first = random.below(step);
    (first..=n).step_by(step).chain([n]).filter_map(|index| u32::try_from(index).ok())
}

/// A name as an error message shows it drives no terminal.
fn check_shown(name: Name<'_>) {
    assert!(!name.to_string().contains(char::is_control), "{:?}", name.as_bytes());
    assert!(!name.as_bytes().is_empty() && !name.as_bytes().contains(&0));
}

impl<'p> Asked<'_, 'p> {
    fn policy(&self) -> &'p Policy<'p> {
        self.store.policy()
    }

    /// Every table of symbols, by id and by name, and the members of types and attributes.
    fn symbols(&self, random: &mut Random) {
        let (store, policy) = (self.store, self.policy());
        let mut some_types = store.empty_set();
        for id in some_ids(policy.n_types(), random).map(TypeId::from_index) {
            let Some((name, symbol)) = policy.type_symbol(id) else { continue };
            check_shown(name);
            assert_eq!(policy.type_named(name.as_bytes()), Some(id));
            assert_eq!(store.is_attribute(id), symbol.is_attribute);
            assert!(symbol.bounds.is_none_or(|bounds| bounds.index() < policy.n_types()));
            assert!(policy.attributes_of(id).bits().all(|bit| (bit as usize) < policy.n_types()));
            assert_eq!(policy.attributes_of(id).bits().count(), policy.attributes_of(id).len());
            let members = store.members(id);
            for member in members.iter().take(SAMPLE) {
                assert!(store.applies(id, member), "{id:?} does not stand for its member {member:?}");
            }
            if random.chance(30) {
                some_types.insert(id);
            }
            assert!(TypeSet::of(policy.n_types(), id).contains(id));
        }
        let symbols = store.symbols_for(&some_types);
        assert!(some_types.iter().all(|id| symbols.contains(id)) && symbols.len() >= some_types.len());
        for (alias, id) in policy.type_aliases() {
            check_shown(alias);
            assert_eq!(policy.type_named(alias.as_bytes()), Some(id));
        }
        for id in some_ids(policy.n_classes(), random).map(ClassId::from_index) {
            if let Some(name) = policy.class_name(id) {
                assert_eq!(policy.class_named(name.as_bytes()), Some(id));
            }
            check_shown(store.class_name(id));
            assert_eq!(store.permissions(id).len(), policy.permissions(id).count());
            store.permissions(id).iter().for_each(|permission| check_shown(permission.name));
        }
        for id in some_ids(policy.n_roles(), random).map(RoleId::from_index) {
            if let Some(name) = policy.role_name(id) {
                assert_eq!(policy.role_named(name.as_bytes()), Some(id));
            }
        }
        let users = some_ids(policy.n_users(), random).map(UserId::from_index);
        users.filter_map(|id| policy.user_name(id)).for_each(check_shown);
        for id in some_ids(policy.n_booleans(), random).map(BoolId::from_index) {
            if let Some((name, _)) = policy.boolean(id) {
                assert_eq!(policy.boolean_named(name.as_bytes()), Some(id));
            }
        }
        for value in some_ids(40, random) {
            let names = [policy.sensitivity_name(value), policy.category_name(value)];
            let values = names.map(|name| name.map(|name| name.as_bytes()));
            assert!(values[0].is_none_or(|name| policy.sensitivity_named(name) == Some(value)));
            assert!(values[1].is_none_or(|name| policy.category_named(name) == Some(value)));
        }
        let bitmaps = [policy.capabilities(), policy.permissive_types(), policy.neveraudit_types()];
        assert!(bitmaps.iter().all(|bitmap| bitmap.bits().all(|bit| bitmap.contains(bit as usize))));
    }

    /// Every record of every section, and the rules by position.
    fn tables(&self) {
        let policy = self.policy();
        // The writer calls every accessor on every record.
        assert!(!testkit::writer::write(policy).is_empty());
        for table in [policy.rules(), policy.conditional_rules()] {
            for (position, rule) in table.rules(0..table.len()) {
                let (same, xperms) = table.get(position).expect("within the table");
                assert_eq!((rule.source(), rule.datum()), (same.source(), same.datum()));
                assert_eq!(xperms.is_some(), rule.kind().has_xperms());
                assert!(xperms.is_none_or(|xperms| xperms.ranges().is_sorted()));
                let ids = [Some(rule.source()), Some(rule.target()), rule.default_type()];
                assert!(ids.into_iter().flatten().all(|id| id.index() < policy.n_types()));
                assert!(rule.class().index() < policy.n_classes());
            }
            assert!(table.get(table.len()).is_none());
        }
        for rule in policy.range_transitions().iter().take(WRITTEN) {
            assert!(!range_text(policy, rule.range).contains(char::is_control));
        }
    }

    /// Conditions as text, and their values under some states of the booleans.
    fn conditions(&self, random: &mut Random) {
        let policy = self.policy();
        let mut booleans = Booleans::of(policy);
        for id in some_ids(policy.n_booleans(), random).map(BoolId::from_index) {
            booleans = booleans.with(id, random.chance(50));
        }
        let conditions = Conditions::under(policy, &booleans);
        for (conditional, node) in (0u32..).zip(policy.conditionals()).take(WRITTEN) {
            let text = condition_text(policy, node);
            assert!(!text.is_empty() && !text.contains(char::is_control));
            assert!(boolean_ids(node).all(|id| id.index() < policy.n_booleans()));
            let in_force = [true, false].map(|when| conditions.in_force(Branch { conditional, when }));
            assert_eq!(in_force[0] ^ in_force[1], node.is_computable, "{text}");
            assert!(node.false_rules.end <= policy.conditional_rules().len());
        }
    }

    /// One search with random criteria, its rules written as text.
    fn question(&self, random: &mut Random) {
        let store = self.store;
        let request = self.request(random);
        let found = match search(store, &request, most_rules(self.n_bytes)) {
            Ok(found) => found,
            Err(error) => return assert!(!error.to_string().is_empty()),
        };
        let matcher = request.source.as_ref().and_then(|source| SideMatcher::new(store, source).ok());
        let conditions = request.booleans(store).map(|booleans| Conditions::under(self.policy(), &booleans));
        for names in [FileNames::Quoted, FileNames::Bare] {
            let mut writer = StatementWriter::new(store, names);
            for rule in found.iter().take(WRITTEN) {
                let mut text = Vec::new();
                writer.write(rule, &mut text);
                assert!(text.starts_with(rule.kind().keyword().as_bytes()) && text.ends_with(b";"));
                let drives = |&byte: &u8| byte.is_ascii_control();
                assert!(names == FileNames::Bare || !text.iter().any(drives), "{}", text.escape_ascii());
                assert!(request.kinds.contains(rule.kind()));
                if let (Some(matcher), Some(source)) = (&matcher, rule.source_type()) {
                    matcher.side(store, source);
                }
                if let (true, Some(branch), Ok(conditions)) = (request.enabled, rule.branch(), &conditions) {
                    assert!(conditions.in_force(branch));
                }
            }
        }
        assert!(
            found.iter().all(|rule| !matches!(rule, Rule::Filename(rule) if rule.name.as_bytes().is_empty()))
        );
    }

    fn request(&self, random: &mut Random) -> Request {
        let (store, policy) = (self.store, self.policy());
        let kinds =
            if random.chance(50) { Kind::ALL.to_vec() } else { random.some(&Kind::ALL, Kind::ALL.len()) };
        let class = random_id(policy.n_classes(), random).map(ClassId::from_index);
        let permissions = class.map(|id| store.permissions(id)).unwrap_or_default();
        let permission = random.pick(permissions).map(|permission| permission.name.to_string());
        let boolean = random_id(policy.n_booleans(), random)
            .and_then(|index| policy.boolean(BoolId::from_index(index)))
            .and_then(|(name, _)| String::from_utf8(name.as_bytes().to_vec()).ok());
        let mut in_some = |percent, word: Option<String>| word.filter(|_| random.chance(percent));
        let classes = in_some(30, class.map(|id| store.class_name(id).to_string()));
        let permissions = in_some(25, permission);
        let booleans = in_some(15, boolean.clone());
        let settings = in_some(30, boolean);
        let low = u16::try_from(random.below(0x1_0000)).unwrap_or(0);
        Request {
            kinds: KindSet::of(kinds),
            source: self.pattern(random, 50),
            source_direct: random.chance(20),
            target: self.pattern(random, 40),
            target_direct: random.chance(20),
            classes: classes.into_iter().collect(),
            permissions: permissions.into_iter().collect(),
            permission_match: [SetMatch::Any, SetMatch::Equal, SetMatch::All][random.below(3)],
            xperms: if random.chance(10) { vec![(low, low | 0xff)] } else { Vec::new() },
            xperms_equal: random.chance(10),
            default: if random.chance(5) { self.range(random) } else { self.pattern(random, 15) },
            booleans: booleans.into_iter().collect(),
            booleans_equal: random.chance(30),
            enabled: random.chance(30),
            settings: settings.into_iter().map(|name| (name, random.chance(50))).collect(),
        }
    }

    /// In so many of 100 cases a pattern: the name of a type, attribute, alias or role, or an expression.
    fn pattern(&self, random: &mut Random, percent: usize) -> Option<Pattern> {
        let policy = self.policy();
        if !random.chance(percent) {
            return None;
        }
        let id = random_id(policy.n_types(), random).map(TypeId::from_index);
        let role = random_id(policy.n_roles(), random).map(RoleId::from_index);
        let name = match random.below(10) {
            0 => role.and_then(|id| policy.role_name(id)),
            1 => policy.type_aliases().next().map(|(alias, _)| alias),
            _ => id.and_then(|id| policy.type_symbol(id)).map(|(name, _)| name),
        };
        let name =
            name.map_or_else(|| "none".to_owned(), |name| String::from_utf8_lossy(name.as_bytes()).into());
        match random.below(10) {
            0 => format!("/^{}/", &name.chars().take(2).collect::<String>()).parse().ok(),
            1..3 => Some(Pattern::Written(name)),
            _ => Some(Pattern::Name(name)),
        }
    }

    /// The range of some rule, as a user would write it.
    fn range(&self, random: &mut Random) -> Option<Pattern> {
        let policy = self.policy();
        let rule = policy.range_transitions().iter().nth(random.below(policy.range_transitions().len()))?;
        let text = range_text(policy, rule.range);
        if let Err(error) = MlsRange::parse(policy, &text) {
            assert!(!error.to_string().is_empty());
        }
        Some(Pattern::Name(text))
    }
}

fn random_id(n: usize, random: &mut Random) -> Option<u32> {
    u32::try_from(random.below(n)).ok().filter(|_| n > 0)
}
