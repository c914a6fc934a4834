//! Which SELinux user a login becomes: `seusers`, which `semanage login` writes.
//!
//! Source: `seusers.c` of libselinux: `name:user:range`, else the first `%group:user:range` of a group that the account is in, else
//! `__default__`. Ports have their labels in the policy itself.

use std::io;
use std::path::Path;

use crate::accounts::{accounts, groups};
use crate::regular;
use crate::selinux_files::SelinuxFiles;

/// What a login becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The SELinux user.
    pub user: String,
    /// Its range, where levels are used.
    pub range: Option<String>,
}

/// What the members of a group become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLogin {
    /// The group.
    pub group: String,
    /// What its members become.
    pub login: Login,
    /// To whom that applies: the members that no line names and no group before it has; nothing if the groups cannot be read, or
    /// the system's files do not have this one.
    pub members: Option<Vec<String>>,
}

/// What logins become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// Those of root; nothing if that is not configured.
    pub root: Option<Login>,
    /// Those of everybody who is neither named nor in a group that is.
    pub others: Option<Login>,
    /// Those of groups, in the order of the file.
    pub groups: Vec<GroupLogin>,
}

/// What logins become on the system below `root`.
///
/// # Errors
/// The configuration is there and cannot be read.
pub fn logins(root: &Path) -> io::Result<Logins> {
    let Some(text) = regular::text_if_there(&SelinuxFiles::of_system(root).logins(), regular::LARGEST)?
    else {
        return Ok(Logins::default());
    };
    let lines: Vec<(&str, Login)> = text.lines().filter_map(line).collect();
    let named = |wanted: &str| lines.iter().find(|(name, _)| *name == wanted).map(|(_, login)| login.clone());
    let by_group = lines.iter().filter_map(|(name, login)| Some((name.strip_prefix('%')?, login)));
    let (accounts, groups) = (accounts(root).unwrap_or_default(), groups(root));
    let mut taken: Vec<String> = Vec::new();
    let groups: Vec<GroupLogin> = by_group
        .map(|(group, login)| {
            let known = groups.iter().flatten().find(|one| one.name == group);
            let members = known.map(|known| {
                let mut names = known.names(&accounts);
                names.retain(|name| named(name).is_none() && !taken.contains(name));
                taken.extend(names.iter().cloned());
                names
            });
            GroupLogin { group: group.to_owned(), login: login.clone(), members }
        })
        .collect();
    let has_root = |one: &&GroupLogin| one.members.iter().flatten().any(|name| name == "root");
    let of_root = named("root").or_else(|| groups.iter().find(has_root).map(|one| one.login.clone()));
    let others = named("__default__");
    Ok(Logins { root: of_root.or_else(|| others.clone()), others, groups })
}

fn line(line: &str) -> Option<(&str, Login)> {
    let line = line.trim();
    let (name, rest) = line.split_once(':').filter(|_| !line.starts_with('#'))?;
    let (user, range) = match rest.split_once(':') {
        Some((user, range)) => (user, Some(range.to_owned())),
        None => (rest, None),
    };
    Some((name, Login { user: user.to_owned(), range }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::{fifo, system};

    const FILE: &str = "etc/selinux/targeted/seusers";

    #[test]
    fn a_login_is_named_or_like_all_others() {
        let text = "# names\n#root:x\nroot:unconfined_u:s0-s0:c0.c1023\n__default__:user_u\n";
        let found = logins(system(&[(FILE, text)]).path()).unwrap();
        let of = |login: Option<Login>| login.map(|login| (login.user, login.range));
        assert_eq!(of(found.root), Some(("unconfined_u".to_owned(), Some("s0-s0:c0.c1023".to_owned()))));
        assert_eq!(of(found.others), Some(("user_u".to_owned(), None)));
        assert_eq!(logins(system(&[]).path()).unwrap(), Logins::default());
        let root = system(&[]);
        fifo(&root, FILE);
        assert!(logins(root.path()).is_err());
    }

    #[test]
    fn members_of_a_group_are_those_whom_nothing_else_names() {
        let text =
            "ada:user_u:s0\n%wheel:staff_u:s0\n%adm:sysadm_u:s0\n%ldap:x_u:s0\n__default__:user_u:s0\n";
        let group = "wheel:x:10:ada,eve,root\nadm:x:4:eve,bob\n";
        let passwd = "root:x:0:0::/root:/bin/sh\nmax:x:7:10::/home/max:/bin/sh\n";
        let root = system(&[(FILE, text), ("etc/group", group), ("etc/passwd", passwd)]);
        let found = logins(root.path()).unwrap();
        let members: Vec<_> = found.groups.iter().map(|one| (one.group.as_str(), &one.members)).collect();
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let expected = [
            ("wheel", &names(&["eve", "max", "root"])),
            ("adm", &names(&["bob"])),
            ("ldap", &None::<Vec<String>>),
        ];
        assert_eq!(members, expected);
        assert_eq!(found.root.unwrap().user, "staff_u", "root is in wheel");
        let root = system(&[(FILE, text)]);
        assert!(logins(root.path()).unwrap().groups.iter().all(|one| one.members.is_none()));
    }
}
