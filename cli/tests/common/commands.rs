//! A question for each command that finds something, one that finds nothing, and one that cannot be asked; and
//! further ones, after which every form of JSON has been seen whole. Paths are seen from the root of the repository.

use super::{Answer, sepolq, testdata, words};

/// A command, and how it answers.
pub(crate) struct Asked {
    pub(crate) command: &'static str,
    /// Exit status 0; empty where a command never has it.
    pub(crate) found: &'static str,
    /// Exit status 1; empty likewise.
    pub(crate) nothing: &'static str,
    /// Exit status 2.
    pub(crate) wrong: &'static str,
    /// The form of its JSON; empty where it has none.
    pub(crate) schema: &'static str,
}

/// A search for rules of one kind.
macro_rules! rules {
    ($command:literal) => {
        Asked {
            command: $command,
            found: concat!("--demo ", $command),
            nothing: concat!("--demo ", $command, " -s /^zz/"),
            wrong: concat!("--demo ", $command, " -s nosuch_t"),
            schema: "sepolq.rules/1",
        }
    };
}

/// All commands, in the order of `sepolq --help`.
pub(crate) const COMMANDS: &[Asked] = &[
    Asked {
        command: "explain",
        found: "--demo explain 'avc: denied { read } for scontext=system_u:system_r:container_t:s0:c1,c2 tcontext=system_u:object_r:var_t:s0 tclass=file'",
        nothing: "--demo explain LICENSE-MIT",
        wrong: "--demo explain /no/such/log",
        schema: "sepolq.explain/1",
    },
    Asked {
        command: "mount",
        found: "--demo mount -- podman run -v /srv/data:/data:Z nginx",
        nothing: "--demo mount -- podman run -v /srv/data:/data nginx",
        wrong: "--demo mount -- podman run nginx",
        schema: "sepolq.mount/1",
    },
    Asked {
        command: "label",
        found: "--demo label /var/www/html",
        nothing: "--demo label /tmp/no-such-file",
        wrong: "-P /no/such/policy label /var",
        schema: "sepolq.path_label/1",
    },
    Asked {
        command: "reach",
        found: "--demo reach container_t",
        nothing: "--demo reach container_t shadow_t --only transition",
        wrong: "--demo reach nosuch_t",
        schema: "sepolq.reach/1",
    },
    Asked {
        command: "breakout",
        found: "--demo breakout container_t --only engine-socket",
        nothing: "--demo breakout spc_t --only engine-socket",
        wrong: "--demo breakout container_t --only nosuch",
        schema: "sepolq.breakout/1",
    },
    Asked {
        command: "diff",
        found: "diff testdata/demo/demo.33 testdata/demo/demo.33",
        nothing: "diff testdata/demo/demo-older.33 testdata/demo/demo.33",
        wrong: "diff testdata/demo/demo.33 /no/such/policy",
        schema: "sepolq.diff/1",
    },
    Asked {
        command: "modules",
        found: "modules testdata/modules/boxes-1.pp",
        nothing: "modules testdata/modules/boxes-1.pp --failing",
        wrong: "modules testdata/demo/demo.33",
        schema: "sepolq.modules/1",
    },
    // What it says of healthy systems, and its JSON, is asked of false systems in `status.rs`.
    Asked {
        command: "status",
        found: "",
        nothing: "status --root testdata",
        wrong: "status --root /no/such/system",
        schema: "",
    },
    Asked {
        command: "can",
        found: "--demo can container_t:s0:c1,c2 container_file_t:s0:c1,c2 file read",
        nothing: "--demo can container_t:s0:c1,c2 container_file_t:s0:c3,c4 file read",
        wrong: "--demo can container_t container_file_t nosuch read",
        schema: "sepolq.access/1",
    },
    Asked {
        command: "who-can",
        found: "--demo who-can shadow_t file read",
        nothing: "--demo who-can shadow_t file entrypoint",
        wrong: "--demo who-can nosuch_t file read",
        schema: "sepolq.who-can/1",
    },
    Asked {
        command: "new-label",
        found: "--demo new-label container_runtime_t var_run_t sock_file docker.sock",
        nothing: "--demo new-label staff_u:staff_r:container_runtime_t:s0 system_u:object_r:container_ro_file_t:s0 process",
        wrong: "--demo new-label nosuch_t var_run_t sock_file",
        schema: "sepolq.label/1",
    },
    Asked {
        command: "context",
        found: "--demo context system_u:system_r:container_t:s0",
        nothing: "--demo context user_u:user_r:spc_t:s0",
        wrong: "--demo context nosuch_u:system_r:container_t:s0",
        schema: "sepolq.context/1",
    },
    Asked {
        command: "info",
        found: "--demo info",
        nothing: "",
        wrong: "-P /no/such/policy info",
        schema: "sepolq.info/1",
    },
    Asked {
        command: "list",
        found: "--demo list types",
        nothing: "--demo list types /^zz/",
        wrong: "--demo list nosuch",
        schema: "sepolq.list/1",
    },
    Asked {
        command: "show",
        found: "--demo show http_port_t",
        nothing: "--demo show container_connect_any --for container_t",
        wrong: "--demo show nosuch",
        schema: "sepolq.show/1",
    },
    rules!("allow"),
    rules!("auditallow"),
    rules!("dontaudit"),
    rules!("allowxperm"),
    rules!("auditallowxperm"),
    rules!("dontauditxperm"),
    rules!("type_transition"),
    rules!("type_change"),
    rules!("type_member"),
    rules!("role_allow"),
    rules!("role_transition"),
    rules!("range_transition"),
    Asked {
        command: "neverallow",
        found: "",
        nothing: "--demo neverallow",
        wrong: "-P /no/such/policy neverallow",
        schema: "sepolq.rules/1",
    },
    rules!("search"),
    Asked {
        command: "completions",
        found: "completions bash",
        nothing: "",
        wrong: "completions nosuch",
        schema: "",
    },
    Asked { command: "man", found: "man", nothing: "", wrong: "man nosuch", schema: "" },
    Asked { command: "help", found: "help", nothing: "", wrong: "help nosuch", schema: "" },
];

