//! One thing wrong with a policy that is otherwise right: it is refused, in the section where it is wrong, with
//! words that say what was expected.

use policydb::{LoadError, Policy, Section};
use testkit::assembled::{
    Assembled, Table, bitmap, boolean, class, context, level, named, range, role, rule, type_symbol, user,
    words,
};

/// What is wrong, how a right policy becomes so, where the error must be and what it must say.
type Wrong = (&'static str, fn(&mut Assembled), Section, &'static str);

fn load(policy: &Assembled) -> Result<(), LoadError> {
    Policy::parse(&policy.bytes()).map(drop)
}

fn assert_refused(cases: &[Wrong]) {
    for (what, spoil, section, says) in cases {
        let mut policy = rich();
        spoil(&mut policy);
        let error = load(&policy).expect_err(what);
        assert_eq!(error.section, *section, "{what}: {error}");
        assert!(error.to_string().contains(says), "{what}: {error}");
    }
}

/// A policy with a record in every section.
fn rich() -> Assembled {
    let mut policy = Assembled::default();
    policy.commons.values = 1;
    policy.commons.records = vec![named(b"common", &[1, 1, 1], &named(b"write", &[1], &[]))];
    policy.conditionals = vec![[words(&[0, 1, 1, 1, 1]), rule([1, 2, 1, 1], 1), words(&[0])].concat()];
    policy.role_transitions = vec![words(&[1, 1, 2, 1])];
    policy.role_allows = vec![words(&[1, 2])];
    policy.filename_transitions = vec![file_name(bitmap(&[0]))];
    policy.object_contexts = vec![vec![[words(&[1]), context()].concat()]];
    policy.genfs = vec![root_label(1)];
    policy.range_transitions = vec![[words(&[1, 2, 1]), range(1, 1)].concat()];
    policy
}

/// Transitions by the file name `file` in directories of type 1, from some sources to type 2.
fn file_name(sources: Vec<u8>) -> Vec<u8> {
    named(b"file", &[], &[words(&[1, 1, 1]), sources, words(&[2])].concat())
}

/// The label of the root of `sysfs`, for files of one class.
fn root_label(class: u32) -> Vec<u8> {
    named(b"sysfs", &[], &[words(&[1]), named(b"/", &[], &[words(&[class]), context()].concat())].concat())
}

#[test]
fn what_the_cases_begin_with_is_right() {
    for version in [24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35] {
        let policy = Assembled { version, ..Assembled::default() };
        // Classes have their defaults since 28, and no file name stands before 25.
        if version >= 28 {
            assert_eq!(load(&policy), Ok(()), "version {version}");
        }
    }
    assert_eq!(load(&rich()), Ok(()));
}

#[test]
fn every_count_is_checked() {
    let (bytes, counts) = rich().bytes_and_counts();
    assert_eq!(counts.len(), 8 + 4 + 1 + 9 + 2);
    for (section, at) in counts.into_iter().enumerate() {
        let count = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        for forged in [u32::MAX, 0x7fff_ffff, 0x1000, count + 1] {
            let mut forgery = bytes.clone();
            forgery[at..at + 4].copy_from_slice(&forged.to_le_bytes());
            let error = Policy::parse(&forgery).expect_err("a forged count");
            // More than could follow is said at once, and not only when the bytes have come to their end.
            let at_once = error.offset == at && error.to_string().contains("fits in the remaining");
            assert!(at_once || forged == count + 1, "count {section}, {forged}: {error}");
        }
    }
}

#[test]
fn the_number_of_values_of_every_table_is_checked() {
    for values in [0, 1000, 1 << 20] {
        for table in 0..8 {
            let mut policy = rich();
            let tables: [(&mut Table, Section); 8] = [
                (&mut policy.commons, Section::Commons),
                (&mut policy.classes, Section::Classes),
                (&mut policy.roles, Section::Roles),
                (&mut policy.types, Section::Types),
                (&mut policy.users, Section::Users),
                (&mut policy.booleans, Section::Booleans),
                (&mut policy.sensitivities, Section::Sensitivities),
                (&mut policy.categories, Section::Categories),
            ];
            let (table, section) = tables.into_iter().nth(table).expect("one of eight");
            table.values = values;
            let error = load(&policy).expect_err("a number of values that lies");
            assert_eq!(error.section, section, "{values} values: {error}");
        }
    }
}

