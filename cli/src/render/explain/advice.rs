//! The words of advice.

use analysis::explain::Advice;

use super::tell::Words;
use super::told::AdviceTold;

impl Words<'_, '_> {
    pub(super) fn advice(&self, advice: &Advice) -> AdviceTold {
        let text = match advice {
            Advice::MadeWithoutSeparation => {
                "the categories c1022,c1023 say: made by a container with label=disable or --privileged".to_owned()
            }
            Advice::DaemonSocket(id) => format!(
                "connectto asks for the domain of who listens ({}), not for the socket's file: relabelling the file does not help. \
                 Who may talk to a container engine has root's power; if it must be, for that one container: --security-opt label=disable",
                self.type_name(*id)
            ),
            Advice::SocketFile => {
                "behind the file stands a daemon: connecting also asks for connectto of its domain, so that relabelling the file does not help; who may talk to a container engine has root's power".to_owned()
            }
            Advice::Unlabelled => {
                "the file has no label that this policy knows: a module was removed or renamed, or it never got one".to_owned()
            }
            Advice::NoLabelsOnThisFileSystem => {
                "this file system keeps no labels: :z and :Z silently change nothing".to_owned()
            }
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
            Advice::SystemDirectory => {
                "relabel the system's own directories (/etc, /usr, /var, /run …): services of the host would lose them; mount a copy".to_owned()
            }
            Advice::PathIsInTheContainer => {
                "restorecon or chcon on the path of the record: it is a path inside the container".to_owned()
            }
        };
        AdviceTold { id: advice.id(), warning: advice.is_warning(), text }
    }
}
