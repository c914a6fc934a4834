//! `sediff`: what changed from one policy to another, as SETools 4.4.1 compares and prints it.
//! Source: the script `sediff` of SETools 4.4.1 and its package `setools.diff`.
//!
//! Differences on purpose: what 4.4.1 prints in random order is sorted (permissions of modified rules, names in constraints);
//! constraints that it takes for different because of that order are not; policies before version 24, on which it crashes, are
//! answered, and names of any script do no harm.

mod access;
mod declared;
mod first_xperm;
mod labels;
mod options;
mod report;
mod rules;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use analysis::diff::statements::{Comparison, Reading};
use analysis::query::most_text;
use avstore::{ComponentKind, FileNames, Store};
use policydb::RuleKind;

use self::access::AccessSections;
use self::options::{HELP, Id, PARSER, Question, USAGE, Wanted};
use self::report::{Listed, Report, Room, Title};
use super::conditional_text::conditional_text;
use super::setools::{Failure, Program, open};
use crate::threads;

const PROGRAM: Program = Program { name: "sediff", usage: USAGE, help: HELP };

/// COMPAT(setools): what makes two statements the same.
const READING: Reading =
    Reading { condition_text: conditional_text, names: FileNames::Bare, sees_signs: false };

/// Runs the program.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let parsed = match PROGRAM.read(&PARSER, [Id::Help, Id::Version], arguments) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let question = Question::new(parsed.options, parsed.positionals);
    PROGRAM.answer(question.manner, |output| answer(&question, output))
}

/// Opens both policies before anything is compared, then prints section by section.
fn answer(question: &Question, output: &mut dyn Write) -> Result<(), Failure> {
    let manner = question.manner;
    // An empty name stands for the running policy.
    let [old, new] =
        question.policies.each_ref().map(|path| Some(path.as_str()).filter(|path| !path.is_empty()));
    let old_opened = open(old, manner)?;
    let new_opened = open(new, manner);
    // Both are read at once. What is wrong with the old one is told first, as if they were read one after the other.
    let (old_policy, new_policy) = threads::both(
        || old_opened.parse(manner),
        || new_opened.as_ref().ok().map(|opened| opened.parse(manner)),
    )
    .map_err(|error| error.to_string())?;
    let (old_policy, new_opened) = (old_policy?, new_opened.as_ref().map_err(Clone::clone)?);
    let new_policy = match new_policy {
        Some(new_policy) => new_policy?,
        None => new_opened.parse(manner)?,
    };
    let (old, new) = (Store::new(&old_policy), Store::new(&new_policy));
    let comparison = Comparison::new(&old, &new, READING);
    let most = most_text(old_opened.bytes.len().max(new_opened.bytes.len()));
    let wants = |id| question.wants(id);
    sections(&comparison, &wants, question.stats, most, &|text| manner.tell(text), output)
}

/// The same of two policies in sepolq's own reading: every statement that differs, in sections.
///
/// # Errors
/// There are more differences than policies of that size can honestly have, or the output cannot be written.
pub(crate) fn complete<'p>(
    old: &Store<'p>,
    new: &Store<'p>,
    n_bytes: usize,
    output: &mut dyn Write,
) -> anyhow::Result<()> {
    let comparison = Comparison::new(old, new, Reading::NATIVE);
    let most = most_text(n_bytes);
    let mut print = || {
        sections(&comparison, &|_| Wanted::IfAny, false, most, &|_| {}, output)?;
        let mut report = Report::new(output, false);
        for &(title, kind) in NATIVE_SECTIONS {
            let listed = declared::names_only(comparison.stated(kind), &Room::new(most))?;
            report.section(title, Wanted::IfAny, &listed)?;
        }
        Ok(())
    };
    print().map_err(|failure| match failure {
        Failure::Message(message) | Failure::Usage(message) => anyhow::anyhow!(message),
        Failure::Output(error) => error.into(),
    })
}