#[test]
fn words_that_are_yes_or_no_are_nothing_else() {
    assert_refused(&[
        (
            "a boolean's state",
            |p| p.booleans.records[0] = words(&[1, 2, 1, 0x61]),
            Section::Booleans,
            "0 or 1",
        ),
        (
            "an alias of a sensitivity",
            |p| p.sensitivities.records[0] = named(b"s0", &[2], &level(1)),
            Section::Sensitivities,
            "1 for an alias",
        ),
        (
            "an alias of a category",
            |p| p.categories.records[0] = named(b"c0", &[1, 2], &[]),
            Section::Categories,
            "1 for an alias",
        ),
        (
            "levels of a range",
            |p| p.range_transitions[0] = [words(&[1, 2, 1, 3, 1, 1]), bitmap(&[]), bitmap(&[])].concat(),
            Section::RangeTransitions,
            "1 or 2 levels",
        ),
        (
            "a kind of rule",
            |p| p.rules[0] = rule([1, 2, 1, 3], 1),
            Section::AccessVectors,
            "one kind of rule",
        ),
    ]);
}

#[test]
fn every_length_of_a_name_is_checked() {
    let bytes = rich().bytes();
    // Each name where it stands first, and how many bytes before it its length does.
    let names = [
        ("common", 16),
        ("write", 8),
        ("file", 24),
        ("object_r", 12),
        ("a_t", 16),
        ("attr", 16),
        ("user_u", 12),
        ("switch", 4),
        ("s0", 8),
        ("c0", 12),
        ("sysfs", 4),
        ("/", 4),
    ];
    for (name, before) in names {
        let name_at = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
        let at = name_at - before;
        assert_eq!(bytes[at..at + 4], u32::try_from(name.len()).unwrap().to_le_bytes(), "{name}");
        for forged in [0, u32::MAX, 0x7fff_ffff, u32::try_from(bytes.len()).unwrap()] {
            let mut forgery = bytes.clone();
            forgery[at..at + 4].copy_from_slice(&forged.to_le_bytes());
            assert!(Policy::parse(&forgery).is_err(), "`{name}` with length {forged}");
        }
    }
}

