//! Writes a package that was read, byte for byte as the format has it. For tests alone: nobody needs to write modules.

use module::{
    AvRule, Branch, Category, Class, Common, Conditional, Constraint, Context, Level, Module, Object,
    ObjectContext, Package, Permission, Role, RoleSet, Scope, ScopeIndex, SectionKind, SemanticLevel,
    Sensitivity, SymbolTable, Symbols, Type, TypeSet, User,
};
use policydb::Ebitmap;

/// Bytes that grow.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    /// The version of the module's format.
    format: u32,
}

impl Writer {
    fn u32(&mut self, word: u32) {
        self.bytes.extend(word.to_le_bytes());
    }

    fn u32s(&mut self, words: &[u32]) {
        words.iter().for_each(|word| self.u32(*word));
    }

    fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).expect("32 bits"));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// A length and a name.
    fn name(&mut self, name: policydb::Name<'_>) {
        self.count(name.as_bytes().len());
        self.bytes(name.as_bytes());
    }

    fn bitmap(&mut self, bitmap: Ebitmap<'_>) {
        let words: Vec<(u32, u64)> =
            bitmap.words().map(|(index, bits)| (u32::try_from(index * 64).expect("32 bits"), bits)).collect();
        self.u32s(&[64, words.last().map_or(0, |(start, _)| start + 64)]);
        self.count(words.len());
        for (start, bits) in words {
            self.u32(start);
            self.bytes(&bits.to_le_bytes());
        }
    }

    fn type_set(&mut self, set: &TypeSet<'_>) {
        self.bitmap(set.types);
        self.bitmap(set.excluded);
        self.u32(set.flags);
    }

    fn role_set(&mut self, set: &RoleSet<'_>) {
        self.bitmap(set.roles);
        self.u32(set.flags);
    }

    fn semantic_level(&mut self, level: &SemanticLevel) {
        self.u32(level.sensitivity);
        self.list(&level.categories, |writer, (first, last)| writer.u32s(&[*first, *last]));
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.count(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    fn range(&mut self, levels: &[Level<'_>]) {
        self.count(levels.len());
        levels.iter().for_each(|level| self.u32(level.sensitivity));
        levels.iter().for_each(|level| self.bitmap(level.categories));
    }
}

/// The bytes of a package.
pub(crate) fn package(package: &Package<'_>) -> Vec<u8> {
    let mut sections: Vec<Vec<u8>> = Vec::new();
    for section in &package.sections {
        let mut writer = Writer { format: package.module.format, ..Writer::default() };
        match section.kind {
            SectionKind::Module => writer.module(&package.module),
            kind => {
                writer.u32(kind.number());
                writer.bytes(section.bytes);
            }
        }
        sections.push(writer.bytes);
    }
    let mut writer = Writer::default();
    writer.u32s(&[0xf97c_ff8f, package.version]);
    writer.count(sections.len());
    let mut offset = 12 + 4 * sections.len();
    for section in &sections {
        writer.count(offset);
        offset += section.len();
    }
    sections.iter().for_each(|section| writer.bytes(section));
    writer.bytes
}

impl Writer {
    fn module(&mut self, module: &Module<'_>) {
        self.u32s(&[0xf97c_ff8d, 15]);
        self.bytes(b"SE Linux Module");
        let kind = if module.kind == module::Kind::Base { 1 } else { 2 };
        self.u32s(&[kind, module.format, module.config, 8]);
        self.count(module.objects.len());
        if let Some((name, version)) = module.name_and_version {
            self.name(name);
            self.name(version);
        }
        module.capabilities.into_iter().for_each(|bitmap| self.bitmap(bitmap));
        self.symbols(&module.symbols);
        self.list(&module.blocks, |writer, block| writer.list(&block.branches, Writer::branch));
        module.scopes.iter().for_each(|scopes| self.list(scopes, Writer::scope));
        module.objects.iter().for_each(|objects| self.list(objects, Writer::object));
        self.list(&module.genfs, |writer, genfs| {
            writer.name(genfs.name);
            writer.list(&genfs.paths, |writer, path| {
                writer.name(path.path);
                writer.u32(path.class);
                writer.context(&path.context);
            });
        });
        if module.kind == module::Kind::Base && module.format == 5 {
            self.list(&module.old_range_transitions, |writer, (source, target, range)| {
                writer.u32s(&[*source, *target]);
                writer.range(range);
            });
        }
    }

    fn table<T>(&mut self, table: &SymbolTable<T>, write: impl Fn(&mut Self, &T)) {
        self.u32(table.n_ids);
        self.list(&table.symbols, write);
    }

    fn symbols(&mut self, symbols: &Symbols<'_>) {
        self.table(&symbols.commons, Writer::common);
        self.table(&symbols.classes, Writer::class);
        self.table(&symbols.roles, Writer::role);
        self.table(&symbols.types, Writer::r#type);
        self.table(&symbols.users, Writer::user);
        self.table(&symbols.booleans, |writer, boolean| {
            writer.u32s(&[boolean.id, u32::from(boolean.state)]);
            writer.name(boolean.name);
            boolean.flags.into_iter().for_each(|flags| writer.u32(flags));
        });
        self.table(&symbols.sensitivities, Writer::sensitivity);
        self.table(&symbols.categories, Writer::category);
    }

    fn permissions(&mut self, permissions: &[Permission<'_>]) {
        for permission in permissions {
            self.count(permission.name.as_bytes().len());
            self.u32(permission.id);
            self.bytes(permission.name.as_bytes());
        }
    }

    fn common(&mut self, common: &Common<'_>) {
        self.count(common.name.as_bytes().len());
        self.u32s(&[common.id, common.n_permissions]);
        self.count(common.permissions.len());
        self.bytes(common.name.as_bytes());
        self.permissions(&common.permissions);
    }

    fn class(&mut self, class: &Class<'_>) {
        let inherited = class.common.map_or(&b""[..], |name| name.as_bytes());
        self.count(class.name.as_bytes().len());
        self.count(inherited.len());
        self.u32s(&[class.id, class.n_permissions]);
        self.count(class.permissions.len());
        self.count(class.constraints.len());
        self.bytes(class.name.as_bytes());
        self.bytes(inherited);
        self.permissions(&class.permissions);
        class.constraints.iter().for_each(|constraint| self.constraint(constraint));
        if let Some(constraints) = &class.validatetrans {
            self.list(constraints, Writer::constraint);
        }
        class.defaults.iter().for_each(|defaults| self.u32s(defaults));
        class.default_type.into_iter().for_each(|default| self.u32(default));
    }

    fn constraint(&mut self, constraint: &Constraint<'_>) {
        self.u32(constraint.permissions);
        self.list(&constraint.terms, |writer, term| {
            writer.u32s(&[term.expression, term.attribute, term.operator]);
            if let Some((ids, written)) = &term.names {
                writer.bitmap(*ids);
                writer.type_set(written);
            }
        });
    }

    fn role(&mut self, role: &Role<'_>) {
        self.count(role.name.as_bytes().len());
        self.u32(role.id);
        role.bounds.into_iter().for_each(|bounds| self.u32(bounds));
        self.bytes(role.name.as_bytes());
        self.bitmap(role.dominates);
        self.type_set(&role.types);
        if let Some((flavor, roles)) = role.attribute {
            self.u32(flavor);
            self.bitmap(roles);
        }
    }

    fn r#type(&mut self, r#type: &Type<'_>) {
        self.count(r#type.name.as_bytes().len());
        self.u32s(r#type.words());
        self.bitmap(r#type.types);
        self.bytes(r#type.name.as_bytes());
    }

    fn user(&mut self, user: &User<'_>) {
        self.count(user.name.as_bytes().len());
        self.u32(user.id);
        user.bounds.into_iter().for_each(|bounds| self.u32(bounds));
        self.bytes(user.name.as_bytes());
        self.role_set(&user.roles);
        if let Some((range, level)) = &user.levels {
            [&range.low, &range.high, level].into_iter().for_each(|level| self.semantic_level(level));
        }
        if let Some((range, level)) = &user.expanded_levels {
            self.range(range);
            self.u32(level.sensitivity);
            self.bitmap(level.categories);
        }
    }

    fn sensitivity(&mut self, sensitivity: &Sensitivity<'_>) {
        self.count(sensitivity.name.as_bytes().len());
        self.u32(u32::from(sensitivity.is_alias));
        self.bytes(sensitivity.name.as_bytes());
        self.u32(sensitivity.level.sensitivity);
        self.bitmap(sensitivity.level.categories);
    }

    fn category(&mut self, category: &Category<'_>) {
        self.count(category.name.as_bytes().len());
        self.u32s(&[category.id, u32::from(category.is_alias)]);
        self.bytes(category.name.as_bytes());
    }

    fn av_rule(&mut self, rule: &AvRule<'_>) {
        self.u32s(&[rule.specified, rule.flags]);
        self.type_set(&rule.sources);
        self.type_set(&rule.targets);
        self.list(&rule.classes, |writer, class| writer.u32s(&[class.class, class.data]));
        if let Some(xperms) = &rule.xperms {
            self.bytes(&[xperms.specified, xperms.driver]);
            self.u32s(&xperms.permissions);
        }
    }

    fn conditional(&mut self, conditional: &Conditional<'_>) {
        self.u32(conditional.state);
        self.list(&conditional.expression, |writer, (operator, boolean)| writer.u32s(&[*operator, *boolean]));
        self.list(&conditional.true_rules, Writer::av_rule);
        self.list(&conditional.false_rules, Writer::av_rule);
        conditional.flags.into_iter().for_each(|flags| self.u32(flags));
    }

    fn branch(&mut self, branch: &Branch<'_>) {
        self.u32s(&[branch.id, branch.enabled]);
        self.list(&branch.conditionals, Writer::conditional);
        self.list(&branch.av_rules, Writer::av_rule);
        self.list(&branch.role_transitions, |writer, rule| {
            writer.role_set(&rule.roles);
            writer.type_set(&rule.types);
            rule.classes.into_iter().for_each(|classes| writer.bitmap(classes));
            writer.u32(rule.new_role);
        });
        self.list(&branch.role_allows, |writer, rule| {
            writer.role_set(&rule.roles);
            writer.role_set(&rule.new_roles);
        });
        if self.format >= 11 {
            self.list(&branch.filename_transitions, |writer, rule| {
                writer.name(rule.name);
                writer.type_set(&rule.sources);
                writer.type_set(&rule.targets);
                writer.u32s(&[rule.class, rule.default]);
                rule.flags.into_iter().for_each(|flags| writer.u32(flags));
            });
        }
        if self.format >= 6 {
            self.list(&branch.range_transitions, |writer, rule| {
                writer.type_set(&rule.sources);
                writer.type_set(&rule.targets);
                writer.bitmap(rule.classes);
                writer.semantic_level(&rule.range.low);
                writer.semantic_level(&rule.range.high);
            });
        }
        self.scope_index(&branch.required);
        self.scope_index(&branch.declared);
        self.symbols(&branch.symbols);
    }

    fn scope_index(&mut self, index: &ScopeIndex<'_>) {
        index.symbols.iter().for_each(|bitmap| self.bitmap(*bitmap));
        self.list(&index.permissions, |writer, bitmap| writer.bitmap(*bitmap));
    }

    fn scope(&mut self, scope: &Scope<'_>) {
        self.name(scope.name);
        self.u32(scope.scope);
        self.list(&scope.branches, |writer, branch| writer.u32(*branch));
    }

    fn context(&mut self, context: &Context<'_>) {
        self.u32s(&[context.user, context.role, context.r#type]);
        context.range.iter().for_each(|range| self.range(range));
    }

    fn object(&mut self, object: &ObjectContext<'_>) {
        match object.object {
            Object::Sid(id) => self.u32(id),
            Object::FileSystem(name) | Object::Interface(name) => self.name(name),
            Object::Ports(words) => self.u32s(&words),
            Object::Node(bytes) => self.bytes(bytes),
            Object::Node6(bytes) => self.bytes(bytes),
            Object::FsUse(behaviour, name) => {
                self.u32(behaviour);
                self.name(name);
            }
            Object::Pkeys(prefix, first, last) => {
                self.bytes(prefix);
                self.u32s(&[first, last]);
            }
            Object::EndPort(name, port) => {
                self.count(name.as_bytes().len());
                self.u32(port);
                self.bytes(name.as_bytes());
            }
        }
        self.context(&object.context);
        object.second.iter().for_each(|context| self.context(context));
    }
}
