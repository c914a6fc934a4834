//! What docker, podman and CRI-O are told about SELinux.
//!
//! Source: `dockerd(8)` and its `daemon.json`; `containers.conf(5)`; `crio.conf(5)`. Later files win, key by key.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::files::{Said, boolean, drop_ins, flag, option, read, table};
use super::{Off, Separation, Unread};
use crate::accounts::accounts;
use crate::regular;

pub(super) fn docker(root: &Path, arguments: &[String]) -> Said {
    let file = PathBuf::from(option(arguments, &["--config-file"]).unwrap_or("/etc/docker/daemon.json"));
    let off = |says, argument| {
        Separation::Off(Off {
            file: file.clone(),
            says,
            needs: "\"selinux-enabled\": true",
            argument,
            owner: None,
        })
    };
    if let Some(is_on) = flag(arguments, "--selinux-enabled") {
        return Ok(if is_on { Separation::On } else { off(None, Some("--selinux-enabled=false")) });
    }
    let Some(text) = read(root, &file)? else { return Ok(off(None, None)) };
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| Unread::wrong(&file, format!("is no JSON: {error}")))?;
    Ok(match json.get("selinux-enabled").and_then(serde_json::Value::as_bool) {
        Some(true) => Separation::On,
        Some(false) => off(Some("\"selinux-enabled\": false"), None),
        None => off(None, None),
    })
}

pub(super) fn podman(root: &Path) -> Said {
    let fixed =
        ["/usr/share/containers/containers.conf", "/etc/containers/containers.conf"].map(PathBuf::from);
    let on_top = drop_ins(root, Path::new("/etc/containers/containers.conf.d"));
    podman_files(root, fixed.into_iter().chain(on_top))
}

fn podman_files(root: &Path, files: impl Iterator<Item = PathBuf>) -> Said {
    let mut said = Separation::On;
    for file in files {
        match table(root, &file)?.as_ref().and_then(|table| boolean(table, &["containers", "label"])) {
            Some(false) => {
                let (says, needs) = (Some("label = false"), "label = true");
                said = Separation::Off(Off { file, says, needs, argument: None, owner: None });
            }
            Some(true) => said = Separation::On,
            None => {}
        }
    }
    Ok(said)
}

/// What the people of a system have configured for their own containers: those for whom it is off, or cannot be read. The homes of
/// others are closed to all but root: what may not be looked at is left out.
pub(super) fn podman_of_people(root: &Path) -> Vec<Separation> {
    let mut accounts = match accounts(root) {
        Ok(accounts) => accounts,
        // Android has none.
        Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
        Err(error) => return vec![Separation::Unknown(Unread::closed(Path::new("/etc/passwd"), error))],
    };
    accounts.retain(|account| account.home.is_absolute() && account.home != Path::new("/"));
    accounts.sort_by(|a, b| a.home.cmp(&b.home));
    accounts.dedup_by(|a, b| a.home == b.home);
    let said = accounts.into_iter().filter_map(|account| {
        let folder = account.home.join(".config/containers");
        let main = folder.join("containers.conf");
        let closed = regular::open_kept(&super::files::below(root, &main));
        if closed.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
            return None;
        }
        let on_top = drop_ins(root, &folder.join("containers.conf.d"));
        Some(match podman_files(root, std::iter::once(main).chain(on_top)) {
            Ok(Separation::Off(off)) => Separation::Off(Off { owner: Some(account.name), ..off }),
            Ok(said) => said,
            Err(unread) => Separation::Unknown(unread),
        })
    });
    said.filter(|said| *said != Separation::On).collect()
}

pub(super) fn crio(root: &Path, arguments: &[String]) -> Said {
    let mut said = Separation::NotSaid;
    let main = PathBuf::from(option(arguments, &["--config", "-c"]).unwrap_or("/etc/crio/crio.conf"));
    let off = |file, says, argument| {
        Separation::Off(Off { file, says, needs: "selinux = true", argument, owner: None })
    };
    let mut last = main.clone();
    let on_top = drop_ins(root, Path::new("/etc/crio/crio.conf.d"));
    for file in std::iter::once(main).chain(on_top) {
        match table(root, &file)?.as_ref().and_then(|table| boolean(table, &["crio", "runtime", "selinux"])) {
            Some(false) => said = off(file.clone(), Some("selinux = false"), None),
            Some(true) => said = Separation::On,
            None => continue,
        }
        last = file;
    }
    Ok(match flag(arguments, "--selinux") {
        Some(true) => Separation::On,
        Some(false) => off(last, None, Some("--selinux=false")),
        None => said,
    })
}

