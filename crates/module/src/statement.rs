//! What a module states, as statements in policy language: unlinked, with the names that it uses itself.
//!
//! Each statement knows its kind, the names on its sides and where it stands, so that whoever asks can choose among them.
//! Neither attributes nor interfaces are expanded: macros were, when the module was compiled. A set has 64 names in 12 bytes of
//! a forged file, so there is a bound on names, beyond which sets are only counted; honest modules have a tenth of it.

use std::cell::Cell;
use std::fmt::Write as _;

use policydb::{Ebitmap, Name};

use crate::block::Branch;
use crate::module::Module;
use crate::names::Names;
use crate::rules::{AvRule, ClassData, Conditional, Xperms};
use crate::scope::{Scope, ScopeIndex};
use crate::sets::{RoleSet, SemanticLevel, TypeSet};
use crate::symbols::TypeFlavor;

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its keyword: `allow`, `type`, `attribute`, `role`, `bool`, `require`, …
    pub keyword: &'static str,
    /// Its text, without what it stands in.
    pub text: String,
    /// The names of its source, or of what it declares.
    pub sources: Vec<String>,
    /// The names of its target.
    pub targets: Vec<String>,
    /// The names of its classes.
    pub classes: Vec<String>,
    /// What it gives: permissions, commands, a default; of a boolean its state.
    pub gives: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// Where a statement stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The block, 0 for none; each other is optional.
    pub block: usize,
    /// The branch of the block: 0, or 1 for its `else`.
    pub branch: usize,
    /// A condition over booleans or tunables, and whether it is to be true.
    pub condition: Option<(String, bool)>,
}

/// All statements of a module, in its order: symbols of a branch before its rules.
pub fn statements(module: &Module<'_>) -> Vec<Statement> {
    let names = Names::of(module);
    let left = Cell::new(module.n_bytes.max(LEAST_ROOM));
    let mut writer = Writer { module, names, statements: Vec::new(), place: Place::default(), left };
    for (block, of_block) in module.blocks.iter().enumerate() {
        for (branch, of_branch) in of_block.branches.iter().enumerate() {
            writer.place = Place { block, branch, condition: None };
            writer.branch(of_branch);
        }
    }
    writer.statements
}

struct Writer<'m, 'a> {
    module: &'m Module<'a>,
    names: Names<'a>,
    statements: Vec<Statement>,
    place: Place,
    /// How many names of sets may still be written.
    left: Cell<usize>,
}

/// Names of sets that are always written.
const LEAST_ROOM: usize = 1 << 16;

/// A list in braces, or one name.
fn braced(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        several => format!("{{ {} }}", several.join(" ")),
    }
}

fn owned(name: Name<'_>) -> String {
    name.to_string()
}

impl Writer<'_, '_> {
    fn push(&mut self, keyword: &'static str, text: String, sides: [Vec<String>; 3]) {
        self.push_giving(keyword, text, sides, Vec::new());
    }

    fn push_giving(
        &mut self,
        keyword: &'static str,
        text: String,
        sides: [Vec<String>; 3],
        gives: Vec<String>,
    ) {
        let [sources, targets, classes] = sides;
        let place = self.place.clone();
        self.statements.push(Statement { keyword, text, sources, targets, classes, gives, place });
    }

