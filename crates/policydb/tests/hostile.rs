//! Bytes that are no policy, or nearly one: an error that says where, or a policy, and never a panic.

use std::path::PathBuf;

use policydb::{Context, Ebitmap, Level, LoadError, Policy, Range, Section, Term};

fn small_policies() -> Vec<(String, Vec<u8>)> {
    let directory = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/policies"));
    let is_policy = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension.to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("the test data")
        .map(|entry| entry.expect("an entry").path())
        .filter(is_policy)
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, std::fs::read(&path).expect("a readable file"))
    };
    paths.into_iter().map(read).collect()
}

/// The one policy that the kernel and libsepol refuse too: it has no rule that is always in force.
const WITHOUT_RULES: &str = "rules-none.33";

#[test]
fn every_policy_of_the_test_data_is_read() {
    let policies = small_policies();
    assert!(policies.len() > 90, "{}", policies.len());
    for (name, bytes) in &policies {
        match Policy::parse(bytes) {
            Ok(policy) => {
                let version: u32 = name.rsplit('.').next().and_then(|n| n.parse().ok()).expect("a version");
                assert_eq!(policy.format().version, version, "{name}");
            }
            Err(error) => {
                assert_eq!(name, WITHOUT_RULES, "{error}");
                assert_eq!(error.section, Section::AccessVectors);
            }
        }
    }
}

#[test]
fn a_policy_cut_short_anywhere_is_refused() {
    for (name, bytes) in small_policies().into_iter().filter(|(name, _)| name != WITHOUT_RULES) {
        // Every length of small files, every 7th of larger ones.
        let step = if bytes.len() < 4000 { 1 } else { 7 };
        for length in (0..bytes.len()).step_by(step) {
            let error = match Policy::parse(&bytes[..length]) {
                Err(error) => error,
                Ok(_) => panic!("{name}: accepted with {length} of {} bytes", bytes.len()),
            };
            assert!(error.offset <= length, "{name}, {length} bytes: {error}");
        }
    }
}

#[test]
fn bytes_after_the_policy_are_accepted_as_the_kernel_does() {
    for (name, mut bytes) in small_policies().into_iter().filter(|(name, _)| name != WITHOUT_RULES) {
        let n_bytes = bytes.len();
        bytes.extend(b"trailing");
        assert_eq!(Policy::parse(&bytes).map(|policy| policy.n_bytes()), Ok(n_bytes), "{name}");
    }
}

#[test]
fn forged_values_give_an_error_or_a_policy_that_answers() {
    for (name, bytes) in small_policies() {
        let step = if bytes.len() < 4000 { 1 } else { 5 };
        for at in (0..bytes.len()).step_by(step) {
            for forged in [0, 1, 0x7f, 0x80, 0xff] {
                let mut forgery = bytes.clone();
                if forgery[at] == forged {
                    continue;
                }
                forgery[at] = forged;
                if let Ok(policy) = Policy::parse(&forgery) {
                    look_at_everything(&policy);
                    assert!(at >= 4, "{name}: accepted with another magic number");
                }
            }
        }
    }
}

/// Calls every accessor on everything.
fn look_at_everything(policy: &Policy<'_>) {
    let mut seen = 0usize;
    for index in 0..=policy.n_types() {
        let id = policydb::TypeId::from_index(u32::try_from(index).expect("few types"));
        seen += usize::from(policy.type_symbol(id).is_some()) + policy.attributes_of(id).len();
        seen += policy.attributes_of(id).bits().count();
    }
    seen += policy.type_aliases().count();
    for index in 0..=policy.n_classes() {
        let id = policydb::ClassId::from_index(u32::try_from(index).expect("few classes"));
        seen += policy.permissions(id).count() + usize::from(policy.class_name(id).is_some());
    }
    for table in [policy.rules(), policy.conditional_rules()] {
        for (position, rule) in table.rules(0..table.len()) {
            let (same, xperms) = table.get(position).expect("within the table");
            assert_eq!(
                (rule.source(), rule.target(), rule.kind()),
                (same.source(), same.target(), same.kind())
            );
            seen += xperms.map_or(0, |xperms| xperms.ranges().len());
            seen += usize::from(rule.default_type().is_some());
        }
    }
    for conditional in policy.conditionals() {
        seen += conditional.expression().count();
        assert!(conditional.false_rules.end <= policy.conditional_rules().len());
    }
    policy.filename_transitions().for_each(|rule| seen += rule.name.as_bytes().len());
    assert!(seen > 0);
    follow_every_reference(policy);
}

