//! A policy back to bytes: the proof that reading loses nothing. Used by tests and chores only.
//!
//! The order of sections and the layout of each are those of libsepol's `write.c`.

use policydb::format::Feature;
use policydb::{
    AvRule, AvTable, Class, Context, Ebitmap, FilenameEntry, Level, Name, Object, ObjectContext, Permission,
    Platform, Policy, Range, Records, RuleKind, Term, TypeId, XpermKind, Xperms,
};

/// The bytes of a policy.
pub fn write(policy: &Policy<'_>) -> Vec<u8> {
    let mut out = Writer { bytes: Vec::new(), policy };
    out.header();
    out.symbols();
    out.rules();
    out.labels();
    out.bytes
}

/// Whether several rules can share a record, in the versions in which a record can hold several.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Records,
    Nothing,
}

struct Writer<'w, 'p> {
    bytes: Vec<u8>,
    policy: &'w Policy<'p>,
}

impl Writer<'_, '_> {
    fn has(&self, feature: Feature) -> bool {
        self.policy.format().has(feature)
    }

    fn u16(&mut self, value: u32) {
        self.bytes.extend(u16::try_from(value).expect("ids of rules have 16 bits").to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(value.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).expect("counts have 32 bits"));
    }

    fn length(&mut self, name: Name<'_>) {
        self.count(name.as_bytes().len());
    }

    fn name(&mut self, name: Name<'_>) {
        self.bytes.extend(name.as_bytes());
    }

    fn length_and_name(&mut self, name: Name<'_>) {
        self.length(name);
        self.name(name);
    }

    fn bitmap(&mut self, bitmap: Ebitmap<'_>) {
        let words: Vec<(usize, u64)> = bitmap.words().collect();
        let high_bit = words.last().map_or(0, |(index, _)| (index + 1) * 64);
        self.u32(64);
        self.count(high_bit);
        self.count(words.len());
        for (index, bits) in words {
            self.count(index * 64);
            self.bytes.extend(bits.to_le_bytes());
        }
    }

    fn header(&mut self) {
        let header = self.policy.header();
        self.u32(0xf97c_ff8c);
        let target: &[u8] = match header.format.platform {
            Platform::Selinux => b"SE Linux",
            Platform::Xen => b"XenFlask",
        };
        self.length_and_name(Name::new(target));
        self.u32(header.format.version);
        self.u32(header.config);
        let n_tables = [self.policy.booleans().is_some(), self.policy.categories().is_some()];
        self.u32(5 + u32::from(n_tables[0]) + 2 * u32::from(n_tables[1]));
        self.count(self.policy.object_contexts().len());
        for (feature, bitmap) in [
            (Feature::Capabilities, self.policy.capabilities()),
            (Feature::Permissive, self.policy.permissive_types()),
            (Feature::NeverAudit, self.policy.neveraudit_types()),
        ] {
            if self.has(feature) {
                self.bitmap(bitmap);
            }
        }
    }

    fn table<T>(&mut self, (n_values, records): (usize, &Records<'_, T>)) {
        self.count(n_values);
        self.count(records.len());
    }

    fn symbols(&mut self) {
        let policy = self.policy;
        self.table(policy.commons());
        for common in policy.commons().1.iter() {
            self.length(common.name);
            self.u32(common.value);
            self.u32(common.n_values);
            self.count(common.permissions.len());
            self.name(common.name);
            self.permissions(common.permissions.iter());
        }
        self.table(policy.classes());
        for class in policy.classes().1.iter() {
            self.class(&class);
        }
        self.table(policy.roles());
        for role in policy.roles().1.iter() {
            self.length(role.name);
            self.u32(role.value);
            if self.has(Feature::Bounds) {
                self.u32(role.bounds.map_or(0, |id| id.value()));
            }
            self.name(role.name);
            self.bitmap(role.dominates);
            self.bitmap(role.types);
        }
        self.table(policy.types());
        for symbol in policy.types().1.iter() {
            self.length(symbol.name);
            self.u32(symbol.value);
            self.u32(symbol.properties);
            if let Some(bounds) = symbol.bounds {
                self.u32(bounds);
            }
            self.name(symbol.name);
        }
        self.table(policy.users());
        for user in policy.users().1.iter() {
            self.length(user.name);
            self.u32(user.value);
            if self.has(Feature::Bounds) {
                self.u32(user.bounds.map_or(0, |id| id.value()));
            }
            self.name(user.name);
            self.bitmap(user.roles);
            if let Some((range, level)) = user.levels {
                self.range(range);
                self.level(level);
            }
        }
        if let Some(booleans) = policy.booleans() {
            self.table(booleans);
            for boolean in booleans.1.iter() {
                self.u32(boolean.value);
                self.u32(u32::from(boolean.state));
                self.length_and_name(boolean.name);
            }
        }
        if let Some(sensitivities) = policy.sensitivities() {
            self.table(sensitivities);
            for sensitivity in sensitivities.1.iter() {
                self.length(sensitivity.name);
                self.u32(u32::from(sensitivity.is_alias));
                self.name(sensitivity.name);
                self.level(sensitivity.level);
            }
        }
        if let Some(categories) = policy.categories() {
            self.table(categories);
            for category in categories.1.iter() {
                self.length(category.name);
                self.u32(category.value);
                self.u32(u32::from(category.is_alias));
                self.name(category.name);
            }
        }
    }

    fn permissions<'a>(&mut self, permissions: impl Iterator<Item = Permission<'a>>) {
        for permission in permissions {
            self.length(permission.name);
            self.u32(u32::from(permission.bit) + 1);
            self.name(permission.name);
        }
    }

