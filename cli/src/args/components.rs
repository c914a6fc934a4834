//! What the commands about declarations take: `info`, `list`, `show`.

use avstore::ComponentKind;
use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::search::parse_setting;
use crate::completion;

/// `info`: the whole policy.
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// `list`: a kind, and perhaps a name.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list; without it, the kinds there are and how many of each
    #[arg(value_name = "KIND", value_parser = parse_kind, add = ArgValueCompleter::new(completion::kinds))]
    pub(crate) kind: Option<&'static ListKind>,
    /// Which: a name or alias, `@ATTR` for what has its types, `/RE/`, a port such as 80 or tcp/8000-8010, an address
    #[arg(add = ArgValueCompleter::new(completion::components))]
    pub(crate) name: Option<String>,
    /// Print whole statements, the types of attributes, the rules of conditionals
    #[arg(short = 'x', long, requires = "kind")]
    pub(crate) expand: bool,
    /// Print a table, as on a terminal
    #[arg(long, requires = "kind", conflicts_with_all = ["json", "count", "expand"])]
    pub(crate) table: bool,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long, conflicts_with = "count")]
    pub(crate) json: bool,
    /// Print only the number
    #[arg(long, requires = "kind")]
    pub(crate) count: bool,
    /// Print at most this many
    #[arg(long, value_name = "N", requires = "kind")]
    pub(crate) limit: Option<usize>,
}

/// `show`: a name of whatever kind.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A type, attribute, alias, role, user, class, permission, boolean, category, capability, port, address, file system, …
    #[arg(add = ArgValueCompleter::new(completion::anything))]
    pub(crate) name: String,
    /// Of a boolean: exactly the access that it adds and takes for this domain
    #[arg(long = "for", value_name = "DOMAIN", add = ArgValueCompleter::new(completion::types))]
    pub(crate) domain: Option<String>,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print every name, however many there are
    #[arg(long)]
    pub(crate) all: bool,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `list` can list: its names, and the kinds of component that it stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListKind {
    /// The name that help and errors use.
    pub(crate) name: &'static str,
    /// What errors call one of them.
    pub(crate) singular: &'static str,
    /// Other names that are accepted, SETools' options among them.
    also: &'static [&'static str],
    pub(crate) kinds: &'static [ComponentKind],
}

const fn kind(
    name: &'static str,
    singular: &'static str,
    also: &'static [&'static str],
    kinds: &'static [ComponentKind],
) -> ListKind {
    ListKind { name, singular, also, kinds }
}

use ComponentKind as K;

