//! What `podman inspect` and `docker inspect` say of a container, as far as labels go: the label of its processes and
//! of its files, and what is mounted where.
//!
//! The shapes are those of podman's `libpod/define/container_inspect.go` and moby's `api/types/container`: an array of
//! objects, or one object. Unknown members are passed over; a member of an unexpected type is an error with its place
//! in the text. Everything is linear in the text, which is nested 128 deep at most (serde_json's limit).
//!
//! A path in a container's audit record is a path *inside* the container. [`Inspected::place_of`] says where on the
//! host it lies, through the longest mount above it.

use serde::Deserialize;

/// A container, as its engine describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// The name, without the slash that docker puts before it; where there is none, the id.
    pub name: String,
    /// The identifier, in full; may be empty.
    pub id: String,
    /// The context of its processes. Nothing if the engine set none: SELinux is off, or `label=disable`.
    pub process_label: Option<String>,
    /// The context of its files. Nothing as above.
    pub mount_label: Option<String>,
    /// What is mounted, in the order of the text; last come the files that the engine itself provides.
    pub mounts: Vec<InspectedMount>,
    /// `--security-opt` as given, for instance `label=type:container_engine_t`.
    pub security_options: Vec<String>,
    /// `--privileged`.
    pub privileged: bool,
    /// `--pid=host`.
    pub pid_host: bool,
    /// `--ipc=host`.
    pub ipc_host: bool,
}

/// One mount of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedMount {
    /// What is mounted.
    pub kind: InspectedMountKind,
    /// The volume's name, for volumes.
    pub volume: Option<String>,
    /// The path on the host; nothing for what has none, as a tmpfs.
    pub source: Option<String>,
    /// The path inside the container.
    pub destination: String,
    /// `Mode` and `Options` of the text as single words: `z`, `Z`, `rbind`, `nosuid`.
    pub options: Vec<String>,
    /// May it be written to, as far as the mount goes.
    pub writable: bool,
}

/// What a mount of a container is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectedMountKind {
    /// A path of the host.
    Bind,
    /// A volume of the engine, which lies on the host as well.
    Volume,
    /// Memory, without a path on the host.
    Tmpfs,
    /// `/etc/hosts`, `/etc/hostname` and `/etc/resolv.conf`, which engines bind from their own storage.
    Provided,
    /// Another word.
    Other(String),
}

/// Where a path inside a container lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// On the host, at `path`, because `mount` is above it.
    Host {
        /// The path on the host. Symbolic links in it are not followed.
        path: Vec<u8>,
        /// The mount through which.
        mount: &'a InspectedMount,
    },
    /// In a mount that has no path on the host.
    Hidden(&'a InspectedMount),
    /// In the container's own file system: the image and the layer above it.
    Image,
}

/// Why a text cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// Not JSON, or a member of another type than expected.
    #[error(
        "what is given as the container's description cannot be read: {0}\nhelp: give the output of `podman inspect CONTAINER` or `docker inspect CONTAINER`, without --format"
    )]
    Json(String),
    /// An empty array.
    #[error(
        "the description is empty: there is no container in it\nhelp: is the name right? `podman ps --all`"
    )]
    Empty,
    /// The description of something that is no container.
    #[error(
        "`{name}` is {what}, not a container\nhelp: give the output of `podman inspect --type container NAME`"
    )]
    NotAContainer {
        /// Its name as in the text, or its place in the array.
        name: String,
        /// What it looks like, with its article.
        what: &'static str,
    },
}

/// The containers in the output of `podman inspect` or `docker inspect`. Never panics.
///
/// # Errors
///
/// Text that is not JSON, an empty array, and anything in it that is no container.
pub fn parse(text: &[u8]) -> Result<Vec<Inspected>, InspectError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    let json = |error: serde_json::Error| InspectError::Json(error.to_string());
    let containers: Vec<RawContainer> = match text.first() {
        Some(b'{') => vec![serde_json::from_slice(text).map_err(json)?],
        Some(b'[') => serde_json::from_slice(text).map_err(json)?,
        Some(_) => {
            return Err(InspectError::Json(
                "it begins neither with `[` nor with `{`, so it is no JSON".into(),
            ));
        }
        None => return Err(InspectError::Empty),
    };
    if containers.is_empty() {
        return Err(InspectError::Empty);
    }
    containers.into_iter().enumerate().map(|(position, raw)| raw.into_container(position)).collect()
}

