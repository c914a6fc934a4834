//! The fields of records that mean something here, by name, and a list of them with their values.
//!
//! Names are those of the kernel's `security/lsm_audit.c` and `kernel/auditsc.c`, of dbus, of systemd's
//! `selinux-access.c`, and of Android's service and property managers.

use crate::text::Text;

/// How the value of a field is written where it is not quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// To the next blank, as it is: numbers, addresses, contexts.
    Word,
    /// A context, which is a word that holds colons.
    Context,
    /// To the next blank, and hexadecimal if need be.
    Encoded,
    /// To the next known field, as it is: what `ausearch -i` makes of a number.
    Phrase,
    /// Encoded if need be, and to the next known field, because `ausearch -i` writes names with blanks plain.
    Name,
}

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $value:ident;)*) => {
        /// A field of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Field {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// The field's name in records.
            pub const fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            pub(crate) const fn value(self) -> Value {
                match self { $(Field::$variant => Value::$value,)* }
            }
        }
    };
}

fields! {
    /// The source's context.
    Scontext = "scontext", Context;
    /// The source's context, as some write it.
    Context = "context", Context;
    /// The target's context.
    Tcontext = "tcontext", Context;
    /// The class of the target.
    Tclass = "tclass", Word;
    /// Whether the access was let through all the same.
    Permissive = "permissive", Word;
    /// The source's context as it was before the policy took its meaning.
    Srawcon = "srawcon", Encoded;
    /// The target's context as it was before the policy took its meaning.
    Trawcon = "trawcon", Encoded;
    /// The number of the source's context, where the kernel had no text for it.
    Ssid = "ssid", Word;
    /// The number of the target's context, where the kernel had no text for it.
    Tsid = "tsid", Word;
    /// The process that was denied.
    Pid = "pid", Word;
    /// Its name, at most 15 bytes.
    Comm = "comm", Name;
    /// The program's file; in a record of an object manager, that manager's.
    Exe = "exe", Name;
    /// The last part of the object's path.
    Name = "name", Name;
    /// The object's path, in the process's own view of the file system.
    Path = "path", Name;
    /// The device that the object is on.
    Dev = "dev", Word;
    /// The object's inode.
    Ino = "ino", Word;
    /// The source port of a packet, or the port that is bound.
    Src = "src", Word;
    /// The destination port; the destination of a message on a bus.
    Dest = "dest", Word;
    /// The source address.
    Saddr = "saddr", Word;
    /// The destination address.
    Daddr = "daddr", Word;
    /// The local address.
    Laddr = "laddr", Word;
    /// The local port.
    Lport = "lport", Word;
    /// The foreign address.
    Faddr = "faddr", Word;
    /// The foreign port.
    Fport = "fport", Word;
    /// The network interface.
    Netif = "netif", Word;
    /// The capability: a number, interpreted its name.
    Capability = "capability", Word;
    /// The key of an IPC object or a key ring.
    Key = "key", Word;
    /// The command of an ioctl.
    Ioctlcmd = "ioctlcmd", Word;
    /// The type of a netlink message.
    NlmsgType = "nlmsg_type", Word;
    /// The kernel module that is asked for.
    Kmod = "kmod", Name;
    /// The class of an anonymous inode.
    Anonclass = "anonclass", Encoded;
    /// What lockdown refused.
    LockdownReason = "lockdown_reason", Phrase;
    /// The InfiniBand partition key.
    Pkey = "pkey", Word;
    /// A message's kind on a bus.
    Msgtype = "msgtype", Word;
    /// A message's interface.
    Interface = "interface", Word;
    /// A message's member.
    Member = "member", Word;
    /// The process that sends.
    Spid = "spid", Word;
    /// The process that is sent to.
    Tpid = "tpid", Word;
    /// The command line of who asks systemd.
    Cmdline = "cmdline", Name;
    /// The function in which systemd asks.
    Function = "function", Word;
    /// The service of a bus or of Android that is asked for.
    Service = "service", Word;
    /// Android's property.
    Property = "property", Word;
    /// The user of the object manager.
    Sauid = "sauid", Word;
    /// The user who logged in.
    Auid = "auid", Word;
    /// The user.
    Uid = "uid", Word;
    /// The group.
    Gid = "gid", Word;
    /// The session.
    Ses = "ses", Word;
    /// The context of the process that wrote or made the record.
    Subj = "subj", Word;
    /// The host of a user's session.
    Hostname = "hostname", Word;
    /// The address of a user's session.
    Addr = "addr", Word;
    /// The terminal.
    Terminal = "terminal", Word;
    /// The terminal of a process.
    Tty = "tty", Word;
    /// What an object manager says.
    Msg = "msg", Word;
    /// The operation of a refusal.
    Op = "op", Word;
    /// Its result.
    Seresult = "seresult", Word;
    /// Why permissions were taken away.
    Reason = "reason", Word;
    /// Which permissions were taken away.
    Perms = "perms", Word;
    /// The context before a change.
    Oldcontext = "oldcontext", Word;
    /// The context after a change.
    Newcontext = "newcontext", Word;
    /// The context of who changes it.
    Taskcontext = "taskcontext", Word;
    /// A context that the policy does not allow.
    InvalidContext = "invalid_context", Encoded;
    /// The machine's architecture.
    Arch = "arch", Word;
    /// The system call: a number, interpreted its name.
    Syscall = "syscall", Word;
    /// Whether it succeeded.
    Success = "success", Word;
    /// What it returned.
    Exit = "exit", Phrase;
    /// Its first argument.
    A0 = "a0", Word;
    /// Its second argument.
    A1 = "a1", Word;
    /// Its third argument.
    A2 = "a2", Word;
    /// Its fourth argument.
    A3 = "a3", Word;
    /// How many paths the event has.
    Items = "items", Word;
    /// The parent process.
    Ppid = "ppid", Word;
    /// The number of a path within the event.
    Item = "item", Word;
    /// A path's inode.
    Inode = "inode", Word;
    /// A path's mode.
    Mode = "mode", Word;
    /// The user who owns a path.
    Ouid = "ouid", Word;
    /// The group that owns a path.
    Ogid = "ogid", Word;
    /// A path's device number.
    Rdev = "rdev", Word;
    /// A path's context.
    Obj = "obj", Word;
    /// What the system call did with a path: NORMAL, PARENT, CREATE, DELETE.
    Nametype = "nametype", Word;
    /// The working directory.
    Cwd = "cwd", Name;
    /// The command line.
    Proctitle = "proctitle", Name;
}

