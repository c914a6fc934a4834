//! A module: its header, and everything in the order of the file. Source: `policydb_read`.

use policydb::{Cursor, Ebitmap, LoadError, Name, Section};

use crate::block::{Block, read_blocks};
use crate::objects::{
    Genfs, ObjectContext, OldRangeTransition, n_object_lists, read_genfs, read_objects,
    read_old_range_transitions,
};
use crate::rules::list;
use crate::scope::{N_KINDS, Scope};
use crate::symbols::Symbols;
use crate::version::{Feature, NEWEST, OLDEST, Shape};

/// The number that a module begins with.
pub(crate) const MAGIC: u32 = 0xf97c_ff8d;
/// The words after it.
const IDENTIFIER: &[u8] = b"SE Linux Module";
/// In the configuration: the module has levels.
const CONFIG_MLS: u32 = 1;

/// Which kind of module it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A base module, to which others are linked.
    Base,
    /// A module.
    Module,
}

/// A module.
#[derive(Clone, Debug)]
pub struct Module<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The version of its format.
    pub format: u32,
    /// How many bytes it has.
    pub n_bytes: usize,
    /// Flags: levels, handle_unknown.
    pub config: u32,
    /// The name and the version that its author gave; a base module has none.
    pub name_and_version: Option<(Name<'a>, Name<'a>)>,
    /// Policy capabilities, since version 7.
    pub capabilities: Option<Ebitmap<'a>>,
    /// Its symbols, those that it requires among them.
    pub symbols: Symbols<'a>,
    /// Its blocks; the first is what stands in none.
    pub blocks: Vec<Block<'a>>,
    /// By kind of symbol: what is declared and what is required, and in which blocks.
    pub scopes: [Vec<Scope<'a>>; N_KINDS],
    /// Labelled objects of a base module, by the format's lists.
    pub objects: Vec<Vec<ObjectContext<'a>>>,
    /// Paths of file systems without labels.
    pub genfs: Vec<Genfs<'a>>,
    /// Range transitions of a base module of version 5.
    pub old_range_transitions: Vec<OldRangeTransition<'a>>,
}

impl<'a> Module<'a> {
    /// Reads and checks a module. Never panics; memory is at most a small multiple of the bytes.
    ///
    /// # Errors
    /// What is wrong, in which section, at which byte.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LoadError> {
        let mut cursor = Cursor::new(bytes, Section::Header);
        let module = Module::read(&mut cursor)?;
        let left = cursor.remaining().len();
        if left > 0 {
            return Err(cursor.error_back(0, "the end of the module", format!("{left} more bytes")));
        }
        Ok(module)
    }

    /// Whether it has levels.
    pub fn has_levels(&self) -> bool {
        self.config & CONFIG_MLS != 0
    }

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, LoadError> {
        let [magic, length] = cursor.u32s()?;
        if magic != MAGIC {
            return Err(cursor.error_at(
                0,
                format!("the magic number of a module, {MAGIC:#x}"),
                format!("{magic:#x}"),
            ));
        }
        let identifier = cursor.take(length.min(64) as usize)?;
        if identifier != IDENTIFIER {
            let found = format!("`{}`", Name::new(identifier));
            return Err(cursor.error_at(8, "`SE Linux Module`", found));
        }
        let offset = cursor.position();
        let [kind, version, config, n_symbol_tables, n_lists] = cursor.u32s()?;
        let kind = match kind {
            1 => Kind::Base,
            2 => Kind::Module,
            other => {
                return Err(cursor.error_at(offset, "a base module (1) or a module (2)", other.to_string()));
            }
        };
        if !(OLDEST..=NEWEST).contains(&version) {
            let expected = format!("a module of version {OLDEST} to {NEWEST}");
            return Err(cursor.error_at(offset.saturating_add(4), expected, format!("version {version}")));
        }
        let shape = Shape { kind, version };
        let tables = (n_symbol_tables as usize, n_lists as usize);
        if tables != (N_KINDS, n_object_lists(shape)) {
            let expected =
                format!("{N_KINDS} tables of symbols and {} lists of objects", n_object_lists(shape));
            return Err(cursor.error_at(
                offset.saturating_add(12),
                expected,
                format!("{} and {}", tables.0, tables.1),
            ));
        }
        let mut named = || -> Result<Name<'a>, LoadError> {
            let length = cursor.u32()?;
            cursor.name(length)
        };
        let name_and_version = if kind == Kind::Module { Some((named()?, named()?)) } else { None };
        cursor.enter(Section::Capabilities);
        let capabilities = if shape.has(Feature::Capabilities) { Some(Ebitmap::read(cursor)?) } else { None };
        let symbols = Symbols::read(cursor, shape)?;
        let blocks = read_blocks(cursor, shape)?;
        cursor.enter(Section::Scopes);
        let mut scopes: [Vec<Scope<'a>>; N_KINDS] = Default::default();
        for of_kind in &mut scopes {
            *of_kind = list(cursor, 17, "scopes", Scope::read)?;
        }
        let objects = read_objects(cursor, shape)?;
        let genfs = read_genfs(cursor, shape)?;
        let old_range_transitions = read_old_range_transitions(cursor, shape)?;
        let n_bytes = cursor.position();
        Ok(Module {
            kind,
            n_bytes,
            format: version,
            config,
            name_and_version,
            capabilities,
            symbols,
            blocks,
            scopes,
            objects,
            genfs,
            old_range_transitions,
        })
    }
}
