//! Security contexts in labelling statements. Source: `context_read_and_validate`.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::format::{Feature, Format};
use crate::mls;
use crate::policy::{Bounds, check_value};

pub(crate) fn read_context(cursor: &mut Cursor<'_>, format: Format, bounds: Bounds) -> Result<()> {
    let offset = cursor.position();
    let [user, role, r#type] = cursor.u32s()?;
    check_value(cursor, offset, "user", user, bounds.n_users)?;
    check_value(cursor, offset.saturating_add(4), "role", role, bounds.n_roles)?;
    bounds.check_type(cursor, offset.saturating_add(8), r#type)?;
    if format.has(Feature::Mls) {
        mls::read_range(cursor)?;
    }
    Ok(())
}
