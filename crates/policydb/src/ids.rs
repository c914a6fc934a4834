//! Ids of symbols. In the file they are *values* that start at 1; bits of bitmaps and positions in
//! tables are *indexes* that start at 0. The step between the two stands here and nowhere else.

use std::num::NonZeroU32;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id with this value (1-based, as in the file); `None` for 0.
            pub const fn from_value(value: u32) -> Option<Self> {
                match NonZeroU32::new(value) {
                    Some(value) => Some($name(value)),
                    None => None,
                }
            }

            /// The id at this index (0-based).
            pub const fn from_index(index: u32) -> Self {
                $name(NonZeroU32::MIN.saturating_add(index))
            }

            /// The value in the file, from 1.
            pub const fn value(self) -> u32 {
                self.0.get()
            }

            /// The position in tables and bitmaps, from 0.
            pub const fn index(self) -> usize {
                self.0.get().saturating_sub(1) as usize
            }
        }
    };
}

id! {
    /// A type or an attribute: they share one id space.
    TypeId
}
id! {
    /// An object class.
    ClassId
}
id! {
    /// A boolean.
    BoolId
}
id! {
    /// A role.
    RoleId
}
id! {
    /// An SELinux user.
    UserId
}

#[cfg(test)]
mod tests {
    use super::TypeId;

    #[test]
    fn values_start_at_one_and_indexes_at_zero() {
        assert_eq!(TypeId::from_value(0), None);
        let id = TypeId::from_value(7).unwrap();
        assert_eq!((id.value(), id.index()), (7, 6));
        assert_eq!(TypeId::from_index(6), id);
    }
}
