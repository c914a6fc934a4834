//! What is this? Everything about a name, of whatever kind: a name can be a class and a common, a role and a user.

mod others;
mod symbol;
mod tally;

use avstore::{Booleans, Component, ComponentKind, ComponentWriter, FileNames, Store, shown_name};

use super::address::{Ports, parse_hosts, parse_ports};
use super::select::keys;
use super::{Fields, Value};
use crate::LookupError;
use crate::context::PartialContext;

/// One thing that has a name, described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portrait {
    /// What it is, as [`ComponentKind::keyword`] says it.
    pub kind: ComponentKind,
    /// Its name; of what was asked for by an alias, the primary name.
    pub name: String,
    /// What is to be said of it; which fields there are depends on the kind.
    pub fields: Fields,
}

/// Kinds of things with a name, in the order in which they are described.
const NAMED: [ComponentKind; 12] = [
    ComponentKind::Type,
    ComponentKind::Attribute,
    ComponentKind::Role,
    ComponentKind::User,
    ComponentKind::Class,
    ComponentKind::Common,
    ComponentKind::Permission,
    ComponentKind::Boolean,
    ComponentKind::Sensitivity,
    ComponentKind::Category,
    ComponentKind::Capability,
    ComponentKind::InitialSid,
];

/// Labelling statements, which are asked for by what they label.
const LABELS: [ComponentKind; 8] = [
    ComponentKind::FsUse,
    ComponentKind::Genfscon,
    ComponentKind::Netifcon,
    ComponentKind::Ibendportcon,
    ComponentKind::Devicetreecon,
    ComponentKind::Nodecon,
    ComponentKind::Fscon,
    ComponentKind::Portcon,
];

/// Describes everything that has a name, under given booleans. O(rules) for types, attributes and classes.
///
/// # Errors
/// Nothing has it: then with the nearest names of all kinds.
pub fn portrait(store: &Store<'_>, booleans: &Booleans, name: &str) -> Result<Vec<Portrait>, LookupError> {
    let writer = ComponentWriter::new(store, FileNames::Quoted);
    let subject = Subject { store, writer: &writer, booleans };
    let mut portraits = Vec::new();
    for kind in NAMED {
        for component in avstore::components(store, kind) {
            if has_name(&subject, &component, name) {
                portraits.extend(subject.portrait(kind, &component));
            }
        }
    }
    portraits.extend(subject.labels(name));
    if portraits.is_empty() {
        // What is listed and stands for a type is shown as that type; a forged policy can name types that it lacks.
        for kind in [ComponentKind::Alias, ComponentKind::Permissive, ComponentKind::NeverAudit] {
            let named = avstore::components(store, kind).filter(|one| has_name(&subject, one, name));
            portraits.extend(named.filter_map(|one| subject.portrait(kind, &one)));
        }
        portraits.extend(subject.absent_capability(name));
    }
    if portraits.is_empty() {
        let known = NAMED.into_iter().flat_map(|kind| avstore::components(store, kind));
        let known = known.flat_map(|component| keys(&writer, &component)).map(|key| shown_name(&key));
        let mut error = LookupError::new(ANYTHING, name, known);
        let impossible = [parse_ports(name).and_then(Result::err), parse_hosts(name).and_then(Result::err)];
        error.hint = match impossible.into_iter().flatten().next() {
            Some(odd) => Some(odd),
            None if name.starts_with(['@', '/']) => Some(
                "to list by attribute or expression: `sepolq list types @ATTR`, `sepolq list types /RE/`"
                    .to_owned(),
            ),
            None if PartialContext::parse(store, name).is_ok() => {
                Some("for a context, ask `sepolq context`".to_owned())
            }
            None => None,
        };
        return Err(error);
    }
    Ok(portraits)
}

const ANYTHING: &str = "type, attribute, role, user, class, permission, boolean, port or anything else named";

/// What portraits are made from.
pub(super) struct Subject<'a, 'p> {
    pub(super) store: &'a Store<'p>,
    pub(super) writer: &'a ComponentWriter<'a, 'p>,
    pub(super) booleans: &'a Booleans,
}

