//! `load FILE N`: loads a policy N times and prints the nanoseconds of each, for the benchmarks.

use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(n)) = (args.next(), args.next()) else {
        return Err("usage: load FILE N".into());
    };
    let bytes = policydb::PolicyBytes::open(Path::new(&file))?;
    for _ in 0..n.parse()? {
        let start = Instant::now();
        let policy = policydb::Policy::parse(&bytes)?;
        let elapsed = start.elapsed().as_nanos();
        std::hint::black_box(&policy);
        println!("{elapsed}");
    }
    Ok(())
}
