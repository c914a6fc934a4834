//! Labels of objects that have no other: initial SIDs, file systems, ports, interfaces, nodes,
//! InfiniBand; for Xen interrupts, I/O ports, memory and devices. Source: `ocontext_read_selinux`,
//! `ocontext_read_xen`.
//!
//! The lists stand in a fixed order; an entry of each is an object and its context.

use crate::context::{Context, read_context};
use crate::cursor::Cursor;
use crate::error::{Result, Section};
use crate::header::Platform;
use crate::name::Name;
use crate::records::{Record, Records, Shape};

/// What is labelled, and how.
#[derive(Clone, Copy, Debug)]
pub struct ObjectContext<'a> {
    /// What is labelled.
    pub object: Object<'a>,
    /// Its label.
    pub context: Context<'a>,
    /// A second one: of file systems the files', of interfaces the packets'.
    pub second_context: Option<Context<'a>>,
}

/// What a labelling statement is about. Numbers are as in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object<'a> {
    /// `sid`: by the number of the initial SID.
    InitialSid(u32),
    /// `fscon`, which nothing uses any more.
    FileSystem(Name<'a>),
    /// `portcon`.
    Port {
        /// IP protocol number.
        protocol: u32,
        /// First port.
        low: u32,
        /// Last port.
        high: u32,
    },
    /// `netifcon`.
    Interface(Name<'a>),
    /// `nodecon` with IPv4: address and mask, in network order.
    Node([u8; 4], [u8; 4]),
    /// `fs_use_*`: the behaviour (1 xattr, 2 trans, 3 task) and the file system.
    FsUse(u32, Name<'a>),
    /// `nodecon` with IPv6: address and mask, in network order.
    Node6([u8; 16], [u8; 16]),
    /// `ibpkeycon`: subnet prefix in network order, first and last key.
    IbPkey([u8; 8], u32, u32),
    /// `ibendportcon`: device and port.
    IbEndPort(Name<'a>, u32),
    /// Xen `pirqcon`.
    Pirq(u32),
    /// Xen `ioportcon`: first and last port.
    IoPort(u32, u32),
    /// Xen `iomemcon`: first and last page.
    IoMem(u64, u64),
    /// Xen `pcidevicecon`.
    PciDevice(u32),
    /// Xen `devicetreecon`: a path.
    DeviceTree(Name<'a>),
}

/// The lists of a policy, in the order of the file.
pub type ObjectContextLists<'a> = Vec<Records<'a, ObjectContext<'a>>>;

impl<'a> Record<'a> for ObjectContext<'a> {
    const MIN_SIZE: usize = 16;
    const WHAT: &'static str = "object contexts";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let object = match shape.format.platform {
            Platform::Selinux => read_selinux_object(cursor, shape.list)?,
            Platform::Xen => read_xen_object(cursor, shape)?,
        };
        let context = read_context(cursor, shape)?;
        let second_context = match object {
            Object::FileSystem(_) | Object::Interface(_) => Some(read_context(cursor, shape)?),
            _ => None,
        };
        Ok(ObjectContext { object, context, second_context })
    }
}

fn read_selinux_object<'a>(cursor: &mut Cursor<'a>, list: usize) -> Result<Object<'a>> {
    Ok(match list {
        /* OCON_ISID */ 0 => Object::InitialSid(cursor.u32()?),
        /* OCON_FS */ 1 => Object::FileSystem(named(cursor)?),
        /* OCON_PORT */
        2 => {
            let [protocol, low, high] = cursor.u32s()?;
            Object::Port { protocol, low, high }
        }
        /* OCON_NETIF */ 3 => Object::Interface(named(cursor)?),
        /* OCON_NODE */ 4 => Object::Node(*cursor.array()?, *cursor.array()?),
        /* OCON_FSUSE */ 5 => Object::FsUse(cursor.u32()?, named(cursor)?),
        /* OCON_NODE6 */ 6 => Object::Node6(*cursor.array()?, *cursor.array()?),
        /* OCON_IBPKEY */ 7 => Object::IbPkey(*cursor.array()?, cursor.u32()?, cursor.u32()?),
        /* OCON_IBENDPORT */
        _ => {
            let [length, port] = cursor.u32s()?;
            Object::IbEndPort(cursor.name(length)?, port)
        }
    })
}

fn read_xen_object<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Object<'a>> {
    Ok(match shape.list {
        /* OCON_XEN_ISID */ 0 => Object::InitialSid(cursor.u32()?),
        /* OCON_XEN_PIRQ */ 1 => Object::Pirq(cursor.u32()?),
        /* OCON_XEN_IOPORT */ 2 => Object::IoPort(cursor.u32()?, cursor.u32()?),
        // Addresses have 64 bits in the newer of the two forms.
        /* OCON_XEN_IOMEM */
        3 if shape.format.version >= 30 => Object::IoMem(cursor.u64()?, cursor.u64()?),
        3 => Object::IoMem(u64::from(cursor.u32()?), u64::from(cursor.u32()?)),
        /* OCON_XEN_PCIDEVICE */ 4 => Object::PciDevice(cursor.u32()?),
        /* OCON_XEN_DEVICETREE */ _ => Object::DeviceTree(named(cursor)?),
    })
}

fn named<'a>(cursor: &mut Cursor<'a>) -> Result<Name<'a>> {
    let length = cursor.u32()?;
    cursor.name(length)
}

pub(crate) fn read_all<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<ObjectContextLists<'a>> {
    cursor.enter(Section::ObjectContexts);
    let lists = 0..shape.format.context_lists() as usize;
    lists.map(|list| Records::read(cursor, Shape { list, ..shape })).collect()
}
