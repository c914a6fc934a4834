//! The words of advice.

use analysis::explain::{Advice, LabelSource, Shown};

use super::tell::Words;
use super::told::AdviceTold;

impl Words<'_, '_> {
    pub(super) fn advice(&self, advice: &Advice) -> AdviceTold {
        let text = match advice {
            Advice::DaemonSocket { listener, is_engine } => {
                let engine = match is_engine {
                    true => "; who may talk to a container engine has root's power; if it must be, for that one container: --security-opt label=disable",
                    false => "",
                };
                format!(
                    "connectto asks for the domain of who listens ({}), not for the socket's file: relabelling the file does not help{engine}",
                    self.type_name(*listener)
                )
            }
            Advice::SocketFile { is_engine } => {
                let engine = match is_engine {
                    true => "; who may talk to a container engine has root's power",
                    false => "",
                };
                format!("behind the file stands a daemon: connecting also asks for connectto of its domain, so that relabelling the file does not help{engine}")
            }
            Advice::PathIsARoot => format!(
                "the path `/` need not be the host's: it may be the root of another file system{}, or of the process's own mount namespace",
                self.answer.denied.device.as_deref().map_or_else(String::new, |device| format!(" ({})", avstore::shown_name(device.as_bytes())))
            ),
            Advice::LabelledByTheKernel => {
                "files of this file system get their labels from the kernel and the policy: restorecon and semanage fcontext do not help".to_owned()
            }
            Advice::Key => {
                "a key, by its path, and no content of a service: keys stand where file contexts label them (/etc/pki/tls/private, /etc/ssl/private: cert_t); move it there and `restorecon -v` it".to_owned()
            }
            Advice::NoLabelByPath => {
                "file contexts leave the label as it is here (<<none>>), and so does restorecon: it is of who made the file".to_owned()
            }
            Advice::ToBeMade(source) => self.label_source(source),
            Advice::MadeWithoutSeparation
            | Advice::Unlabelled
            | Advice::NoPath
            | Advice::NoLabelsOnThisFileSystem
            | Advice::EnvironmentIsCleared
            | Advice::WritableCode
            | Advice::PathIsInTheContainer => of_any(advice).unwrap_or_default().to_owned(),
            Advice::ContainersOwnRoot => {
                "without a mount that is the container's own root, on fuse-overlayfs: :z, :Z and context= are not for it; a newer container-selinux has more rules for it, and kernels from 5.13 on need no fuse-overlayfs".to_owned()
            }
            Advice::RawDisk => format!(
                "a rule for {} if there is another way: who uses the disk or the memory itself gets at every file and secret, whatever its label",
                self.target()
            ),
            Advice::NotAnEntryPoint(id) => format!(
                "{0} is entered only through files of certain types (`sepolq show {0}`): the program has the wrong label, or was started from the wrong domain",
                self.type_name(*id)
            ),
            Advice::OtherPolicy(id) => format!(
                "{} is no domain in this policy: the record is of a system with another one; ask that one (-P FILE)",
                self.type_name(*id)
            ),
            Advice::OlderPolicy => {
                "a newer container-selinux may allow it: compare `rpm -q container-selinux` with its releases".to_owned()
            }
            Advice::Permissive => "the domain is permissive: it was logged, and done all the same".to_owned(),
            Advice::NoRuleCanAllow => {
                "audit2allow: a constraint, a role or a bound refuses this, no rule can allow it".to_owned()
            }
            Advice::RuleIsForAllContainers => {
                format!("audit2allow: a rule on {} would hold for all containers", self.source())
            }
            Advice::Guarded => format!(
                "open or relabel it: the label {} protects the system's secrets; find out why the process wants it",
                self.target()
            ),
            Advice::WholeHome => {
                "relabel $HOME itself: sshd, the display manager and others would lose it; mount a directory of the project".to_owned()
            }
            Advice::SystemDirectory if !self.answer.is_container => {
                "relabel this directory with all below it (restorecon -R, a file context that ends in (/.*)?): the system stands in it; label a directory of its own below it".to_owned()
            }
            Advice::SystemDirectory => {
                "relabel the system's own directories (/etc, /usr, /var, /run …): services of the host would lose them; mount a copy".to_owned()
            }
        };
        AdviceTold { id: advice.id(), warning: advice.is_warning(), text }
    }

