//! Labels of objects that have no other: initial SIDs, file systems, ports, interfaces, nodes,
//! InfiniBand; for Xen interrupts, I/O ports, memory and devices. Source: `ocontext_read_selinux`,
//! `ocontext_read_xen`.
//!
//! The lists stand in a fixed order; which fields an entry has before its contexts is one table.

use crate::context::read_context;
use crate::cursor::Cursor;
use crate::error::{Result, Section};
use crate::format::Format;
use crate::header::Platform;
use crate::policy::Bounds;

/// A field of an entry, as far as reading past it needs to know.
#[derive(Clone, Copy)]
enum Field {
    /// A 32-bit value.
    Word,
    /// A 64-bit value in Xen's newer form, 32 bits in the older.
    Address,
    /// The length of the name, in bytes.
    NameLength,
    /// The name itself.
    Name,
    /// A context.
    Context,
}

use Field::{Address, Context, Name, NameLength, Word};

const SELINUX: [&[Field]; 9] = [
    /* OCON_ISID */ &[Word, Context],
    /* OCON_FS */ &[NameLength, Name, Context, Context],
    /* OCON_PORT */ &[Word, Word, Word, Context],
    /* OCON_NETIF */ &[NameLength, Name, Context, Context],
    /* OCON_NODE */ &[Word, Word, Context],
    /* OCON_FSUSE */ &[Word, NameLength, Name, Context],
    /* OCON_NODE6 */ &[Word, Word, Word, Word, Word, Word, Word, Word, Context],
    /* OCON_IBPKEY */ &[Word, Word, Word, Word, Context],
    /* OCON_IBENDPORT */ &[NameLength, Word, Name, Context],
];

const XEN: [&[Field]; 6] = [
    /* OCON_XEN_ISID */ &[Word, Context],
    /* OCON_XEN_PIRQ */ &[Word, Context],
    /* OCON_XEN_IOPORT */ &[Word, Word, Context],
    /* OCON_XEN_IOMEM */ &[Address, Address, Context],
    /* OCON_XEN_PCIDEVICE */ &[Word, Context],
    /* OCON_XEN_DEVICETREE */ &[NameLength, Name, Context],
];

pub(crate) fn read_all(cursor: &mut Cursor<'_>, format: Format, bounds: Bounds) -> Result<()> {
    cursor.enter(Section::ObjectContexts);
    let lists: &[&[Field]] = match format.platform {
        Platform::Selinux => &SELINUX,
        Platform::Xen => &XEN,
    };
    for fields in lists.iter().take(format.context_lists() as usize) {
        for _ in 0..cursor.count(16, "object contexts")? {
            read_entry(cursor, format, bounds, fields)?;
        }
    }
    Ok(())
}

fn read_entry(cursor: &mut Cursor<'_>, format: Format, bounds: Bounds, fields: &[Field]) -> Result<()> {
    let mut name_length = 0;
    for field in fields {
        match field {
            Word => {
                cursor.u32()?;
            }
            Address if format.version >= 30 => {
                cursor.u32s::<2>()?;
            }
            Address => {
                cursor.u32()?;
            }
            NameLength => name_length = cursor.u32()?,
            Name => {
                cursor.name(name_length)?;
            }
            Context => read_context(cursor, format, bounds)?,
        }
    }
    Ok(())
}
