//! The commands: each resolves its request, asks, renders, and says how it ended.

mod batch;
mod boolean_effect;
mod breakout;
mod can;
mod context;
mod diff;
mod explain;
mod info;
mod label;
mod list;
mod man;
mod module;
mod module_diff;
mod modules;
mod mount;
mod new_label;
mod reach;
mod search;
mod show;
mod system_status;
pub(crate) mod tree;
mod who_can;

use analysis::query::KindSet;
use avstore::Kind;
use policydb::RuleKind;

use crate::args::{Cli, Command};
use crate::completion;
use crate::status::{self, Status};

/// Runs the command.
pub(crate) fn run(cli: &Cli) -> anyhow::Result<Status> {
    let global = &cli.global;
    if let Some(answered) = module::run(cli)? {
        return Ok(answered);
    }
    let rules = |kind: Kind, criteria| search::run(global, KindSet::of([kind]), criteria);
    match &cli.command {
        Command::Explain(explain) => explain::run(global, explain),
        Command::Mount(mount) => mount::run(global, mount),
        Command::Label(label) => label::run(global, label),
        Command::Reach(reach) => reach::run(global, reach),
        Command::Breakout(breakout) => breakout::run(global, breakout),
        Command::Diff(diff) => diff::run(global, diff),
        Command::Modules(modules) => modules::run(global, modules),
        Command::Status(status) => system_status::run(global, status),
        Command::Can(can) => can::run(global, can),
        Command::WhoCan(who) => who_can::run(global, who),
        Command::NewLabel(new) => new_label::run(global, new),
        Command::Context(context) => context::run(global, context),
        Command::Info(info) => info::run(global, info),
        Command::List(list) => list::run(global, list),
        Command::Show(show) => show::run(global, show),
        Command::Allow(criteria) => rules(RuleKind::Allow.into(), criteria),
        Command::Auditallow(criteria) => rules(RuleKind::AuditAllow.into(), criteria),
        Command::Dontaudit(criteria) => rules(RuleKind::DontAudit.into(), criteria),
        Command::Allowxperm(criteria) => rules(RuleKind::AllowXperm.into(), criteria),
        Command::Auditallowxperm(criteria) => rules(RuleKind::AuditAllowXperm.into(), criteria),
        Command::Dontauditxperm(criteria) => rules(RuleKind::DontAuditXperm.into(), criteria),
        Command::TypeTransition(criteria) => rules(RuleKind::TypeTransition.into(), criteria),
        Command::TypeChange(criteria) => rules(RuleKind::TypeChange.into(), criteria),
        Command::TypeMember(criteria) => rules(RuleKind::TypeMember.into(), criteria),
        Command::RoleAllow(criteria) => rules(Kind::RoleAllow, criteria),
        Command::RoleTransition(criteria) => rules(Kind::RoleTransition, criteria),
        Command::RangeTransition(criteria) => rules(Kind::RangeTransition, criteria),
        Command::Neverallow(criteria) => {
            let none = search::run(global, KindSet::of(std::iter::empty::<Kind>()), criteria)?;
            status::note(
                "binary policies hold no neverallow rules: the compiler checks them and leaves them out",
            );
            Ok(none)
        }
        Command::Search(any) => search::run(global, any.kinds(), &any.search),
        Command::Completions { shell } => {
            completion::print_script(shell.name())?;
            Ok(Status::Found)
        }
        Command::MisplacedDropIn { .. } => anyhow::bail!(
            "the drop-ins take their own arguments only\nhelp: `sesearch`, `seinfo`, `sediff`, `sedta` or `seinfoflow` must be the first word, and the policy stand among its arguments: `sepolq sesearch --allow … FILE`, `sepolq seinfo FILE …`, `sepolq sedta -p FILE …`"
        ),
        Command::Man { command, directory } => man::run(command.as_deref(), directory.as_deref()),
    }
}