    fn branch(&mut self, branch: &Branch<'_>) {
        self.required(branch);
        self.declared(branch);
        for rule in &branch.av_rules {
            self.av_rule(rule);
        }
        for conditional in &branch.conditionals {
            self.conditional(conditional);
        }
        for rule in &branch.filename_transitions {
            let (sources, targets) =
                (self.types(&rule.sources), self.targets(&rule.targets, rule.flags.unwrap_or(0)));
            let (class, default) = (self.names.class(rule.class), self.names.r#type(rule.default));
            let text = format!(
                "type_transition {} {}:{class} {default} \"{}\";",
                braced(&sources),
                braced(&targets),
                rule.name
            );
            let gives = vec![default, format!("\"{}\"", rule.name)];
            self.push_giving("type_transition", text, [sources, targets, vec![class]], gives);
        }
        for rule in &branch.range_transitions {
            let (sources, targets) = (self.types(&rule.sources), self.types(&rule.targets));
            let classes = self.bounded(rule.classes, |id| self.names.class(id));
            let (low, high) = (self.level(&rule.range.low), self.level(&rule.range.high));
            let range = if low == high { low } else { format!("{low} - {high}") };
            let text = format!(
                "range_transition {} {}:{} {range};",
                braced(&sources),
                braced(&targets),
                braced(&classes)
            );
            self.push_giving("range_transition", text, [sources, targets, classes], vec![range]);
        }
        for rule in &branch.role_transitions {
            let (roles, types) = (self.roles(&rule.roles), self.types(&rule.types));
            let classes = self.bounded(rule.classes.unwrap_or_default(), |id| self.names.class(id));
            let class = if classes.is_empty() { String::new() } else { format!(":{}", braced(&classes)) };
            let new_role = self.names.role(rule.new_role);
            let text = format!("role_transition {} {}{class} {new_role};", braced(&roles), braced(&types));
            self.push_giving("role_transition", text, [roles, types, classes], vec![new_role]);
        }
        for rule in &branch.role_allows {
            let (roles, new_roles) = (self.roles(&rule.roles), self.roles(&rule.new_roles));
            let text = format!("allow {} {};", braced(&roles), braced(&new_roles));
            self.push("role_allow", text, [roles, new_roles, Vec::new()]);
        }
    }

    /// `require` statements: what the branch needs others to declare. A compiler repeats in each optional block what stands around
    /// it; what the whole module requires is said once.
    fn required(&mut self, branch: &Branch<'_>) {
        const KEYWORDS: [&str; 8] =
            ["common", "class", "role", "type", "user", "bool", "sensitivity", "category"];
        let around = match self.place.block {
            0 => None,
            _ => self.module.blocks.first().and_then(|block| Some(&block.branches.first()?.required)),
        };
        for (kind, (keyword, bitmap)) in KEYWORDS.into_iter().zip(&branch.required.symbols).enumerate() {
            let known = around.and_then(|around| around.symbols.get(kind).copied()).unwrap_or_default();
            for id in self.within_room(*bitmap) {
                let permissions =
                    |index| if kind == 1 { permissions_of(index, id) } else { Ebitmap::default() };
                let wanted = permissions(&branch.required);
                let given = around.map(permissions).unwrap_or_default();
                let asks_more = || wanted.bits().any(|bit| !given.contains(bit as usize));
                if known.contains(id.saturating_sub(1) as usize) && !asks_more() {
                    continue;
                }
                let name = self.names.of_kind(kind, id);
                let keyword = match kind {
                    3 if self.names.flavor(id) == Some(TypeFlavor::Attribute) => "attribute",
                    _ => keyword,
                };
                let names = self.bounded(wanted, |one| self.names.permission(id, one));
                let more = if names.is_empty() { String::new() } else { format!(" {}", braced(&names)) };
                let text = format!("require {{ {keyword} {name}{more}; }}");
                self.push("require", text, [vec![name], Vec::new(), Vec::new()]);
            }
        }
    }

    /// What the branch declares, and what it says of symbols: attributes of types, types of roles.
    fn declared(&mut self, branch: &Branch<'_>) {
        let symbols = &self.module.symbols;
        let is_declared = |kind: usize, id: u32| {
            let bitmap = branch.declared.symbols.get(kind).copied().unwrap_or_default();
            id > 0 && bitmap.contains(id.saturating_sub(1) as usize)
        };
        let declares = |kind: usize, name: Name<'_>| {
            let scopes: &[Scope<'_>] = self.module.scopes.get(kind).map_or(&[], Vec::as_slice);
            scopes.iter().any(|scope| {
                scope.name == name && scope.scope == Scope::DECLARED && scope.branches.contains(&branch.id)
            })
        };
        let mut found: Vec<(&'static str, String, String)> = Vec::new();
        for class in symbols.classes.symbols.iter().filter(|class| is_declared(1, class.id)) {
            let permissions: Vec<String> = class.permissions.iter().map(|one| owned(one.name)).collect();
            let inherits = class.common.map_or_else(String::new, |name| format!(" inherits {name}"));
            let own =
                if permissions.is_empty() { String::new() } else { format!(" {}", braced(&permissions)) };
            found.push(("class", owned(class.name), format!("{inherits}{own}")));
        }
        for r#type in &symbols.types.symbols {
            match r#type.flavor {
                TypeFlavor::Attribute if is_declared(3, r#type.id) => {
                    found.push(("attribute", owned(r#type.name), String::new()));
                }
                TypeFlavor::Type if is_declared(3, r#type.id) => {
                    found.push(("type", owned(r#type.name), String::new()));
                }
                TypeFlavor::Alias if declares(3, r#type.name) => {
                    let of = self.names.r#type(r#type.primary);
                    found.push(("typealias", of, format!(" alias {}", r#type.name)));
                }
                _ => {}
            }
        }
        for role in symbols.roles.symbols.iter().filter(|role| is_declared(2, role.id)) {
            let keyword =
                if role.attribute.is_some_and(|(flavor, _)| flavor == 1) { "attribute_role" } else { "role" };
            found.push((keyword, owned(role.name), String::new()));
        }
        for user in symbols.users.symbols.iter().filter(|user| is_declared(4, user.id)) {
            let roles = self.roles(&user.roles);
            found.push(("user", owned(user.name), format!(" roles {}", braced(&roles))));
        }
        for boolean in symbols.booleans.symbols.iter().filter(|boolean| is_declared(5, boolean.id)) {
            let keyword = if boolean.flags == Some(1) { "tunable" } else { "bool" };
            found.push((keyword, owned(boolean.name), format!(" {}", boolean.state)));
        }
        for (keyword, name, more) in found {
            let gives = more.split_ascii_whitespace().map(str::to_owned).collect();
            let text = format!("{keyword} {name}{more};");
            self.push_giving(keyword, text, [vec![name], Vec::new(), Vec::new()], gives);
        }
        self.said_of_symbols(branch);
    }

    /// What is said of symbols outside all blocks stands in the module's own tables.
    fn said_of_symbols(&mut self, branch: &Branch<'_>) {
        let symbols = if self.place.block == 0 { &self.module.symbols } else { &branch.symbols };
        for r#type in symbols.types.symbols.iter().filter(|one| one.flavor != TypeFlavor::Alias) {
            if r#type.flavor == TypeFlavor::Attribute {
                for id in self.within_room(r#type.types) {
                    let (member, attribute) = (self.names.r#type(id), owned(r#type.name));
                    let text = format!("typeattribute {member} {attribute};");
                    self.push("typeattribute", text, [vec![member], vec![attribute], Vec::new()]);
                }
            }
            if r#type.permissive {
                let name = owned(r#type.name);
                self.push("permissive", format!("permissive {name};"), [vec![name], Vec::new(), Vec::new()]);
            }
            if r#type.bounds != 0 {
                let (parent, child) = (self.names.r#type(r#type.bounds), owned(r#type.name));
                let text = format!("typebounds {parent} {child};");
                self.push("typebounds", text, [vec![parent], vec![child], Vec::new()]);
            }
        }
        for role in &symbols.roles.symbols {
            let types = self.types(&role.types);
            if !types.is_empty() {
                let text = format!("role {} types {};", role.name, braced(&types));
                self.push("role_types", text, [vec![owned(role.name)], types, Vec::new()]);
            }
            for id in role.attribute.map(|(_, members)| self.within_room(members)).unwrap_or_default() {
                let (member, attribute) = (self.names.role(id), owned(role.name));
                let text = format!("roleattribute {member} {attribute};");
                self.push("roleattribute", text, [vec![member], vec![attribute], Vec::new()]);
            }
        }
    }

    fn conditional(&mut self, conditional: &Conditional<'_>) {
        let text = self.names.condition(&conditional.expression);
        for (when, rules) in [(true, &conditional.true_rules), (false, &conditional.false_rules)] {
            self.place.condition = Some((text.clone(), when));
            rules.iter().for_each(|rule| self.av_rule(rule));
        }
        self.place.condition = None;
    }

    /// One statement for each class: that is how a rule is asked for.
    fn av_rule(&mut self, rule: &AvRule<'_>) {
        const KEYWORDS: [(u32, &str); 12] = [
            (AvRule::ALLOW, "allow"),
            (AvRule::AUDITALLOW, "auditallow"),
            (AvRule::AUDITDENY, "auditdeny"),
            (AvRule::DONTAUDIT, "dontaudit"),
            (AvRule::NEVERALLOW, "neverallow"),
            (AvRule::TYPE_TRANSITION, "type_transition"),
            (AvRule::TYPE_MEMBER, "type_member"),
            (AvRule::TYPE_CHANGE, "type_change"),
            (AvRule::ALLOWXPERM, "allowxperm"),
            (AvRule::AUDITALLOWXPERM, "auditallowxperm"),
            (AvRule::DONTAUDITXPERM, "dontauditxperm"),
            (AvRule::NEVERALLOWXPERM, "neverallowxperm"),
        ];
        let found = KEYWORDS.iter().find(|(bit, _)| rule.specified & bit != 0);
        let keyword = found.map_or("rule", |(_, keyword)| keyword);
        let (sources, targets) = (self.types(&rule.sources), self.targets(&rule.targets, rule.flags));
        for &ClassData { class, data } in &rule.classes {
            let class_name = self.names.class(class);
            let (what, gives) = if rule.specified & AvRule::TYPE_RULES != 0 {
                let default = self.names.r#type(data);
                (default.clone(), vec![default])
            } else if let Some(xperms) = &rule.xperms {
                let text = xperms_text(xperms);
                (text.clone(), vec![text])
            } else {
                let permissions = self.names.permissions(class, data);
                (braced(&permissions), permissions)
            };
            let text = format!("{keyword} {} {}:{class_name} {what};", braced(&sources), braced(&targets));
            self.push_giving(keyword, text, [sources.clone(), targets.clone(), vec![class_name]], gives);
        }
    }

    /// The names of a set as it was written: those taken out after a minus.
    fn types(&self, set: &TypeSet<'_>) -> Vec<String> {
        let mut names = self.bounded(set.types, |id| self.names.r#type(id));
        if set.flags & TypeSet::STAR != 0 {
            names.insert(0, "*".to_owned());
        }
        if set.flags & TypeSet::COMPLEMENT != 0 {
            names.insert(0, "~".to_owned());
        }
        names.extend(self.bounded(set.excluded, |id| format!("-{}", self.names.r#type(id))));
        names
    }

    /// The names of a set, sorted; how many there are, where there is no room for them.
    fn bounded(&self, set: Ebitmap<'_>, name: impl Fn(u32) -> String) -> Vec<String> {
        let count: usize = set.words().map(|(_, bits)| bits.count_ones() as usize).sum();
        let Some(left) = self.left.get().checked_sub(count) else { return vec![format!("({count} names)")] };
        self.left.set(left);
        let mut names: Vec<String> = ids(set).map(name).collect();
        names.sort_unstable();
        names
    }

    /// The ids of a set; none, where there is no room for their names.
    fn within_room(&self, set: Ebitmap<'_>) -> Vec<u32> {
        let count: usize = set.words().map(|(_, bits)| bits.count_ones() as usize).sum();
        match self.left.get().checked_sub(count) {
            Some(left) => {
                self.left.set(left);
                ids(set).collect()
            }
            None => Vec::new(),
        }
    }

    fn targets(&self, set: &TypeSet<'_>, flags: u32) -> Vec<String> {
        let mut names = self.types(set);
        if flags & AvRule::SELF != 0 {
            names.push("self".to_owned());
        }
        if flags & AvRule::NOT_SELF != 0 {
            names.push("-self".to_owned());
        }
        names
    }

    fn roles(&self, set: &RoleSet<'_>) -> Vec<String> {
        let mut names = self.bounded(set.roles, |id| self.names.role(id));
        if set.flags & TypeSet::STAR != 0 {
            names.insert(0, "*".to_owned());
        }
        if set.flags & TypeSet::COMPLEMENT != 0 {
            names.insert(0, "~".to_owned());
        }
        names
    }

    fn level(&self, level: &SemanticLevel) -> String {
        let mut text = self.names.sensitivity(level.sensitivity);
        for (at, (first, last)) in level.categories.iter().enumerate() {
            text.push(if at == 0 { ':' } else { ',' });
            text.push_str(&self.names.category(*first));
            if first != last {
                let _ = write!(text, ".{}", self.names.category(*last));
            }
        }
        text
    }
}

/// The permissions of a class that a branch requires.
fn permissions_of<'a>(index: &ScopeIndex<'a>, class: u32) -> Ebitmap<'a> {
    let at = class.saturating_sub(1) as usize;
    index.permissions.get(at).copied().unwrap_or_default()
}

/// The ids of a bitmap of ids less one.
pub(crate) fn ids(bitmap: Ebitmap<'_>) -> impl Iterator<Item = u32> + '_ {
    bitmap.bits().map(|bit| bit.saturating_add(1))
}

/// `ioctl { 0x5401 0x8910-0x8927 }`.
fn xperms_text(xperms: &Xperms) -> String {
    let is_set = |bit: u32| {
        let word = xperms.permissions.get((bit >> 5) as usize).copied().unwrap_or_default();
        word >> (bit & 31) & 1 == 1
    };
    let number = |bit: u32, last: bool| match xperms.specified {
        2 => bit << 8 | if last { 0xff } else { 0 },
        _ => u32::from(xperms.driver) << 8 | bit,
    };
    let mut runs: Vec<String> = Vec::new();
    let mut bit = 0u32;
    while bit < 256 {
        if is_set(bit) {
            let first = bit;
            while bit < 255 && is_set(bit.saturating_add(1)) {
                bit = bit.saturating_add(1);
            }
            let (low, high) = (number(first, false), number(bit, true));
            runs.push(if low == high { format!("{low:#x}") } else { format!("{low:#x}-{high:#x}") });
        }
        bit = bit.saturating_add(1);
    }
    format!("{} {}", if xperms.specified == 3 { "nlmsg" } else { "ioctl" }, braced(&runs))
}
