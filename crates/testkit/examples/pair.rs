//! Prints the texts of the pair of random policies of a seed into two files.

fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let seed = words.next().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let texts = testkit::pairs::pair_texts(&mut testkit::random::Random::new(seed));
    for (text, file) in texts.iter().zip(words) {
        std::fs::write(file, text)?;
    }
    Ok(())
}
