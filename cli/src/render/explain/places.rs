//! The words of fixes that depend on where an object stands: what restorecon needs, directories for what is to be made, nodes of
//! devices, ports.

use analysis::explain::{CouldBe, FixKind, is_top};
use policydb::{BoolId, Object, TypeId};

use super::commands::{quoted, shell};
use super::tell::Words;
use super::told::Command;
use crate::render::shell::escaped;

/// What a fix says: its title, its commands, what it opens up.
type Said = (String, Vec<Command>, String);

/// Protocols of ports: classes of sockets, names, numbers of IP.
const PROTOCOLS: [(&str, &str, u32); 4] = [
    ("tcp_socket", "tcp", 6),
    ("udp_socket", "udp", 17),
    ("dccp_socket", "dccp", 33),
    ("sctp_socket", "sctp", 132),
];

impl Words<'_, '_> {
    /// The options of restorecon, and why. Only what was mounted, or relabelled by an engine, is a tree; and only a label that
    /// restorecon leaves needs force.
    pub(super) fn restoring(&self) -> (&'static str, String) {
        let denied = &self.answer.denied;
        let facts = self.facts;
        let is_dir = self.class() == "dir";
        let of_engine = self.answer.is_containers_file;
        let is_tree = (is_dir && of_engine) || !facts.is_host;
        let is_tree = is_tree && !facts.host_path.as_deref().is_some_and(is_top);
        let same_type = denied.expected.as_ref().is_some_and(|label| label.r#type == denied.target.r#type);
        let flags = match (is_tree, of_engine || facts.is_customized || same_type || !facts.is_host) {
            (true, true) => "-RFv",
            (true, false) => "-Rv",
            (false, true) => "-Fv",
            (false, false) => "-v",
        };
        let why = match (of_engine, facts.host_path.as_deref()) {
            (true, _) => {
                "a container's :z or :Z relabelled it: -F is needed, and containers that use it lose it"
            }
            (false, Some(path)) if is_top(path) => "opens nothing; this directory alone, without -R",
            (false, _) => "opens nothing: files that were moved keep the label of where they came from",
        };
        (flags, why.to_owned())
    }

    pub(super) fn own_directory(&self, could: &CouldBe) -> Said {
        let name = self.type_name(could.id);
        // A directory that others use, too, is not given to one of them.
        let parent =
            self.facts.host_path.as_deref().and_then(|path| path.trim_end_matches('/').rsplit_once('/'));
        let parent = parent.map(|(parent, _)| parent).filter(|parent| !parent.is_empty() && !is_top(parent));
        let parent = parent.filter(|_| self.target() == "default_t" || self.target() == "unlabeled_t");
        let (tree, directory) = match parent {
            Some(parent) => (quoted(&format!("{}(/.*)?", escaped(parent))), quoted(parent)),
            None => ("'DIRECTORY(/.*)?'".to_owned(), "DIRECTORY".to_owned()),
        };
        (
            format!("make it in a directory of its own, labelled {name}"),
            vec![
                shell(format!("semanage fcontext -a -t {name} {tree}")),
                shell(format!("restorecon -RFv {directory}")),
            ],
            format!(
                "a directory that only {} uses: what is made in it gets the label from it",
                self.source()
            ),
        )
    }

    pub(super) fn restore_device(&self, booleans: &[BoolId]) -> Said {
        let path = self.answer.denied.path.as_deref().and_then(|path| std::str::from_utf8(path).ok());
        let node = path.filter(|path| path.starts_with("/dev/"));
        let node = node.map_or_else(|| "/dev/DEVICE".to_owned(), quoted);
        let names: Vec<String> = booleans.iter().map(|id| self.boolean_name(*id)).collect();
        let then = match names.as_slice() {
            [] => "then a type made by udica for the container".to_owned(),
            names => format!(
                "then a boolean, if it is still denied ({}), or a type made by udica",
                names.join(", ")
            ),
        };
        (
            "put the label of the device back, on the host".to_owned(),
            vec![shell(format!("ls -Z {node}; matchpathcon {node}")), shell(format!("restorecon -v {node}"))],
            format!(
                "opens nothing: {} is no label for a device that somebody should use; {then}",
                self.target()
            ),
        )
    }

    pub(super) fn other_port(&self, holders: &[TypeId], own: Option<TypeId>) -> Said {
        let whose = match holders {
            [] => format!("this one is labelled {}, for another service", self.target()),
            some => format!("this one is labelled {}, for {}", self.target(), self.names(some)),
        };
        let list = match own {
            Some(own) => format!("semanage port -l | grep -w {}", self.type_name(own)),
            None => "semanage port -l".to_owned(),
        };
        (format!("take another port: {whose}"), vec![shell(list)], "opens nothing".to_owned())
    }

    pub(super) fn port_label(&self, could: &CouldBe) -> Said {
        let name = self.type_name(could.id);
        let port = self.facts.port.map_or_else(|| "PORT".to_owned(), |port| port.to_string());
        let class = self.class();
        let protocol = PROTOCOLS.iter().find(|(of, ..)| *of == class);
        let (protocol, number) = protocol.map_or(("tcp", 6), |(_, name, number)| (*name, *number));
        let (option, remark) = match self.facts.port.map(|port| self.has_label_of_its_own(number, port)) {
            Some(true) => ("-m", String::new()),
            Some(false) => ("-a", String::new()),
            None => ("-a", "; -m in place of -a where the port has a label of its own".to_owned()),
        };
        let loses = self.answer.fixes.iter().find_map(|fix| match &fix.kind {
            FixKind::OtherPort { holders, .. } if holders.is_empty() => {
                Some("; whoever has it loses it".to_owned())
            }
            FixKind::OtherPort { holders, .. } => Some(format!("; {} loses it", self.names(holders))),
            _ => None,
        });
        (
            format!("label the port {name}"),
            vec![shell(format!("semanage port {option} -t {name} -p {protocol} {port}"))],
            format!("{}{}{remark}", self.others(could), loses.unwrap_or_default()),
        )
    }

    fn names(&self, ids: &[TypeId]) -> String {
        ids.iter().map(|id| self.type_name(*id)).collect::<Vec<_>>().join(" and ")
    }

    /// Whether a statement labels exactly this port: semanage changes what is there, and adds what is not.
    fn has_label_of_its_own(&self, protocol: u32, port: i64) -> bool {
        let Ok(port) = u32::try_from(port) else { return false };
        let wanted = Object::Port { protocol, low: port, high: port };
        self.store
            .policy()
            .object_contexts()
            .iter()
            .any(|list| list.iter().any(|found| found.object == wanted))
    }
}
