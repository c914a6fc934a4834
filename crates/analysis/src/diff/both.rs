//! Two policies side by side: which of them, and a value for each.

/// One of the two policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// The one compared with.
    Old,
    /// The one that replaces it.
    New,
}

impl Which {
    /// Both, the older first.
    pub const BOTH: [Which; 2] = [Which::Old, Which::New];

    /// The other one.
    pub const fn other(self) -> Which {
        match self {
            Which::Old => Which::New,
            Which::New => Which::Old,
        }
    }
}

/// A value for each of the two policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Both<T> {
    /// Of the older one.
    pub old: T,
    /// Of the newer one.
    pub new: T,
}

impl<T> Both<T> {
    /// The value for each.
    pub fn of(mut make: impl FnMut(Which) -> T) -> Self {
        Both { old: make(Which::Old), new: make(Which::New) }
    }

    /// The value of one.
    pub const fn get(&self, which: Which) -> &T {
        match which {
            Which::Old => &self.old,
            Which::New => &self.new,
        }
    }

    /// The value of one, to be changed.
    pub fn get_mut(&mut self, which: Which) -> &mut T {
        match which {
            Which::Old => &mut self.old,
            Which::New => &mut self.new,
        }
    }
}
