//! What a record says: a denial, or a refusal that no permission stands for.

use crate::companions::Companions;
use crate::field::{Field, Fields};
use crate::reason::Unreadable;
use crate::stamp::EventTime;
use crate::text::Text;
use std::sync::Arc;

/// What [`crate::Reader`] finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An access that was denied.
    Denial(Box<Denial>),
    /// A context or a change of context that was refused (SELINUX_ERR).
    Refusal(Box<Refusal>),
    /// What looks like one of them and cannot be read.
    Unreadable(Box<Unreadable>),
}

/// An access that was denied: `avc: denied { … } for …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Who denied it.
    pub manager: Manager,
    /// The permissions that were denied, at least one, in the order of the record.
    pub permissions: Vec<Text>,
    /// The source's context, as written. The policy may not know it, and people shorten it.
    pub scontext: Text,
    /// The target's context, as written.
    pub tcontext: Text,
    /// The class.
    pub tclass: Text,
    /// Whether the access was let through all the same. Old kernels do not say; then what became of the system call tells, if
    /// anything does.
    pub permissive: Option<bool>,
    /// Everything else that the record says, and the object's path where another record of the event has it.
    pub fields: Fields,
    /// Where and when.
    pub origin: Origin,
}

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Manager {
    /// The kernel.
    Kernel,
    /// A program that asks the policy about its own objects: dbus, systemd, Android's service manager. Its file or
    /// name, where the record has it.
    Program(Option<Text>),
}

/// Where a record stood, and when its event was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The lines of the input.
    pub lines: Lines,
    /// When it happened.
    pub time: Option<EventTime>,
    /// The event's serial number.
    pub serial: Option<u64>,
    /// The host, where the record names one (`node=`, journal, syslog).
    pub node: Option<Text>,
    /// What the other records of the event say, where there are any.
    pub companions: Option<Arc<Companions>>,
}

/// Lines of the input, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lines {
    /// The first line.
    pub first: u64,
    /// The last one, which is another if the record was wrapped.
    pub last: u64,
}

/// The path of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectPath<'a> {
    /// The path, without the kernel's ` (deleted)`.
    pub path: &'a [u8],
    /// Whether the file was deleted when the access was denied.
    pub deleted: bool,
}

impl Denial {
    /// The object's path, which is a path as the denied process sees it: inside a container it is not the host's.
    pub fn path(&self) -> Option<ObjectPath<'_>> {
        self.fields.get(Field::Path).map(ObjectPath::new)
    }

    /// The command of a denied ioctl. Only the low 16 bits count. Interpreted records have a name instead of a number:
    /// that stands in `fields`.
    pub fn ioctlcmd(&self) -> Option<u32> {
        let text = self.fields.get(Field::Ioctlcmd)?.as_str()?;
        u32::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok()
    }

    /// Takes in what the other records of the event say.
    pub(crate) fn join(&mut self, companions: &Arc<Companions>) {
        if self.manager == Manager::Kernel {
            self.permissive = self.permissive.or_else(|| companions.let_through(self));
            if self.fields.get(Field::Path).is_none()
                && let Some(path) = companions.path_of(self)
            {
                self.fields.push(Field::Path, path);
            }
        }
        self.origin.companions = Some(companions.clone());
    }

    /// The command line of the process that was denied.
    pub fn command_line(&self) -> Option<&Text> {
        self.origin.companions.as_ref()?.proctitle.as_ref().filter(|_| self.manager == Manager::Kernel)
    }

    /// The program's file: the system call's record has it, except where an object manager decided.
    pub fn exe(&self) -> Option<&Text> {
        self.origin.companions.as_ref()?.syscall.get(Field::Exe)
    }

    /// The process that was denied; an object manager names it `spid`.
    pub fn pid(&self) -> Option<i64> {
        match self.manager {
            Manager::Kernel => self.fields.number(Field::Pid),
            Manager::Program(_) => self.fields.number(Field::Spid).or_else(|| self.fields.number(Field::Pid)),
        }
    }

    /// The target's context as it was stored, where the loaded policy does not know it (`trawcon`), up to the first NUL.
    pub fn target_raw_context(&self) -> Option<&[u8]> {
        self.raw_context(Field::Trawcon)
    }

    /// The source's context as it was stored (`srawcon`).
    pub fn source_raw_context(&self) -> Option<&[u8]> {
        self.raw_context(Field::Srawcon)
    }

    fn raw_context(&self, field: Field) -> Option<&[u8]> {
        // Some kernels wrote what lies behind the context in memory, too.
        self.fields.get(field)?.as_bytes().split(|&byte| byte == 0).next()
    }
}

impl<'a> ObjectPath<'a> {
    fn new(text: &'a Text) -> Self {
        let bytes = text.as_bytes();
        match bytes.strip_suffix(b" (deleted)") {
            Some(path) => ObjectPath { path, deleted: true },
            None => ObjectPath { path: bytes, deleted: false },
        }
    }
}

/// A context or a change of context that the kernel refused (`security/selinux/ss/services.c`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was refused.
    pub kind: RefusalKind,
    /// Where and when.
    pub origin: Origin,
}

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefusalKind {
    /// The context of a new process or object is not valid: role and type, user and role, or the range do not go
    /// together.
    InvalidContext {
        /// The context that came out.
        newcontext: Text,
        /// The process's context.
        scontext: Text,
        /// The context of the file or parent directory.
        tcontext: Text,
        /// The class of what was to be made.
        tclass: Text,
    },
    /// A process with no_new_privs or on a nosuid mount was to get a context that its own does not bound.
    BoundedTransition {
        /// The process's context.
        oldcontext: Text,
        /// The one it was to get.
        newcontext: Text,
    },
    /// A relabelling that a validatetrans statement forbids.
    ValidateTransition {
        /// The object's context.
        oldcontext: Text,
        /// The one it was to get.
        newcontext: Text,
        /// The context of who relabels.
        taskcontext: Text,
        /// The object's class.
        tclass: Text,
    },
    /// Permissions that rules grant and a type's bound takes away.
    Bounds {
        /// The source's context.
        scontext: Text,
        /// The target's context.
        tcontext: Text,
        /// The class.
        tclass: Text,
        /// The permissions.
        permissions: Vec<Text>,
    },
    /// A program asked for a label that is not a context of the policy (setxattr, fscreate).
    UnknownLabel {
        /// The operation, such as `setxattr`.
        operation: Text,
        /// The label.
        context: Text,
    },
}
