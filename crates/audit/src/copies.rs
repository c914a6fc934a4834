//! Records that a log has twice, because they came to it by two ways.
//!
//! The kernel sends its audit records to all who listen, and where no audit daemon takes them prints them as well
//! (`kauditd_printk_skb` and `kauditd_send_multicast_skb` in `kernel/audit.c`): journald listens and reads what is
//! printed, so its journal has such a record of the programs `audit` and `kernel`. A syslog may have it of `kernel` and of a
//! plugin of auditd. An event's stamp is the same in both; who wrote it down first counts, and the others' are copies.

use crate::events::Key;
use std::collections::{HashMap, VecDeque};

/// Events that are remembered: the two ways are not read at the same time.
const MOST: usize = 1024;

/// Which program an event was first written down by.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    /// A hash of the program's name.
    first: HashMap<Key, u64>,
    order: VecDeque<Key>,
}

impl Writers {
    /// Whether a record is a copy: its event is known from another program. If the event is not known, it is from now on.
    pub(crate) fn is_copy(&mut self, key: Key, program: u64) -> bool {
        if let Some(&first) = self.first.get(&key) {
            return first != program;
        }
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.first.remove(&oldest);
        }
        self.order.push_back(key);
        self.first.insert(key, program);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::MomentKey;

    #[test]
    fn who_writes_first_counts_and_memory_is_bounded() {
        let key = |serial: u64| Key { node: 0, moment: MomentKey::Millis(1), serial };
        let mut writers = Writers::default();
        for serial in 0..5000 {
            assert!(!writers.is_copy(key(serial), 1));
            assert!(writers.is_copy(key(serial), 2));
            assert!(!writers.is_copy(key(serial), 1));
        }
        assert_eq!((writers.first.len(), writers.order.len()), (MOST, MOST));
        assert!(!writers.is_copy(key(0), 2), "long forgotten");
    }
}