impl Inspected {
    /// Where the path `inside` the container lies: through the longest mount above it, of equally long ones the last.
    /// `.`, `..` and double slashes are resolved by the text alone; a path that is not absolute is taken from `/`.
    /// Linear in the mounts.
    #[must_use]
    pub fn place_of(&self, inside: &[u8]) -> Place<'_> {
        let inside = components(inside);
        let above = self.mounts.iter().filter_map(|mount| {
            let destination = components(mount.destination.as_bytes());
            let rest = inside.strip_prefix(destination.as_slice())?;
            Some((destination.len(), mount, rest))
        });
        let Some((_, mount, rest)) = above.max_by_key(|&(length, ..)| length) else {
            return Place::Image;
        };
        let Some(source) = &mount.source else { return Place::Hidden(mount) };
        let mut path = source.trim_end_matches('/').as_bytes().to_vec();
        for component in rest {
            path.push(b'/');
            path.extend_from_slice(component);
        }
        if path.is_empty() {
            path.push(b'/');
        }
        Place::Host { path, mount }
    }

    /// The path on the host of a path `inside` the container, if it has one that is mounted. See [`Self::place_of`].
    #[must_use]
    pub fn host_path_of(&self, inside: &[u8]) -> Option<Vec<u8>> {
        match self.place_of(inside) {
            Place::Host { path, .. } => Some(path),
            Place::Hidden(_) | Place::Image => None,
        }
    }
}

impl InspectedMount {
    /// Is `word` (`z`, `Z`, `ro`) among its options?
    #[must_use]
    pub fn has_option(&self, word: &str) -> bool {
        self.options.iter().any(|option| option == word)
    }
}

/// The components of an absolute path, `.` and `..` resolved without looking at any file system.
fn components(path: &[u8]) -> Vec<&[u8]> {
    let mut components = Vec::new();
    for component in path.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => drop(components.pop()),
            name => components.push(name),
        }
    }
    components
}