    /// Where the label of something new comes from.
    fn label_source(&self, label: &LabelSource) -> String {
        let (source, target, class) = (self.source(), self.target(), self.class());
        match label {
            LabelSource::Directory => format!(
                "it does not exist yet: it was to get the label of its directory, {target}, since no type_transition of {source} there says otherwise for {class}"
            ),
            LabelSource::Transition(directories) => {
                let names: Vec<String> = directories.iter().map(|id| self.type_name(*id)).collect();
                format!(
                    "it does not exist yet: a type_transition of {source} gives it {target} in directories labelled {}, or the directory has that label itself (`sepolq type_transition -s {source} -c {class}`)",
                    names.join(", ")
                )
            }
            LabelSource::Asked => format!(
                "it does not exist yet: no rule gives it {target} when {source} makes it in a directory with another label; the process asked for that label (setfscreatecon), or the name decides"
            ),
            LabelSource::AskedForUser => format!(
                "it does not exist yet: what {source} makes has the process's user; the process asked for the user of the label (setfscreatecon), as programs do that label by file contexts: run it as that user, or in a domain that may change it"
            ),
        }
    }
}

/// The words that are the same whatever was denied.
const fn of_any(advice: &Advice) -> Option<&'static str> {
    Some(match advice {
        Advice::MadeWithoutSeparation => {
            "the categories c1022,c1023 say: made by a container with label=disable or --privileged"
        }
        Advice::Unlabelled => {
            "the file has no label that this policy knows: a module was removed or renamed, or it never got one"
        }
        Advice::NoPath => {
            "the file has no path (deleted, or made in memory): its label comes from who made it, and there is nothing to relabel; where it is inherited, ask why the process has it"
        }
        Advice::NoLabelsOnThisFileSystem => {
            "this file system keeps no labels: :z and :Z silently change nothing"
        }
        Advice::EnvironmentIsCleared => {
            "harmless: the kernel then clears LD_PRELOAD and the like of what is started, resets its limits or its signals; a rule would only give up that protection"
        }
        Advice::WritableCode => {
            "a rule for execmem, execstack, execheap or execmod without need: what is written can then be run, which exploits need; find the library or the setting that wants it (`execstack -q`, a JIT that can be switched off)"
        }
        Advice::PathIsInTheContainer => {
            "restorecon or chcon on the path of the record: it is a path inside the container"
        }
        _ => return None,
    })
}

/// The words of what a record shows whose types the policy lacks.
pub(super) fn shown(shown: &Shown) -> AdviceTold {
    let text = match shown {
        Shown::Categories { source, target } => format!(
            "the categories differ, whatever the types: the process has {source}, the object {target}; share it with :z (level s0), or run both at one level"
        ),
        Shown::Remark(advice) => of_any(advice).unwrap_or_default().to_owned(),
        Shown::Listener(name) => format!(
            "connectto asks for the domain of who listens ({}), not for the socket's file: relabelling the file does not help",
            avstore::shown_name(name.as_bytes())
        ),
        Shown::UdicaType(name) => format!(
            "{} is a type that udica made for one container: load its module again (`semodule -l`), or ask the policy that has it",
            avstore::shown_name(name.as_bytes())
        ),
        Shown::UnlabelledEngine(name) => format!(
            "what starts the container runs as {}: the engine's program has not the label container_runtime_exec_t (`restorecon -v` it, and start it again)",
            avstore::shown_name(name.as_bytes())
        ),
        Shown::OldName { old, new } => format!("{old} is the old name of {new}: ask with that name"),
    };
    AdviceTold { id: shown.id(), warning: shown.is_warning(), text }
}
