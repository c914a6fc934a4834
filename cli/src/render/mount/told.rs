//! Mounts and labels in words: what text prints, and JSON as it stands here (`docs/json.md`).

use serde::Serialize;

/// A mount.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MountTold {
    /// The path on the host; null for what the engine makes itself.
    pub(crate) path: Option<String>,
    /// What is mounted in its place: `volume NAME`, `a new volume`, `memory`, `image NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<String>,
    /// What it leads to, where that is another path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) real_path: Option<String>,
    /// The path in the container, if said.
    pub(crate) destination: Option<String>,
    pub(crate) engine: &'static str,
    pub(crate) read_only: bool,
    pub(crate) container: ContainerTold,
    /// The label that the tree has.
    pub(crate) before: Option<LabelFound>,
    /// The label that file contexts give it.
    pub(crate) expected: Option<ExpectedTold>,
    pub(crate) file_system: Option<String>,
    /// `stays`, `shared`, `private`, `seen_as_private` or `refused`.
    pub(crate) effect: &'static str,
    pub(crate) rule: RuleTold,
    /// The label afterwards; null if the engine refuses, or if it is for a level that the engine picks.
    pub(crate) after: Option<String>,
    pub(crate) can: Vec<UseTold>,
    /// What a second container, made after it with the same options, can do.
    pub(crate) second_can: Vec<UseTold>,
    /// Domains of the host that lose access.
    pub(crate) losing: Vec<ServiceTold>,
    /// Whether so many do that the tree is the system's own.
    pub(crate) breaks_the_host: bool,
    /// The type that so many use in general that to name them says nothing.
    #[serde(skip)]
    pub(crate) general: Option<String>,
    #[serde(skip)]
    pub(crate) is_socket: bool,
    pub(crate) need: &'static str,
    /// Whether the container can do what is needed.
    pub(crate) suffices: bool,
    /// Whose the tree is, if it is relabelled or would have to be.
    pub(crate) whose: Option<WhoseTold>,
    /// Whether what is asked takes it from whom it belongs to: then it should not be done, whatever suffices.
    pub(crate) takes_it_away: bool,
    pub(crate) ways: Vec<WayTold>,
    /// What not to do, in words.
    pub(crate) do_not: Vec<String>,
    /// How long it lasts, in words.
    pub(crate) lasts: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// Whose a tree is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WhoseTold {
    /// `host`, `top_directory`, `homes`, `home`, `keys`, `logs`, `engine_storage`, `system` or `services`.
    pub(crate) id: &'static str,
    pub(crate) text: String,
}

/// A container.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ContainerTold {
    pub(crate) domain: String,
    /// Null if it is a pair that the engine picks.
    pub(crate) level: Option<String>,
    /// The contexts that were asked in its place.
    pub(crate) asked_as: String,
    /// Rules of engines that say so.
    pub(crate) rules: Vec<RuleTold>,
    pub(crate) permissive: bool,
}

/// A rule of container engines.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RuleTold {
    pub(crate) id: &'static str,
    pub(crate) text: &'static str,
    pub(crate) holds_for: &'static str,
}

/// A label, and where it is known from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LabelFound {
    pub(crate) label: String,
    /// `given`, `file_system`, `file_contexts` or `file_system_kind`.
    pub(crate) from: &'static str,
}

/// What file contexts say.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ExpectedTold {
    /// Null for `<<none>>`: they leave it as it is.
    pub(crate) label: Option<String>,
    pub(crate) expression: String,
    /// File and line.
    pub(crate) place: String,
}

/// A use, and whether it is granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct UseTold {
    /// `files`, `directories`, `sockets` or `devices`.
    pub(crate) object: &'static str,
    /// `read`, `write`, `create` or `execute`.
    pub(crate) r#use: &'static str,
    /// `granted`, `denied` or `read_only_mount`.
    pub(crate) verdict: &'static str,
    pub(crate) lacking: Vec<LackingTold>,
}

/// Permissions that are not granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LackingTold {
    pub(crate) class: &'static str,
    pub(crate) permissions: Vec<&'static str>,
    /// `no_rule`, `constraint`, `bounds` or `undefined`.
    pub(crate) layer: &'static str,
    /// Whether it is the tree beneath an overlay.
    pub(crate) beneath: bool,
}

/// A domain that loses access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ServiceTold {
    pub(crate) domain: String,
    pub(crate) loses: Vec<&'static str>,
    /// Whether the tree is its own, by its name.
    pub(crate) owns: bool,
}

/// What would do.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WayTold {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) commands: Vec<String>,
    pub(crate) cost: String,
    /// Whether a second container could do it, too.
    pub(crate) second: bool,
    pub(crate) losing: Vec<ServiceTold>,
}

/// A path and its label.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LabelTold {
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) real_path: Option<String>,
    pub(crate) exists: bool,
    pub(crate) kind: Option<&'static str>,
    pub(crate) label: Option<LabelFound>,
    pub(crate) expected: Option<ExpectedTold>,
    /// `as_expected`, `other_type`, `other_level`, `customized` or `unknown`.
    pub(crate) verdict: &'static str,
    /// In words.
    pub(crate) text: Vec<String>,
    /// The class that `readers` and `writers` are about: of devices, sockets and the like their own, else `file`.
    pub(crate) class: &'static str,
    /// Domains that may read what has that label, and those that may write it.
    pub(crate) readers: UsersTold,
    pub(crate) writers: UsersTold,
    /// What a container may do with it as it is.
    pub(crate) containers: Vec<UseTold>,
    /// What `:z` and `:Z` would do.
    pub(crate) relabelling: Option<RelabellingTold>,
}

/// Who may do something.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct UsersTold {
    /// Domains that are granted it whatever level they have.
    pub(crate) domains: Vec<String>,
    /// Domains for which it depends on their level.
    pub(crate) by_level: Vec<String>,
}

/// What relabelling for containers would do.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RelabellingTold {
    /// Whether engines do it at all.
    pub(crate) possible: bool,
    pub(crate) rule: RuleTold,
    /// The label that `:z` gives.
    pub(crate) shared: Option<String>,
    pub(crate) losing: Vec<ServiceTold>,
    /// Whose the path is, so that it should not be done.
    pub(crate) whose: Option<WhoseTold>,
}