/// Prints section by section what is wanted.
fn sections(
    comparison: &Comparison<'_, '_>,
    wants: &dyn Fn(Id) -> Wanted,
    stats: bool,
    most: usize,
    tell: &dyn Fn(&str),
    output: &mut dyn Write,
) -> Result<(), Failure> {
    let mut report = Report::new(output, stats);
    if wants(Id::Property) != Wanted::No {
        report.properties(wants(Id::Property), &declared::properties(comparison))?;
    }
    let kinds = SECTIONS.iter().filter_map(|(id, _, kind)| match kind {
        Kind::Access(kind) => Some(*kind).filter(|_| wants(*id) != Wanted::No),
        _ => None,
    });
    let kinds: Vec<RuleKind> = kinds.collect();
    let mut access: Option<AccessSections<'_, '_, '_>> = None;
    for &(id, title, kind) in SECTIONS {
        let wanted = wants(id);
        if wanted == Wanted::No {
            continue;
        }
        tell(&format!("Comparing {}", title.head));
        match kind {
            Kind::Access(kind) => {
                let sections = match access.take() {
                    Some(sections) => sections,
                    None => AccessSections::new(comparison, &kinds)?,
                };
                access.insert(sections).print(kind, title, wanted, &mut report)?;
            }
            kind => {
                let listed = listed(comparison, kind, &Room::new(most))?;
                // COMPAT(setools): bounds that were only modified are no reason to print the section.
                let is_silent = id == Id::Typebounds && listed.added.is_empty() && listed.removed.is_empty();
                let wanted = if is_silent && wanted == Wanted::IfAny { Wanted::No } else { wanted };
                report.section(title, wanted, &listed)?;
            }
        }
    }
    Ok(())
}

/// What a section is about.
#[derive(Clone, Copy)]
enum Kind {
    Commons,
    Classes,
    Booleans,
    Roles,
    Types,
    Attributes,
    Users,
    Categories,
    Sensitivities,
    Levels,
    Access(RuleKind),
    Xperms(RuleKind),
    /// No binary policy has such rules.
    Never,
    TypeRules(RuleKind),
    RoleAllow,
    RoleTransition,
    RangeTransition,
    Constraints(ComponentKind),
    Labels(ComponentKind),
    Capabilities,
    Defaults,
    Typebounds,
}

const fn titled(head: &'static str) -> Title {
    Title::new(head)
}

/// The sections behind that of properties, in their order.
const SECTIONS: &[(Id, Title, Kind)] = &[
    (Id::Common, titled("Commons"), Kind::Commons),
    (Id::Class, titled("Classes"), Kind::Classes),
    (Id::Bool, titled("Booleans"), Kind::Booleans),
    (Id::Role, titled("Roles"), Kind::Roles),
    (Id::Type, titled("Types"), Kind::Types),
    (Id::Attribute, titled("Type Attributes"), Kind::Attributes),
    (Id::User, titled("Users"), Kind::Users),
    (Id::Category, titled("Categories"), Kind::Categories),
    // COMPAT(setools): what was added is spelled otherwise.
    (
        Id::Sensitivity,
        Title { lists: ["Sensitivites", "Sensitivities", "Sensitivities"], ..titled("Sensitivities") },
        Kind::Sensitivities,
    ),
    (Id::Level, titled("Levels"), Kind::Levels),
    (Id::Allow, titled("Allow Rules"), Kind::Access(RuleKind::Allow)),
    (Id::Allowxperm, titled("Allowxperm Rules"), Kind::Xperms(RuleKind::AllowXperm)),
    (Id::Neverallow, titled("Neverallow Rules"), Kind::Never),
    (Id::Neverallowxperm, titled("Neverallowxperm Rules"), Kind::Never),
    (Id::Auditallow, titled("Auditallow Rules"), Kind::Access(RuleKind::AuditAllow)),
    (Id::Auditallowxperm, titled("Auditallowxperm Rules"), Kind::Xperms(RuleKind::AuditAllowXperm)),
    (Id::Dontaudit, titled("Dontaudit Rules"), Kind::Access(RuleKind::DontAudit)),
    (Id::Dontauditxperm, titled("Dontauditxperm Rules"), Kind::Xperms(RuleKind::DontAuditXperm)),
    (Id::TypeTransition, titled("Type_transition Rules"), Kind::TypeRules(RuleKind::TypeTransition)),
    (Id::TypeChange, titled("Type_change Rules"), Kind::TypeRules(RuleKind::TypeChange)),
    (Id::TypeMember, titled("Type_member Rules"), Kind::TypeRules(RuleKind::TypeMember)),
    (
        Id::RoleAllow,
        Title { lists: ["Role Allow Rules"; 3], ..titled("Role allow Rules") }.without_modified(),
        Kind::RoleAllow,
    ),
    (Id::RoleTransition, titled("Role_transition Rules"), Kind::RoleTransition),
    (Id::RangeTransition, titled("Range_transition Rules"), Kind::RangeTransition),
    (Id::Constrain, titled("Constraints").without_modified(), Kind::Constraints(ComponentKind::Constrain)),
    (
        Id::MlsConstrain,
        titled("MLS Constraints").without_modified(),
        Kind::Constraints(ComponentKind::MlsConstrain),
    ),
    (
        Id::Validatetrans,
        titled("Validatetrans").without_modified(),
        Kind::Constraints(ComponentKind::ValidateTrans),
    ),
    (
        Id::MlsValidatetrans,
        titled("MLS Validatetrans").without_modified(),
        Kind::Constraints(ComponentKind::MlsValidateTrans),
    ),
    (Id::InitialSid, titled("Initial SIDs"), Kind::Labels(ComponentKind::InitialSid)),
    (Id::Ibendportcon, titled("Ibendportcons"), Kind::Labels(ComponentKind::Ibendportcon)),
    (Id::Ibpkeycon, titled("Ibpkeycons"), Kind::Labels(ComponentKind::Ibpkeycon)),
    (Id::FsUse, titled("Fs_use"), Kind::Labels(ComponentKind::FsUse)),
    (Id::Genfscon, titled("Genfscons"), Kind::Labels(ComponentKind::Genfscon)),
    (Id::Netifcon, titled("Netifcons"), Kind::Labels(ComponentKind::Netifcon)),
    (Id::Nodecon, titled("Nodecons"), Kind::Labels(ComponentKind::Nodecon)),
    (Id::Portcon, titled("Portcons"), Kind::Labels(ComponentKind::Portcon)),
    (Id::Polcap, titled("Policy Capabilities").without_modified(), Kind::Capabilities),
    (Id::Default, titled("Defaults"), Kind::Defaults),
    (Id::Typebounds, titled("Typebounds"), Kind::Typebounds),
];

