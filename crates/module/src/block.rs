//! Blocks: the first is what stands in no block, each other an `optional`, whose branches are tried in turn.
//! Source: `avrule_block_read`, `avrule_decl_read`.

use policydb::{Cursor, LoadError, Section};

use crate::rules::{
    AvRule, Conditional, FilenameTransition, RangeTransition, RoleAllow, RoleTransition, list, read_av_rules,
    read_conditionals, read_filename_transitions, read_range_transitions, read_role_allows,
    read_role_transitions,
};
use crate::scope::ScopeIndex;
use crate::symbols::Symbols;
use crate::version::{Feature, Shape};

/// A block.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// Its branches: what stands in it, and in its `else`.
    pub branches: Vec<Branch<'a>>,
}

/// A branch of a block.
#[derive(Clone, Debug)]
pub struct Branch<'a> {
    /// Its id, by which scopes name it.
    pub id: u32,
    /// Whether it was found to be met when the file was written.
    pub enabled: u32,
    /// Conditions and their rules.
    pub conditionals: Vec<Conditional<'a>>,
    /// Access-vector rules and type rules.
    pub av_rules: Vec<AvRule<'a>>,
    /// `role_transition` rules.
    pub role_transitions: Vec<RoleTransition<'a>>,
    /// Role `allow` rules.
    pub role_allows: Vec<RoleAllow<'a>>,
    /// `type_transition` rules with a file name.
    pub filename_transitions: Vec<FilenameTransition<'a>>,
    /// `range_transition` rules.
    pub range_transitions: Vec<RangeTransition<'a>>,
    /// Symbols that it requires.
    pub required: ScopeIndex<'a>,
    /// Symbols that it declares.
    pub declared: ScopeIndex<'a>,
    /// What it says of symbols: types that it gives attributes, roles that it gives types.
    pub symbols: Symbols<'a>,
}

/// Bytes of the smallest branch: counts and empty bitmaps.
const BRANCH: usize = 2 * 4 + 4 * 4 + 2 * (8 * 12 + 4) + 8 * 8;

pub(crate) fn read_blocks<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Vec<Block<'a>>, LoadError> {
    cursor.enter(Section::Blocks);
    let blocks = list(cursor, 4, "blocks", |cursor| {
        cursor.enter(Section::Blocks);
        let branches: Vec<Branch<'a>> =
            list(cursor, BRANCH, "branches", |cursor| Branch::read(cursor, shape))?;
        let enabled = branches.iter().filter(|branch| branch.enabled != 0).count();
        if enabled > 1 {
            return Err(cursor.error_back(
                0,
                "at most one branch of a block that is met",
                enabled.to_string(),
            ));
        }
        Ok(Block { branches })
    })?;
    if blocks.first().is_none_or(|block| block.branches.is_empty()) {
        return Err(cursor.error_back(0, "a block with a branch", "none"));
    }
    Ok(blocks)
}

impl<'a> Branch<'a> {
    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self, LoadError> {
        cursor.enter(Section::Blocks);
        let [id, enabled] = cursor.u32s()?;
        let conditionals = read_conditionals(cursor, shape)?;
        cursor.enter(Section::AccessVectors);
        let av_rules = read_av_rules(cursor, shape)?;
        let role_transitions = read_role_transitions(cursor, shape)?;
        let role_allows = read_role_allows(cursor)?;
        let filename_transitions = if shape.has(Feature::FilenameTransitions) {
            read_filename_transitions(cursor, shape)?
        } else {
            Vec::new()
        };
        let range_transitions =
            if shape.has(Feature::RangeTransitions) { read_range_transitions(cursor)? } else { Vec::new() };
        Ok(Branch {
            id,
            enabled,
            conditionals,
            av_rules,
            role_transitions,
            role_allows,
            filename_transitions,
            range_transitions,
            required: ScopeIndex::read(cursor)?,
            declared: ScopeIndex::read(cursor)?,
            symbols: Symbols::read(cursor, shape)?,
        })
    }
}
