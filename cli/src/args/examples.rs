//! What help pages end with: examples, which run as tests, and what a reader should know.

pub(super) const PROGRAM: &str = "\
Examples:
  sepolq allow -s httpd_t -t httpd_sys_content_t -c file
  sepolq --demo allow -s container_t -t container_file_t -c file -p write
  sepolq --demo can container_t:s0:c1,c2 container_file_t:s0:c1,c2 file write
  sepolq -P policy.33 search -t shadow_t --json

Without --policy and --demo the running policy is asked (/sys/fs/selinux/policy), else the installed one.
Exit status: 0 something was found (of can: all is granted), 1 nothing was found (something is denied, or depends), 2 the question could not be asked.";

pub(super) const STATUS: &str = "\
Examples:
  sudo sepolq status              Everything; without root a line says what could not be seen
  sepolq status --json

`!` is something to look at, `?` could not be seen; each says what to type next. What is fine stands below.
Exit status: 0 all was seen and nothing needs to be looked at, 1 something does, or SELinux is off, 2 not all that decides could be seen.";

pub(super) const EXPLAIN: &str = "\
Examples:
  sudo ausearch -m avc -ts recent | sepolq explain      What was denied a moment ago, and why?
  sudo sepolq explain                                   All that the system's log has
  sudo sepolq explain --boot                            All that any log has since the system was started
  sepolq explain audit.log audit.log.1 audit.log.2.gz
  sepolq --demo explain 'avc: denied { read } for comm=\"nginx\" scontext=container_t:s0:c1,c2 tcontext=etc_t:s0 tclass=file'
  podman inspect web > web.json; sudo sepolq explain --inspect web.json
  sepolq explain audit.log --compare new/policy.33      Would an update of the policy help?
  sudo sepolq explain --follow

What a record does not say stands in capitals: HOSTDIR, CONTAINERDIR, CONTAINER, PORT. A path in a container's record is a path inside the container. Times are those of your time zone (TZ); dates that a log has without a zone stay as they are.
Exit status: 0 denials were found, 1 none was, 2 the question could not be asked, an input could not be read to its end, nothing but what cannot be read was found, or (with --boot) no log tells of some of the time: what was read is answered all the same.";

pub(super) const MOUNT: &str = "\
Examples:
  sepolq mount -- podman run -v /srv/www:/usr/share/nginx/html:ro nginx
  sepolq mount -- docker run -v /data:/data:Z --security-opt label=type:container_init_t image
  sepolq mount --path /srv/www --option z --need read
  sepolq --demo mount --path /var/log --domain container_logreader_t --need read
  sepolq mount --engine kubernetes --path /srv/data --level s0:c10,c20 --tree-label container_file_t:s0:c1,c2

The label of the tree is the one given, else the one that the file system has, else the one that file contexts
give it: the answer says which. Nothing is run and nothing is changed.
Exit status: 0 the container can do what it needs with every mount, and none takes a tree from whom it belongs to, 1 it
cannot, or one does (homes, keys, logs, what is the system's or a service's own), 2 the question could not be asked.";

pub(super) const LABEL: &str = "\
Examples:
  sepolq label /srv/www
  sepolq label /var/www/html /var/html       Why does one work and the other not?
  sepolq --demo label /home/ada/.ssh --kind dir
  sepolq label /data --tree-label default_t:s0 --file-contexts file_contexts

Exit status: 0 every label is known, 1 one is not, 2 the question could not be asked.";

pub(super) const REACH: &str = "\
Examples:
  sepolq reach container_t                          How many files, domains, capabilities, …?
  sepolq reach container_t --list write,enter       Which?
  sepolq reach container_t --vs spc_t               Side by side: only here, only there, both
  sepolq reach container_t:s0:c1,c2 --list all
  sepolq --demo reach @container_domain
  sepolq reach container_t shadow_t                 By which paths? Rules, constraints and conditions of every step
  sepolq reach container_t init_t --only control --all-shortest
  sepolq reach container_t:s0:c1,c2 container_t:s0:c3,c4
  sepolq reach httpd_t user_home_t --booleans any   Is there a setting of the booleans that opens a path?
  sepolq reach --matrix @container_domain init_t    Steps from each to each
  sepolq reach my_container.process --with my_container.cil --with base_container.cil

A type is counted as granted if it is whatever is left open: the level of the domain, and users, roles and levels of
targets. What depends on them is told apart; the domain's own type is not counted. docs/reach.md says what a step is.
Exit status: 0 it reaches something, 1 nothing, 2 the question could not be asked.";

