//! Times look-ups in file contexts: `look_ups FILE NUMBER` prints nanoseconds for loading, for the first round over made-up
//! paths, which compiles what it needs, and for NUMBER look-ups after that.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use labels::file_contexts::{FileContexts, FileKind};

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(Ok(number))) = (args.next(), args.next().map(|number| number.parse::<usize>()))
    else {
        eprintln!("usage: look_ups FILE NUMBER");
        std::process::exit(2);
    };
    let start = Instant::now();
    let contexts = match FileContexts::open(Path::new(&file)) {
        Ok(contexts) => contexts,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    };
    println!("{}", start.elapsed().as_nanos());
    // The literal part of each expression, and something below it.
    let paths: Vec<Vec<u8>> = contexts
        .specs()
        .map(|spec| {
            let literal = spec.regex.split(['(', '[', '.', '*', '?', '\\']).next().unwrap_or_default();
            format!("{}/lib/x-1.conf", literal.trim_end_matches('/')).into_bytes()
        })
        .collect();
    let look_up = |number: usize| {
        let kinds = [Some(FileKind::Regular), Some(FileKind::Directory), None];
        let start = Instant::now();
        for (path, kind) in paths.iter().cycle().zip(kinds.into_iter().cycle()).take(number) {
            black_box(contexts.lookup(black_box(path), kind));
        }
        start.elapsed().as_nanos()
    };
    println!("{}", look_up(paths.len()));
    println!("{}", look_up(number));
}
