//! SELinux users. Source: `user_read`.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::{Feature, Format};
use crate::mls;
use crate::symtab::SymbolTable;

pub(crate) fn read_users<'a>(cursor: &mut Cursor<'a>, format: Format) -> Result<SymbolTable<'a, ()>> {
    cursor.enter(Section::Users);
    SymbolTable::read(cursor, "users", 21, |cursor, table| {
        let offset = cursor.position();
        let [length, value] = cursor.u32s()?;
        if format.has(Feature::Bounds) {
            let _bounding_user = cursor.u32()?;
        }
        let name = cursor.name(length)?;
        let _roles = Ebitmap::read(cursor)?;
        if format.has(Feature::Mls) {
            mls::read_range(cursor)?;
            let _default_level = mls::read_level(cursor)?;
        }
        table.insert(cursor, offset, name, value, ())
    })
}