/// Sections of the native comparison behind those.
const NATIVE_SECTIONS: &[(Title, ComponentKind)] = &[
    (titled("Rolebounds").without_modified(), ComponentKind::RoleBounds),
    (titled("Userbounds").without_modified(), ComponentKind::UserBounds),
    (titled("Types Never Audited").without_modified(), ComponentKind::NeverAudit),
];

/// What stands in a section.
fn listed(comparison: &Comparison<'_, '_>, kind: Kind, room: &Room) -> Result<Listed, Failure> {
    match kind {
        Kind::Access(_) | Kind::Never => Ok(Listed::default()),
        Kind::Commons => declared::with_set(comparison.commons(), "permissions", room),
        Kind::Classes => declared::with_set(comparison.classes(), "permissions", room),
        Kind::Booleans => declared::booleans(comparison, room),
        Kind::Roles => declared::with_set(comparison.roles(), "types", room),
        Kind::Types => declared::types(comparison, room),
        Kind::Attributes => declared::with_set(comparison.attributes(), "types", room),
        Kind::Users => declared::users(comparison, room),
        Kind::Categories => declared::with_aliases(comparison.categories(), room),
        Kind::Sensitivities => declared::with_aliases(comparison.sensitivities(), room),
        Kind::Levels => declared::levels(comparison, room),
        Kind::Xperms(kind) => rules::xperms(comparison, kind, room),
        Kind::TypeRules(kind) => rules::type_rules(comparison, kind, room),
        Kind::RoleAllow => rules::role_allows(comparison, room),
        Kind::RoleTransition => rules::role_transitions(comparison, room),
        Kind::RangeTransition => rules::range_transitions(comparison, room),
        Kind::Constraints(kind) => labels::constraints(comparison, kind, room),
        Kind::Labels(kind) => labels::labels(comparison, kind, room),
        Kind::Capabilities => declared::names_only(comparison.capabilities(), room),
        Kind::Defaults => labels::defaults(comparison, room),
        Kind::Typebounds => labels::typebounds(comparison, room),
    }
}
