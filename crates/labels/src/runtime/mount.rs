//! What is mounted where, and with which options: `-v`, `--mount` and `--tmpfs`.
//!
//! Sources: podman's `pkg/specgenutil/volumes.go` and `docs/source/markdown/options/volume.md`, moby's
//! `volume/mounts/linux_parser.go`. Only what matters to labels is kept; options of other kinds are passed over, and
//! words that no engine knows are named.

use super::{Engine, shown};

/// One mount of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub source: MountSource,
    /// The path inside the container; empty if it is not said.
    pub destination: String,
    /// Whether the tree is to be relabelled.
    pub relabel: Option<Relabel>,
    /// `ro`.
    pub read_only: bool,
    /// `O`: changes go to a layer above the tree.
    pub overlay: bool,
    /// `U`: the tree is given to the container's user.
    pub chown: bool,
    /// Whether it was written as `--mount`, which in docker has no words for relabelling.
    pub long_form: bool,
    /// Options that no engine is known to have.
    pub unknown: Vec<String>,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A path on the host.
    Path(String),
    /// A volume of the engine, by name; without one, a new one.
    Volume(Option<String>),
    /// Memory.
    Memory,
    /// An image.
    Image(String),
}

/// How a tree is to be relabelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relabel {
    /// `z`: for all containers.
    Shared,
    /// `Z`: for this one.
    Private,
}

/// A mount that no engine accepts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    /// Both `z` and `Z`.
    #[error(
        "`{0}` asks for z and Z, and engines refuse both together\nhelp: z is for all containers, Z for this one alone"
    )]
    SharedAndPrivate(String),
    /// No destination.
    #[error("`{0}` does not say where it is mounted\nhelp: `-v HOSTDIR:CONTAINERDIR[:OPTIONS]`")]
    NoDestination(String),
    /// The path inside the container is not absolute.
    #[error("`{0}` is no absolute path, and a path inside a container is one")]
    RelativeDestination(String),
    /// A name that is none of a volume: engines take it neither for that nor for a path.
    #[error("`{0}` is neither a path nor the name of a volume\nhelp: a path begins with `/` or `./`")]
    NoName(String),
    /// An option that engines refuse.
    #[error("`{option}` is no option of a mount of {engine}\nhelp: z, Z, ro, and of podman O and U")]
    UnknownOption {
        /// The option.
        option: String,
        /// The engine.
        engine: &'static str,
    },
    /// A kind that is not known.
    #[error("`{0}` is no kind of mount that is known\nhelp: bind, volume, tmpfs, image")]
    UnknownKind(String),
}

/// Options of mounts that have nothing to do with labels.
const OTHER_OPTIONS: [&str; 36] = [
    "rw",
    "bind",
    "rbind",
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "unbindable",
    "runbindable",
    "dev",
    "nodev",
    "exec",
    "noexec",
    "suid",
    "nosuid",
    "copy",
    "nocopy",
    "idmap",
    "no-dereference",
    "cached",
    "delegated",
    "consistent",
    "noatime",
    "tmpcopyup",
    "notmpcopyup",
    "size",
    "mode",
    "upperdir",
    "workdir",
    "volume-opt",
    "bind-propagation",
    "tmpfs-size",
    "tmpfs-mode",
    "volume-driver",
];

impl Mount {
    /// A path of the host without options.
    pub fn of_path(path: impl Into<String>) -> Self {
        Mount {
            source: MountSource::Path(path.into()),
            destination: String::new(),
            relabel: None,
            read_only: false,
            overlay: false,
            chown: false,
            long_form: false,
            unknown: Vec::new(),
        }
    }

    /// Reads the value of `-v`: `[SOURCE:]DESTINATION[:OPTIONS]`. Never panics.
    ///
    /// # Errors
    /// No destination, one that is not absolute, and both `z` and `Z`.
    pub fn of_volume_option(text: &str) -> Result<Self, MountError> {
        let parts: Vec<&str> = text.splitn(3, ':').collect();
        let (source, destination, options) = match parts.as_slice() {
            [destination] => ("", *destination, ""),
            [source, destination] => (*source, *destination, ""),
            [source, destination, options] => (*source, *destination, *options),
            _ => ("", "", ""),
        };
        if destination.is_empty() {
            return Err(MountError::NoDestination(shown(text)));
        }
        if !destination.starts_with('/') {
            return Err(MountError::RelativeDestination(shown(destination)));
        }
        let source = match source.as_bytes().first() {
            None if parts.len() > 1 => return Err(MountError::NoName(shown(text))),
            None => MountSource::Volume(None),
            Some(b'/' | b'.' | b'~' | b'$') => MountSource::Path(source.to_owned()),
            Some(_) if source.contains('/') => return Err(MountError::NoName(shown(source))),
            Some(_) => MountSource::Volume(Some(source.to_owned())),
        };
        let mut mount = Mount { source, ..Mount::of_path("") };
        destination.clone_into(&mut mount.destination);
        for option in options.split(',').filter(|option| !option.is_empty()) {
            mount.option(option)?;
        }
        Ok(mount)
    }

