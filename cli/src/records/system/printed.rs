//! What the kernel itself prints into its log, in the journal and in syslogs as well: with what it begins, and that it left out records.
//!
//! A program's name, which anybody chooses, stands in some of the kernel's lines (a crash is logged with it), and has fifteen bytes at
//! most: so what is looked for is longer than that. Source: `linux_banner` in `init/version.c`; `kauditd_printk_skb` and
//! `audit_log_lost` in `kernel/audit.c`.

/// What is said of a log in which the kernel says that it left records out.
pub(super) const LOSS: &str = "the kernel says that it left records out";

/// Whether a text is what the kernel says first of all: its version, with two numbers.
pub(super) fn is_first(text: &[u8]) -> bool {
    let Some(version) = behind_clock(text).strip_prefix(b"Linux version ") else { return false };
    let digits = version.iter().take_while(|byte| byte.is_ascii_digit()).count();
    matches!(version.get(digits..), Some([b'.', b'0'..=b'9', ..])) && digits > 0
}

/// Whether the kernel says that it left records out.
pub(super) fn is_loss(text: &[u8]) -> bool {
    let text = behind_clock(text);
    text.starts_with(b"audit: audit_lost=")
        || (text.starts_with(b"kauditd_printk_skb: ")
            && text.trim_ascii_end().ends_with(b"callbacks suppressed"))
}

/// A text without `[   12.345] ` before it.
fn behind_clock(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let Some(rest) = text.strip_prefix(b"[") else { return text };
    let clock = rest.iter().position(|byte| *byte == b']').filter(|at| {
        rest.get(..*at).is_some_and(|clock| clock.iter().all(|byte| b" .0123456789".contains(byte)))
    });
    let behind = clock.and_then(|at| rest.get(at.saturating_add(1)..));
    behind.unwrap_or(text).trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_told_from_names_in_it() {
        for first in ["Linux version 6.1.0 (x)", "[    0.000000] Linux version 5.14.0-503"] {
            assert!(is_first(first.as_bytes()), "{first}");
        }
        for other in
            ["Linux version 6[77]: segfault at 0", "x Linux version 6.1", "[ a ] Linux version 6.1", ""]
        {
            assert!(!is_first(other.as_bytes()), "{other}");
        }
        assert!(is_loss(b"[ 7.1] kauditd_printk_skb: 38 callbacks suppressed\n"));
        assert!(is_loss(b"audit: audit_lost=38 audit_rate_limit=0 audit_backlog_limit=64"));
        assert!(
            !is_loss(b"net_ratelimit: 38 callbacks suppressed") && !is_loss(b"audit: backlog limit exceeded")
        );
    }
}
