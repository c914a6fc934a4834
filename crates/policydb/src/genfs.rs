//! `genfscon`: labels of files on file systems that keep none, by path. Source: `genfs_read`.

use crate::context::{Context, read_context};
use crate::cursor::Cursor;
use crate::error::{Result, Section};
use crate::ids::ClassId;
use crate::name::Name;
use crate::records::{Record, Records, Shape};

/// A file system and the labels of its paths.
#[derive(Clone, Debug)]
pub struct Genfs<'a> {
    /// The type of file system, such as `proc`.
    pub fstype: Name<'a>,
    /// Its paths.
    pub paths: Records<'a, GenfsPath<'a>>,
}

/// The label of a path and of what is below it.
#[derive(Clone, Copy, Debug)]
pub struct GenfsPath<'a> {
    /// The path, from the root of the file system.
    pub path: Name<'a>,
    /// The class of file that it is for; `None` for all.
    pub class: Option<ClassId>,
    /// The label.
    pub context: Context<'a>,
}

impl<'a> Record<'a> for GenfsPath<'a> {
    const MIN_SIZE: usize = 21;
    const WHAT: &'static str = "paths";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let length = cursor.u32()?;
        let path = cursor.name(length)?;
        let offset = cursor.position();
        let class = ClassId::from_value(cursor.u32()?);
        if let Some(class) = class {
            shape.bounds.check_class(cursor, offset, class.value())?;
        }
        Ok(GenfsPath { path, class, context: read_context(cursor, shape)? })
    }
}

impl<'a> Record<'a> for Genfs<'a> {
    const MIN_SIZE: usize = 9;
    const WHAT: &'static str = "file systems";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let length = cursor.u32()?;
        Ok(Genfs { fstype: cursor.name(length)?, paths: Records::read(cursor, shape)? })
    }
}

pub(crate) fn read_all<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Records<'a, Genfs<'a>>> {
    cursor.enter(Section::Genfs);
    Records::read(cursor, shape)
}
