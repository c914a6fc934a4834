//! Prints the generated policy of a seed: `cargo run -p testkit --example reach_text 3`.
fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    print!("{}", testkit::generated::reach_text(&mut testkit::random::Random::new(seed)));
}
