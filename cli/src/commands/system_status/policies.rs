//! The policy that is loaded beside the one that is installed.
//!
//! The kernel writes its policy in another order than it was loaded in, with the states that booleans have now. So where bytes
//! differ the meanings are compared, with the installed policy's booleans set to those states: what booleans are is asked alone.

use std::io::ErrorKind;
use std::path::Path;

use analysis::diff::{Comparison, type_as_attribute};
use avstore::Store;
use host::{SelinuxFiles, Selinuxfs, newest_policy};
use policydb::{Name, OpenError, Policy};
use sha2::{Digest, Sha256};

use super::first_line;
use crate::policy_source::{self, PolicySource};
use crate::records::own_path;
use crate::render::{AskedPolicy, Loaded, Seen};

/// What was seen of both.
pub(super) struct Policies {
    /// The policy of the system, as every command would ask it.
    pub(super) asked: Seen<AskedPolicy>,
    pub(super) loaded: Seen<Loaded>,
    /// Where the installed one is.
    pub(super) installed: Option<String>,
    /// Whether the kernel has none.
    pub(super) is_unloaded: bool,
    /// The booleans of the installed policy, and their states in it.
    pub(super) defaults: Option<Vec<(String, bool)>>,
}

/// The attribute of domains that are kept from nothing, in policies that descend from the reference policy.
const UNCONFINED: &[u8] = b"unconfined_domain_type";
/// Labels of processes before a policy is loaded: names of initial SIDs.
const INITIAL: [&str; 2] = ["kernel", "init"];

/// Looks at the policies of the system below `root`.
pub(super) fn look(root: &Path, selinuxfs: Option<&Selinuxfs>, own_label: Option<&str>) -> Policies {
    let installed_path = newest_policy(&SelinuxFiles::of_system(root).policies());
    let installed: Option<anyhow::Result<PolicySource>> =
        installed_path.as_deref().map(|path| Ok(opened(root, path)?));
    let mut is_invalid = false;
    let running = selinuxfs.map(|found| {
        let opened = opened(root, &found.policy());
        // The kernel's word for having none.
        let error = opened.as_ref().err().and_then(|error| error.io());
        is_invalid = error.is_some_and(|error| error.kind() == ErrorKind::InvalidInput);
        opened.map_err(anyhow::Error::from)
    });
    let is_readable = matches!(&running, Some(Ok(running)) if Policy::parse(running).is_ok());
    let is_initial = own_label.is_some_and(|label| INITIAL.contains(&label));
    let is_unloaded = selinuxfs.is_some() && !is_readable && (is_invalid || is_initial);
    let asked = match (&running, &installed) {
        (Some(Ok(running)), _) => described(running, true),
        (_, Some(Ok(installed))) => described(installed, false),
        (_, Some(Err(error))) | (Some(Err(error)), None) => Seen::No(first_line(error)),
        (None, None) => Seen::No("no policy is installed".to_owned()),
    };
    let loaded = match (&running, &installed) {
        (None, _) => Seen::Yes(Loaded::Nothing),
        _ if is_unloaded => Seen::Yes(Loaded::Nothing),
        (Some(Err(error)), _) => Seen::No(first_line(error)),
        (Some(Ok(_)), None) => Seen::Yes(Loaded::NothingInstalled),
        (Some(Ok(_)), Some(Err(error))) => Seen::No(first_line(error)),
        (Some(Ok(running)), Some(Ok(installed))) => compared(running, installed),
    };
    let defaults = installed.and_then(anyhow::Result::ok).and_then(|installed| {
        let policy = Policy::parse(&installed).ok()?;
        Some(states(&policy).map(|(name, state)| (name.to_string(), state)).collect())
    });
    let installed = installed_path.map(|path| own_path(root, &path).display().to_string());
    Policies { asked, loaded, defaults, installed, is_unloaded }
}

/// Opens a policy of the system below `root`, under the name that it has there.
fn opened(root: &Path, path: &Path) -> Result<PolicySource, OpenError> {
    let label = Name::new(own_path(root, path).as_os_str().as_encoded_bytes()).to_string();
    Ok(policy_source::open_installed(path)?.called(label))
}

fn described(source: &PolicySource, is_running: bool) -> Seen<AskedPolicy> {
    let policy = match Policy::parse(source) {
        Ok(policy) => policy,
        Err(error) => return Seen::No(format!("cannot use policy `{}`: {error}", source.label)),
    };
    let store = Store::new(&policy);
    // Bits count from the type's own number here.
    let permissive = store.type_ids().filter(|id| policy.permissive_types().contains(id.value() as usize));
    let attribute = policy.type_named(UNCONFINED).filter(|id| store.is_attribute(*id));
    let members = attribute.map(|id| store.members(id));
    let unconfined =
        store.type_ids().filter(|id| members.as_ref().is_some_and(|members| members.contains(*id)));
    let shown = |id| avstore::shown_name(&store.type_name(id).bytes());
    Seen::Yes(AskedPolicy {
        path: source.label.clone(),
        version: policy.format().version,
        sha256: format!("{:x}", Sha256::digest(&**source)),
        is_running,
        permissive: permissive.map(shown).collect(),
        unconfined: unconfined.map(shown).collect(),
    })
}

