//! The kinds of edges between types, and what each takes: a table.
//!
//! An edge goes from one type to another if all its needs are granted, for some third types where it needs such. Sources: what
//! the kernel asks of `execve` (`selinux_bprm_creds_for_exec`), `ptrace`, `connect` and `kill` in `security/selinux/hooks.c`;
//! for information, the permission map.

/// What a path is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Information: what one writes and the other reads.
    Flow,
    /// A process that becomes another domain.
    Transition,
    /// Power over what another domain does.
    Control,
}

/// All sorts, in the order in which they are shown.
pub const SORTS: [Sort; 3] = [Sort::Flow, Sort::Transition, Sort::Control];

impl Sort {
    /// A stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Sort::Flow => "flow",
            Sort::Transition => "transition",
            Sort::Control => "control",
        }
    }
}

/// Who stands on a side of a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Party {
    /// Where the edge begins.
    From,
    /// Where it ends.
    To,
    /// A type between them, one for the whole edge.
    Between,
    /// Any other type, one for the whole edge.
    Other,
}

/// What must be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// One of some permissions of one of some classes.
    AnyOf(&'static [(&'static str, &'static [&'static str])]),
    /// A permission by which the source reads, by the permission map.
    Read,
    /// A permission by which the source writes, by the permission map.
    Write,
}

/// One thing that an edge needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    pub(super) source: Party,
    pub(super) target: Party,
    pub(super) what: What,
}

/// A kind of edge.
#[derive(Debug)]
pub struct Kind {
    /// A stable name.
    pub id: &'static str,
    /// What it does, as a verb between the two types.
    pub verb: &'static str,
    /// The sort that it belongs to.
    pub sort: Sort,
    pub(super) needs: &'static [Need],
    /// Whether the domain must follow by a `type_transition`, unless the source may choose it (`setexec`).
    pub(super) entered: bool,
}

const fn need(source: Party, target: Party, what: What) -> Need {
    Need { source, target, what }
}

const EXECUTE: What = What::AnyOf(&[("file", &["execute"])]);
const WRITE_FILE: What = What::AnyOf(&[("file", &["write", "append"])]);
/// What a domain may set to choose the domain of what it executes.
pub(super) const SET_EXEC: What = What::AnyOf(&[("process", &["setexec"])]);

/// All kinds, the most telling of a sort first.
pub const KINDS: &[Kind] = &[
    Kind {
        id: "write",
        verb: "writes to",
        sort: Sort::Flow,
        needs: &[need(Party::From, Party::To, What::Write)],
        entered: false,
    },
    Kind {
        id: "read",
        verb: "is read by",
        sort: Sort::Flow,
        needs: &[need(Party::To, Party::From, What::Read)],
        entered: false,
    },
    Kind {
        id: "transition",
        verb: "becomes, by executing a program,",
        sort: Sort::Transition,
        needs: &[
            need(Party::From, Party::To, What::AnyOf(&[("process", &["transition"])])),
            need(Party::From, Party::Between, EXECUTE),
            need(Party::To, Party::Between, What::AnyOf(&[("file", &["entrypoint"])])),
        ],
        entered: true,
    },
    Kind {
        id: "dyntransition",
        verb: "becomes, at will,",
        sort: Sort::Transition,
        needs: &[
            need(Party::From, Party::To, What::AnyOf(&[("process", &["dyntransition"])])),
            need(Party::From, Party::From, What::AnyOf(&[("process", &["setcurrent"])])),
        ],
        entered: false,
    },
    Kind {
        id: "ptrace",
        verb: "traces",
        sort: Sort::Control,
        needs: &[need(Party::From, Party::To, What::AnyOf(&[("process", &["ptrace"])]))],
        entered: false,
    },
    Kind {
        id: "program",
        verb: "writes a program or library that is executed by",
        sort: Sort::Control,
        needs: &[need(Party::From, Party::Between, WRITE_FILE), need(Party::To, Party::Between, EXECUTE)],
        entered: false,
    },
    Kind {
        id: "relabel",
        verb: "relabels what it wrote to what is executed by",
        sort: Sort::Control,
        needs: &[
            need(Party::From, Party::Between, What::AnyOf(&[("file", &["relabelto"])])),
            need(Party::To, Party::Between, EXECUTE),
            need(Party::From, Party::Other, What::AnyOf(&[("file", &["relabelfrom"])])),
            need(Party::From, Party::Other, WRITE_FILE),
        ],
        entered: false,
    },
    Kind {
        id: "connect",
        verb: "connects to sockets of",
        sort: Sort::Control,
        needs: &[need(
            Party::From,
            Party::To,
            What::AnyOf(&[("unix_stream_socket", &["connectto"]), ("unix_dgram_socket", &["sendto"])]),
        )],
        entered: false,
    },
    Kind {
        id: "signal",
        verb: "signals",
        sort: Sort::Control,
        needs: &[need(
            Party::From,
            Party::To,
            What::AnyOf(&[("process", &["sigkill", "sigstop", "signal"])]),
        )],
        entered: false,
    },
];

impl Kind {
    /// The need that is about two parties, whichever of them is its source.
    pub(super) fn need_about(&self, one: Party, other: Party) -> Option<&'static Need> {
        self.needs.iter().find(|need| {
            (need.source, need.target) == (one, other) || (need.source, need.target) == (other, one)
        })
    }

    /// Whether an edge takes more than one need, or two that are joined by a type between, can tell.
    pub(super) fn takes_more(&self) -> bool {
        self.entered
            || self.needs.iter().any(|need| need.target == Party::Other || need.source == need.target)
    }

    /// Whether paths of a sort may have edges of this kind.
    pub fn is_of(&self, sort: Sort) -> bool {
        // Who becomes a domain has power over what it does.
        self.sort == sort || (sort == Sort::Control && self.sort == Sort::Transition)
    }
}
