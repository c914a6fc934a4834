//! What if: an addition carried by the question, against the policy compiled with that addition.

use analysis::context::PartialContext;
use analysis::decide::{Access, Circumstances, Decider, Sought, WhatIf, defined};
use avstore::Store;
use policydb::{Policy, TypeId};
use testkit::generated::{self, CLASSES};
use testkit::random::Random;

use super::{context, for_texts, question};

/// A random addition: as policy language has it, and as the question carries it.
fn addition(random: &mut Random) -> (String, WhatIf) {
    let id = random.below(generated::TYPES);
    match random.below(3) {
        0 => {
            let attribute = random.below(generated::ATTRIBUTES);
            let text = format!("typeattribute t{id}_t a{attribute};");
            (text, WhatIf { attributes: vec![format!("t{id}_t a{attribute}")], ..WhatIf::default() })
        }
        1 => (
            format!("permissive t{id}_t;"),
            WhatIf { permissive: vec![format!("t{id}_t")], ..WhatIf::default() },
        ),
        _ => {
            let (class, permissions) = CLASSES[random.below(CLASSES.len())];
            let chosen = random.some(permissions, 3).join(" ");
            let target = if random.chance(30) { "self".to_owned() } else { generated::symbol(random) };
            let rule = format!("{} {target}:{class} {{ {chosen} }}", generated::symbol(random));
            (format!("allow {rule};"), WhatIf { allows: vec![rule], ..WhatIf::default() })
        }
    }
}

#[test]
fn an_addition_has_the_effect_that_it_would_have() {
    let (mut asked, mut changed) = (0, 0);
    for_texts(900, |seed, text, compile, random| {
        let (line, what_if) = addition(random);
        // Behind the booleans, where rules begin.
        let at = text.find("\nrole r0_r").expect("roles are declared");
        let extended = format!("{}\n{line}{}", &text[..at], &text[at..]);
        let (plain, extended) = (compile(text), compile(&extended));
        let (plain, extended) =
            (Policy::parse(&plain).expect("a policy"), Policy::parse(&extended).expect("a policy"));
        let (plain_store, extended_store) = (Store::new(&plain), Store::new(&extended));
        let circumstances = what_if.resolve(&plain_store).unwrap_or_else(|error| panic!("{line}: {error}"));
        let (asking, compiled) = (
            Decider::new(&plain_store, circumstances),
            Decider::new(&extended_store, Circumstances::of(&extended_store)),
        );
        let before = Decider::new(&plain_store, Circumstances::of(&plain_store));
        if random.chance(50) {
            asking.prepare();
        }
        for _ in 0..60 {
            // Ids are alike: nothing was declared that was not there.
            let (source, target, class) = question(&extended, random);
            let (source, target) = (context(&source), context(&target));
            let class = plain.class_named(class.as_bytes()).expect("a class");
            let access = Access { source: &source, target: &target, class };
            let (found, expected) = (asking.decide(&access), compiled.decide(&access));
            assert_eq!(found, expected, "seed {seed}: {line} {source:?} {target:?} {class:?}");
            changed += usize::from(found != before.decide(&access));
            asked += 1;
        }
    });
    assert!(changed > 30 || asked == 0, "only {changed} of {asked} answers changed");
}

#[test]
fn who_can_is_everyone_to_whom_it_is_granted() {
    let mut found_any = 0;
    for_texts(700, |seed, text, compile, random| {
        let bytes = compile(text);
        let policy = Policy::parse(&bytes).expect("a policy");
        let store = Store::new(&policy);
        let (_, what_if) = addition(random);
        let decider = Decider::new(&store, what_if.resolve(&store).expect("an addition"));
        let types: Vec<TypeId> = store.type_ids().filter(|id| !store.is_attribute(*id)).collect();
        for _ in 0..20 {
            let (_, target, class) = question(&policy, random);
            let given = PartialContext { user: None, role: None, ..PartialContext::from(context(&target)) };
            let class = policy.class_named(class.as_bytes()).expect("a class");
            let permissions = defined(&store, class) & (random.next_u64() as u32 | 1 << random.below(4));
            let any = random.chance(50);
            let sought = if random.chance(50) { Sought::Sources } else { Sought::Targets };
            let found = decider.who_can(sought, &given, class, permissions, any);
            let mut expected = Vec::new();
            for &id in &types {
                let other = PartialContext::of_type(id);
                let access = match sought {
                    Sought::Sources => Access { source: &other, target: &given, class },
                    Sought::Targets => Access { source: &given, target: &other, class },
                };
                let possible = decider.decide(&access).possible & permissions;
                if if any { possible != 0 } else { possible == permissions } {
                    expected.push(id);
                }
            }
            let found: Vec<TypeId> = found.iter().map(|grant| grant.id).collect();
            assert_eq!(found, expected, "seed {seed}: {sought:?} {given:?} {class:?} {permissions:#x} {any}");
            found_any += found.len();
        }
    });
    assert!(found_any > 500 || generated::compiler_is_missing(), "{found_any}");
}