    fn class(&mut self, class: &Class<'_>) {
        self.length(class.name);
        self.count(class.common.map_or(0, |common| common.as_bytes().len()));
        self.u32(class.value);
        self.u32(class.n_values);
        self.count(class.permissions.len());
        self.count(class.constraints.len());
        self.name(class.name);
        if let Some(common) = class.common {
            self.name(common);
        }
        self.permissions(class.permissions.iter());
        let constraints = |out: &mut Self, records: &Records<'_, policydb::Constraint<'_>>| {
            for constraint in records.iter() {
                out.u32(constraint.permissions);
                out.count(constraint.terms.len());
                for term in constraint.terms.iter() {
                    out.term(term);
                }
            }
        };
        constraints(self, &class.constraints);
        if let Some(validatetrans) = &class.validatetrans {
            self.count(validatetrans.len());
            constraints(self, validatetrans);
        }
        for default in class.defaults.into_iter().flatten().chain(class.default_type) {
            self.u32(default);
        }
    }

    fn term(&mut self, term: Term<'_>) {
        let (kind, operands) = match term {
            Term::Not(operands) => (1, operands),
            Term::And(operands) => (2, operands),
            Term::Or(operands) => (3, operands),
            Term::Attribute(operands) => (4, operands),
            Term::Names(operands, _) => (5, operands),
        };
        self.u32(kind);
        self.u32(operands.attribute);
        self.u32(operands.operator);
        if let Term::Names(_, names) = term {
            self.bitmap(names.ids);
            if let Some((types, excluded, flags)) = names.written {
                self.bitmap(types);
                self.bitmap(excluded);
                self.u32(flags);
            }
        }
    }

    fn level(&mut self, level: Level<'_>) {
        self.u32(level.sensitivity);
        self.bitmap(level.categories);
    }

    fn range(&mut self, range: Range<'_>) {
        self.u32(if range.high.is_some() { 2 } else { 1 });
        self.u32(range.low.sensitivity);
        if let Some(high) = range.high {
            self.u32(high.sensitivity);
        }
        self.bitmap(range.low.categories);
        if let Some(high) = range.high {
            self.bitmap(high.categories);
        }
    }