/// Whether a component has the name itself or as an alias.
fn has_name<'p>(subject: &Subject<'_, 'p>, component: &Component<'p>, name: &str) -> bool {
    let bytes = name.as_bytes();
    match component {
        // Most components are types: their table answers without making names.
        Component::Type(id) | Component::Attribute(id) => match subject.store.policy().type_named(bytes) {
            Some(named) => named == *id,
            None => subject.store.policy().type_symbol(*id).is_none() && shown_type(subject, *id) == name,
        },
        _ => {
            let aliases = subject.writer.aliases(component);
            subject.writer.name(component).as_deref() == Some(bytes)
                || aliases.iter().any(|alias| alias.as_bytes() == bytes)
        }
    }
}

fn shown_type(subject: &Subject<'_, '_>, id: policydb::TypeId) -> String {
    subject.store.type_name(id).to_string()
}

impl<'p> Subject<'_, 'p> {
    /// The labelling statements about a port, a host, a file system, an interface or a device, in the order of the file: of
    /// those about one port and protocol the kernel takes the first. Source: `security_port_sid`.
    fn labels(&self, name: &str) -> Option<Portrait> {
        let ports = parse_ports(name).and_then(Result::ok);
        let hosts = parse_hosts(name).and_then(Result::ok);
        let mut statements: Vec<Fields> = Vec::new();
        let mut kinds = Vec::new();
        let mut decided = Vec::new();
        for kind in LABELS {
            for component in avstore::components(self.store, kind) {
                let mut record: Fields = vec![("statement", self.statement(&component).into())];
                let is_asked = match (&component, &ports) {
                    (Component::Label(label), Some(ports)) => {
                        if let (policydb::Object::Port { protocol, .. }, true) =
                            (label.object, ports.is_single())
                            && ports.meet(label.object)
                        {
                            record.push(("decides", (!decided.contains(&protocol)).into()));
                            decided.push(protocol);
                        }
                        ports.meet(label.object)
                    }
                    (Component::Label(_) | Component::Genfs(..), None) => {
                        let is_host = match &component {
                            Component::Label(label) => hosts.is_some_and(|hosts| hosts.meet(label.object)),
                            _ => false,
                        };
                        is_host || labelled(&component).is_some_and(|own| own.as_bytes() == name.as_bytes())
                    }
                    _ => false,
                };
                if is_asked {
                    statements.push(record);
                    kinds.push(kind);
                }
            }
        }
        if let Some((kind, sid)) =
            self.initial_sid_for(ports.as_ref(), hosts.is_some(), statements.is_empty())
        {
            statements.push(vec![("statement", sid.into()), ("decides", true.into())]);
            kinds.push(kind);
        }
        let kind = *kinds.first()?;
        Some(Portrait { kind, name: name.to_owned(), fields: vec![("labels", Value::Records(statements))] })
    }

    /// The statement that labels a port or a host about which there is none.
    fn initial_sid_for(
        &self,
        ports: Option<&Ports>,
        is_host: bool,
        is_unlabelled: bool,
    ) -> Option<(ComponentKind, String)> {
        let (kind, name) = match ports {
            Some(ports) if ports.is_single() => (ComponentKind::Portcon, &b"port"[..]),
            None if is_host => (ComponentKind::Nodecon, &b"node"[..]),
            _ => return None,
        };
        let mut sids = avstore::components(self.store, ComponentKind::InitialSid);
        let sid =
            sids.find(|sid| self.writer.name(sid).as_deref() == Some(name)).filter(|_| is_unlabelled)?;
        Some((kind, self.statement(&sid)))
    }

    pub(super) fn statement(&self, component: &Component<'p>) -> String {
        let mut text = Vec::new();
        self.writer.write_statement(component, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// The name of what a statement labels.
fn labelled<'p>(component: &Component<'p>) -> Option<policydb::Name<'p>> {
    match component {
        Component::Genfs(fstype, _) => Some(*fstype),
        Component::Label(label) => match label.object {
            policydb::Object::FileSystem(name)
            | policydb::Object::Interface(name)
            | policydb::Object::FsUse(_, name)
            | policydb::Object::IbEndPort(name, _)
            | policydb::Object::DeviceTree(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}
