//! One policy: loading it, questions under several states of its booleans, and the comparison of the answers.

use std::collections::BTreeMap;

use analysis::decide::{Circumstances, Decider};
use avstore::{Booleans, Store};
use policydb::{BoolId, Policy};
use testkit::access::AccessQuestions;
use testkit::kernel::{Answer, errno};
use testkit::random::Random;

use super::questions;

/// The questions under one state of the booleans, and where their answers begin.
pub(crate) struct Round {
    booleans: Booleans,
    first: usize,
    count: usize,
}

/// Puts the loading of a policy and questions about it behind `script`.
pub(crate) fn ask_about(
    script: &mut Vec<String>,
    policy: &Policy<'_>,
    file: &str,
    random: &mut Random,
    n_states: usize,
    count: usize,
) -> Vec<Round> {
    let maker = AccessQuestions::new(policy);
    script.push(format!("load /in/{file}"));
    let mut rounds = Vec::new();
    for state in 0..=n_states {
        // A kernel keeps the states of booleans over a load, by name: all are set, those of the first round, too.
        let mut booleans = Booleans::of(policy);
        for boolean in policy.booleans().into_iter().flat_map(|(_, records)| records.iter()) {
            let id = BoolId::from_value(boolean.value).expect("a value from 1");
            if state > 0 {
                booleans = booleans.with(id, random.chance(50));
            }
            script.push(format!("set booleans/{} {}", boolean.name, u8::from(booleans.get(id))));
        }
        script.push("set commit_pending_bools 1".to_owned());
        let asked = questions::some(&maker, random, count / (n_states + 1));
        rounds.push(Round { booleans, first: script.len(), count: asked.len() });
        script.extend(asked);
    }
    rounds
}

/// Compares the answers of all rounds; returns how often each verb told something: a grant, a label, a
/// change of label that is refused.
pub(crate) fn compare(
    name: &str,
    policy: &Policy<'_>,
    script: &[String],
    answers: &[Answer],
    rounds: &[Round],
) -> BTreeMap<String, usize> {
    let store = Store::new(policy);
    let mut told = BTreeMap::new();
    for round in rounds {
        let circumstances = Circumstances { booleans: round.booleans.clone(), ..Circumstances::of(&store) };
        let decider = Decider::new(&store, circumstances);
        decider.prepare();
        let asked = round.first..round.first + round.count;
        for (question, answer) in script[asked.clone()].iter().zip(&answers[asked]) {
            let expected = questions::expected(&decider, question);
            let found = questions::comparable(&decider, question, answer);
            assert_eq!(expected, found, "{name}: {question} (left: ours, right: the kernel's)");
            let verb = question.split(' ').next().unwrap_or_default();
            let is_told = match (verb, &found) {
                ("validatetrans", found) => *found == Answer::Error(errno::EPERM),
                (_, Answer::Ok(text)) => !text.starts_with("0 "),
                (_, Answer::Error(_)) => false,
            };
            *told.entry(verb.to_owned()).or_insert(0) += usize::from(is_told);
        }
    }
    told
}