    /// Reads the value of `--mount`: `type=bind,source=…,destination=…,…`. Never panics.
    ///
    /// # Errors
    /// No destination, one that is not absolute, a kind that is not known, and both `z` and `Z`.
    pub fn of_mount_option(text: &str) -> Result<Self, MountError> {
        let mut kind = "volume";
        let mut from = None;
        let mut mount = Mount { long_form: true, ..Mount::of_path("") };
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            match key {
                "type" => kind = value,
                "src" | "source" => from = Some(value.to_owned()),
                "dst" | "dest" | "destination" | "target" => value.clone_into(&mut mount.destination),
                _ => mount.option(part)?,
            }
        }
        if mount.destination.is_empty() {
            return Err(MountError::NoDestination(shown(text)));
        }
        if !mount.destination.starts_with('/') {
            return Err(MountError::RelativeDestination(shown(&mount.destination)));
        }
        mount.source = match kind {
            "bind" | "glob" => MountSource::Path(from.unwrap_or_default()),
            "volume" => MountSource::Volume(from.filter(|name| !name.is_empty())),
            "tmpfs" | "ramfs" | "devpts" => MountSource::Memory,
            "image" | "artifact" => MountSource::Image(from.unwrap_or_default()),
            other => return Err(MountError::UnknownKind(shown(other))),
        };
        Ok(mount)
    }

    /// Reads the value of `--tmpfs`: `DESTINATION[:OPTIONS]`.
    pub fn of_tmpfs_option(text: &str) -> Self {
        let destination = text.split(':').next().unwrap_or_default();
        let source = MountSource::Memory;
        Mount { source, destination: destination.to_owned(), ..Mount::of_path("") }
    }

    /// Whether an engine takes the options.
    ///
    /// # Errors
    /// An option that it refuses.
    pub fn check(&self, engine: Engine) -> Result<(), MountError> {
        let refused =
            |option: &str| Err(MountError::UnknownOption { option: shown(option), engine: engine.name() });
        match self.unknown.first() {
            Some(option) => refused(option),
            None if engine == Engine::Docker && self.overlay => refused("O"),
            None if engine == Engine::Docker && self.chown => refused("U"),
            None => Ok(()),
        }
    }

    /// Adds one option.
    ///
    /// # Errors
    /// `z` beside `Z`.
    pub fn option(&mut self, text: &str) -> Result<(), MountError> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let is_on = !matches!(value, "false" | "0");
        match (name, value) {
            ("z", _) | ("relabel", "shared") => self.relabel_as(Relabel::Shared, text)?,
            ("Z", _) | ("relabel", "private") => self.relabel_as(Relabel::Private, text)?,
            ("ro" | "readonly", _) => self.read_only = is_on,
            ("rw", _) => self.read_only = false,
            ("O", _) => self.overlay = true,
            ("U" | "chown", _) => self.chown = is_on,
            _ if OTHER_OPTIONS.contains(&name) => {}
            _ => self.unknown.push(text.to_owned()),
        }
        Ok(())
    }

    fn relabel_as(&mut self, relabel: Relabel, text: &str) -> Result<(), MountError> {
        if self.relabel.is_some_and(|before| before != relabel) {
            return Err(MountError::SharedAndPrivate(shown(text)));
        }
        self.relabel = Some(relabel);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(text: &str) -> Mount {
        Mount::of_volume_option(text).unwrap()
    }

    #[test]
    fn sources_are_told_apart() {
        assert_eq!(volume("/a:/b").source, MountSource::Path("/a".into()));
        assert_eq!(volume("./a:/b").source, MountSource::Path("./a".into()));
        assert_eq!(volume("$PWD:/b").source, MountSource::Path("$PWD".into()));
        assert_eq!(volume("cache:/b").source, MountSource::Volume(Some("cache".into())));
        assert_eq!(volume("/b").source, MountSource::Volume(None));
    }

    #[test]
    fn options_of_short_mounts() {
        let mount = volume("/a:/b:ro,Z,U,rshared");
        assert!(mount.read_only && mount.chown && !mount.overlay && mount.unknown.is_empty());
        assert_eq!(mount.relabel, Some(Relabel::Private));
        assert!(volume("/a:/b:O").overlay);
        assert_eq!(volume("/a:/b:zz").unknown, ["zz"]);
    }

    #[test]
    fn long_mounts() {
        let long = |text| Mount::of_mount_option(text).unwrap();
        let mount = long("type=bind,src=/a,dst=/b,ro=true,relabel=shared");
        assert_eq!((mount.source, mount.relabel), (MountSource::Path("/a".into()), Some(Relabel::Shared)));
        assert!(mount.read_only && mount.long_form);
        assert!(!long("type=bind,src=/a,dst=/b,readonly=false").read_only);
        assert_eq!(long("type=tmpfs,destination=/b").source, MountSource::Memory);
        assert_eq!(long("source=v,target=/b").source, MountSource::Volume(Some("v".into())));
        assert_eq!(long("type=image,src=fedora,dst=/b").source, MountSource::Image("fedora".into()));
    }

    #[test]
    fn what_one_engine_refuses() {
        let check = |text: &str, engine| Mount::of_volume_option(text).and_then(|mount| mount.check(engine));
        for text in ["/a:/b:O", "/a:/b:U"] {
            assert!(check(text, Engine::Docker).is_err() && check(text, Engine::Podman).is_ok(), "{text}");
        }
        for text in ["/a:/b:zz", "/a:/b:Z:ro", "data/x:/x", ":/x"] {
            assert!(check(text, Engine::Podman).is_err(), "{text}");
        }
    }

    #[test]
    fn what_engines_refuse() {
        let error = |result: Result<Mount, MountError>| result.unwrap_err().to_string();
        assert!(error(Mount::of_volume_option("/a:/b:z,Z")).contains("z and Z"));
        assert!(error(Mount::of_volume_option("/a:")).contains("where it is mounted"));
        assert!(error(Mount::of_volume_option("/a:b")).contains("absolute"));
        assert!(error(Mount::of_mount_option("type=bind,src=/a")).contains("where it is mounted"));
        assert!(error(Mount::of_mount_option("type=bind,src=/a,dst=b")).contains("absolute"));
        assert!(error(Mount::of_mount_option("type=npipe,dst=/b")).contains("no kind of mount"));
        assert_eq!(Mount::of_tmpfs_option("/t:size=1m").destination, "/t");
    }
}
