//! What a type of files is for, as attributes and the ends of names say it: content may be put under a label for content, and
//! never under one for programs, keys, sockets or what lives only while a service runs.
//!
//! Attributes are those of the reference policy and Fedora's, names follow the reference policy's conventions. A table, not
//! an authority: it only orders what the policy would allow, and leaves out what nobody should be told to do.

use avstore::Store;
use policydb::TypeId;

use crate::names::has_attribute;

/// What a type of files is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// What a service serves.
    Content,
    /// What it keeps.
    State,
    /// Nothing that the name tells.
    Other,
    /// What it is told to do.
    Configuration,
    /// What it writes for people to read.
    Log,
    /// Sockets, locks and identifiers of processes, while it runs.
    Runtime,
    /// What may vanish.
    Temporary,
    /// Programs.
    Program,
    /// Keys, and what starts services.
    Guarded,
}

/// Attributes, the first that a type has decides.
const ATTRIBUTES: [(&[u8], Purpose); 11] = [
    (b"security_file_type", Purpose::Guarded),
    (b"systemd_unit_file_type", Purpose::Guarded),
    (b"init_script_file_type", Purpose::Guarded),
    (b"exec_type", Purpose::Program),
    (b"entry_type", Purpose::Program),
    (b"pidfile", Purpose::Runtime),
    (b"lockfile", Purpose::Runtime),
    (b"tmpfsfile", Purpose::Temporary),
    (b"tmpfile", Purpose::Temporary),
    (b"logfile", Purpose::Log),
    (b"configfile", Purpose::Configuration),
];
/// Ends of names, the first that fits decides.
const ENDINGS: [(&str, Purpose); 27] = [
    ("_exec_t", Purpose::Program),
    ("_script_t", Purpose::Program),
    ("_unit_t", Purpose::Guarded),
    ("_unit_file_t", Purpose::Guarded),
    ("_keytab_t", Purpose::Guarded),
    ("_key_t", Purpose::Guarded),
    ("_cert_t", Purpose::Guarded),
    ("_passwd_t", Purpose::Guarded),
    ("_var_run_t", Purpose::Runtime),
    ("_runtime_t", Purpose::Runtime),
    ("_lock_t", Purpose::Runtime),
    ("_tmp_t", Purpose::Temporary),
    ("_tmpfs_t", Purpose::Temporary),
    ("_devpts_t", Purpose::Runtime),
    ("_cache_t", Purpose::Temporary),
    ("_log_t", Purpose::Log),
    ("_etc_t", Purpose::Configuration),
    ("_conf_t", Purpose::Configuration),
    ("_config_t", Purpose::Configuration),
    ("_content_t", Purpose::Content),
    ("_data_t", Purpose::State),
    ("_db_t", Purpose::State),
    ("_var_lib_t", Purpose::State),
    ("_state_t", Purpose::State),
    ("_spool_t", Purpose::State),
    ("_home_t", Purpose::State),
    ("_file_t", Purpose::Content),
];

impl Purpose {
    /// What a type is for.
    pub(super) fn of(store: &Store<'_>, id: TypeId) -> Self {
        let by_attribute = ATTRIBUTES.iter().find(|(name, _)| has_attribute(store, id, name));
        let name = store.type_name(id).to_string();
        let by_ending =
            || ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, purpose)| *purpose);
        by_attribute.map(|(_, purpose)| *purpose).or_else(by_ending).unwrap_or(Purpose::Other)
    }

    /// Whether files that somebody put somewhere may get such a label, to be used so.
    pub(super) const fn is_for_files(self, programs: bool) -> bool {
        match self {
            Purpose::Content | Purpose::State | Purpose::Other | Purpose::Configuration | Purpose::Log => {
                true
            }
            Purpose::Program => programs,
            Purpose::Runtime | Purpose::Temporary | Purpose::Guarded => false,
        }
    }
}
