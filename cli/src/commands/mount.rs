//! `mount`: what will a container be able to do with a bind mount, before it runs?

use std::ffi::OsStr;
use std::path::Path;

use analysis::containers::Containers;
use analysis::decide::{Decider, WhatIf};
use analysis::mount::{Mounting, Need};
use anyhow::{Context, bail};
use avstore::Store;
use labels::file_contexts::FileKind;
use labels::runtime::{
    ContainerCommand, Domain, Engine, Level, Mount, MountSource, Processes, Separation, TreePlace,
    Unseparated,
};

use super::tree::{Surroundings, Tree, absolute};
use crate::args::{EngineName, Global, MountArgs, NeedName};
use crate::policy_source;
use crate::render::{Mounted, Mounts, Output, mounts_as_json, mounts_as_text};
use crate::status::{self, Status};

/// Mounts beyond which an index of the rules pays.
const MANY: usize = 3;

/// Answers the question for each mount.
pub(crate) fn run(global: &Global, args: &MountArgs) -> anyhow::Result<Status> {
    let asked = asked(args)?;
    if asked.mounts.is_empty() {
        bail!(
            "the command line mounts nothing that is named in it\nhelp: `-v HOSTDIR:CONTAINERDIR`, `--mount …`"
        );
    }
    let what_if = WhatIf { booleans: args.settings.clone(), ..WhatIf::default() };
    policy_source::with_store(global, |source, store| {
        let circumstances = what_if.resolve(store)?;
        let decider = Decider::new(store, circumstances.clone());
        let containers = Containers::of(store);
        let surroundings = Surroundings::open(global, &args.known)?;
        if store.policy().type_named(surroundings.types.file.as_bytes()).is_none() {
            bail!(
                "this policy has no containers: there is no type `{}`\nhelp: `--demo` has some; on Debian they come with the module `container`",
                policydb::Name::new(surroundings.types.file.as_bytes())
            );
        }
        if asked.mounts.len() > MANY {
            decider.prepare();
        }
        let own_homes = homes();
        // A home may be reached by a link, and engines resolve what is mounted.
        let resolved = own_homes.iter().filter_map(|home| std::fs::canonicalize(home).ok());
        let resolved = resolved.filter_map(|home| home.into_os_string().into_string().ok());
        let homes: Vec<String> = own_homes.iter().cloned().chain(resolved).collect();
        let mut answers = Vec::new();
        for mount in &asked.mounts {
            let tree = tree(store, &surroundings, args, mount)?;
            // Engines resolve a path before they look whether it may be relabelled.
            let mut mount = mount.clone();
            if let Some(tree) = &tree {
                mount.source = MountSource::Path(tree.resolved());
            }
            let mount = &mount;
            let is_socket = tree.as_ref().is_some_and(|tree| tree.kind == Some(FileKind::Socket));
            // It is podman that relabels, with the home directories of who runs it; of docker the daemon does.
            let of_engine = if asked.engine == Engine::Podman { own_homes.clone() } else { Vec::new() };
            let place = place(args, tree.as_ref(), of_engine);
            let mounting = Mounting {
                engine: asked.engine,
                mount,
                separation: &asked.separation,
                place: &place,
                homes: &homes,
                types: &surroundings.types,
                tree: label(store, &surroundings, tree.as_ref())?,
                expected: tree
                    .as_ref()
                    .and_then(|tree| Some(tree.expected.as_ref()?.context.as_ref()?.r#type)),
                below: tree.as_ref().map(|tree| tree.below.as_slice()).unwrap_or_default(),
                need: need(args, mount),
                is_socket,
                wants_ways: true,
            };
            let answer = analysis::mount::mount(&decider, &circumstances, &containers, &mounting)?;
            let need = mounting.need;
            answers.push(Mounted { mount: mount.clone(), tree, place, need, answer });
        }
        let is_well = |mounted: &Mounted| mounted.answer.suffices && !mounted.answer.takes;
        let status = if answers.iter().all(is_well) { Status::Found } else { Status::NothingFound };
        let mounts = Mounts {
            source,
            store,
            engine: asked.engine,
            separation: &asked.separation,
            surroundings: &surroundings,
            settings: &args.settings,
            answers,
        };
        for note in notes(&asked) {
            status::note(&note);
        }
        Output::answer(global.color, status, |output| {
            if args.json { mounts_as_json(&mounts, output) } else { mounts_as_text(&mounts, output) }
        })
    })
}

/// The command line, with what the options say beside it.
fn asked(args: &MountArgs) -> anyhow::Result<ContainerCommand> {
    let engine = args.engine.map(|engine| match engine {
        EngineName::Podman => Engine::Podman,
        EngineName::Docker => Engine::Docker,
        EngineName::Kubernetes => Engine::Kubernetes,
    });
    let mut asked = match &args.path {
        None => ContainerCommand::parse(&args.command)?,
        Some(path) => {
            let mut mount = Mount::of_path(path.clone());
            for option in &args.options {
                mount.option(option)?;
            }
            mount.check(engine.unwrap_or(Engine::Podman))?;
            ContainerCommand {
                engine: Engine::Podman,
                mounts: vec![mount],
                separation: Separation::default(),
                image: None,
                by_sudo: false,
                volumes_from: Vec::new(),
            }
        }
    };
    if let Some(engine) = engine {
        asked.engine = engine;
    }
    if args.disable {
        asked.separation = Separation::without(match asked.engine {
            Engine::Kubernetes => Unseparated::Privileged,
            Engine::Podman | Engine::Docker => Unseparated::Disabled,
        });
    }
    if args.no_daemon_labels {
        if asked.engine != Engine::Docker {
            bail!(
                "--no-daemon-labels is about docker\nhelp: of podman, `--disable` says that nothing is separated"
            );
        }
        asked.separation = Separation::without(Unseparated::Daemon);
    }
    if args.file_type.is_some() {
        asked.separation.file_type.clone_from(&args.file_type);
    }
    if let Processes::Labelled { domain, level, .. } = &mut asked.separation.processes {
        if let Some(name) = &args.domain {
            *domain = Domain::Named(name.clone());
        }
        if let Some(text) = &args.level {
            *level = Level::Given(text.clone());
            asked.separation.file_level = Level::Given(text.clone());
        }
    } else if args.domain.is_some() || args.level.is_some() {
        bail!("the container runs without separation, so --domain and --level mean nothing");
    }
    Ok(asked)
}

/// What the user should know of the command line.
fn notes(asked: &ContainerCommand) -> Vec<String> {
    let mut notes = Vec::new();
    for name in &asked.volumes_from {
        let name = policydb::Name::new(name.as_bytes());
        notes.push(format!("what is mounted from `{name}` (--volumes-from) is not looked at"));
    }
    notes
}

/// What is known of a mount's tree, if it stands on the host.
fn tree(
    store: &Store<'_>,
    surroundings: &Surroundings,
    args: &MountArgs,
    mount: &Mount,
) -> anyhow::Result<Option<Tree>> {
    let MountSource::Path(path) = &mount.source else { return Ok(None) };
    if path.is_empty() {
        bail!("a mount of a path of the host names none");
    }
    if path.starts_with('$') {
        let path = policydb::Name::new(path.as_bytes());
        bail!("`{path}` is a variable that no shell has replaced\nhelp: give the path itself");
    }
    let kind = surroundings.likely_kind(&absolute(Path::new(path))?);
    surroundings.tree(store, OsStr::new(path), Some(kind), &args.known).map(Some)
}

/// The label of a tree; what the engine makes itself has the label of its files.
fn label(
    store: &Store<'_>,
    surroundings: &Surroundings,
    tree: Option<&Tree>,
) -> anyhow::Result<analysis::context::PartialContext> {
    let Some(tree) = tree else {
        return analysis::context::PartialContext::parse(store, &surroundings.types.file)
            .context("the policy has no type for files of containers");
    };
    if let Some(context) = &tree.context {
        return Ok(context.clone());
    }
    let shown = tree.shown();
    match (&tree.problem, &tree.expected) {
        (Some(problem), _) => bail!("the label of `{shown}` is none of this policy's: {problem}"),
        (None, Some(expected)) if expected.label.is_none() => bail!(
            "no label is known of `{shown}`: file contexts leave it as it is (`{}`)\nhelp: give the label that it has: `--tree-label LABEL`",
            expected.regex
        ),
        _ => bail!(
            "no label is known of `{shown}`\nhelp: give the label that it has (`--tree-label LABEL`, from `ls -dZ`), or the file contexts that say it (`--file-contexts FILE`)"
        ),
    }
}

/// Where the tree stands.
fn place(args: &MountArgs, tree: Option<&Tree>, homes: Vec<String>) -> TreePlace {
    TreePlace {
        file_system: tree.and_then(|tree| tree.file_system.clone()),
        is_without_labels: tree.is_some_and(|tree| tree.is_without_labels),
        homes,
        is_of_pod: args.pod_volume,
    }
}

/// The home directories of whoever asks.
fn homes() -> Vec<String> {
    std::env::var("HOME").ok().into_iter().chain(sudo_home()).collect()
}

/// The home directory of `$SUDO_USER`, which go-selinux protects, too.
fn sudo_home() -> Option<String> {
    let user = std::env::var("SUDO_USER").ok()?;
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let mut homes = fields.filter(|fields| fields.first() == Some(&user.as_str()));
    homes.next()?.get(5).map(|home| (*home).to_owned())
}

fn need(args: &MountArgs, mount: &Mount) -> Need {
    match args.need {
        Some(NeedName::Read) => Need::Read,
        Some(NeedName::Write) => Need::Write,
        None if mount.read_only => Need::Read,
        None => Need::Write,
    }
}
