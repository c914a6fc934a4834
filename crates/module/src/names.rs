//! The names of a module's symbols by their ids. An id without a symbol is shown by its number.

use std::collections::HashMap;

use policydb::Name;

use crate::module::Module;
use crate::symbols::TypeFlavor;

/// The names of a module.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    /// By kind of symbol, in the order of [`crate::Symbols`], and id less one.
    by_id: [Vec<Option<Name<'a>>>; 8],
    flavors: Vec<Option<TypeFlavor>>,
    /// By class id less one, and bit.
    permissions: Vec<Vec<Option<Name<'a>>>>,
}

/// More ids than there are symbols are not worth a slot each.
fn put<T>(slots: &mut Vec<Option<T>>, id: u32, most: usize, item: T) {
    let Some(index) = id.checked_sub(1).map(|index| index as usize).filter(|index| *index < most) else {
        return;
    };
    if slots.len() <= index {
        slots.resize_with(index.saturating_add(1), || None);
    }
    if let Some(slot) = slots.get_mut(index) {
        slot.get_or_insert(item);
    }
}

impl<'a> Names<'a> {
    pub(crate) fn of(module: &Module<'a>) -> Self {
        // A file cannot honestly have more ids than this: each has a symbol, of some bytes.
        const MOST: usize = 1 << 20;
        let symbols = &module.symbols;
        let mut names = Names { by_id: Default::default(), flavors: Vec::new(), permissions: Vec::new() };
        let [commons, classes, roles, types, users, booleans, sensitivities, categories] = &mut names.by_id;
        symbols.commons.symbols.iter().for_each(|one| put(commons, one.id, MOST, one.name));
        symbols.classes.symbols.iter().for_each(|one| put(classes, one.id, MOST, one.name));
        symbols.roles.symbols.iter().for_each(|one| put(roles, one.id, MOST, one.name));
        for one in symbols.types.symbols.iter().filter(|one| one.flavor != TypeFlavor::Alias) {
            put(types, one.id, MOST, one.name);
            put(&mut names.flavors, one.id, MOST, one.flavor);
        }
        symbols.users.symbols.iter().for_each(|one| put(users, one.id, MOST, one.name));
        symbols.booleans.symbols.iter().for_each(|one| put(booleans, one.id, MOST, one.name));
        for one in symbols.sensitivities.symbols.iter().filter(|one| !one.is_alias) {
            put(sensitivities, one.level.sensitivity, MOST, one.name);
        }
        for one in symbols.categories.symbols.iter().filter(|one| !one.is_alias) {
            put(categories, one.id, MOST, one.name);
        }
        let commons: HashMap<&[u8], _> = symbols
            .commons
            .symbols
            .iter()
            .map(|common| (common.name.as_bytes(), &common.permissions))
            .collect();
        let mut by_class: Vec<Option<Vec<Option<Name<'a>>>>> = Vec::new();
        for class in &symbols.classes.symbols {
            let inherited = class.common.and_then(|name| commons.get(name.as_bytes()));
            let mut permissions = Vec::new();
            for one in inherited.into_iter().flat_map(|all| all.iter()).chain(&class.permissions) {
                put(&mut permissions, one.id, 32, one.name);
            }
            put(&mut by_class, class.id, MOST, permissions);
        }
        names.permissions = by_class.into_iter().map(Option::unwrap_or_default).collect();
        names
    }

    pub(crate) fn of_kind(&self, kind: usize, id: u32) -> String {
        let slot =
            self.by_id.get(kind).and_then(|names| names.get(id.checked_sub(1)? as usize).copied().flatten());
        slot.map_or_else(|| format!("#{id}"), |name| name.to_string())
    }

    pub(crate) fn class(&self, id: u32) -> String {
        self.of_kind(1, id)
    }

    pub(crate) fn role(&self, id: u32) -> String {
        self.of_kind(2, id)
    }

    pub(crate) fn r#type(&self, id: u32) -> String {
        self.of_kind(3, id)
    }

    pub(crate) fn sensitivity(&self, id: u32) -> String {
        self.of_kind(6, id)
    }

    pub(crate) fn category(&self, id: u32) -> String {
        self.of_kind(7, id)
    }

    /// Whether an id is a type or an attribute.
    pub(crate) fn flavor(&self, id: u32) -> Option<TypeFlavor> {
        self.flavors.get(id.checked_sub(1)? as usize).copied().flatten()
    }

    /// A permission of a class, by its id.
    pub(crate) fn permission(&self, class: u32, id: u32) -> String {
        let found = class.checked_sub(1).and_then(|at| self.permissions.get(at as usize));
        let name =
            found.zip(id.checked_sub(1)).and_then(|(names, at)| names.get(at as usize).copied().flatten());
        name.map_or_else(|| format!("#{id}"), |name| name.to_string())
    }

    /// The permissions of a mask, sorted.
    pub(crate) fn permissions(&self, class: u32, mask: u32) -> Vec<String> {
        let bits = (0..32u32).filter(|bit| mask >> bit & 1 == 1);
        let mut names: Vec<String> = bits.map(|bit| self.permission(class, bit.saturating_add(1))).collect();
        names.sort_unstable();
        names
    }

    /// A condition with its operators between their operands.
    pub(crate) fn condition(&self, expression: &[(u32, u32)]) -> String {
        let mut stack: Vec<(String, bool)> = Vec::new();
        for &(operator, boolean) in expression {
            let whole =
                |(text, is_compound): (String, bool)| if is_compound { format!("( {text} )") } else { text };
            let text = match operator {
                1 => (self.of_kind(5, boolean), false),
                2 => match stack.pop() {
                    Some(operand) => (format!("! {}", whole(operand)), false),
                    None => ("?".to_owned(), false),
                },
                _ => {
                    let sign = match operator {
                        3 => "||",
                        4 => "&&",
                        5 => "^",
                        6 => "==",
                        7 => "!=",
                        _ => "?",
                    };
                    match (stack.pop(), stack.pop()) {
                        (Some(right), Some(left)) => {
                            (format!("{} {sign} {}", whole(left), whole(right)), true)
                        }
                        _ => ("?".to_owned(), false),
                    }
                }
            };
            // A text that grows beyond reason is cut: conditions come from strangers.
            const MOST: usize = 4096;
            stack.push(if text.0.len() > MOST { ("…".to_owned(), false) } else { text });
        }
        stack.pop().map(|(text, _)| text).unwrap_or_default()
    }
}
