//! Causes beside those of audit2why, on random questions about the real policies: wherever it names one, ours has it.
//!
//! | audit2why says | ours has | and differs on purpose |
//! |---|---|---|
//! | ALLOW | only grants | |
//! | TERULE | `no_rule` or `booleans` | it tries one boolean at a time, and gives up on those where a constraint fails, too |
//! | DONTAUDIT | the same, and the advice `hidden` | |
//! | BOOLEAN | `booleans`, each of its booleans as a set of one | |
//! | CONSTRAINT, RBAC, BOUNDS | `constraint`, `role`, `bounds` | |
//! | BADSCON, BADTCON | – | it takes no context that is not valid; ours are explained as far as they are known |

use analysis::decide::Circumstances;
use analysis::explain::{Cause, Enough, Evidence, Explainer, Explanation, FixKind};
use avstore::Store;
use policydb::Policy;
use testkit::access::AccessQuestions;
use testkit::audit2why::{self, Question, Why};
use testkit::policies;
use testkit::random::Random;

/// Of each policy. Each costs audit2why as many decisions as there are booleans.
const QUESTIONS: usize = 1_000;

fn questions(store: &Store<'_>, random: &mut Random) -> Vec<Question> {
    let maker = AccessQuestions::new(store.policy());
    let question = |random: &mut Random| {
        let (source, target, class) = match random.chance(40) {
            true => maker.switched(random).unwrap_or_else(|| maker.access(random)),
            false => maker.access(random),
        };
        let id = store.policy().class_named(class.as_bytes())?;
        let names: Vec<String> =
            store.permissions(id).iter().map(|permission| permission.name.to_string()).collect();
        let permissions = random.some(&names, 3);
        (!permissions.is_empty()).then_some((source, target, class, permissions))
    };
    let mut found = Vec::new();
    while found.len() < QUESTIONS {
        found.extend(question(random));
    }
    found
}

fn has(explanation: &Explanation<'_>, ids: &[&str]) -> bool {
    explanation.causes.iter().any(|cause| ids.contains(&cause.id()))
}

/// The booleans that are enough alone.
fn alone(store: &Store<'_>, explanation: &Explanation<'_>) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = explanation
        .fixes
        .iter()
        .filter(|fix| fix.enough == Enough::Yes)
        .filter_map(|fix| match &fix.kind {
            FixKind::Booleans(set) => Some(set.settings.as_slice()),
            _ => None,
        })
        .filter_map(|settings| match settings {
            [(id, state)] => Some((store.policy().boolean(*id)?.0.to_string(), *state)),
            _ => None,
        })
        .collect();
    found.sort();
    found
}

fn agrees(store: &Store<'_>, why: &Why, ours: &Explanation<'_>) -> bool {
    let by_rules = ["no_rule", "booleans"];
    match why.code.as_str() {
        "ALLOW" => ours.causes.iter().all(Cause::is_grant),
        "TERULE" => has(ours, &by_rules),
        // It also says so where only permissions are hidden that the policy grants, which were not denied by it.
        "DONTAUDIT" => has(ours, &by_rules) && has(ours, &["dontaudit", "allowed"]),
        "BOOLEAN" => {
            let mut theirs = why.booleans.clone();
            theirs.sort();
            let ours_alone = alone(store, ours);
            // Where theirs are more than we list, ours are the first of them.
            has(ours, &["booleans"])
                && (theirs == ours_alone
                    || (ours_alone.len() >= 8 && ours_alone.iter().all(|one| theirs.contains(one))))
        }
        "CONSTRAINT" => has(ours, &["constraint"]),
        "RBAC" => has(ours, &["role"]),
        "BOUNDS" => has(ours, &["bounds"]),
        _ => false,
    }
}

#[test]
fn wherever_audit2why_names_a_cause_ours_has_it() {
    for (seed, policy) in (60..).zip(policies::ALL) {
        let Ok(bytes) = std::fs::read(policy.path()) else {
            testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() });
            continue;
        };
        let parsed = Policy::parse(&bytes).expect("a policy");
        let store = Store::new(&parsed);
        let explainer = Explainer::new(&store, Circumstances::of(&store));
        explainer.prepare();
        let asked = questions(&store, &mut Random::new(seed));
        let answers = match audit2why::ask(policy, &asked) {
            Ok(answers) => answers,
            Err(error) => return testkit::leave_out(&error),
        };
        let mut compared = std::collections::BTreeMap::new();
        for (question, why) in asked.iter().zip(&answers) {
            let invalid = ["BADSCON", "BADTCON"].contains(&why.code.as_str());
            *compared.entry(why.code.as_str()).or_insert(0usize) += 1;
            if invalid {
                continue;
            }
            let (scontext, tcontext, tclass, permissions) = question.clone();
            let evidence = Evidence { scontext, tcontext, tclass, permissions, ..Evidence::default() };
            let ours = explainer.explain(&evidence).unwrap_or_else(|error| panic!("{question:?}: {error:?}"));
            let ids: Vec<&str> = ours.causes.iter().map(Cause::id).collect();
            assert!(
                agrees(&store, why, &ours),
                "{}: {question:?}\naudit2why: {why:?}\nours: {ids:?} {:?}",
                policy.name,
                alone(&store, &ours)
            );
        }
        println!("{}: {compared:?}", policy.name);
        let is_real = policy.name != "corners";
        for code in ["ALLOW", "TERULE", "BOOLEAN", "CONSTRAINT"] {
            assert!(!is_real || compared.contains_key(code), "{}: {code} never came up", policy.name);
        }
    }
}
