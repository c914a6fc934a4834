//! The text of an expression, byte by byte, with the `$` that libselinux puts at its end.

/// A position in `^REGEX$`, behind the `^`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'p> {
    regex: &'p [u8],
    at: usize,
}

impl<'p> Source<'p> {
    pub(super) fn new(regex: &'p [u8]) -> Self {
        Self { regex, at: 0 }
    }

    /// The next byte, which stays. Nothing at the end.
    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    /// The byte `ahead` of the next one.
    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        let at = self.at.saturating_add(ahead);
        // The added `$` is read like any other: an expression that ends with a backslash takes it for a letter.
        let added = (at == self.regex.len()).then_some(b'$');
        self.regex.get(at).copied().or(added)
    }

    /// The next byte. Nothing at the end.
    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    /// Takes the next bytes if they are these.
    pub(super) fn eat(&mut self, bytes: &[u8]) -> bool {
        let found = bytes.iter().enumerate().all(|(ahead, byte)| self.peek_at(ahead) == Some(*byte));
        if found {
            self.at = self.at.saturating_add(bytes.len());
        }
        found
    }

    /// Was the byte just taken the `$` that was added.
    pub(super) fn is_past_the_added(&self) -> bool {
        self.at > self.regex.len()
    }

    /// Is the added `$` the next byte.
    pub(super) fn is_at_the_added(&self) -> bool {
        self.at == self.regex.len()
    }

    /// Takes bytes up to `end`, which is taken too and left out. Nothing if there is no `end`.
    pub(super) fn until(&mut self, end: u8) -> Option<Vec<u8>> {
        let mut taken = Vec::new();
        while let Some(byte) = self.next() {
            if byte == end {
                return Some(taken);
            }
            taken.push(byte);
        }
        None
    }
}
