//! Compares two policies and prints how long the steps take.
use std::time::Instant;
use analysis::diff::*;
fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let start = Instant::now();
    let a = std::fs::read(&paths[0]).unwrap();
    let b = std::fs::read(&paths[1]).unwrap();
    let (pa, pb) = (policydb::Policy::parse(&a).unwrap(), policydb::Policy::parse(&b).unwrap());
    let (sa, sb) = (avstore::Store::new(&pa), avstore::Store::new(&pb));
    println!("load {:?}", start.elapsed());
    let start = Instant::now();
    let c = Comparison::of(&sa, &sb);
    println!("compare {:?}: {} changes, {} causes", start.elapsed(), c.effective.changes.len(), c.effective.causes.len());
    rest(&c); findings(&c);
    let mut by = vec![0usize; c.effective.causes.len()];
    for x in &c.effective.changes { by[x.cause as usize] += 1; }
    let mut order: Vec<usize> = (0..by.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(by[*i]));
    for i in order.into_iter().take(25) {
        let name = |s| c.matching.name(s);
        println!("{} {}", by[i], match c.effective.causes[i] {
            Cause::TypeAdded(s) => format!("new {}", name(s)),
            Cause::TypeRemoved(s) => format!("gone {}", name(s)),
            Cause::Joined(s, a) => format!("{} joined {}", name(s), name(a)),
            Cause::Left(s, a) => format!("{} left {}", name(s), name(a)),
            Cause::Flipped(b) => format!("flipped {}", c.conditions.text(b)),
            Cause::Moved(b, a) => format!("moved {} -> {}", c.conditions.text(b), c.conditions.text(a)),
            x => format!("{x:?}"),
        });
    }
}
#[allow(dead_code)]
fn rest(c: &Comparison) {
    for k in &c.components {
        println!("{:?} +{} -{} ~{} {:?}", k.kind, k.added.len(), k.removed.len(), k.changed.len(), (k.added.first(), k.removed.first(), k.changed.first()));
    }
    println!("transitions {} xperms {} roles {} constraints {} constrained {} audit {} {}", c.transitions.len(), c.xperms.len(), c.roles.len(), c.constraints.len(), c.constrained.len(), c.audit.auditallow.accesses, c.audit.dontaudit.accesses);
    for x in c.constrained.iter().take(5) { println!("{} {} {:?}", c.matching.name(x.r#type), c.matching.name(x.attribute), x); }
    for x in c.constraints.iter().take(5) { println!("{:?} {} {:?}", x, c.matching.class_name(x.class), c.matching.permission_names(x.class, x.permissions.old | x.permissions.new)); }
    println!("{:?} {:?}", c.left_out, c.handle_unknown);
}
fn findings(c: &Comparison) {
    let start = Instant::now();
    let f = c.findings();
    println!("findings {:?} {}", start.elapsed(), f.len());
    for f in f.iter().take(60) {
        match &f.what {
            What::Access(a) => println!("{:8} {} {} {} {} ({}) <- {}", f.level.name(), a.domains.len(), c.matching.name(a.domains[0]), a.verb, c.matching.name(a.targets[0]), a.targets.len(), c.cause_text(c.effective.causes[a.cause as usize])),
            What::Statement(t) => println!("{:8} {}", f.level.name(), t),
        }
    }
}
