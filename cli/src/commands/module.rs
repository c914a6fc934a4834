//! Questions to a policy module: what it declares and states, as it is, unlinked.

use analysis::query::{KindSet, Pattern};
use anyhow::{Context, bail};
use avstore::Kind;
use module::{Package, Statement, statements};
use policydb::RuleKind;

use crate::args::{Cli, Command, Global, List, Search};
use crate::inputs::{Input, Language, ModuleSet};
use crate::render::{
    ModuleAnswer, Output, module_as_json, module_as_text, statements_as_json, statements_as_text,
};
use crate::status::Status;

/// The module that is named in the place of a policy.
///
/// # Errors
/// A package or a store is named, and not which of its modules is meant.
fn named(global: &Global) -> anyhow::Result<Option<ModuleSet>> {
    let from_environment =
        || std::env::var_os("SEPOLQ_POLICY").filter(|path| !path.is_empty()).map(std::path::PathBuf::from);
    let path = global.policy.clone().or_else(|| if global.demo { None } else { from_environment() });
    path.map_or(Ok(None), |path| Input::one_module(&path))
}

/// What can be asked of a module.
enum Question<'c> {
    Rules(KindSet, &'c Search),
    Info { json: bool },
    List(&'c List),
}

/// The question of a command; `None` for what modules cannot answer, or is about no policy at all: those commands go their own way,
/// and say themselves that a module is no policy.
fn question(command: &Command) -> Option<Question<'_>> {
    let kind = |kind: RuleKind| KindSet::of([Kind::from(kind)]);
    let (kinds, search) = match command {
        Command::Allow(search) => (kind(RuleKind::Allow), search),
        Command::Auditallow(search) => (kind(RuleKind::AuditAllow), search),
        Command::Dontaudit(search) => (kind(RuleKind::DontAudit), search),
        Command::Allowxperm(search) => (kind(RuleKind::AllowXperm), search),
        Command::Auditallowxperm(search) => (kind(RuleKind::AuditAllowXperm), search),
        Command::Dontauditxperm(search) => (kind(RuleKind::DontAuditXperm), search),
        Command::TypeTransition(search) => (kind(RuleKind::TypeTransition), search),
        Command::TypeChange(search) => (kind(RuleKind::TypeChange), search),
        Command::TypeMember(search) => (kind(RuleKind::TypeMember), search),
        Command::RoleAllow(search) => (KindSet::of([Kind::RoleAllow]), search),
        Command::RoleTransition(search) => (KindSet::of([Kind::RoleTransition]), search),
        Command::RangeTransition(search) => (KindSet::of([Kind::RangeTransition]), search),
        Command::Search(any) => (any.kinds(), &any.search),
        Command::Info(info) => return Some(Question::Info { json: info.json }),
        Command::List(list) => return Some(Question::List(list)),
        _ => return None,
    };
    Some(Question::Rules(kinds, search))
}

/// Answers a question to a module in the place of a policy; `None` where it is none.
pub(super) fn run(cli: &Cli) -> anyhow::Result<Option<Status>> {
    let global = &cli.global;
    let Some(question) = question(&cli.command) else { return Ok(None) };
    let Some(set) = named(global)? else { return Ok(None) };
    let answered = match question {
        Question::Rules(kinds, search) => find(global, &set, kinds, search),
        Question::Info { json } => show(global, &set, false, json),
        Question::List(list_args) => list(global, &set, list_args),
    };
    answered.map(Some)
}

/// Reads a module and calls `ask` with it and what it states.
fn with_module<R>(
    set: &ModuleSet,
    ask: impl for<'p> FnOnce(&Package<'p>, Vec<Statement>, &[u8]) -> anyhow::Result<R>,
) -> anyhow::Result<R> {
    let Some(file) = set.modules.first().filter(|file| file.language == Language::Pp) else {
        bail!(
            "`{}` is CIL, which is text\nhelp: what it changes is told by `sepolq diff STORE FILE.cil`",
            set.label
        );
    };
    let package =
        Package::parse(&file.bytes).with_context(|| format!("cannot use the module `{}`", set.label))?;
    let all = statements(&package.module);
    ask(&package, all, &file.bytes)
}

/// What a module is, and with `all` everything that it states.
pub(super) fn show(global: &Global, set: &ModuleSet, all: bool, json: bool) -> anyhow::Result<Status> {
    with_module(set, |package, statements, bytes| {
        let answer = ModuleAnswer { path: &set.label, bytes, package, statements: &statements };
        Output::answer(global.color, Status::Found, |output| {
            if json { module_as_json(&answer, output) } else { module_as_text(&answer, all, output) }
        })
    })
}

