//! `contexts/customizable_types`: the types that a plain `restorecon` leaves on files, because somebody chose them.
//!
//! Source: libselinux `is_customizable_type.c` and `selinux_restorecon.c`. One type a line, compared as it stands: a blank
//! behind a type makes it another one, and `#` begins no comment.

use std::collections::HashSet;

/// The customizable types of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomizableTypes {
    types: HashSet<String>,
}

impl CustomizableTypes {
    /// The types in a file. Linear. Never panics; what is not UTF-8 can be no type and is left out.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> CustomizableTypes {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let types = lines.filter_map(|line| std::str::from_utf8(line).ok()).map(str::to_owned).collect();
        CustomizableTypes { types }
    }

    /// Is a type customizable. O(1).
    #[must_use]
    pub fn is_customizable(&self, type_name: &str) -> bool {
        self.types.contains(type_name)
    }

    /// All of them, in alphabetical order.
    #[must_use]
    pub fn types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = self.types.iter().map(String::as_str).collect();
        types.sort_unstable();
        types
    }
}

#[cfg(test)]
mod tests {
    use super::CustomizableTypes;

    #[test]
    fn one_type_a_line_as_it_stands() {
        let types = CustomizableTypes::parse(b"container_file_t\n\nswapfile_t \n\xff_t\nlast_t");
        assert!(types.is_customizable("container_file_t"));
        assert!(types.is_customizable("last_t"));
        assert!(!types.is_customizable("swapfile_t"));
        assert!(!types.is_customizable(""));
        assert_eq!(types.types(), ["container_file_t", "last_t", "swapfile_t "]);
    }
}