/// Whether two policies mean the same.
fn compared(running: &PolicySource, installed: &PolicySource) -> Seen<Loaded> {
    let path = installed.label.clone();
    if **running == **installed {
        return Seen::Yes(Loaded::Same { path, by: "every byte" });
    }
    let unusable = |source: &PolicySource| Seen::No(format!("cannot use policy `{}`", source.label));
    let Ok(running_policy) = Policy::parse(running) else { return unusable(running) };
    let Ok(installed_policy) = Policy::parse(installed) else { return unusable(installed) };
    let bytes = with_states_of(installed, &installed_policy, &running_policy);
    let Ok(installed_policy) = Policy::parse(&bytes) else { return unusable(installed) };
    let (old, new) = (Store::new(&installed_policy), Store::new(&running_policy));
    if type_as_attribute(&old).or_else(|| type_as_attribute(&new)).is_some() {
        return unusable(installed);
    }
    let comparison = Comparison::of(&old, &new);
    if comparison.is_same() {
        Seen::Yes(Loaded::Same { path, by: "meaning" })
    } else if comparison.truncated {
        Seen::No("the two differ in too much to be compared here".to_owned())
    } else {
        Seen::Yes(Loaded::Different { path })
    }
}

/// The booleans of a policy.
fn states<'p>(policy: &Policy<'p>) -> impl Iterator<Item = (Name<'p>, bool)> + use<'p> {
    let records = policy.booleans().map(|(_, records)| records.clone());
    records.into_iter().flat_map(|records| records.iter()).map(|record| (record.name, record.state))
}

/// A policy's bytes with the states of booleans as another policy has them. A boolean's record is its number, its state and the
/// length of its name, each of four bytes, before the name.
fn with_states_of(bytes: &[u8], policy: &Policy<'_>, other: &Policy<'_>) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    for (name, state) in states(policy) {
        let other = other.boolean_named(name.as_bytes()).and_then(|id| other.boolean(id));
        let Some((_, other)) = other.filter(|(_, other)| other.state != state) else { continue };
        let at = (name.as_bytes().as_ptr().addr()).checked_sub(bytes.as_ptr().addr());
        let state = at.and_then(|at| changed.get_mut(at.checked_sub(8)?..at.checked_sub(4)?));
        if let Some(written) = state {
            written.copy_from_slice(&u32::from(other.state).to_le_bytes());
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &[u8] = include_bytes!("../../../../testdata/demo/demo.33");

    fn source(bytes: &[u8]) -> PolicySource {
        PolicySource::built(bytes.to_vec(), "p".to_owned())
    }

    /// The demo policy with all booleans flipped.
    fn flipped() -> Vec<u8> {
        let policy = Policy::parse(DEMO).unwrap();
        let mut bytes = DEMO.to_vec();
        for (name, state) in states(&policy) {
            let at = name.as_bytes().as_ptr().addr() - DEMO.as_ptr().addr();
            bytes[at - 8] = u8::from(!state);
        }
        bytes
    }

    #[test]
    fn states_of_booleans_are_no_difference() {
        let flipped = flipped();
        assert_ne!(flipped, DEMO);
        let (demo, other) = (Policy::parse(DEMO).unwrap(), Policy::parse(&flipped).unwrap());
        assert_eq!(with_states_of(DEMO, &demo, &other), flipped);
        assert!(matches!(
            compared(&source(&flipped), &source(DEMO)),
            Seen::Yes(Loaded::Same { by: "meaning", .. })
        ));
        let by_bytes = compared(&source(DEMO), &source(DEMO));
        assert!(matches!(by_bytes, Seen::Yes(Loaded::Same { by: "every byte", .. })));
    }

    #[test]
    fn another_policy_is_a_difference_and_a_broken_one_cannot_be_compared() {
        let other = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/demo/demo.33")).unwrap();
        let mut broken = other.clone();
        broken.truncate(other.len() / 2);
        assert!(matches!(compared(&source(DEMO), &source(&broken)), Seen::No(_)));
        // One name changed is one type gone and one come.
        let at = other.windows(7).position(|window| window == b"httpd_t").unwrap();
        let mut renamed = other;
        renamed[at] = b'x';
        assert!(matches!(compared(&source(&renamed), &source(DEMO)), Seen::Yes(Loaded::Different { .. })));
    }
}