#[test]
fn ids_out_of_range_are_refused() {
    assert_refused(&[
        (
            "a type beyond the table",
            |p| p.types.records[1] = type_symbol(b"b_t", 4, 1, 0),
            Section::Types,
            "from 1 to 3",
        ),
        (
            "a type of value 0",
            |p| p.types.records[1] = type_symbol(b"b_t", 0, 1, 0),
            Section::Types,
            "from 1 to 3",
        ),
        (
            "an alias of nothing",
            |p| p.types.records[1] = type_symbol(b"b_t", 4, 0, 0),
            Section::Types,
            "from 1 to 3",
        ),
        ("a class of value 3", |p| p.classes.records[1] = class(b"dir", 3), Section::Classes, "from 1 to 2"),
        (
            "a permission beyond the class's",
            |p| {
                p.classes.records[1] =
                    named(b"dir", &[0, 2, 1, 1, 0], &[named(b"read", &[2], &[]), words(&[0; 5])].concat())
            },
            Section::Classes,
            "from 1 to 1",
        ),
        (
            "more than 32 permissions",
            |p| p.classes.records[1] = named(b"dir", &[0, 2, 33, 0, 0], &words(&[0; 5])),
            Section::Classes,
            "at most 32",
        ),
        (
            "a common that is none",
            |p| {
                p.classes.records[1] =
                    named(b"dir", &[3, 2, 0, 0, 0], &[b"odd".to_vec(), words(&[0; 5])].concat())
            },
            Section::Classes,
            "a common for class",
        ),
        (
            "a default that is none",
            |p| p.classes.records[1] = named(b"dir", &[0, 2, 0, 0, 0], &words(&[0, 0, 3, 0, 0])),
            Section::Classes,
            "default_role from 0 to 2",
        ),
        (
            "a role's type",
            |p| p.roles.records[1] = named(b"user_r", &[2, 0], &[bitmap(&[1]), bitmap(&[3])].concat()),
            Section::Roles,
            "at most 3 types",
        ),
        (
            "a role's role",
            |p| p.roles.records[1] = named(b"user_r", &[2, 0], &[bitmap(&[2]), bitmap(&[])].concat()),
            Section::Roles,
            "at most 2 roles",
        ),
        (
            "a user's role",
            |p| {
                p.users.records[0] =
                    named(b"user_u", &[1, 0], &[bitmap(&[2]), range(1, 1), level(1)].concat())
            },
            Section::Users,
            "at most 2 roles",
        ),
        (
            "a user's sensitivity",
            |p| {
                p.users.records[0] =
                    named(b"user_u", &[1, 0], &[bitmap(&[0]), range(1, 2), level(1)].concat())
            },
            Section::Users,
            "a sensitivity from 1 to 1",
        ),
        (
            "a user's sensitivity at login",
            |p| {
                p.users.records[0] =
                    named(b"user_u", &[1, 0], &[bitmap(&[0]), range(1, 1), level(0)].concat())
            },
            Section::Users,
            "a sensitivity from 1 to 1",
        ),
        (
            "a sensitivity of value 2",
            |p| p.sensitivities.records[0] = named(b"s0", &[0], &level(2)),
            Section::Sensitivities,
            "from 1 to 1",
        ),
        (
            "a sensitivity's category",
            |p| p.sensitivities.records[0] = named(b"s0", &[0], &[words(&[1]), bitmap(&[1])].concat()),
            Section::Sensitivities,
            "at most 1 categories",
        ),
        (
            "a category of value 2",
            |p| p.categories.records[0] = named(b"c0", &[2, 0], &[]),
            Section::Categories,
            "from 1 to 1",
        ),
        (
            "a boolean of value 2",
            |p| p.booleans.records[0] = boolean(b"switch", 2),
            Section::Booleans,
            "from 1 to 1",
        ),
        ("a permissive type", |p| p.permissive = bitmap(&[4]), Section::PermissiveTypes, "types up to 3"),
        (
            "a rule's source",
            |p| p.rules[0] = rule([4, 2, 1, 1], 1),
            Section::AccessVectors,
            "a type from 1 to 3",
        ),
        (
            "a rule's class",
            |p| p.rules[0] = rule([1, 2, 3, 1], 1),
            Section::AccessVectors,
            "a class from 1 to 2",
        ),
        (
            "a rule's default",
            |p| p.rules[0] = rule([1, 2, 1, 0x10], 4),
            Section::AccessVectors,
            "a type from 1 to 3",
        ),
        (
            "a condition's boolean",
            |p| p.conditionals[0] = words(&[0, 1, 1, 2, 0, 0]),
            Section::Conditionals,
            "a boolean from 1 to 1",
        ),
        (
            "a conditional rule's target",
            |p| p.conditionals[0] = [words(&[0, 1, 1, 1, 1]), rule([1, 4, 1, 1], 1), words(&[0])].concat(),
            Section::Conditionals,
            "a type from 1 to 3",
        ),
        (
            "a role transition's new role",
            |p| p.role_transitions[0] = words(&[1, 1, 3, 1]),
            Section::RoleTransitions,
            "a role from 1 to 2",
        ),
        (
            "a role transition's class",
            |p| p.role_transitions[0] = words(&[1, 1, 2, 3]),
            Section::RoleTransitions,
            "a class from 1 to 2",
        ),
        (
            "a role allow's target",
            |p| p.role_allows[0] = words(&[1, 3]),
            Section::RoleAllows,
            "a role from 1 to 2",
        ),
        (
            "a source of transitions by file name",
            |p| p.filename_transitions[0] = file_name(bitmap(&[3])),
            Section::FilenameTransitions,
            "a type from 1 to 3",
        ),
        (
            "a context's user",
            |p| p.object_contexts[0][0] = [words(&[1, 2, 1, 1]), range(1, 1)].concat(),
            Section::ObjectContexts,
            "a user from 1 to 1",
        ),
        (
            "a context's sensitivity",
            |p| p.object_contexts[0][0] = [words(&[1, 1, 1, 1]), range(1, 2)].concat(),
            Section::ObjectContexts,
            "a sensitivity from 1 to 1",
        ),
        ("a path's class", |p| p.genfs[0] = root_label(3), Section::Genfs, "a class from 1 to 2"),
        (
            "a range transition's category",
            |p| p.range_transitions[0] = [words(&[1, 2, 1, 1, 1]), bitmap(&[1])].concat(),
            Section::RangeTransitions,
            "at most 1 categories",
        ),
        (
            "a type's attribute",
            |p| p.type_attributes[0] = bitmap(&[3]),
            Section::TypeAttributes,
            "ids below 3",
        ),
    ]);
}

