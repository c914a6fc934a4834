//! Objects that a base module labels: initial SIDs, file systems, ports, interfaces, nodes, InfiniBand. Source:
//! `ocontext_read_selinux`, `genfs_read`, `context_read_and_validate`, `range_read`.

use policydb::{Cursor, LoadError, Name, Section};

use crate::module::Kind;
use crate::rules::list;
use crate::symbols::{ExpandedRange, Level, read_range};
use crate::version::{Feature, Shape};

/// A security context.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The user's id.
    pub user: u32,
    /// The role's.
    pub role: u32,
    /// The type's.
    pub r#type: u32,
    /// One level or two, since version 5.
    pub range: Option<Vec<Level<'a>>>,
}

/// What is labelled.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// An initial SID, by its number.
    Sid(u32),
    /// A file system without labels.
    FileSystem(Name<'a>),
    /// Ports: protocol, first, last.
    Ports([u32; 3]),
    /// A network interface.
    Interface(Name<'a>),
    /// An IPv4 node: address and mask, as they stand in the file.
    Node(&'a [u8; 8]),
    /// How a file system is labelled, by libsepol's number.
    FsUse(u32, Name<'a>),
    /// An IPv6 node: address and mask, as they stand in the file.
    Node6(&'a [u8; 32]),
    /// InfiniBand partition keys: prefix, as it stands in the file, first, last.
    Pkeys(&'a [u8; 8], u32, u32),
    /// An InfiniBand device and port.
    EndPort(Name<'a>, u32),
}

/// An object and its label; file systems and interfaces have two.
#[derive(Clone, Debug)]
pub struct ObjectContext<'a> {
    /// What is labelled.
    pub object: Object<'a>,
    /// Its label.
    pub context: Context<'a>,
    /// The label of what is in it.
    pub second: Option<Context<'a>>,
}

/// Paths of one file system.
#[derive(Clone, Debug)]
pub struct Genfs<'a> {
    /// The file system.
    pub name: Name<'a>,
    /// Its paths.
    pub paths: Vec<GenfsPath<'a>>,
}

/// A path and its label.
#[derive(Clone, Debug)]
pub struct GenfsPath<'a> {
    /// The path below the file system's root.
    pub path: Name<'a>,
    /// The class's id; 0 for all.
    pub class: u32,
    /// Its label.
    pub context: Context<'a>,
}

fn read_context<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Context<'a>, LoadError> {
    let [user, role, r#type] = cursor.u32s()?;
    let range = if shape.base_has(Feature::Levels) { Some(read_range(cursor)?) } else { None };
    Ok(Context { user, role, r#type, range })
}

/// The lists of labelled objects of a base module, in the order of the format; none of another.
pub(crate) fn read_objects<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<Vec<Vec<ObjectContext<'a>>>, LoadError> {
    cursor.enter(Section::ObjectContexts);
    let n_lists = n_object_lists(shape);
    let mut lists = Vec::with_capacity(n_lists);
    for at in 0..n_lists {
        lists.push(list(cursor, 16, "labelled objects", |cursor| read_object(cursor, shape, at))?);
    }
    Ok(lists)
}

/// How many lists of labelled objects there are.
pub(crate) fn n_object_lists(shape: Shape) -> usize {
    match (shape.kind, shape.has(Feature::Infiniband)) {
        (Kind::Module, _) => 0,
        (Kind::Base, false) => 7,
        (Kind::Base, true) => 9,
    }
}

fn read_object<'a>(cursor: &mut Cursor<'a>, shape: Shape, at: usize) -> Result<ObjectContext<'a>, LoadError> {
    let named = |cursor: &mut Cursor<'a>| {
        let length = cursor.u32()?;
        cursor.name(length)
    };
    let object = match at {
        0 => Object::Sid(cursor.u32()?),
        1 => Object::FileSystem(named(cursor)?),
        2 => Object::Ports(cursor.u32s()?),
        3 => Object::Interface(named(cursor)?),
        4 => Object::Node(cursor.array()?),
        5 => {
            let behaviour = cursor.u32()?;
            Object::FsUse(behaviour, named(cursor)?)
        }
        6 => Object::Node6(cursor.array()?),
        7 => {
            let prefix = cursor.array()?;
            let [first, last] = cursor.u32s()?;
            Object::Pkeys(prefix, first, last)
        }
        _ => {
            let [length, port] = cursor.u32s()?;
            Object::EndPort(cursor.name(length)?, port)
        }
    };
    let context = read_context(cursor, shape)?;
    let has_two = matches!(object, Object::FileSystem(_) | Object::Interface(_));
    let second = if has_two { Some(read_context(cursor, shape)?) } else { None };
    Ok(ObjectContext { object, context, second })
}

pub(crate) fn read_genfs<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Vec<Genfs<'a>>, LoadError> {
    cursor.enter(Section::Genfs);
    list(cursor, 9, "file systems", |cursor| {
        let length = cursor.u32()?;
        let name = cursor.name(length)?;
        let paths = list(cursor, 21, "paths", |cursor| {
            let length = cursor.u32()?;
            let path = cursor.name(length)?;
            Ok(GenfsPath { path, class: cursor.u32()?, context: read_context(cursor, shape)? })
        })?;
        Ok(Genfs { name, paths })
    })
}

/// Source, target and range of the range transitions of a base module of version 5.
pub(crate) type OldRangeTransition<'a> = (u32, u32, ExpandedRange<'a>);

pub(crate) fn read_old_range_transitions<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<Vec<OldRangeTransition<'a>>, LoadError> {
    if !shape.base_has(Feature::Levels) || shape.has(Feature::RangeTransitions) {
        return Ok(Vec::new());
    }
    cursor.enter(Section::RangeTransitions);
    list(cursor, 28, "range transitions", |cursor| {
        let [source, target] = cursor.u32s()?;
        Ok((source, target, read_range(cursor)?))
    })
}
