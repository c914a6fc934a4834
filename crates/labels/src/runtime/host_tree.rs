//! Whose a path of the host is, by where it stands alone: what must keep its label whatever a container would like.
//!
//! Engines refuse a few exact paths ([`super::REFUSED`]) and nothing below them, and docker's daemon not the homes of people.
//! This table is about what is regretted afterwards. Sources: the File Hierarchy Standard; podman-run(1), which warns of
//! relabelling system and home directories; the places of keys in ssh(1), gpg(1) and crypto-policies(7); containers-storage.conf(5).
//! What is in no row (/srv/data, /opt/app, a project below a home) belongs to nobody by its path: its type may tell more.

/// Whose a tree is, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostTree {
    /// The running host's: all of it, or what its kernel shows.
    Host,
    /// A directory in which people and services each have their own.
    Top,
    /// The directory in which the homes stand.
    Homes,
    /// A home directory, or what of it is a person's settings as a whole.
    Home,
    /// Keys.
    Keys,
    /// What the host's services write for people to read.
    Logs,
    /// What an engine keeps images and containers in.
    Storage,
    /// What the system installs and is configured by.
    System,
}

/// What of a path a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// The path itself.
    Exact,
    /// The path and all below it.
    Below,
}

use Extent::{Below, Exact};
use HostTree::{Home, Homes, Host, Keys, Logs, Storage, System, Top};

/// Paths; the first row that fits decides. Without a tree it is nobody's.
const ROWS: &[(&str, Extent, Option<HostTree>)] = &[
    ("/", Exact, Some(Host)),
    ("/var", Exact, Some(Host)),
    ("/run", Exact, Some(Host)),
    ("/var/run", Exact, Some(Host)),
    ("/proc", Below, Some(Host)),
    ("/sys", Below, Some(Host)),
    ("/dev", Below, Some(Host)),
    ("/run/systemd", Below, Some(Host)),
    ("/run/udev", Below, Some(Host)),
    ("/run/dbus", Below, Some(Host)),
    ("/run/user", Exact, Some(Host)),
    ("/run/log", Below, Some(Logs)),
    ("/var/log", Below, Some(Logs)),
    ("/home", Exact, Some(Homes)),
    ("/var/home", Exact, Some(Homes)),
    ("/root", Exact, Some(Home)),
    ("/var/roothome", Exact, Some(Home)),
    ("/opt", Exact, Some(Top)),
    ("/srv", Exact, Some(Top)),
    ("/var/srv", Exact, Some(Top)),
    ("/mnt", Exact, Some(Top)),
    ("/media", Exact, Some(Top)),
    ("/run/media", Exact, Some(Top)),
    ("/tmp", Exact, Some(Top)),
    ("/var/tmp", Exact, Some(Top)),
    ("/var/lib", Exact, Some(Top)),
    ("/var/cache", Exact, Some(Top)),
    ("/var/spool", Exact, Some(Top)),
    ("/var/opt", Exact, Some(Top)),
    ("/usr/local", Exact, Some(Top)),
    ("/usr/local/bin", Below, Some(System)),
    ("/usr/local/sbin", Below, Some(System)),
    ("/usr/local/lib", Below, Some(System)),
    ("/usr/local/lib64", Below, Some(System)),
    ("/usr/local/libexec", Below, Some(System)),
    ("/usr/local/etc", Below, Some(System)),
    ("/usr/local", Below, None),
    ("/etc/ssh", Below, Some(Keys)),
    ("/etc/pki/tls/private", Below, Some(Keys)),
    ("/etc/ssl/private", Below, Some(Keys)),
    ("/etc/letsencrypt", Below, Some(Keys)),
    ("/etc/shadow", Exact, Some(Keys)),
    ("/etc/gshadow", Exact, Some(Keys)),
    ("/etc/krb5.keytab", Exact, Some(Keys)),
    ("/usr", Below, Some(System)),
    ("/etc", Below, Some(System)),
    ("/boot", Below, Some(System)),
    ("/bin", Below, Some(System)),
    ("/sbin", Below, Some(System)),
    ("/lib", Below, Some(System)),
    ("/lib32", Below, Some(System)),
    ("/lib64", Below, Some(System)),
    ("/var/lib/dpkg", Below, Some(System)),
    ("/var/lib/rpm", Below, Some(System)),
    ("/var/lib/apt", Below, Some(System)),
    ("/var/lib/selinux", Below, Some(System)),
    ("/var/lib/systemd", Below, Some(System)),
    ("/var/spool/cron", Below, Some(System)),
    ("/var/lib/containers/storage/volumes", Below, None),
    ("/var/lib/docker/volumes", Below, None),
    ("/var/lib/containers", Below, Some(Storage)),
    ("/var/lib/containerd", Below, Some(Storage)),
    ("/var/lib/docker", Below, Some(Storage)),
    ("/var/lib/kubelet", Exact, Some(Storage)),
    ("/var/lib/kubelet/pods", Exact, Some(Storage)),
    ("/var/lib/rancher/k3s/agent", Below, Some(Storage)),
];
/// Where the homes of people stand.
const PARENTS: [&str; 3] = ["/home", "/var/home", "/export/home"];
/// Directories that hold keys, wherever they stand.
const KEY_DIRECTORIES: [&str; 3] = [".ssh", ".gnupg", ".pki"];
/// What of a home is settings as a whole.
const SETTINGS: [&str; 3] = [".config", ".local", ".local/share"];
/// Where people's own engines keep what is theirs, and what of it is volumes.
const OWN_STORAGE: (&str, &str) = ("/.local/share/containers", "storage/volumes/");