/// Slots of the table of names, a power of two and three times as many as there are fields.
const N_SLOTS: usize = 256;

/// The fields by `slot` of their name, each in the next free slot; built when this is compiled.
static TABLE: [Option<Field>; N_SLOTS] = table();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "computed by the compiler, over a fixed list"
)]
const fn table() -> [Option<Field>; N_SLOTS] {
    let mut table = [None; N_SLOTS];
    let mut i = 0;
    while i < Field::ALL.len() {
        let name = Field::ALL[i].name().as_bytes();
        let mut at = slot(name.len(), name[0], name[name.len() - 1]);
        while table[at].is_some() {
            at = (at + 1) % N_SLOTS;
        }
        table[at] = Some(Field::ALL[i]);
        i += 1;
    }
    table
}

const fn slot(length: usize, first: u8, last: u8) -> usize {
    (length.wrapping_mul(37)).wrapping_add((first as usize).wrapping_mul(11)).wrapping_add(last as usize)
        % N_SLOTS
}

impl Field {
    /// The field of a name.
    pub fn by_name(name: &[u8]) -> Option<Field> {
        let mut at = slot(name.len(), *name.first()?, *name.last()?);
        while let Some(field) = TABLE.get(at).copied().flatten() {
            if field.name().as_bytes() == name {
                return Some(field);
            }
            at = at.wrapping_add(1) % N_SLOTS;
        }
        None
    }
}

/// Fields and their values, in the order of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Field, Text)>);

impl Fields {
    /// The first value of a field: what comes later in a record may have been written by whoever chose a name.
    pub fn get(&self, field: Field) -> Option<&Text> {
        self.0.iter().find(|(known, _)| *known == field).map(|(_, text)| text)
    }

    /// The value of a field that is a decimal number.
    pub fn number(&self, field: Field) -> Option<i64> {
        self.get(field)?.as_str()?.parse().ok()
    }

    /// All fields with their values.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Text)> {
        self.0.iter().map(|(field, text)| (*field, text))
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn with_capacity(n: usize) -> Self {
        Fields(Vec::with_capacity(n))
    }

    pub(crate) fn push(&mut self, field: Field, text: Text) {
        self.0.push((field, text));
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Fields, TABLE};
    use crate::text::Text;

    #[test]
    fn every_field_is_found_by_its_name_and_nothing_else_is() {
        for &field in Field::ALL {
            assert_eq!(Field::by_name(field.name().as_bytes()), Some(field));
        }
        for other in ["", "x", "scontexts", "SCONTEXT", "command", "ino ", "tclas"] {
            assert_eq!(Field::by_name(other.as_bytes()), None, "{other}");
        }
        assert!(TABLE.iter().filter(|slot| slot.is_none()).count() > Field::ALL.len());
    }

    #[test]
    fn the_first_value_counts() {
        let mut fields = Fields::default();
        fields.push(Field::Pid, Text::from("12"));
        fields.push(Field::Pid, Text::from("13"));
        assert_eq!(fields.number(Field::Pid), Some(12));
        assert_eq!(fields.number(Field::Ino), None);
    }
}