/// Rules that a module states.
fn find(global: &Global, set: &ModuleSet, kinds: KindSet, search: &Search) -> anyhow::Result<Status> {
    for (option, given) in [
        ("--xperms", search.xperms.is_some()),
        ("--default", search.default.is_some()),
        ("--boolean", !search.booleans.is_empty()),
        ("--enabled", search.enabled),
        ("--bool", !search.settings.is_empty()),
        ("--via", search.via),
    ] {
        if given {
            bail!(
                "`{option}` cannot be asked of a module, which is not linked\nhelp: ask the policy that it is installed in"
            );
        }
    }
    with_module(set, |package, mut statements, bytes| {
        statements.retain(|statement| {
            keyword_is_of(kinds, statement.keyword)
                && search.source.as_ref().is_none_or(|pattern| names(pattern, &statement.sources))
                && search.target.as_ref().is_none_or(|pattern| names(pattern, &statement.targets))
                && (search.classes.is_empty()
                    || statement.classes.iter().any(|class| search.classes.contains(class)))
                && has_permissions(search, statement)
        });
        print(global, set, package, &statements, bytes, (search.count, search.json, search.limit))
    })
}

/// Whether a statement's permissions are those asked for.
fn has_permissions(search: &Search, statement: &Statement) -> bool {
    if search.permissions.is_empty() {
        return true;
    }
    let stated: Vec<&String> =
        search.permissions.iter().filter(|permission| statement.gives.contains(permission)).collect();
    if search.perms_equal {
        return stated.len() == search.permissions.len() && stated.len() == statement.gives.len();
    }
    if search.perms_subset {
        return stated.len() == search.permissions.len();
    }
    !stated.is_empty()
}

fn keyword_is_of(kinds: KindSet, keyword: &str) -> bool {
    Kind::ALL.into_iter().any(|kind| {
        let name = if kind == Kind::RoleAllow { "role_allow" } else { kind.keyword() };
        name == keyword && kinds.contains(kind)
    })
}

/// Whether a pattern means one of some names, as they are written.
fn names(pattern: &Pattern, names: &[String]) -> bool {
    match pattern {
        Pattern::Name(name) | Pattern::Written(name) => names.contains(name),
        Pattern::Regex(regex) => names.iter().any(|name| regex.is_match(name.as_bytes())),
    }
}

/// Symbols that a module declares.
fn list(global: &Global, set: &ModuleSet, args: &List) -> anyhow::Result<Status> {
    const DECLARING: [(&str, &[&str]); 9] = [
        ("types", &["type"]),
        ("attributes", &["attribute"]),
        ("aliases", &["typealias"]),
        ("booleans", &["bool", "tunable"]),
        ("roles", &["role", "attribute_role"]),
        ("users", &["user"]),
        ("classes", &["class"]),
        ("permissive", &["permissive"]),
        ("typebounds", &["typebounds"]),
    ];
    let asked = args.kind.map(|kind| kind.name);
    let keywords: Vec<&str> = DECLARING
        .iter()
        .filter(|(name, _)| asked.is_none_or(|asked| asked == *name))
        .flat_map(|(_, keywords)| keywords.iter().copied())
        .collect();
    if keywords.is_empty() {
        let known: Vec<&str> = DECLARING.iter().map(|(name, _)| *name).collect();
        bail!("a module declares none of these\nhelp: {}", known.join(", "));
    }
    with_module(set, |package, mut statements, bytes| {
        statements.retain(|statement| {
            keywords.contains(&statement.keyword)
                && args.name.as_ref().is_none_or(|name| statement.sources.contains(name))
        });
        print(global, set, package, &statements, bytes, (args.count, args.json, args.limit))
    })
}

fn print(
    global: &Global,
    set: &ModuleSet,
    package: &Package<'_>,
    statements: &[Statement],
    bytes: &[u8],
    (count, json, limit): (bool, bool, Option<usize>),
) -> anyhow::Result<Status> {
    let status = if statements.is_empty() { Status::NothingFound } else { Status::Found };
    let answer = ModuleAnswer { path: &set.label, bytes, package, statements };
    Output::answer(global.color, status, |output| {
        if count {
            output.count(statements.len())
        } else if json {
            statements_as_json(&answer, limit, output)
        } else {
            statements_as_text(&answer, limit, output)
        }
    })
}
