//! Numbers as Python's `int(text, base)` reads them, and strings as its `repr` shows them.

/// A hexadecimal number of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HexNumber {
    negative: bool,
    /// Lower case, without leading zeros.
    digits: String,
}

impl HexNumber {
    /// Reads a number: blanks around it, a sign, `0x`, and single underscores between digits are allowed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = sign_and_digits(text, 16)?;
        Some(HexNumber { negative: negative && !digits.is_empty(), digits })
    }

    /// The value, if it has 16 bits.
    pub(crate) fn as_u16(&self) -> Option<u16> {
        match self.digits.as_str() {
            "" => Some(0),
            digits if !self.negative => u16::from_str_radix(digits, 16).ok(),
            _ => None,
        }
    }

    /// The number as `{:#07x}` formats it.
    pub(crate) fn padded(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let width = if self.negative { 4 } else { 5 };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        format!("{sign}0x{digits:0>width$}")
    }
}

/// A number that is not negative, of base 10 or 16; what has more than 128 bits is the largest that has.
pub(crate) fn natural(text: &str, radix: u32) -> Option<u128> {
    let (negative, digits) = sign_and_digits(text, radix)?;
    match digits.as_str() {
        "" => Some(0),
        _ if negative => None,
        digits => Some(u128::from_str_radix(digits, radix).unwrap_or(u128::MAX)),
    }
}

/// A number of base 10; what has more than 127 bits is the smallest or largest that has.
pub(crate) fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = sign_and_digits(text, 10)?;
    let magnitude = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(i128::MAX) };
    Some(if negative { -magnitude } else { magnitude })
}

/// Whether there is a minus, and the digits in lower case, without leading zeros.
fn sign_and_digits(text: &str, radix: u32) -> Option<(bool, String)> {
    let trimmed = text.trim();
    let (negative, unsigned) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let prefixed =
        unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")).filter(|_| radix == 16);
    // An underscore may follow the prefix as it may follow a digit.
    let body = prefixed.map(|body| body.strip_prefix('_').unwrap_or(body)).unwrap_or(unsigned);
    let mut digits = String::with_capacity(body.len());
    for group in body.split('_') {
        if group.is_empty() || !group.chars().all(|c| c.is_digit(radix)) {
            return None;
        }
        digits.push_str(group);
    }
    Some((negative, digits.trim_start_matches('0').to_ascii_lowercase()))
}

/// A string as Python's `repr` shows it, for the characters that people type.
pub(crate) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c == quote => shown.extend(['\\', c]),
            c if c.is_control() && (c as u32) < 0x100 => shown.push_str(&format!("\\x{:02x}", c as u32)),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        let value = |text: &str| HexNumber::parse(text).and_then(|number| number.as_u16());
        assert_eq!(
            [value("0x5401"), value(" 5401\n"), value("+54_01"), value("0x_1")].map(Option::unwrap),
            [0x5401, 0x5401, 0x5401, 1]
        );
        for bad in ["", "zz", "0x", "_1", "1_", "1__0", "0x 1", "--1"] {
            assert_eq!(HexNumber::parse(bad), None, "{bad}");
        }
        assert_eq!(HexNumber::parse("10000").unwrap().padded(), "0x10000");
        assert_eq!(HexNumber::parse("-1").unwrap().padded(), "-0x0001");
        assert_eq!(value("10000"), None);
    }

    #[test]
    fn naturals_have_two_bases() {
        assert_eq!(natural(" +8_0 ", 10), Some(80));
        assert_eq!(natural("0x1f", 16), Some(31));
        assert_eq!(natural("-0", 10), Some(0));
        assert_eq!(natural(&"9".repeat(50), 10), Some(u128::MAX));
        for bad in ["0x1f", "", "-1", "1f", "8__0"] {
            assert_eq!(natural(bad, 10), None, "{bad}");
        }
    }

    #[test]
    fn integers_have_a_sign_and_any_size() {
        assert_eq!([" 3 ", "-1_0", "+0", "007"].map(integer), [Some(3), Some(-10), Some(0), Some(7)]);
        assert_eq!(integer(&format!("-{}", "9".repeat(50))), Some(-i128::MAX));
        assert_eq!(["", "x", "1.0", "0x1", "1_"].map(integer), [None; 5]);
    }

    #[test]
    fn repr_quotes_as_python_does() {
        assert_eq!(repr("zz"), "'zz'");
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("'\""), "'\\'\"'");
        assert_eq!(repr("a\\b\n\x1b"), "'a\\\\b\\n\\x1b'");
    }
}
