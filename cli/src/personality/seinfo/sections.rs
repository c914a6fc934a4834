//! The sections of seinfo's output, in its order: which option asks for each, its title, and what it lists.
//! Source: the script `seinfo` and the queries of SETools 4.4.1; where 4.7 has more, of that.

use avstore::ComponentKind as Kind;

use super::options::Id;

/// A section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    pub(super) id: Id,
    pub(super) title: &'static str,
    /// What `-v` tells of it.
    pub(super) told: &'static str,
    pub(super) kinds: &'static [Kind],
}

const fn section(id: Id, title: &'static str, told: &'static str, kinds: &'static [Kind]) -> Section {
    Section { id, title, told, kinds }
}

/// The sections of every policy.
pub(super) const SECTIONS: [Section; 24] = [
    section(Id::Bool, "Booleans", "Boolean", &[Kind::Boolean]),
    section(Id::Category, "Categories", "category", &[Kind::Category]),
    section(Id::Class, "Classes", "object class", &[Kind::Class]),
    section(Id::Common, "Commons", "common", &[Kind::Common]),
    section(Id::Constrain, "Constraints", "constraint", &[Kind::Constrain, Kind::MlsConstrain]),
    section(Id::Default, "Default rules", "default_*", &[Kind::Default]),
    section(Id::FsUse, "Fs_use", "fs_use_*", &[Kind::FsUse]),
    section(Id::Genfscon, "Genfscon", "genfscon", &[Kind::Genfscon]),
    section(Id::Ibendportcon, "Ibendportcon", "ibendportcon", &[Kind::Ibendportcon]),
    section(Id::Ibpkeycon, "Ibpkeycon", "ibpkeycon", &[Kind::Ibpkeycon]),
    section(Id::InitialSid, "Initial SIDs", "initial SID", &[Kind::InitialSid]),
    section(Id::Netifcon, "Netifcon", "netifcon", &[Kind::Netifcon]),
    section(Id::Nodecon, "Nodecon", "nodecon", &[Kind::Nodecon]),
    section(Id::Permissive, "Permissive Types", "type", &[Kind::Permissive]),
    section(Id::Polcap, "Polcap", "policy capability", &[Kind::Capability]),
    section(Id::Portcon, "Portcon", "portcon", &[Kind::Portcon]),
    section(Id::Role, "Roles", "role", &[Kind::Role]),
    section(Id::RoleTypes, "Roles", "role-types", &[Kind::Role]),
    section(Id::Sensitivity, "Sensitivities", "sensitivity", &[Kind::Sensitivity]),
    section(Id::Typebounds, "Typebounds", "bounds", &[Kind::TypeBounds]),
    section(Id::Type, "Types", "type", &[Kind::Type]),
    section(Id::Attribute, "Type Attributes", "type attribute", &[Kind::Attribute]),
    section(Id::User, "Users", "user", &[Kind::User]),
    section(Id::Validatetrans, "Validatetrans", "constraint", &[Kind::ValidateTrans, Kind::MlsValidateTrans]),
];

/// The sections that only policies for Xen have. 4.4.1 forgets them.
pub(super) const XEN_SECTIONS: [Section; 5] = [
    section(Id::Ioportcon, "Ioportcon", "ioportcon", &[Kind::Ioportcon]),
    section(Id::Iomemcon, "Iomemcon", "iomemcon", &[Kind::Iomemcon]),
    section(Id::Pcidevicecon, "Pcidevicecon", "pcidevicecon", &[Kind::Pcidevicecon]),
    section(Id::Pirqcon, "Pirqcon", "pirqcon", &[Kind::Pirqcon]),
    section(Id::Devicetreecon, "Devicetreecon", "devicetreecon", &[Kind::Devicetreecon]),
];
