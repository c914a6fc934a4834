//! Booleans that an administrator set for good: `booleans.local` of the module store, which only root may read.
//!
//! Source: `semanage_store.c` of libsemanage; a line is `name=1`, and the words of older tools are understood.

use std::io;
use std::path::Path;

use crate::regular;
use crate::selinux_files::selinux_type;

/// Those of the system below `root`, in the order of the file; none where nothing was set.
///
/// # Errors
/// The file may not be read.
pub fn local_booleans(root: &Path) -> io::Result<Vec<(String, bool)>> {
    let file = root.join("var/lib/selinux").join(selinux_type(root)).join("active/booleans.local");
    let Some(text) = regular::text_if_there(&file, regular::LARGEST)? else { return Ok(Vec::new()) };
    let set = text.lines().filter_map(|line| {
        let (name, state) = line.trim().split_once('=')?;
        let state = match state.trim() {
            "1" | "true" | "on" => true,
            "0" | "false" | "off" => false,
            _ => return None,
        };
        Some((name.trim().to_owned(), state)).filter(|_| !line.trim_start().starts_with('#'))
    });
    Ok(set.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    #[test]
    fn what_was_set_is_read() {
        let file = "var/lib/selinux/targeted/active/booleans.local";
        let root = system(&[(file, "# by hand\n#c=1\na=1\n b = off \nc=maybe\nd\n")]);
        let expected = [("a".to_owned(), true), ("b".to_owned(), false)];
        assert_eq!(local_booleans(root.path()).unwrap(), expected);
        assert_eq!(local_booleans(system(&[]).path()).unwrap(), []);
    }
}
