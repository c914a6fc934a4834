//! Which SELinux user a login becomes: `seusers`, which `semanage login` writes.
//!
//! Source: `seusers.c` of libselinux: `name:user:range`, `%group:user:range`, and `__default__` for all others. Groups are not looked
//! into here. Ports have their labels in the policy itself.

use std::fs;
use std::path::Path;

use crate::selinux_files::SelinuxFiles;

/// What a login becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The SELinux user.
    pub user: String,
    /// Its range, where levels are used.
    pub range: Option<String>,
}

/// What the login of a name becomes on the system below `root`; nothing if that is not configured.
pub fn login_of(root: &Path, name: &str) -> Option<Login> {
    let text = fs::read_to_string(SelinuxFiles::of_system(root).logins()).ok()?;
    let named = |wanted: &str| text.lines().find_map(|line| login(line, wanted));
    named(name).or_else(|| named("__default__"))
}

fn login(line: &str, wanted: &str) -> Option<Login> {
    let (name, rest) = line.trim().split_once(':')?;
    if name != wanted || line.trim_start().starts_with('#') {
        return None;
    }
    let (user, range) = match rest.split_once(':') {
        Some((user, range)) => (user, Some(range.to_owned())),
        None => (rest, None),
    };
    Some(Login { user: user.to_owned(), range })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    #[test]
    fn a_login_is_named_or_like_all_others() {
        let file = "etc/selinux/targeted/seusers";
        let text = "# names\nroot:unconfined_u:s0-s0:c0.c1023\n%wheel:staff_u:s0\n__default__:user_u:s0\n";
        let root = system(&[(file, text)]);
        let of = |name| login_of(root.path(), name).map(|login| (login.user, login.range));
        assert_eq!(of("root"), Some(("unconfined_u".to_owned(), Some("s0-s0:c0.c1023".to_owned()))));
        assert_eq!(of("ada"), Some(("user_u".to_owned(), Some("s0".to_owned()))));
        let root = system(&[(file, "ada:user_u\n")]);
        assert_eq!(login_of(root.path(), "ada"), Some(Login { user: "user_u".to_owned(), range: None }));
        assert_eq!(login_of(root.path(), "eve"), None);
    }
}