/// The drop-ins, each with something that it prints.
pub(crate) const DROP_INS: &[&str] = &[
    "sesearch -A testdata/demo/demo.33",
    "seinfo testdata/demo/demo.33",
    "sediff testdata/demo/demo-older.33 testdata/demo/demo.33",
    "sedta -p testdata/demo/demo.33 -s init_t",
    "seinfoflow -p testdata/demo/demo.33 -m testdata/policies/reach.perm_map -s container_t",
];

/// Questions that bring fields which the first ones lack.
pub(crate) const FURTHER: &[&str] = &[
    "--demo allow -b virt_use_nfs --bool virt_use_nfs=on",
    "--demo allow -s container_t -t container_file_t -c file --via",
    "--demo can container_t container_file_t file read,open --allow 'allow httpd_t shadow_t:file write;'",
    "--demo can httpd_t httpd_sys_content_t file ioctl --ioctl 0x5401",
    "--demo can user_u:user_r:user_t:s0 system_u:system_r:httpd_t:s0 process transition",
    "--demo can httpd_helper_t shadow_t file read",
    "--demo can container_t '*' file read",
    "--demo show httpd_can_network_connect --for httpd_t",
    "--demo show container_use_dri_devices --for container_t",
    "-P testdata/policies/redundant.33 show extra --for a_t",
    "--demo list",
    "--demo list attributes",
    "--demo list aliases",
    "--demo list roles",
    "--demo list users",
    "--demo list classes",
    "--demo list commons",
    "--demo list permissions",
    "--demo list booleans",
    "--demo list conditionals",
    "--demo list sensitivities",
    "--demo list categories",
    "--demo list constraints",
    "--demo list bounds",
    "--demo list permissive",
    "--demo list polcaps",
    "--demo list defaults",
    "--demo list sids",
    "--demo list fs_use",
    "--demo list genfscon",
    "--demo list portcon",
    "-P testdata/policies/declarations.33 list netifcon",
    "-P testdata/policies/declarations.33 list nodecon",
    "-P testdata/policies/labels.33 list ibpkeycon",
    "-P testdata/policies/labels.33 list ibendportcon",
    "-P testdata/policies/declarations-xen.30 list iomemcon",
    "-P testdata/policies/declarations-xen.30 list devicetreecon",
    "--demo show httpd_t",
    "--demo show container_domain",
    "--demo show system_r",
    "--demo show system_u",
    "--demo show file",
    "--demo show read",
    "--demo show virt_use_nfs",
    "--demo show s0",
    "--demo show 80/tcp",
    "--demo explain 'avc: denied { name_connect } for dest=5432 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:postgresql_port_t:s0 tclass=tcp_socket'",
    "--demo explain testdata/audit/event.log",
    "--demo explain testdata/audit/event.log --compare testdata/demo/demo-older.33",
    "--demo mount -- podman run -v named:/data:Z nginx",
    "--demo reach container_t --vs spc_t",
    "--demo reach container_t shadow_t",
    "--demo reach --matrix",
    "--demo breakout container_t spc_t",
    "--demo breakout --list",
    "diff testdata/demo/demo-older.33 testdata/demo/demo.33 --domain container_t --reach",
    "diff testdata/modules/boxes-1.pp testdata/modules/boxes-2.pp --no-base",
    "show testdata/modules/boxes-1.pp",
];

/// Asks a question from the root of the repository, with further words.
pub(crate) fn ask(question: &str, more: &[&str]) -> Answer {
    let mut words = words(question);
    // Behind `--` stands the command line of a container engine.
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.splice(end..end, more.iter().map(|word| (*word).to_owned()));
    Answer::of(&sepolq().current_dir(testdata("..")).args(words).output().expect("the program runs"))
}