/// One object of the text. What tells other things that are inspected from containers is read along.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RawContainer {
    id: Option<String>,
    name: Option<String>,
    process_label: Option<String>,
    mount_label: Option<String>,
    mounts: Option<Vec<RawMount>>,
    host_config: Option<RawHostConfig>,
    hosts_path: Option<String>,
    hostname_path: Option<String>,
    resolv_conf_path: Option<String>,
    #[serde(rename = "RootFS")]
    root_fs: Option<serde::de::IgnoredAny>,
    mountpoint: Option<serde::de::IgnoredAny>,
    #[serde(rename = "InfraContainerID")]
    infra_container_id: Option<serde::de::IgnoredAny>,
    containers: Option<serde::de::IgnoredAny>,
    #[serde(rename = "status")]
    cri_status: Option<serde::de::IgnoredAny>,
    #[serde(rename = "ociVersion")]
    oci_version: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RawMount {
    r#type: Option<String>,
    name: Option<String>,
    source: Option<String>,
    destination: Option<String>,
    mode: Option<String>,
    options: Option<Vec<String>>,
    #[serde(rename = "RW")]
    writable: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RawHostConfig {
    security_opt: Option<Vec<String>>,
    privileged: Option<bool>,
    pid_mode: Option<String>,
    ipc_mode: Option<String>,
    tmpfs: Option<std::collections::BTreeMap<String, Option<String>>>,
}

impl RawContainer {
    fn into_container(self, position: usize) -> Result<Inspected, InspectError> {
        let id = self.id.clone().unwrap_or_default();
        let named = self.name.as_deref().map(|name| name.strip_prefix('/').unwrap_or(name));
        let name = named.filter(|name| !name.is_empty()).map_or_else(|| id.clone(), str::to_owned);
        if let Some(what) = self.something_else() {
            let position = position.saturating_add(1);
            let name = if name.is_empty() { format!("object {position}") } else { name };
            return Err(InspectError::NotAContainer { name, what });
        }
        let host_config = self.host_config.unwrap_or_default();
        let mut mounts: Vec<_> =
            self.mounts.unwrap_or_default().into_iter().filter_map(RawMount::into_mount).collect();
        for (destination, options) in host_config.tmpfs.unwrap_or_default() {
            // docker lists `--tmpfs` there only, podman in both places for some versions.
            let known = mounts.iter().any(|mount| mount.destination == destination);
            let options = words(options.as_deref());
            let writable = !options.iter().any(|option| option == "ro");
            let kind = InspectedMountKind::Tmpfs;
            if !known {
                mounts.push(InspectedMount {
                    kind,
                    volume: None,
                    source: None,
                    destination,
                    options,
                    writable,
                });
            }
        }
        let provided = [
            ("/etc/hosts", self.hosts_path),
            ("/etc/hostname", self.hostname_path),
            ("/etc/resolv.conf", self.resolv_conf_path),
        ];
        for (destination, source) in provided {
            let given = mounts.iter().any(|mount| mount.destination == destination);
            if let Some(source) = filled(source).filter(|_| !given) {
                mounts.push(InspectedMount {
                    kind: InspectedMountKind::Provided,
                    volume: None,
                    source: Some(source),
                    destination: destination.to_owned(),
                    options: Vec::new(),
                    writable: true,
                });
            }
        }
        Ok(Inspected {
            name,
            id,
            process_label: filled(self.process_label),
            mount_label: filled(self.mount_label),
            mounts,
            security_options: host_config.security_opt.unwrap_or_default(),
            privileged: host_config.privileged.unwrap_or_default(),
            pid_host: host_config.pid_mode.as_deref() == Some("host"),
            ipc_host: host_config.ipc_mode.as_deref() == Some("host"),
        })
    }

    /// What this is, if it is no container: engines inspect images, volumes, networks and pods by the same command.
    fn something_else(&self) -> Option<&'static str> {
        if self.host_config.is_some() || self.process_label.is_some() || self.mount_label.is_some() {
            return None;
        }
        Some(if self.cri_status.is_some() {
            "in the form of crictl, which names no mount labels,"
        } else if self.oci_version.is_some() {
            "the specification of an OCI bundle"
        } else if self.root_fs.is_some() {
            "an image"
        } else if self.infra_container_id.is_some() {
            "a pod"
        } else if self.mountpoint.is_some() {
            "a volume"
        } else if self.containers.is_some() {
            "a network"
        } else if self.mounts.is_some() {
            return None;
        } else {
            "an object without ProcessLabel, MountLabel, Mounts and HostConfig"
        })
    }
}

impl RawMount {
    /// Nothing for a mount without a destination, which covers no path.
    fn into_mount(self) -> Option<InspectedMount> {
        let destination = filled(self.destination)?;
        let volume = filled(self.name);
        let kind = match self.r#type.as_deref() {
            Some("bind") => InspectedMountKind::Bind,
            Some("volume") => InspectedMountKind::Volume,
            Some("tmpfs") => InspectedMountKind::Tmpfs,
            // Old versions of docker wrote no type.
            None | Some("") if volume.is_some() => InspectedMountKind::Volume,
            None | Some("") => InspectedMountKind::Bind,
            Some(other) => InspectedMountKind::Other(other.to_owned()),
        };
        let source = filled(self.source).filter(|source| source.starts_with('/'));
        let source = source.filter(|_| kind != InspectedMountKind::Tmpfs);
        let mut options = words(self.mode.as_deref());
        for word in self.options.unwrap_or_default().iter().flat_map(|option| words(Some(option))) {
            if !options.contains(&word) {
                options.push(word);
            }
        }
        let writable = self.writable.unwrap_or_else(|| !options.iter().any(|option| option == "ro"));
        Some(InspectedMount { kind, volume, source, destination, options, writable })
    }
}