#[cfg(test)]
mod tests {
    use super::super::EngineKind;
    use super::super::tests::{said, said_at};
    use super::*;
    use crate::test_system::{fifo, system};

    #[test]
    fn docker_is_off_unless_it_is_told() {
        let of = |line, json| said(EngineKind::Docker, line, &[("etc/docker/daemon.json", json)]);
        assert_eq!(said(EngineKind::Docker, "dockerd", &[]), "off");
        assert_eq!(of("dockerd", "{\"selinux-enabled\": true}"), "on");
        assert_eq!(of("dockerd", "{\"selinux-enabled\": false}"), "off");
        assert_eq!(of("dockerd", "{"), "unknown");
        assert_eq!(of("dockerd --selinux-enabled", "{}"), "on");
        assert_eq!(of("dockerd --selinux-enabled=false", "{}"), "off");
        let other = [("srv/d.json", "{\"selinux-enabled\": true}")];
        assert_eq!(said(EngineKind::Docker, "dockerd --config-file /srv/d.json", &other), "on");
        assert_eq!(said(EngineKind::Docker, "dockerd --config-file=/srv/d.json", &other), "on");
        let root = system(&[]);
        fifo(&root, "etc/docker/daemon.json");
        assert_eq!(said_at(root.path(), EngineKind::Docker, "dockerd"), "unknown");
    }

    #[test]
    fn podman_is_on_unless_it_is_told() {
        let off = ("usr/share/containers/containers.conf", "[containers]\nlabel = false\n");
        let on = ("etc/containers/containers.conf.d/10-on.conf", "[containers]\nlabel = true\n");
        assert_eq!(said(EngineKind::Podman, "", &[]), "on");
        assert_eq!(said(EngineKind::Podman, "", &[off]), "off");
        assert_eq!(said(EngineKind::Podman, "", &[off, on]), "on");
        assert_eq!(
            said(EngineKind::Podman, "", &[("etc/containers/containers.conf", "#label = false\n")]),
            "on"
        );
    }

    #[test]
    fn people_may_switch_it_off_for_themselves() {
        let passwd = "root:x:0:0::/root:/bin/sh\nada:x:1:1::/home/ada:/bin/sh\nbin:x:2:2::/:/bin/false\n";
        let off = "[containers]\nlabel=false\n";
        let root = system(&[("etc/passwd", passwd), ("home/ada/.config/containers/containers.conf", off)]);
        let [Separation::Off(found)] = &podman_of_people(root.path())[..] else { panic!("not one") };
        assert_eq!(found.file, Path::new("/home/ada/.config/containers/containers.conf"));
        assert_eq!((found.says, found.owner.as_deref()), (Some("label = false"), Some("ada")));
        let on = root.path().join("home/ada/.config/containers/containers.conf.d");
        std::fs::create_dir(&on).unwrap();
        std::fs::write(on.join("1.conf"), "[containers]\nlabel=true\n").unwrap();
        assert_eq!(podman_of_people(root.path()), []);
        fifo(&root, "root/.config/containers/containers.conf");
        assert!(matches!(&podman_of_people(root.path())[..], [Separation::Unknown(_)]));
        fifo(&root, "etc/passwd");
        assert!(matches!(&podman_of_people(root.path())[..], [Separation::Unknown(_)]));
        assert_eq!(podman_of_people(system(&[]).path()), []);
    }

    #[test]
    fn what_makes_no_sense_is_said_with_its_line() {
        let why = |said: Said| said.unwrap_err();
        let root = system(&[
            ("etc/docker/daemon.json", "{\n\"a\": 1,,\n}"),
            ("etc/containers/containers.conf", "[containers]\nlabel = maybe\n"),
        ]);
        let found = why(docker(root.path(), &[]));
        assert!(found.is_wrong && found.why.contains("line 2"), "{}", found.why);
        let found = why(podman(root.path()));
        assert!(found.is_wrong && found.why.starts_with("line 2 is no TOML"), "{}", found.why);
    }

    #[test]
    fn crio_decides_where_nothing_is_said() {
        let crio = |line, text| said(EngineKind::Crio, line, &[("etc/crio/crio.conf", text)]);
        assert_eq!(crio("crio", ""), "not said");
        assert_eq!(crio("crio", "[crio.runtime]\nselinux = false\n"), "off");
        assert_eq!(crio("crio --selinux", "[crio.runtime]\nselinux = false\n"), "on");
    }
}
