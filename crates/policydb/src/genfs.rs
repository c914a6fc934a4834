//! `genfscon`: labels of files on file systems that keep none, by path. Source: `genfs_read`.

use crate::context::read_context;
use crate::cursor::Cursor;
use crate::error::{Result, Section};
use crate::format::Format;
use crate::policy::Bounds;

pub(crate) fn read_all(cursor: &mut Cursor<'_>, format: Format, bounds: Bounds) -> Result<()> {
    cursor.enter(Section::Genfs);
    for _ in 0..cursor.count(9, "file systems")? {
        let length = cursor.u32()?;
        cursor.name(length)?;
        for _ in 0..cursor.count(21, "paths")? {
            let length = cursor.u32()?;
            cursor.name(length)?;
            let _class = cursor.u32()?;
            read_context(cursor, format, bounds)?;
        }
    }
    Ok(())
}