#[test]
fn levels_are_not_looked_at_where_the_policy_has_none() {
    let mut policy = rich();
    policy.config = 0;
    policy.range_transitions[0] = [words(&[1, 2, 1]), range(0, 7)].concat();
    policy.users.records[0] = named(b"user_u", &[1, 0], &[bitmap(&[0]), range(0, 0), level(0)].concat());
    assert_eq!(load(&policy), Ok(()));
}

#[test]
fn duplicate_symbols_are_refused() {
    assert_refused(&[
        ("a type", |p| p.types.records[1] = type_symbol(b"a_t", 2, 1, 0), Section::Types, "`a_t` twice"),
        (
            "an alias with a type's name",
            |p| p.types.records[1] = type_symbol(b"a_t", 1, 0, 0),
            Section::Types,
            "`a_t` twice",
        ),
        ("a type's value", |p| p.types.records[1] = type_symbol(b"b_t", 1, 1, 0), Section::Types, "1 again"),
        (
            "a common",
            |p| p.commons.records.push(named(b"common", &[1, 0, 0], &[])),
            Section::Commons,
            "`common` twice",
        ),
        ("a class", |p| p.classes.records[1] = class(b"file", 2), Section::Classes, "`file` twice"),
        ("a class's value", |p| p.classes.records[1] = class(b"process", 1), Section::Classes, "1 again"),
        ("a role", |p| p.roles.records[1] = role(b"object_r", 2, 0), Section::Roles, "`object_r` twice"),
        ("a user", |p| p.users.records.push(user(b"user_u", 1, 0)), Section::Users, "`user_u` twice"),
        (
            "a boolean",
            |p| p.booleans.records.push(boolean(b"switch", 1)),
            Section::Booleans,
            "`switch` twice",
        ),
        (
            "a sensitivity",
            |p| p.sensitivities.records.push(named(b"s0", &[1], &level(1))),
            Section::Sensitivities,
            "`s0` twice",
        ),
        (
            "a category",
            |p| p.categories.records.push(named(b"c0", &[1, 1], &[])),
            Section::Categories,
            "`c0` twice",
        ),
        (
            "a permission's name",
            |p| {
                let permissions = [named(b"read", &[1], &[]), named(b"read", &[2], &[])].concat();
                p.classes.records[1] =
                    named(b"dir", &[0, 2, 2, 2, 0], &[permissions, words(&[0; 5])].concat());
            },
            Section::Classes,
            "`read`, value 2, again",
        ),
        (
            "a permission's value",
            |p| {
                let permissions = [named(b"read", &[1], &[]), named(b"write", &[1], &[])].concat();
                p.classes.records[1] =
                    named(b"dir", &[0, 2, 2, 2, 0], &[permissions, words(&[0; 5])].concat());
            },
            Section::Classes,
            "`write`, value 1, again",
        ),
    ]);
}

#[test]
fn bitmaps_out_of_order_are_refused_wherever_they_stand() {
    let out_of_order = words(&[64, 192, 3, 64, 1, 0, 0, 1, 0, 128, 1, 0]);
    let (empty_node, beyond_nodes) = (words(&[64, 64, 1, 0, 0, 0]), words(&[64, 128, 1, 0, 1, 0]));
    let spoilt: [fn(&mut Assembled, Vec<u8>); 5] = [
        |p, bits| p.permissive = bits,
        |p, bits| p.roles.records[1] = named(b"user_r", &[2, 0], &[bitmap(&[1]), bits].concat()),
        |p, bits| p.sensitivities.records[0] = named(b"s0", &[0], &[words(&[1]), bits].concat()),
        |p, bits| p.filename_transitions[0] = file_name(bits),
        |p, bits| p.type_attributes[1] = bits,
    ];
    for bits in [out_of_order, empty_node, beyond_nodes] {
        for (place, spoil) in spoilt.iter().enumerate() {
            let mut policy = rich();
            spoil(&mut policy, bits.clone());
            let error = load(&policy).expect_err("a bad bitmap").to_string();
            assert!(error.contains("bitmap node") || error.contains("high bit"), "place {place}: {error}");
        }
    }
}

