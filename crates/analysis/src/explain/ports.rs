//! Fixes for ports: a label for one that has none of its own, and another port in place of one that is somebody else's.
//!
//! Names of types are those of the reference policy's and Fedora's `corenetwork`.

use policydb::TypeId;

use super::CouldBe;
use super::case::Case;
use super::fix::{Enough, Fix, FixKind, Lasting};
use super::fixes::Found;
use super::labels::{could_be, is_own, is_own_port};
use crate::decide::Sought;

/// Labels that are offered, and services that are named.
const MOST: usize = 2;
/// Labels of ports that nobody was given.
const NOBODYS: [&[u8]; 5] =
    [b"port_t", b"unreserved_port_t", b"reserved_port_t", b"hi_reserved_port_t", b"ephemeral_port_t"];

impl Case<'_, '_, '_> {
    /// What to do about a port.
    pub(super) fn for_ports(&self, found: &mut Found, has_booleans: bool) {
        let target = self.denied.target.r#type;
        let (binds, connects) = (self.wants(b"name_bind"), self.wants(b"name_connect"));
        // A port to connect to is another service's: where a boolean is there for it, that is the way.
        if !self.has_attribute(target, b"port_type") || !(binds || (connects && !has_booleans)) {
            return;
        }
        let name = |id| self.store.type_name(id).to_string();
        let domain = name(self.denied.source.r#type);
        found.could_be = could_be(self.decider, self.denied, b"port_type");
        found.could_be.retain(|could| !self.is_named(could.id, &NOBODYS));
        let is_for_it = |id: TypeId| is_own_port(&domain, &name(id));
        let is_held = !self.is_named(target, &NOBODYS);
        // The label says what listens there: what other services have is none for it.
        let labels = found.could_be.iter().filter(|label| is_for_it(label.id)).take(MOST);
        let labels: Vec<CouldBe> = labels.copied().collect();
        let fix = |kind, enough| Fix { kind, lasting: Lasting::Permanent, enough };
        if binds && is_held && !is_for_it(target) {
            let own = labels.first().map(|label| label.id);
            let kind = FixKind::OtherPort { holders: self.holders(), own };
            found.fixes.push(fix(kind, Enough::CannotTell));
        }
        if connects && !binds && is_held {
            return;
        }
        found.fixes.extend(labels.into_iter().map(|label| fix(FixKind::PortLabel(label), Enough::Yes)));
    }

    /// For whom the port is labelled: who may bind it and has a name like the label's, else all if they are few.
    fn holders(&self) -> Vec<TypeId> {
        let denied = self.denied;
        let Some(bind) = self.store.permission_named(denied.class, b"name_bind") else { return Vec::new() };
        let target = denied.target.r#type;
        let may = self.decider.candidates(Sought::Sources, target, denied.class, 1u32 << bind.bit, false);
        let label = self.store.type_name(target).to_string();
        let mut holders: Vec<TypeId> =
            may.iter().filter(|id| !self.store.is_attribute(*id) && *id != denied.source.r#type).collect();
        let is_its = |id: &TypeId| is_own(&self.store.type_name(*id).to_string(), &label);
        if holders.iter().any(is_its) {
            holders.retain(is_its);
        } else if holders.len() > MOST {
            holders.clear();
        }
        holders.truncate(MOST);
        holders
    }
}