pub(super) const BREAKOUT: &str = "\
Examples:
  sepolq breakout                                   container_t beside spc_t
  sepolq breakout container_t:s0:c1,c2 --why        Why is each blocked, or open?
  sepolq breakout @container_domain --only engine-socket,raw-disk
  sepolq breakout container_t --except other-container:spc_t,dmesg
  sepolq breakout container_t --bool container_manage_cgroup=on
  sepolq breakout --list                            The catalogue (docs/breakout.md)
  sepolq breakout container_t --catalogue ours.toml

Open says that SELinux would not stop it. Capabilities that an engine takes away, seccomp, masked paths, namespaces and
sysctls are not asked. What a domain leaves open is filled in as engines do: a pair of categories of its own.
Exit status: 0 nothing is open, 1 something is (with --strict: or cannot be told), 2 the question could not be asked.";

pub(super) const DIFF: &str = "\
Examples:
  sepolq diff old/policy.33 new/policy.33
  sepolq diff old/policy.33 new/policy.33 --domain container_t
  sepolq diff old/policy.33 new/policy.33 --causes
  sepolq diff old/policy.33 new/policy.33 --fail-on high      For a pipeline
  sepolq diff old/policy.33 /sys/fs/selinux/policy --html changes.html
  sepolq diff old/policy.33 new/policy.33 --file-contexts old/file_contexts new/file_contexts
  sepolq diff container-selinux-2.231.rpm container-selinux-2.232.rpm           What does the update change here?
  sepolq diff running mine.pp                                  What would installing it change? (root)
  sepolq diff old.pp new.pp --base /mnt/var/lib/selinux/targeted

Modules are put into a copy of the base, the installed module store if there is no other, by the system's semodule; without a base
they are compared by what they state themselves.

What rules grant is compared, attributes expanded, under the defaults that each policy gives its booleans. A rename by an alias, another order, an optimised build and another version of the format are no change. docs/diff.md has the table of what is serious.
Exit status: 0 nothing changed, 1 something did (with --fail-on: something that serious), 2 they could not be compared.";

pub(super) const MODULES: &str = "\
Examples:
  sepolq modules                                    The installed store (root may read it)
  sepolq modules --declares container_t             Which module does the type come from?
  sepolq modules --failing                          What will not load here, and why?
  sepolq modules container-selinux.rpm
  sepolq modules /mnt/var/lib/selinux/targeted --json

A module will not load if it is damaged, if its format is newer than this system's converter, or if it needs what no module in
force declares. What a converter would say of each statement is not asked: `sepolq diff STORE MODULE` builds it.
Exit status: 0 there are modules (with --failing: that will not load), 1 there are none, 2 it could not be asked, or no module
declares the name.";

pub(super) const INFO: &str = "\
Examples:
  sepolq info
  sepolq info --json";

pub(super) const LIST: &str = "\
Kinds: types attributes aliases roles users classes commons permissions booleans conditionals sensitivities categories constraints (constrain mlsconstrain validatetrans mlsvalidatetrans) bounds (typebounds rolebounds userbounds) permissive neveraudit polcaps defaults labels (sids fs_use genfscon fscon portcon netifcon nodecon ibpkeycon ibendportcon; of Xen pirqcon ioportcon iomemcon pcidevicecon devicetreecon)

Examples:
  sepolq list                                 How many of each kind are there?
  sepolq list types @container_domain         The types that have an attribute
  sepolq list booleans /^container/ --expand
  sepolq list portcon 8080                    Which statements label this port?
  sepolq list portcon http_port_t             Which ports have this label?
  sepolq list constraints process
  sepolq list attributes container_domain --expand

Exit status: 0 there are some, 1 there are none, 2 the question could not be asked.";

pub(super) const SHOW: &str = "\
Examples:
  sepolq show httpd_t
  sepolq show container_domain
  sepolq show virt_use_nfs
  sepolq show entrypoint
  sepolq show tcp/8080                          Which label has this port?
  sepolq show virt_use_nfs --for container_t    Exactly the access that the boolean adds and takes

Exit status: 0 there is such a name (with --for: the boolean changes something), 1 it changes nothing, 2 the question could not be asked.";

pub(super) const AUDITALLOW: &str = "\
Examples:
  sepolq auditallow -s unconfined_t
  sepolq auditallow -t security_t --json";

pub(super) const DONTAUDIT: &str = "\
Examples:
  sepolq dontaudit -s httpd_t -c dir   Which denials of httpd_t on directories go unseen?
  sepolq dontaudit -s container_t -t shadow_t";

pub(super) const TYPE_TRANSITION: &str = "\
Examples:
  sepolq type_transition -s init_t -c process   What do programs run as that init starts?
  sepolq type_transition -D container_file_t    What creates files of this type?";

pub(super) const TYPE_CHANGE: &str = "\
Examples:
  sepolq type_change -c chr_file   What are terminals relabelled to, and for whom?";