fn words(options: Option<&str>) -> Vec<String> {
    let words = options.unwrap_or_default().split(',');
    words.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{InspectError, InspectedMountKind, Place, parse};

    const PODMAN: &str = r#"[{
        "Id": "4f6e", "Name": "web", "ImageName": "docker.io/library/nginx:latest",
        "ProcessLabel": "system_u:system_r:container_t:s0:c173,c969",
        "MountLabel": "system_u:object_r:container_file_t:s0:c173,c969",
        "HostsPath": "/run/containers/storage/x/userdata/hosts",
        "ResolvConfPath": "",
        "Mounts": [
            {"Type": "bind", "Source": "/srv/www", "Destination": "/usr/share/nginx/html", "Driver": "",
             "Mode": "Z", "Options": ["rbind", "nosuid"], "RW": true, "Propagation": "rprivate"},
            {"Type": "volume", "Name": "cache", "Source": "/var/lib/containers/storage/volumes/cache/_data",
             "Destination": "/usr/share/nginx/html/cache", "Options": ["nodev", "ro"], "RW": false},
            {"Type": "bind", "Source": "/", "Destination": "/host/", "Options": ["rbind"]},
            {"Type": "tmpfs", "Source": "tmpfs", "Destination": "/tmp"},
            {"Type": "image", "Source": "docker.io/x", "Destination": "/data"},
            {"Source": "/lost"}
        ],
        "HostConfig": {"SecurityOpt": ["label=level:s0:c1,c2"], "Privileged": false, "PidMode": "host",
                       "IpcMode": "shareable", "Tmpfs": {"/run/x": "rw,size=64m", "/tmp": ""}}
    }]"#;

    const DOCKER: &str = r#"{
        "Id": "ab12", "Name": "/db", "ProcessLabel": "", "MountLabel": "",
        "Mounts": [{"Source": "/old", "Destination": "/old", "Mode": "ro,z"}, {"Name": "v", "Source": "/v", "Destination": "/v"}],
        "HostConfig": {"SecurityOpt": null, "Privileged": true, "PidMode": "", "IpcMode": "host"}
    }"#;

    #[test]
    fn labels_and_options_are_read() {
        let web = parse(PODMAN.as_bytes()).unwrap().remove(0);
        assert_eq!((web.name.as_str(), web.id.as_str()), ("web", "4f6e"));
        assert_eq!(web.process_label.as_deref(), Some("system_u:system_r:container_t:s0:c173,c969"));
        assert_eq!(web.mount_label.as_deref(), Some("system_u:object_r:container_file_t:s0:c173,c969"));
        assert_eq!(web.security_options, ["label=level:s0:c1,c2"]);
        assert_eq!((web.privileged, web.pid_host, web.ipc_host), (false, true, false));
        assert_eq!(web.mounts.len(), 7);
        assert_eq!(web.mounts[0].options, ["Z", "rbind", "nosuid"]);
        assert!(web.mounts[0].has_option("Z") && !web.mounts[0].has_option("z"));
        assert_eq!(web.mounts[1].volume.as_deref(), Some("cache"));
        assert!(!web.mounts[1].writable);
        assert_eq!(web.mounts[4].kind, InspectedMountKind::Other("image".into()));
        assert_eq!(web.mounts[5].destination, "/run/x");
        assert_eq!(web.mounts[6].kind, InspectedMountKind::Provided);
    }

    #[test]
    fn dockers_form_is_read() {
        let container = parse(DOCKER.as_bytes()).unwrap().remove(0);
        assert_eq!((container.name.as_str(), container.process_label), ("db", None));
        assert_eq!((container.privileged, container.pid_host, container.ipc_host), (true, false, true));
        assert_eq!(container.mounts[0].kind, InspectedMountKind::Bind);
        assert!(!container.mounts[0].writable);
        assert_eq!(container.mounts[1].kind, InspectedMountKind::Volume);
        let unnamed = parse(br#"[{"Id":"ab","Mounts":null,"ProcessLabel":null,"HostConfig":{}}]"#).unwrap();
        assert_eq!(unnamed[0].name, "ab");
    }

    #[test]
    fn paths_are_found_through_the_longest_mount() {
        let web = parse(PODMAN.as_bytes()).unwrap().remove(0);
        let host =
            |inside: &str| web.host_path_of(inside.as_bytes()).map(|path| String::from_utf8(path).unwrap());
        assert_eq!(host("/usr/share/nginx/html/index.html").unwrap(), "/srv/www/index.html");
        assert_eq!(host("/usr/share/nginx/html").unwrap(), "/srv/www");
        assert_eq!(host("/usr/share/nginx/html/").unwrap(), "/srv/www");
        assert_eq!(host("/usr/share/nginx/html-old"), None);
        assert_eq!(
            host("/usr/share/nginx/html/cache/a b").unwrap(),
            "/var/lib/containers/storage/volumes/cache/_data/a b"
        );
        assert_eq!(host("/usr/share/nginx/html/x/../../html//./a").unwrap(), "/srv/www/a");
        assert_eq!(host("/usr/share/nginx/html/../../../../../../etc/shadow"), None);
        assert_eq!(host("/host").unwrap(), "/");
        assert_eq!(host("/host/etc/passwd").unwrap(), "/etc/passwd");
        assert_eq!(host("/etc/hosts").unwrap(), "/run/containers/storage/x/userdata/hosts");
        assert_eq!(web.place_of(b"/etc/resolv.conf"), Place::Image);
        assert!(matches!(web.place_of(b"/tmp/x"), Place::Hidden(mount) if mount.destination == "/tmp"));
        assert!(matches!(web.place_of(b"/run/x"), Place::Hidden(_)));
        assert_eq!(web.host_path_of(b"/host/\xff\n").unwrap(), b"/\xff\n");
    }

    #[test]
    fn of_equal_mounts_the_last_is_seen() {
        let text = br#"{"HostConfig":{},"Mounts":[{"Source":"/a","Destination":"/x"},{"Source":"/b","Destination":"/x/"}]}"#;
        assert_eq!(parse(text).unwrap()[0].host_path_of(b"/x/y").unwrap(), b"/b/y");
        let root = br#"{"HostConfig":{},"Mounts":[{"Source":"/a","Destination":"/"}]}"#;
        assert_eq!(parse(root).unwrap()[0].host_path_of(b"/y").unwrap(), b"/a/y");
    }

    #[test]
    fn what_is_no_container_is_named() {
        let what = |text: &str| match parse(text.as_bytes()) {
            Err(InspectError::NotAContainer { name, what }) => format!("{name}: {what}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(what(r#"[{"Id":"i","RootFS":{}}]"#), "i: an image");
        assert_eq!(what(r#"[{"Name":"p","InfraContainerID":"x","Containers":[]}]"#), "p: a pod");
        assert_eq!(what(r#"[{"Name":"v","Mountpoint":"/v"}]"#), "v: a volume");
        assert_eq!(what(r#"[{"Name":"n","Containers":{}}]"#), "n: a network");
        assert!(what(r#"{"status":{},"info":{}}"#).contains("crictl"));
        assert!(what(r#"{"ociVersion":"1.0","process":{}}"#).contains("OCI"));
        assert!(what(r#"[{}]"#).starts_with("object 1: "));
    }

    #[test]
    fn bad_text_is_an_error() {
        assert_eq!(parse(b"  "), Err(InspectError::Empty));
        assert_eq!(parse(b"[]\n"), Err(InspectError::Empty));
        for text in
            [&b"Error: no such object"[..], b"[{", b"[1]", b"{\"Mounts\":3}", b"{\"Name\":\"\xff\"}", b"[]x"]
        {
            let error = parse(text).unwrap_err();
            assert!(matches!(error, InspectError::Json(_)), "{error:?}");
            assert!(error.to_string().contains("help: "));
        }
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).is_err());
        let whole = PODMAN.as_bytes();
        for length in 0..whole.len() {
            assert!(parse(&whole[..length]).is_err(), "{length}");
        }
    }
}