/// Ids and levels point into their tables, wherever they stand.
fn follow_every_reference(policy: &Policy<'_>) {
    let within = |bits: Ebitmap<'_>, n: usize| assert!(bits.bits().all(|bit| (bit as usize) < n), "{bits:?}");
    let n_of = |table: Option<usize>| table.unwrap_or_default();
    let n_sensitivities = n_of(policy.sensitivities().map(|(n, _)| n));
    let n_categories = n_of(policy.categories().map(|(n, _)| n));
    let level = |level: Level<'_>| {
        if policy.header().mls {
            assert!((1..=n_sensitivities).contains(&(level.sensitivity as usize)), "{level:?}");
            within(level.categories, n_categories);
        }
    };
    let range = |range: Range<'_>| {
        level(range.low);
        range.high.into_iter().for_each(level);
    };
    let context = |context: Context<'_>| {
        let ids = [context.user.index(), context.role.index(), context.r#type.index()];
        for (id, n) in ids.into_iter().zip([policy.n_users(), policy.n_roles(), policy.n_types()]) {
            assert!(id < n, "{context:?}");
        }
        context.range.into_iter().for_each(range);
    };
    for class in policy.classes().1.iter() {
        let changes = class.validatetrans.iter().flat_map(|constraints| constraints.iter());
        for term in class.constraints.iter().chain(changes).flat_map(|constraint| constraint.terms.iter()) {
            let Term::Names(operands, names) = term else { continue };
            let n = match operands.attribute & 7 {
                1 => policy.n_users(),
                2 => policy.n_roles(),
                _ => policy.n_types(),
            };
            within(names.ids, n);
            let written = names.written.map(|(named, taken_out, _)| [named, taken_out]);
            written.into_iter().flatten().for_each(|types| within(types, policy.n_types()));
        }
    }
    for role in policy.roles().1.iter() {
        within(role.types, policy.n_types());
        within(role.dominates, policy.n_roles());
    }
    for user in policy.users().1.iter() {
        within(user.roles, policy.n_roles());
        if let Some((of_user, default)) = user.levels {
            range(of_user);
            level(default);
        }
    }
    let sensitivities =
        policy.sensitivities().into_iter().flat_map(|(_, sensitivities)| sensitivities.iter());
    sensitivities.for_each(|sensitivity| within(sensitivity.level.categories, n_categories));
    for object in policy.object_contexts().iter().flat_map(|list| list.iter()) {
        context(object.context);
        object.second_context.into_iter().for_each(context);
    }
    policy.genfs().iter().flat_map(|genfs| genfs.paths.iter()).for_each(|path| context(path.context));
    policy.range_transitions().iter().for_each(|rule| range(rule.range));
}

#[test]
fn errors_say_where_and_what() {
    let error: LoadError = Policy::parse(b"").expect_err("no policy");
    assert_eq!((error.section, error.offset), (Section::Header, 0));
    assert!(error.to_string().contains("found an empty file"), "{error}");

    let (_, bytes) = small_policies().into_iter().find(|(name, _)| name == "rich.33").expect("rich.33");
    let error = Policy::parse(&bytes[..bytes.len() / 2]).expect_err("half a policy");
    let message = error.to_string();
    assert!(message.contains("expected") && message.contains("found"), "{message}");
    assert!(message.contains("\nhelp: "), "{message}");
}

#[test]
fn random_bytes_behind_a_good_header_are_survived() {
    let (_, bytes) =
        small_policies().into_iter().find(|(name, _)| name == "rich-xperm.33").expect("a policy");
    // A xorshift sequence: the same bytes in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..3000 {
        let mut forgery = bytes.clone();
        for _ in 0..1 + next() % 6 {
            let at = 32 + usize::try_from(next()).expect("64 bits") % (forgery.len() - 32);
            forgery[at] = u8::try_from(next() & 0xff).expect("a byte");
        }
        if let Ok(policy) = Policy::parse(&forgery) {
            look_at_everything(&policy);
        }
    }
}
