//! The permission map that a question is answered by. Source: `PermissionMap.load` in SETools' `permmap.py`.

use std::fs;
use std::path::{Path, PathBuf};

use analysis::reach::{MapProblem, PermissionMap, Wrong};

use crate::personality::python_int::repr;
use crate::personality::setools::{Manner, cannot_open};

/// Where distributions keep the Python modules of SETools, below the folder of the Python version if there is one.
const MODULES: [&str; 4] = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"];

/// Reads the map that was named, or the one that SETools installed, or else takes our own.
///
/// # Errors
/// SETools' message.
pub(super) fn load(named: Option<&str>, manner: Manner) -> Result<PermissionMap, String> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match installed() {
            Some(path) => path.display().to_string(),
            None => {
                manner.tell("SETools' permission map is not installed: using sepolq's own.");
                return Ok(PermissionMap::own());
            }
        },
    };
    manner.tell(&format!("Opening permission map \"{path}\""));
    let bytes = fs::read(&path).map_err(|error| cannot_open(&path, &error))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| not_utf8(&bytes, error))?;
    let map = PermissionMap::parse(text).map_err(|problem| message(&path, &problem))?;
    manner.tell(&format!("Successfully opened permission map \"{path}\""));
    Ok(map)
}

/// The map of the first SETools that is installed.
fn installed() -> Option<PathBuf> {
    MODULES.into_iter().find_map(|folder| {
        let pythons = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let mut pythons: Vec<PathBuf> = pythons.filter(|path| is_python(path)).collect();
        pythons.sort();
        let packages = ["dist-packages", "site-packages"];
        let maps = pythons.into_iter().flat_map(|python| packages.map(|name| python.join(name)));
        maps.map(|packages| packages.join("setools/perm_map")).find(|map| map.is_file())
    })
}

/// `python3`, `python3.11`
fn is_python(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("python3"))
}

/// What SETools says of a mistake.
fn message(path: &str, problem: &MapProblem) -> String {
    let text = match &problem.wrong {
        Wrong::ClassCount(word) => format!("Invalid number of classes: {word}"),
        Wrong::NoClasses(word) => format!("Number of classes must be positive: {word}"),
        Wrong::ClassDeclaration(words) => {
            let words: Vec<String> = words.iter().map(|word| repr(word)).collect();
            format!("Invalid class declaration: [{}]", words.join(", "))
        }
        Wrong::PermissionCount(word) => format!("Invalid number of permissions: {word}"),
        Wrong::NoPermissions(word) => format!("Number of permissions must be positive: {word}"),
        Wrong::ExtraClass(name) => format!("Extra class found: {name}"),
        // COMPAT(setools): it looks for the missing word without asking whether it is there.
        Wrong::TooShort(_) => return "list index out of range".to_owned(),
        Wrong::Direction(word) => format!("Invalid information flow direction: {word}"),
        Wrong::Weight(word) => format!("Invalid permission weight: {word}"),
        Wrong::WeightRange(word) => format!("Permission weight must be 1-10: {word}"),
    };
    format!("{path}:{}:{text}", problem.line)
}

/// The message of Python's UnicodeDecodeError.
fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> String {
    let at = error.valid_up_to();
    let byte = bytes.get(at).copied().unwrap_or_default();
    let why = match (error.error_len(), byte) {
        (None, _) => "unexpected end of data",
        (_, 0x80..=0xc1 | 0xf5..) => "invalid start byte",
        _ => "invalid continuation byte",
    };
    format!("'utf-8' codec can't decode byte {byte:#04x} in position {at}: {why}")
}