pub(super) const TYPE_MEMBER: &str = "\
Examples:
  sepolq type_member -c dir   Which directories are polyinstantiated, and for whom?";

pub(super) const ROLE_ALLOW: &str = "\
Examples:
  sepolq role_allow -s staff_r   Which roles may staff_r change to?
  sepolq role_allow -t system_r";

pub(super) const ROLE_TRANSITION: &str = "\
Examples:
  sepolq role_transition -s sysadm_r
  sepolq role_transition -t initrc_exec_t -D system_r";

pub(super) const RANGE_TRANSITION: &str = "\
Examples:
  sepolq range_transition -s init_t
  sepolq range_transition -D 's0 - s0:c0.c1023'   Rules that give exactly this range";

pub(super) const NEVERALLOW: &str = "\
Binary policies hold no neverallow rules: this finds nothing, and says so.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  sepolq completions bash > ~/.local/share/bash-completion/completions/sepolq
  sepolq completions fish > ~/.config/fish/completions/sepolq.fish
  sepolq completions zsh > ~/.zfunc/_sepolq";

pub(super) const MAN: &str = "\
Examples:
  sepolq man | man -l -
  sepolq man allow > sepolq-allow.1";

pub(super) const ALLOW: &str = "\
Examples:
  sepolq allow -s httpd_t -t httpd_sys_content_t -c file
  sepolq allow -s container_t -t container_file_t -c file -p write --via
      Through which attributes may containers write their files?
  sepolq allow -s @container_domain          Rules written on the attribute itself
  sepolq allow -s httpd_t -t /content/       Targets whose name contains `content`
  sepolq allow -s httpd_t --enabled --bool httpd_can_network_connect=on
      What would be in force with the boolean on?

A rule that is found is not yet a grant: constraints, levels and type bounds may still refuse.";

pub(super) const ALLOWXPERM: &str = "\
Examples:
  sepolq allowxperm -s container_t
  sepolq allowxperm -c chr_file -x 0x5401          Rules that cover the command TCGETS
  sepolq allowxperm -x 0x8900-0x89ff --json";

pub(super) const AUDITALLOWXPERM: &str = "\
Examples:
  sepolq auditallowxperm -t fixed_disk_device_t
  sepolq auditallowxperm -x 0x125f                 Rules that record when a partition table is reread";

pub(super) const DONTAUDITXPERM: &str = "\
Examples:
  sepolq dontauditxperm -s httpd_t -c file
  sepolq dontauditxperm -x 0x5401                  Denials of TCGETS that go unseen";

pub(super) const SEARCH: &str = "\
Examples:
  sepolq search -s container_t -t shadow_t               Every kind of rule between the two
  sepolq search allow dontaudit -s httpd_t -c tcp_socket
  sepolq search -b container_manage_cgroup               Everything that the boolean switches
  sepolq search type_transition,type_change -s staff_t --count";

pub(super) const CAN: &str = "\
Examples:
  sepolq can httpd_t httpd_sys_content_t file read,open
  sepolq can container_t:s0:c500,c676 container_file_t:s0:c500,c676 file read,write
  sepolq can container_t:s0:c1,c2 devpts_t:s0 chr_file ioctl --ioctl 0x5401
  sepolq can httpd_t http_port_t tcp_socket name_connect --bool httpd_can_network_connect=on
  sepolq can container_t:s0:c1,c2 var_log_t:s0 file read --allow 'container_t var_log_t:file read'
      Would this rule be enough?
  sepolq can httpd_t '*' file write           Everything that httpd_t may write

What a context leaves out stays open: the answer is then granted, denied, or depends, with what it depends on.
Exit status: 0 all is granted, 1 something is denied or depends, 2 the question could not be asked.
With --batch: 0 every line was answered, 1 some were not.";

pub(super) const WHO_CAN: &str = "\
Examples:
  sepolq who-can shadow_t file read
  sepolq who-can container_file_t:s0:c1,c2 file read,open
  sepolq who-can etc_t file write,append --any

`# depends` stands behind types for which it depends on roles and levels that were left open.
Exit status: 0 it is granted to some type, 1 to none for certain, 2 the question could not be asked.";

pub(super) const NEW_LABEL: &str = "\
Examples:
  sepolq new-label httpd_t httpd_log_t file
  sepolq new-label init_t httpd_exec_t process
  sepolq new-label system_u:system_r:container_t:s0:c1,c2 system_u:object_r:container_file_t:s0 file

Exit status: 0 the label could be made, 1 the kernel would refuse it, 2 the question could not be asked.";

pub(super) const CONTEXT: &str = "\
Examples:
  sepolq context system_u:system_r:container_t:s0:c1,c2
  sepolq context container_t

Exit status: 0 it is valid, 1 it is not, 2 the question could not be asked.";
