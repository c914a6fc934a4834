//! Questions to a policy module: what it declares and states, as it is, unlinked.

use std::fs;
use std::io::Read;
use std::path::Path;

use analysis::query::{KindSet, Pattern};
use anyhow::{Context, bail};
use avstore::Kind;
use module::{Package, Statement, statements};
use policydb::{Name, PolicyBytes, RuleKind};

use crate::args::{Cli, Command, Global, List, Search};
use crate::render::{
    ModuleAnswer, Output, module_as_json, module_as_text, statements_as_json, statements_as_text,
};
use crate::status::Status;

/// Whether a path is a regular file that begins as a module does.
pub(super) fn is_module(path: &Path) -> bool {
    // A pipe is not opened: what is read of it once is gone.
    let begins = || -> Option<bool> {
        let file = fs::File::open(path).ok()?;
        let mut first = Vec::new();
        file.take(4).read_to_end(&mut first).ok()?;
        Some(Package::is_one(&first))
    };
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) && begins() == Some(true)
}

/// The module that is named in the place of a policy.
pub(super) fn named(global: &Global) -> Option<std::path::PathBuf> {
    let from_environment = || std::env::var_os("SEPOLQ_POLICY").map(std::path::PathBuf::from);
    let path = global.policy.clone().or_else(|| if global.demo { None } else { from_environment() })?;
    is_module(&path).then_some(path)
}

/// Answers a question to a module in the place of a policy; `None` for questions that modules cannot answer, or that are about no
/// policy at all: those go their own way, and say themselves that a module is no policy.
pub(super) fn run(cli: &Cli, path: &Path) -> Option<anyhow::Result<Status>> {
    let global = &cli.global;
    let rules = |kind: Kind, search: &Search| find(global, path, KindSet::of([kind]), search);
    Some(match &cli.command {
        Command::Allow(search) => rules(RuleKind::Allow.into(), search),
        Command::Auditallow(search) => rules(RuleKind::AuditAllow.into(), search),
        Command::Dontaudit(search) => rules(RuleKind::DontAudit.into(), search),
        Command::Allowxperm(search) => rules(RuleKind::AllowXperm.into(), search),
        Command::Auditallowxperm(search) => rules(RuleKind::AuditAllowXperm.into(), search),
        Command::Dontauditxperm(search) => rules(RuleKind::DontAuditXperm.into(), search),
        Command::TypeTransition(search) => rules(RuleKind::TypeTransition.into(), search),
        Command::TypeChange(search) => rules(RuleKind::TypeChange.into(), search),
        Command::TypeMember(search) => rules(RuleKind::TypeMember.into(), search),
        Command::RoleAllow(search) => rules(Kind::RoleAllow, search),
        Command::RoleTransition(search) => rules(Kind::RoleTransition, search),
        Command::RangeTransition(search) => rules(Kind::RangeTransition, search),
        Command::Search(any) => find(global, path, any.kinds(), &any.search),
        Command::Info(info) => show(global, path, false, info.json),
        Command::List(args) => list(global, path, args),
        _ => return None,
    })
}

fn shown(path: &Path) -> String {
    Name::new(path.as_os_str().as_encoded_bytes()).to_string()
}

/// Opens a module and calls `ask` with it and what it states.
fn with_module<R>(
    path: &Path,
    ask: impl for<'p> FnOnce(&Package<'p>, Vec<Statement>, &[u8]) -> anyhow::Result<R>,
) -> anyhow::Result<R> {
    let bytes = PolicyBytes::open(path)?;
    let package =
        Package::parse(&bytes).with_context(|| format!("cannot use the module `{}`", shown(path)))?;
    let all = statements(&package.module);
    ask(&package, all, &bytes)
}

/// What a module is, and with `all` everything that it states.
pub(super) fn show(global: &Global, path: &Path, all: bool, json: bool) -> anyhow::Result<Status> {
    with_module(path, |package, statements, bytes| {
        let answer = ModuleAnswer { path: &shown(path), bytes, package, statements: &statements };
        Output::answer(global.color, Status::Found, |output| {
            if json { module_as_json(&answer, output) } else { module_as_text(&answer, all, output) }
        })
    })
}

/// Rules that a module states.
fn find(global: &Global, path: &Path, kinds: KindSet, search: &Search) -> anyhow::Result<Status> {
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
    with_module(path, |package, mut statements, bytes| {
        statements.retain(|statement| {
            keyword_is_of(kinds, statement.keyword)
                && search.source.as_ref().is_none_or(|pattern| names(pattern, &statement.sources))
                && search.target.as_ref().is_none_or(|pattern| names(pattern, &statement.targets))
                && (search.classes.is_empty()
                    || statement.classes.iter().any(|class| search.classes.contains(class)))
                && has_permissions(search, statement)
        });
        print(global, path, package, &statements, bytes, (search.count, search.json, search.limit))
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
fn list(global: &Global, path: &Path, args: &List) -> anyhow::Result<Status> {
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
    with_module(path, |package, mut statements, bytes| {
        statements.retain(|statement| {
            keywords.contains(&statement.keyword)
                && args.name.as_ref().is_none_or(|name| statement.sources.contains(name))
        });
        print(global, path, package, &statements, bytes, (args.count, args.json, args.limit))
    })
}

fn print(
    global: &Global,
    path: &Path,
    package: &Package<'_>,
    statements: &[Statement],
    bytes: &[u8],
    (count, json, limit): (bool, bool, Option<usize>),
) -> anyhow::Result<Status> {
    let status = if statements.is_empty() { Status::NothingFound } else { Status::Found };
    let answer = ModuleAnswer { path: &shown(path), bytes, package, statements };
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
