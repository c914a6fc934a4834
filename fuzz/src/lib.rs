//! How the targets change their input: as the format of policies suggests, or as libFuzzer thinks best, which
//! knows what comparisons the input failed.

use testkit::random::Random;

/// libFuzzer's own changes: buffer, size and largest size to the new size.
pub type Plain = fn(&mut [u8], usize, usize) -> usize;

/// Changes the first `size` bytes of `data`; returns the new size, at most `max_size`.
pub fn change(data: &mut [u8], size: usize, max_size: usize, seed: u32, plain: Plain) -> usize {
    let mut random = Random::new(u64::from(seed));
    if random.chance(40) {
        return plain(data, size, max_size);
    }
    let mut bytes = data[..size].to_vec();
    probe::mutate(&mut bytes, max_size.min(data.len()), &mut random);
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}
