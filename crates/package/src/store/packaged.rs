//! Stores inside of packages: Fedora ships `selinux-policy-targeted` as one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::Files;
use super::place::{Item, Place, item, place};
use super::{Listed, ListedModule, Store, language_of};
use crate::PackageContents;

/// A store inside of a package.
#[derive(Debug)]
pub struct PackagedStore {
    /// Where it is in the package, such as `usr/share/selinux/targeted/default`.
    pub root: String,
    /// The policy type that it is of, such as `targeted`.
    pub policy_type: String,
    /// What is in it.
    pub store: Store,
}

/// The stores among the files of a package, by their roots.
pub(super) fn stores(contents: &PackageContents) -> Vec<PackagedStore> {
    let mut by_root: BTreeMap<&str, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for file in &contents.files {
        if let Some(Place { root, below, .. }) = place(&file.path) {
            by_root.entry(root).or_default().insert(below.to_owned(), file.bytes.clone());
        }
    }
    let stores = by_root.into_iter().map(|(root, files)| PackagedStore {
        root: root.to_owned(),
        policy_type: policy_type(root).to_owned(),
        store: Store::new(listed(&files), Arc::new(Files::Packaged(files))),
    });
    // Marks of modules that are switched off, alone, are no store.
    stores.filter(|found| !found.store.modules.is_empty() || found.store.has_kernel_policy).collect()
}

fn listed(files: &BTreeMap<String, Vec<u8>>) -> Listed {
    let mut listed = Listed::default();
    let mut modules: BTreeMap<(&str, u16), String> = BTreeMap::new();
    for (below, bytes) in files {
        match item(below) {
            Some(Item::Module { name, priority, file }) => {
                let language = modules.entry((name, priority)).or_default();
                if file == "lang_ext" {
                    *language = language_of(bytes);
                }
            }
            Some(Item::Disabled(name)) => listed.disabled.push(name.to_owned()),
            Some(Item::KernelPolicy) => listed.has_kernel_policy = true,
            Some(Item::Local(name)) => listed.local.push(name.to_owned()),
            Some(Item::Contexts(name)) => listed.contexts.push(name.to_owned()),
            None => {}
        }
    }
    let module = |((name, priority), language): ((&str, u16), String)| ListedModule {
        name: name.to_owned(),
        priority,
        language,
    };
    listed.modules = modules.into_iter().map(module).collect();
    listed
}

/// The policy type of a store: the folder's name, but Fedora's package has `TYPE/default`.
fn policy_type(root: &str) -> &str {
    let mut parts = root.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some("default"), Some(above)) if above != "selinux" => above,
        (Some(last), _) => last,
        (None, _) => root,
    }
}

#[cfg(test)]
mod tests {
    use super::policy_type;

    #[test]
    fn types_are_named_by_folders() {
        assert_eq!(policy_type("usr/share/selinux/targeted/default"), "targeted");
        assert_eq!(policy_type("var/lib/selinux/default"), "default");
        assert_eq!(policy_type("var/lib/selinux/mls"), "mls");
        assert_eq!(policy_type(""), "");
    }
}
