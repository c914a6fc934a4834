//! The names that a system gives its levels: `s0:c0.c1023` as `SystemHigh`.
//!
//! Only a service (mcstransd) knows them, and only libselinux speaks to it: without the feature `libselinux` levels are shown as the
//! kernel has them. Source: `setrans_client.c` of libselinux; `setrans.conf(5)`.

use std::path::Path;

use crate::selinux_files::SelinuxFiles;

/// Whether libselinux can be asked: this build does, and the system has it.
#[cfg(feature = "libselinux")]
pub fn has_libselinux() -> bool {
    crate::libselinux::is_there()
}

/// Whether libselinux can be asked; this build does not.
#[cfg(not(feature = "libselinux"))]
pub fn has_libselinux() -> bool {
    false
}

/// Whether the system below `root` gives its levels names, as far as its configuration tells.
pub fn has_level_names(root: &Path) -> bool {
    let file = SelinuxFiles::of_system(root).level_names();
    let text = crate::regular::text(&file).unwrap_or_default();
    let words = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    // Files that come with policies name `s0` alone, by nothing.
    words.filter_map(|line| line.split_once('=')).any(|(_, name)| !name.trim().is_empty())
}

/// A label with the names of its levels; nothing if libselinux is not asked, the system is another one than this, or it does not
/// know the label.
#[cfg(feature = "libselinux")]
pub fn translated(root: &Path, label: &str) -> Option<String> {
    (root == Path::new("/")).then(|| crate::libselinux::translated(label)).flatten()
}

/// A label with the names of its levels; this build does not know them.
#[cfg(not(feature = "libselinux"))]
pub fn translated(_root: &Path, _label: &str) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    #[test]
    fn names_of_levels_are_there_or_not() {
        let of = |text| has_level_names(system(&[("etc/selinux/targeted/setrans.conf", text)]).path());
        assert!(of("# levels\ns0=SystemLow\n"));
        assert!(!of("# s0=SystemLow\ns0=\n"));
        assert!(!has_level_names(system(&[]).path()));
        assert_eq!(translated(system(&[]).path(), "a:b:c:s0"), None, "another system");
    }
}