/// In the order of help.
pub(crate) const LIST_KINDS: &[ListKind] = &[
    kind("types", "type", &["type"], &[K::Type]),
    kind("attributes", "attribute", &["attribute", "typeattribute", "attr"], &[K::Attribute]),
    kind("aliases", "alias", &["alias", "typealias"], &[K::Alias]),
    kind("roles", "role", &["role"], &[K::Role]),
    kind("users", "user", &["user"], &[K::User]),
    kind("classes", "class", &["class"], &[K::Class]),
    kind("commons", "common", &["common"], &[K::Common]),
    kind("permissions", "permission", &["permission", "perms", "perm"], &[K::Permission]),
    kind("booleans", "boolean", &["boolean", "bools", "bool"], &[K::Boolean]),
    kind("conditionals", "boolean of a condition", &["conditional", "conditions", "cond"], &[K::Conditional]),
    kind("sensitivities", "sensitivity", &["sensitivity", "sens"], &[K::Sensitivity]),
    kind("categories", "category", &["category", "cats", "cat"], &[K::Category]),
    kind(
        "constraints",
        "class with constraints",
        &["constraint"],
        &[K::Constrain, K::MlsConstrain, K::ValidateTrans, K::MlsValidateTrans],
    ),
    kind("constrain", "class", &[], &[K::Constrain]),
    kind("mlsconstrain", "class", &[], &[K::MlsConstrain]),
    kind("validatetrans", "class", &[], &[K::ValidateTrans]),
    kind("mlsvalidatetrans", "class", &[], &[K::MlsValidateTrans]),
    kind("bounds", "bounded name", &[], &[K::TypeBounds, K::RoleBounds, K::UserBounds]),
    kind("typebounds", "bounded type", &[], &[K::TypeBounds]),
    kind("rolebounds", "bounded role", &[], &[K::RoleBounds]),
    kind("userbounds", "bounded user", &[], &[K::UserBounds]),
    kind("permissive", "permissive type", &["permissives"], &[K::Permissive]),
    kind("neveraudit", "type that is never audited", &[], &[K::NeverAudit]),
    kind(
        "polcaps",
        "policy capability",
        &["polcap", "policycap", "capabilities", "capability"],
        &[K::Capability],
    ),
    kind("defaults", "class with defaults", &["default"], &[K::Default]),
    kind(
        "sids",
        "initial SID",
        &["sid", "initialsid", "initialsids", "initial_sid", "isid"],
        &[K::InitialSid],
    ),
    kind("fs_use", "file system", &["fsuse"], &[K::FsUse]),
    kind("genfscon", "file system", &["genfs"], &[K::Genfscon]),
    kind("fscon", "file system", &[], &[K::Fscon]),
    kind("portcon", "port", &["ports", "port"], &[K::Portcon]),
    kind("netifcon", "interface", &["interfaces", "netif"], &[K::Netifcon]),
    kind("nodecon", "node", &["nodes", "node"], &[K::Nodecon]),
    kind("ibpkeycon", "InfiniBand key", &["ibpkey", "ibpkeys"], &[K::Ibpkeycon]),
    kind("ibendportcon", "InfiniBand device", &["ibendport", "ibendports"], &[K::Ibendportcon]),
    kind("pirqcon", "Xen interrupt", &[], &[K::Pirqcon]),
    kind("ioportcon", "Xen I/O port", &[], &[K::Ioportcon]),
    kind("iomemcon", "Xen memory page", &[], &[K::Iomemcon]),
    kind("pcidevicecon", "Xen PCI device", &[], &[K::Pcidevicecon]),
    kind("devicetreecon", "Xen device tree path", &[], &[K::Devicetreecon]),
    kind("labels", "labelled object", &["label", "contexts"], &ComponentKind::LABELS),
];

/// Reads a kind. The names are offered to shells too.
fn parse_kind(text: &str) -> Result<&'static ListKind, String> {
    let name = text.trim_start_matches("--").replace('-', "_");
    let is_named = |kind: &&ListKind| kind.name == name || kind.also.contains(&name.as_str());
    LIST_KINDS.iter().find(is_named).ok_or_else(|| {
        let known =
            LIST_KINDS.iter().flat_map(|kind| [kind.name].into_iter().chain(kind.also.iter().copied()));
        match analysis::nearest(&name, known.map(String::from)).first() {
            Some(near) => format!("no such kind; did you mean `{near}`? `sepolq list` shows all kinds"),
            None => format!(
                "no such kind; `sepolq list` shows all kinds, and `sepolq show {}` what a name is",
                name.escape_debug()
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_several_names() {
        for (word, name) in
            [("type", "types"), ("--portcon", "portcon"), ("initial-sid", "sids"), ("polcap", "polcaps")]
        {
            assert_eq!(parse_kind(word).unwrap().name, name);
        }
        assert!(parse_kind("tpyes").unwrap_err().contains("`types`"));
        assert!(parse_kind("httpd_t").unwrap_err().contains("sepolq show httpd_t"));
    }

    #[test]
    fn every_kind_of_component_can_be_listed() {
        for kind in ComponentKind::ALL {
            assert!(LIST_KINDS.iter().any(|list| list.kinds == [kind]), "{kind:?}");
        }
    }
}
