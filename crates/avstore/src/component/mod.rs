//! What a policy declares, other than rules: symbols, constraints, defaults and labels.
//!
//! [`ComponentKind`] names the kinds as policy language and SETools do; [`components`] walks one kind in the order of
//! the file; [`ComponentWriter`] writes the statement that declares a component.

mod kind;
mod labels;
mod names;
mod statement;
mod walk;

use policydb::{
    BoolId, Class, ClassId, Common, Constraint, GenfsPath, Name, ObjectContext, Role, TypeId, User,
};

pub use kind::ComponentKind;
pub use labels::{context_bytes, context_text, labelled_bytes, object_text};
pub use names::{capability_name, initial_sid_name, protocol_name};
pub use statement::{ComponentWriter, shown_name};
pub use walk::components;

/// Something that a policy declares.
#[derive(Clone, Debug)]
pub enum Component<'p> {
    /// A type.
    Type(TypeId),
    /// An attribute; without a symbol before version 24.
    Attribute(TypeId),
    /// Another name of a type.
    Alias(Name<'p>, TypeId),
    /// A role.
    Role(Role<'p>),
    /// An SELinux user.
    User(User<'p>),
    /// An object class.
    Class(Box<Class<'p>>),
    /// Permissions that classes inherit.
    Common(Common<'p>),
    /// A permission, of whatever classes.
    Permission(Name<'p>),
    /// A boolean.
    Boolean(BoolId),
    /// A conditional: its position.
    Conditional(usize),
    /// A sensitivity, by its value.
    Sensitivity(u32),
    /// A category, by its value.
    Category(u32),
    /// A constraint of any of the four kinds.
    Constraint(ConstraintOf<'p>),
    /// A type (second) that has never more than another (first).
    TypeBounds(TypeId, TypeId),
    /// A role that is bounded: its name, and the one that bounds it.
    RoleBounds(Name<'p>, Name<'p>),
    /// A user that is bounded, likewise.
    UserBounds(Name<'p>, Name<'p>),
    /// A permissive type.
    Permissive(TypeId),
    /// A type whose denials are never audited.
    NeverAudit(TypeId),
    /// A policy capability, by its number.
    Capability(u32),
    /// The label of an object that has no other.
    Label(Box<ObjectContext<'p>>),
    /// A `genfscon`: the file system and the path.
    Genfs(Name<'p>, Box<GenfsPath<'p>>),
    /// Where new objects of a class have a field of their context from.
    Default(Default<'p>),
}

/// A constraint and what it constrains.
#[derive(Clone, Debug)]
pub struct ConstraintOf<'p> {
    /// Which of the four kinds.
    pub kind: ComponentKind,
    /// The class.
    pub class: ClassId,
    /// The permissions (0 for `validatetrans`) and the expression.
    pub constraint: Constraint<'p>,
}

/// A `default_user`, `default_role`, `default_type` or `default_range` statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Default<'p> {
    /// The keyword.
    pub keyword: &'static str,
    /// The class.
    pub class: Name<'p>,
    /// What it says behind the class: `source`, `target low`, `glblub`, ….
    pub from: &'static str,
}