#[test]
fn loops_of_bounds_are_refused_and_long_chains_too() {
    assert_refused(&[
        (
            "a type bounds itself",
            |p| p.types.records[0] = type_symbol(b"a_t", 1, 1, 1),
            Section::Types,
            "a loop",
        ),
        (
            "two types bound each other",
            |p| {
                p.types.records[0] = type_symbol(b"a_t", 1, 1, 2);
                p.types.records[1] = type_symbol(b"b_t", 2, 1, 1);
            },
            Section::Types,
            "a loop",
        ),
        (
            "an attribute bounds",
            |p| p.types.records[0] = type_symbol(b"a_t", 1, 1, 3),
            Section::Types,
            "value 3, which cannot",
        ),
        (
            "nothing bounds",
            |p| p.types.records[0] = type_symbol(b"a_t", 1, 1, 4),
            Section::Types,
            "value 4, which cannot",
        ),
        ("a role bounds itself", |p| p.roles.records[1] = role(b"user_r", 2, 2), Section::Roles, "a loop"),
        ("a user bounds itself", |p| p.users.records[0] = user(b"user_u", 1, 1), Section::Users, "a loop"),
        (
            "a user's bound is none",
            |p| p.users.records[0] = user(b"user_u", 1, 2),
            Section::Users,
            "value 2, which cannot",
        ),
    ]);
}

#[test]
fn conditions_and_constraints_that_do_not_balance_are_refused() {
    assert_refused(&[
        (
            "an operator alone",
            |p| p.conditionals[0] = words(&[0, 1, 3, 0, 0, 0]),
            Section::Conditionals,
            "enough operands",
        ),
        (
            "two values",
            |p| p.conditionals[0] = words(&[0, 2, 1, 1, 1, 1, 0, 0]),
            Section::Conditionals,
            "leaves one value",
        ),
        (
            "an unknown operator",
            |p| p.conditionals[0] = words(&[0, 1, 8, 0, 0, 0]),
            Section::Conditionals,
            "a boolean or an operator",
        ),
        (
            "a constraint without terms",
            |p| p.classes.records[1] = named(b"dir", &[0, 2, 0, 0, 1], &words(&[0; 7])),
            Section::Classes,
            "leaves one value",
        ),
    ]);
}

#[test]
fn names_of_any_bytes_are_read_and_shown_escaped() {
    let escaped = [
        (&b"\x1b[31m"[..], "\\u{1b}[31m"),
        (b"a\nb", "a\\nb"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"\xe2\x80\xaex", "\\u{202e}x"),
        ("h\u{e9}".as_bytes(), "h\u{e9}"),
    ];
    for (name, shown) in escaped {
        let mut policy = rich();
        policy.types.records[1] = type_symbol(name, 2, 1, 0);
        let bytes = policy.bytes();
        let loaded = Policy::parse(&bytes).expect("names may hold any byte but NUL");
        let id = loaded.type_named(name).expect("found by its bytes");
        assert_eq!(loaded.type_symbol(id).expect("a type").0.to_string(), shown);
        // And in messages about it.
        policy.types.records.push(type_symbol(name, 2, 0, 0));
        let error = load(&policy).expect_err("twice").to_string();
        assert!(error.contains(&format!("`{shown}` twice")), "{error}");
    }
    assert_refused(&[
        (
            "a NUL",
            |p| p.types.records[1] = type_symbol(b"b\0t", 2, 1, 0),
            Section::Types,
            "without NUL bytes",
        ),
        ("no name", |p| p.types.records[1] = type_symbol(b"", 2, 1, 0), Section::Types, "a length of 0"),
    ]);
}
