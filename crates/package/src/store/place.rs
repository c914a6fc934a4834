//! Which files belong to a module store, by where they stand.

/// A file of a store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The folder that `active` is in.
    pub(crate) root: &'a str,
    /// Where it is below `active`.
    pub(crate) below: &'a str,
    /// What it is.
    pub(crate) item: Item<'a>,
}

/// What a file of a store is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    /// One of the files of a module: `hll`, `cil` or `lang_ext`.
    Module { name: &'a str, priority: u16, file: &'a str },
    /// The mark of a module that is switched off.
    Disabled(&'a str),
    /// The policy that was built last.
    KernelPolicy,
    /// Local settings.
    Local(&'a str),
    /// Labels of paths, as they were put together from the modules.
    Contexts(&'a str),
}

/// The place of a file in a store, if its path is one.
pub(crate) fn place(path: &str) -> Option<Place<'_>> {
    let (root, below) = match path.strip_prefix("active/") {
        Some(below) => ("", below),
        None => path.split_once("/active/")?,
    };
    Some(Place { root, below, item: item(below)? })
}

/// What a file is, by where it stands below `active`.
pub(super) fn item(below: &str) -> Option<Item<'_>> {
    let mut parts = below.split('/');
    let parts = [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()];
    match parts {
        [Some("modules"), Some("disabled"), Some(name), None, None] => Some(Item::Disabled(name)),
        [Some("modules"), Some(priority_of), Some(name), Some(file @ ("hll" | "cil" | "lang_ext")), None] => {
            Some(Item::Module { name, priority: priority(priority_of)?, file })
        }
        [Some("policy.kern"), None, ..] => Some(Item::KernelPolicy),
        [Some(name), None, ..] if is_local(name) => Some(Item::Local(name)),
        [Some(name), None, ..] if is_contexts(name) => Some(Item::Contexts(name)),
        _ => None,
    }
}

/// The priority that a folder is named for: three digits.
pub(crate) fn priority(folder: &str) -> Option<u16> {
    let is_number = folder.len() == 3 && folder.bytes().all(|byte| byte.is_ascii_digit());
    folder.parse().ok().filter(|priority| is_number && *priority > 0)
}

/// Whether a file holds what an administrator set: `booleans.local`, `ports.local` and the like.
pub(crate) fn is_local(name: &str) -> bool {
    name.strip_suffix(".local").is_some_and(|stem| !stem.is_empty())
}

/// Whether a file says which label belongs to which path.
pub(crate) fn is_contexts(name: &str) -> bool {
    matches!(name, "file_contexts" | "file_contexts.homedirs")
}

#[cfg(test)]
mod tests {
    use super::{Item, Place, place};

    #[test]
    fn files_of_a_store_are_known_by_their_place() {
        let root = "usr/share/selinux/targeted/default";
        let expect = |below: &str, item| {
            let path = format!("{root}/active/{below}");
            assert_eq!(place(&path), Some(Place { root, below, item }), "{path}");
        };
        expect("modules/100/apache/cil", Item::Module { name: "apache", priority: 100, file: "cil" });
        expect("modules/disabled/apache", Item::Disabled("apache"));
        expect("policy.kern", Item::KernelPolicy);
        expect("file_contexts", Item::Contexts("file_contexts"));
        expect("booleans.local", Item::Local("booleans.local"));
        for other in [
            "active/modules/100/apache",
            "active/modules/100/apache/cil/x",
            "active/modules/1000/apache/cil",
            "active/modules/000/apache/cil",
            "active/modules/+10/apache/cil",
            "active/policy.linked",
            "active/.local",
            "modules/100/apache/cil",
        ] {
            assert_eq!(place(other), None, "{other}");
        }
        assert!(place("active/policy.kern").is_some_and(|place| place.root.is_empty()));
    }
}