impl HostTree {
    /// Whose a path is, if that can be told by where it stands. `homes` are home directories that are known. O(rows).
    pub fn of(path: &str, homes: &[String]) -> Option<Self> {
        let plain = plain(path);
        if plain != "/" && plain.split('/').any(|name| KEY_DIRECTORIES.contains(&name)) {
            return Some(Keys);
        }
        if let Some((_, rest)) = plain.split_once(OWN_STORAGE.0)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return (!rest.trim_start_matches('/').starts_with(OWN_STORAGE.1)).then_some(Storage);
        }
        if let Some((_, _, tree)) = ROWS.iter().find(|(row, extent, _)| fits(&plain, row, *extent)) {
            return *tree;
        }
        // What lives while somebody is logged in.
        let is_session = plain.strip_prefix("/run/user/").is_some_and(|user| !user.contains('/'));
        if is_session {
            return Some(Host);
        }
        is_home(&plain, homes).then_some(Home)
    }
}

/// The path with single slashes and none at the end.
fn plain(path: &str) -> String {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    format!("/{}", names.join("/"))
}

fn fits(path: &str, row: &str, extent: Extent) -> bool {
    path == row || (extent == Below && path.strip_prefix(row).is_some_and(|rest| rest.starts_with('/')))
}

/// Whether a path is a whole home directory, or the settings in it as a whole.
fn is_home(path: &str, homes: &[String]) -> bool {
    let below = PARENTS.iter().find_map(|parent| path.strip_prefix(parent)?.strip_prefix('/'));
    let in_home = match below {
        Some(below) => Some(below.split_once('/').map_or("", |(_, rest)| rest)),
        None => path.strip_prefix("/root/"),
    };
    let in_known = homes.iter().map(|home| plain(home)).find_map(|home| {
        let rest = path.strip_prefix(home.as_str())?;
        if rest.is_empty() { Some(String::new()) } else { Some(rest.strip_prefix('/')?.to_owned()) }
    });
    let is_whole = |rest: &str| rest.is_empty() || SETTINGS.contains(&rest);
    in_home.is_some_and(is_whole) || in_known.as_deref().is_some_and(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_whose_they_are() {
        let homes = ["/data/ada/".to_owned()];
        for (path, expected) in [
            ("/", Some(Host)),
            ("//", Some(Host)),
            ("/proc/1", Some(Host)),
            ("/run/user/1000", Some(Host)),
            ("/run/user/1000/podman", None),
            ("/srv", Some(Top)),
            ("/srv/data", None),
            ("/opt/app", None),
            ("/data", None),
            ("/home/", Some(Homes)),
            ("/home/ada", Some(Home)),
            ("/home/ada/.config", Some(Home)),
            ("/home/ada/project", None),
            ("/home/ada/.cache/pip", None),
            ("/var/home/ada/", Some(Home)),
            ("/root", Some(Home)),
            ("/root/.local", Some(Home)),
            ("/root/x", None),
            ("/data/ada", Some(Home)),
            ("/data/ada/x", None),
            ("/data/adam", None),
            ("/home/ada/.ssh", Some(Keys)),
            ("/root/.gnupg/private-keys-v1.d", Some(Keys)),
            ("/etc/ssh", Some(Keys)),
            ("/etc/sshx", Some(System)),
            ("/etc/myapp/conf.d", Some(System)),
            ("/usr/share/nginx/html", Some(System)),
            ("/usr/local/app", None),
            ("/usr/local/bin", Some(System)),
            ("/var/log/myapp", Some(Logs)),
            ("/var/lib", Some(Top)),
            ("/var/lib/app", None),
            ("/var/lib/containers/storage", Some(Storage)),
            ("/var/lib/containers/storage/volumes/web/_data", None),
            ("/home/ada/.local/share/containers/storage/overlay", Some(Storage)),
            ("/home/ada/.local/share/containers/storage/volumes/web/_data", None),
            ("/home/ada/.local/share/containers-x", None),
        ] {
            assert_eq!(HostTree::of(path, &homes), expected, "{path}");
        }
    }

    #[test]
    fn what_engines_refuse_is_somebodys() {
        for path in super::super::REFUSED {
            assert!(HostTree::of(path, &[]).is_some(), "{path}");
        }
    }

    #[test]
    fn a_home_at_the_root_makes_nothing_else_a_home() {
        assert_eq!(HostTree::of("/srv/data", &["/".to_owned()]), None);
    }
}
