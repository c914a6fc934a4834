//! Bytes as a package, a compressed stream or CIL: an error, or files within the limits whose names stay inside.

use ::package::{Error, Limits, Store, cil, decompressed, read_package};

/// Little, so that what takes much memory or time is seen.
const LIMITS: Limits = Limits { file: 1 << 20, total: 4 << 20, files: 1000, ratio: 100 };

/// Unpacks bytes in every way, and what comes out of a package once more.
///
/// # Panics
/// When a message drives a terminal, a name leads out of the package, a name stands twice, or more comes out than the limits say.
pub fn unpack(bytes: &[u8]) {
    unpack_stream(bytes);
    match read_package(bytes, &LIMITS, |_| true) {
        Err(error) => check(&error),
        Ok(contents) => {
            let kept: u64 = contents.files.iter().map(|file| file.bytes.len() as u64).sum();
            assert!(kept <= LIMITS.total, "{kept} bytes");
            let mut names: Vec<&str> = contents.files.iter().map(|file| file.path.as_str()).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a name twice in {names:?}");
            for file in &contents.files {
                let inside = |part: &str| !matches!(part, "" | "." | "..");
                assert!(file.path.split('/').all(inside), "{:?}", file.path);
                assert!(file.bytes.len() as u64 <= LIMITS.file, "{}", file.path);
                unpack_stream(&file.bytes);
            }
            for found in Store::in_package(&contents) {
                for module in found.store.enabled() {
                    let _ = module.cil(&LIMITS).map_err(|error| check(&error));
                    let _ = module.hll(&LIMITS).map_err(|error| check(&error));
                }
            }
            // Who asks for nothing gets nothing, and the package says the same of itself.
            let none = read_package(bytes, &LIMITS, |_| false).expect("the same package");
            assert!(none.files.is_empty() && none.package == contents.package);
        }
    }
}

fn unpack_stream(bytes: &[u8]) {
    match decompressed(bytes, &LIMITS) {
        Err(error) => check(&error),
        Ok(unpacked) => {
            assert!(
                unpacked.len() <= bytes.len().max(1 << 20),
                "{} bytes of {}",
                unpacked.len(),
                bytes.len()
            );
            declare(&unpacked);
        }
    }
}

/// Reads bytes as CIL.
fn declare(bytes: &[u8]) {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut n_declared = 0;
    for declaration in cil::declarations(bytes) {
        match declaration {
            Ok(declaration) => assert!(declaration.line <= lines && !declaration.name.is_empty()),
            Err(error) => assert!(error.line <= lines, "{error}"),
        }
        n_declared += 1;
    }
    assert!(n_declared <= bytes.len(), "{n_declared} declarations of {} bytes", bytes.len());
}

/// Nothing that drives a terminal; a message may have a line of help.
fn check(error: &Error) {
    let text = error.to_string();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
}