    fn context(&mut self, context: Context<'_>) {
        self.u32(context.user.value());
        self.u32(context.role.value());
        self.u32(context.r#type.value());
        if let Some(range) = context.range {
            self.range(range);
        }
    }

    fn rules(&mut self) {
        let policy = self.policy;
        self.av_rules(policy.rules(), 0..policy.rules().len(), Sharing::Records);
        if policy.booleans().is_some() {
            self.count(policy.conditionals().len());
            for conditional in policy.conditionals() {
                self.u32(conditional.state_when_written);
                self.count(conditional.steps().len());
                self.bytes.extend(conditional.steps().as_flattened());
                self.av_rules(policy.conditional_rules(), conditional.true_rules.clone(), Sharing::Nothing);
                self.av_rules(policy.conditional_rules(), conditional.false_rules.clone(), Sharing::Nothing);
            }
        }
        self.count(policy.role_transitions().len());
        for rule in policy.role_transitions().iter() {
            self.u32(rule.role.value());
            self.u32(rule.r#type.value());
            self.u32(rule.new_role.value());
            if let Some(class) = rule.class {
                self.u32(class.value());
            }
        }
        self.count(policy.role_allows().len());
        for rule in policy.role_allows().iter() {
            self.u32(rule.source.value());
            self.u32(rule.target.value());
        }
        if self.has(Feature::FilenameTransitions) {
            self.filename_transitions();
        }
    }

    fn av_rules(&mut self, table: &AvTable<'_>, range: std::ops::Range<usize>, sharing: Sharing) {
        if !self.has(Feature::CompactAvtab) {
            return self.old_av_rules(table, range, sharing);
        }
        self.count(range.len());
        for position in range {
            let (rule, xperms) = table.get(position).expect("within the table");
            self.u16(rule.source().value());
            self.u16(rule.target().value());
            self.u16(rule.class().value());
            let enabled = if rule.enabled_when_written() { 0x8000 } else { 0 };
            self.u16(u32::from(rule.kind_bits()) | enabled);
            match xperms {
                Some(xperms) => self.xperms(xperms),
                None => self.u32(rule.datum()),
            }
        }
    }

    fn xperms(&mut self, xperms: Xperms<'_>) {
        self.bytes.push(match xperms.kind {
            XpermKind::IoctlFunction => 1,
            XpermKind::IoctlDriver => 2,
            XpermKind::Nlmsg => 3,
        });
        self.bytes.push(xperms.driver);
        self.bytes.extend(xperms.bits());
    }

    /// Rules of versions 15 to 19: neighbours with one key that can share a record do, but for conditional rules.
    fn old_av_rules(&mut self, table: &AvTable<'_>, range: std::ops::Range<usize>, sharing: Sharing) {
        const ORDER: [RuleKind; 6] = [
            RuleKind::Allow,
            RuleKind::AuditAllow,
            RuleKind::DontAudit,
            RuleKind::TypeTransition,
            RuleKind::TypeMember,
            RuleKind::TypeChange,
        ];
        let order = |rule: &AvRule| {
            ORDER.iter().position(|kind| *kind == rule.kind()).expect("a kind of old policies")
        };
        let key = |rule: &AvRule| (rule.source(), rule.target(), rule.class(), rule.enabled_when_written());
        let rules: Vec<AvRule> = table.rules(range).map(|(_, rule)| rule).collect();
        let shares = |a: &AvRule, b: &AvRule| {
            sharing == Sharing::Records
                && key(a) == key(b)
                && order(a) < order(b)
                && a.kind().has_default() == b.kind().has_default()
        };
        let records: Vec<&[AvRule]> = rules.chunk_by(shares).collect();
        self.count(records.len());
        for record in records {
            self.count(4 + record.len());
            self.u32(record[0].source().value());
            self.u32(record[0].target().value());
            self.u32(record[0].class().value());
            let enabled = if record[0].enabled_when_written() { 0x8000_0000 } else { 0 };
            self.u32(record.iter().fold(enabled, |bits, rule| bits | u32::from(rule.kind_bits())));
            for rule in record {
                self.u32(rule.datum());
            }
        }
    }

    fn filename_transitions(&mut self) {
        let entries = self.policy.filename_transitions().entries();
        self.count(entries.len());
        for entry in entries.iter() {
            match entry {
                FilenameEntry::Rule(rule) => {
                    self.length_and_name(rule.name);
                    self.u32(rule.source.value());
                    self.u32(rule.target.value());
                    self.u32(rule.class.value());
                    self.u32(rule.default.value());
                }
                FilenameEntry::Grouped { target, class, name, groups } => {
                    self.length_and_name(name);
                    self.u32(target.value());
                    self.u32(class.value());
                    self.count(groups.len());
                    for group in groups.iter() {
                        self.bitmap(group.sources);
                        self.u32(group.default.value());
                    }
                }
            }
        }
    }

    fn labels(&mut self) {
        let policy = self.policy;
        for list in policy.object_contexts() {
            self.count(list.len());
            for entry in list.iter() {
                self.object_context(entry);
            }
        }
        self.count(policy.genfs().len());
        for genfs in policy.genfs().iter() {
            self.length_and_name(genfs.fstype);
            self.count(genfs.paths.len());
            for path in genfs.paths.iter() {
                self.length_and_name(path.path);
                self.u32(path.class.map_or(0, |class| class.value()));
                self.context(path.context);
            }
        }
        if self.has(Feature::Mls) {
            self.count(policy.range_transitions().len());
            for rule in policy.range_transitions().iter() {
                self.u32(rule.source.value());
                self.u32(rule.target.value());
                if let Some(class) = rule.class {
                    self.u32(class.value());
                }
                self.range(rule.range);
            }
        }
        if self.has(Feature::CompactAvtab) {
            for index in 0..policy.n_types() {
                let id = TypeId::from_index(u32::try_from(index).expect("ids have 32 bits"));
                self.bitmap(policy.attributes_of(id));
            }
        }
    }

    fn object_context(&mut self, entry: ObjectContext<'_>) {
        match entry.object {
            Object::InitialSid(number) | Object::Pirq(number) | Object::PciDevice(number) => self.u32(number),
            Object::FileSystem(name) | Object::Interface(name) | Object::DeviceTree(name) => {
                self.length_and_name(name)
            }
            Object::Port { protocol, low, high } => {
                [protocol, low, high].into_iter().for_each(|n| self.u32(n))
            }
            Object::Node(address, mask) => self.bytes.extend([address, mask].concat()),
            Object::Node6(address, mask) => self.bytes.extend([address, mask].concat()),
            Object::FsUse(behaviour, name) => {
                self.u32(behaviour);
                self.length_and_name(name);
            }
            Object::IbPkey(prefix, low, high) => {
                self.bytes.extend(prefix);
                self.u32(low);
                self.u32(high);
            }
            Object::IbEndPort(name, port) => {
                self.length(name);
                self.u32(port);
                self.name(name);
            }
            Object::IoPort(low, high) => {
                self.u32(low);
                self.u32(high);
            }
            Object::IoMem(low, high) if self.policy.format().version >= 30 => {
                self.bytes.extend(low.to_le_bytes());
                self.bytes.extend(high.to_le_bytes());
            }
            Object::IoMem(low, high) => {
                for end in [low, high] {
                    self.u32(u32::try_from(end).expect("addresses of version 24 have 32 bits"));
                }
            }
        }
        self.context(entry.context);
        if let Some(second) = entry.second_context {
            self.context(second);
        }
    }
}
