//! `narrow_queries FILE N`: asks a loaded policy N random narrow questions, names to rules, and prints the
//! nanoseconds of building the index, then those of the questions, then how many rules were found.

#[path = "../tests/requests/mod.rs"]
mod requests;

use std::path::Path;
use std::time::Instant;

use analysis::query::Index;
use avstore::Store;
use testkit::random::Random;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(n)) = (args.next(), args.next()) else {
        return Err("usage: narrow_queries FILE N".into());
    };
    let bytes = policydb::PolicyBytes::open(Path::new(&file))?;
    let policy = policydb::Policy::parse(&bytes)?;
    let store = Store::new(&policy);
    let n: usize = n.parse()?;
    let start = Instant::now();
    let index = Index::new(&store);
    let mut random = Random::new(1);
    let mut ask = |n| -> Result<_, Box<dyn std::error::Error>> {
        let questions: Vec<_> = (0..n).map(|_| requests::narrow(&store, &mut random)).collect();
        let start = Instant::now();
        let mut found = 0;
        for question in &questions {
            found += index.find(&question.resolve(&store)?, usize::MAX)?.len();
        }
        Ok((start.elapsed(), found))
    };
    ask(20)?; // builds every part of the index
    println!("{}", start.elapsed().as_nanos());
    let (elapsed, found) = ask(n)?;
    println!("{}\n{found}", elapsed.as_nanos());
    Ok(())
}
