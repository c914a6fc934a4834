//! `decisions FILE make N` prints N random access questions, all different, from a pool of contexts.
//! `decisions FILE ROUNDS` reads such questions, prints the nanoseconds of building the index, then asks all of them
//! in each round and prints their number, the nanoseconds, and how many permissions were granted: what
//! `libsepol_judge` prints, too.

use std::collections::HashSet;
use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use analysis::context::SecurityContext;
use analysis::decide::{Access, Circumstances, Decider};
use avstore::Store;
use policydb::{ClassId, Policy};
use testkit::access::AccessQuestions;
use testkit::random::Random;

/// Questions made of a rule are all kept; contexts repeat, because libsepol looks each new one up slowly.
const POOL: usize = 3000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, rest @ ..] = words.as_slice() else {
        return Err("usage: decisions FILE make N | count N | ROUNDS".into());
    };
    let bytes = policydb::PolicyBytes::open(Path::new(file))?;
    let policy = Policy::parse(&bytes)?;
    match rest {
        [make, n] if make == "make" => make_questions(&policy, n.parse()?),
        [count, n] if count == "count" => count_granted(&policy, n.parse()?),
        [rounds] => measure(&policy, rounds.parse()?),
        _ => Err("usage: decisions FILE make N | count N | ROUNDS".into()),
    }
}

fn make_questions(policy: &Policy<'_>, n: usize) -> Result<(), Box<dyn std::error::Error>> {
    let (maker, mut random) = (AccessQuestions::new(policy), Random::new(11));
    let store = Store::new(policy);
    let decider = Decider::new(&store, Circumstances::of(&store));
    let is_valid = |text: &str| {
        SecurityContext::parse(&store, text).is_ok_and(|context| decider.context_rules().is_valid(&context))
    };
    let mut pairs = Vec::new();
    while pairs.len() < POOL {
        let (source, target, class) = maker.access(&mut random);
        if is_valid(&source) && is_valid(&target) {
            pairs.push((source, target, class));
        }
    }
    let mut seen = HashSet::new();
    while seen.len() < n {
        let (source, target, class) = &pairs[random.below(pairs.len())];
        // Half the questions keep the pair of a rule; the others cross pairs.
        let crossed = &pairs[random.below(pairs.len())];
        let line = match random.below(4) {
            0 => format!("access {source} {target} {}", crossed.2),
            1 => format!("access {source} {} {class}", crossed.1),
            2 => format!("access {} {target} {class}", crossed.0),
            _ => format!("access {source} {} {}", crossed.1, crossed.2),
        };
        if seen.insert(line.clone()) {
            println!("{line}");
        }
    }
    Ok(())
}

/// Makes N questions and asks each once, so that instructions can be counted.
fn count_granted(policy: &Policy<'_>, n: usize) -> Result<(), Box<dyn std::error::Error>> {
    let (maker, mut random) = (AccessQuestions::new(policy), Random::new(11));
    let store = Store::new(policy);
    let decider = Decider::new(&store, Circumstances::of(&store));
    decider.prepare();
    let mut granted = 0;
    for _ in 0..n {
        let (source, target, class) = maker.access(&mut random);
        let (source, target) =
            (SecurityContext::parse(&store, &source)?, SecurityContext::parse(&store, &target)?);
        let class = policy.class_named(class.as_bytes()).ok_or("an unknown class")?;
        granted += decider.decide(&Access { source: &source, target: &target, class }).allowed.count_ones();
    }
    println!("{granted}");
    Ok(())
}

fn measure(policy: &Policy<'_>, rounds: usize) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::new(policy);
    let start = Instant::now();
    let decider = Decider::new(&store, Circumstances::of(&store));
    decider.prepare();
    println!("{}", start.elapsed().as_nanos());
    let mut questions: Vec<(SecurityContext, SecurityContext, ClassId)> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let [_, source, target, class] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
        let class = policy.class_named(class.as_bytes()).ok_or("an unknown class")?;
        let (source, target) =
            (SecurityContext::parse(&store, source)?, SecurityContext::parse(&store, target)?);
        questions.push((source, target, class));
    }
    for _ in 0..rounds {
        let start = Instant::now();
        let mut granted = 0;
        for (source, target, class) in &questions {
            granted += decider.decide(&Access { source, target, class: *class }).allowed.count_ones();
        }
        println!("{} {} {granted}", questions.len(), start.elapsed().as_nanos());
    }
    Ok(())
}
