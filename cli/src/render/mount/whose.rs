//! Whose a tree is, in words, and what not to do with it.

use analysis::mount::{MountAnswer, Owned, Owner};
use avstore::Store;
use labels::runtime::HostTree;

use super::tell::{Words, loses};
use super::told::WhoseTold;

impl Words<'_, '_> {
    /// The services whose a tree is, by name.
    pub(super) fn owners(&self, owner: &Owner) -> String {
        owners(self.mounts.store, owner)
    }

    /// What not to do.
    pub(super) fn do_not(&self) -> Vec<String> {
        let answer = &self.mounted.answer;
        let Some(Owned { owner, losing }) = &answer.owned else { return Vec::new() };
        let services: Vec<_> = losing.services.iter().map(|service| self.service(service)).collect();
        let loses = match losing.is_of_system() {
            true => Some(format!("{} domains of the host lose it", services.len())),
            false => loses(&services),
        };
        let what = match (answer.takes, owner) {
            (_, Owner::Services(_)) => format!("relabel it while {} uses it", self.owners(owner)),
            (true, Owner::Part(_)) => "relabel it so".to_owned(),
            (false, Owner::Part(_)) => "relabel it (z, Z, chcon, semanage fcontext)".to_owned(),
        };
        let text = match owner {
            Owner::Services(_) => None,
            Owner::Part(part) => Some(part_words(*part).to_owned()),
        };
        let why: Vec<String> = [text, loses].into_iter().flatten().collect();
        vec![format!("{what}: {}", why.join("; "))]
    }
}

/// Whose a tree is.
pub(super) fn whose(store: &Store<'_>, answer: &MountAnswer) -> Option<WhoseTold> {
    let owner = &answer.owned.as_ref()?.owner;
    let text = match owner {
        Owner::Part(part) => part_words(*part).to_owned(),
        Owner::Services(_) => format!("it is {}'s own, by the name of its type", owners(store, owner)),
    };
    Some(WhoseTold { id: owner.id(), text })
}

fn owners(store: &Store<'_>, owner: &Owner) -> String {
    let name = |id: &policydb::TypeId| avstore::shown_name(&store.type_name(*id).bytes());
    match owner {
        Owner::Services(ids) => ids.iter().map(name).collect::<Vec<_>>().join(" and "),
        Owner::Part(_) => "the host".to_owned(),
    }
}

const fn part_words(part: HostTree) -> &'static str {
    match part {
        HostTree::Host => "the running host stands on these labels",
        HostTree::Top => "the host's services and people each have their own below it",
        HostTree::Homes => "the homes of all people stand below it",
        HostTree::Home => {
            "it is a whole home directory, with keys and settings that those who log people in must read"
        }
        HostTree::Keys => {
            "it holds keys or what guards the system, and those who need them look for them under this label"
        }
        HostTree::Logs => "the host's services write their logs there, under this label",
        HostTree::Storage => "an engine keeps images and containers there, under labels of its own",
        HostTree::System => "it is the system's own, which its programs use under this label",
    }
}
