//! What is known of a path: the label that it has, the one that file contexts give it, its file system; and where that is
//! known from.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use analysis::context::PartialContext;
use analysis::mount::EngineTypes;
use anyhow::Context;
use avstore::Store;
use host::SelinuxFiles;
use labels::container_contexts::{CONTAINER_CONTEXTS, ContainerContexts};
use labels::customizable::CustomizableTypes;
use labels::file_contexts::{FileContexts, FileKind, Part, Parts};

use crate::args::{Global, TreeArgs};
use crate::status;

/// The file contexts and customizable types that belong to the demo policy.
const DEMO_FILE_CONTEXTS: &[u8] = include_bytes!("../../../testdata/demo/file_contexts");
const DEMO_CUSTOMIZABLE: &[u8] = include_bytes!("../../../testdata/demo/customizable_types");
/// Problems of file contexts that are told one by one.
const PROBLEMS_SHOWN: usize = 3;
/// Types below a tree that are looked at: of a whole file system there are thousands.
const MOST_BELOW: usize = 16;
/// Bytes of a small file beyond which it is not what it should be.
const LARGEST: u64 = 1 << 20;

/// What belongs to the policy that is asked.
pub(crate) struct Surroundings {
    pub(crate) file_contexts: Option<FileContexts>,
    /// Where the file contexts are, as said in answers.
    pub(crate) file_contexts_name: String,
    pub(crate) customizable: Option<CustomizableTypes>,
    pub(crate) types: EngineTypes,
    /// Whether paths are those of this system, so that the file system is asked.
    is_here: bool,
}

/// Where a label is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LabelOrigin {
    /// It was given.
    Given,
    /// The file system has it.
    FileSystem,
    /// File contexts give it.
    FileContexts,
    /// The policy gives it to all files of a file system that keeps no labels.
    FileSystemKind,
}

/// What file contexts say of a path.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// The label; nothing for `<<none>>`: whatever it has.
    pub(crate) label: Option<String>,
    /// The expression that matches, as written.
    pub(crate) regex: String,
    /// The file, and the line where that is known.
    pub(crate) place: String,
    /// The path that was compared, if an equivalence made it another one: statements of semanage name that one.
    pub(crate) substituted: Option<String>,
    /// The label as a context of the policy, if it is one.
    pub(crate) context: Option<PartialContext>,
}

/// What is known of a path.
pub(crate) struct Tree {
    /// The path, absolute.
    pub(crate) path: PathBuf,
    /// The path that it leads to, if it is a link or has links in it.
    pub(crate) real: Option<PathBuf>,
    /// The kind of file, if it exists or was said.
    pub(crate) kind: Option<FileKind>,
    pub(crate) exists: bool,
    /// Whether it was looked for.
    pub(crate) is_here: bool,
    /// Whether the file system keeps no labels, as far as known.
    pub(crate) is_without_labels: bool,
    /// The label, as text, and where it is from.
    pub(crate) label: Option<(String, LabelOrigin)>,
    /// The label as a context of the policy; nothing if it has parts that the policy lacks.
    pub(crate) context: Option<PartialContext>,
    /// Why the label is none of the policy's.
    pub(crate) problem: Option<String>,
    pub(crate) expected: Option<Expected>,
    /// Labels of other types that file contexts give to what is below it.
    pub(crate) below: Vec<PartialContext>,
    pub(crate) file_system: Option<String>,
}

impl Surroundings {
    /// Reads what the policy needs that the arguments name.
    ///
    /// # Errors
    /// File contexts that were named and cannot be read.
    pub(crate) fn open(global: &Global, known: &TreeArgs) -> anyhow::Result<Self> {
        let is_here = !global.demo;
        let files = match (&known.file_contexts, &global.policy) {
            (Some(file), _) if SelinuxFiles::of_file_contexts(file).is_some() => {
                SelinuxFiles::of_file_contexts(file)
            }
            (_, Some(policy)) => SelinuxFiles::of_policy(policy),
            (_, None) if global.demo => None,
            (_, None) => Some(SelinuxFiles::of_system(Path::new("/"))),
        };
        let (file_contexts, file_contexts_name) = match (&known.file_contexts, &files) {
            (Some(path), _) => {
                let shown = policydb::Name::new(path.as_os_str().as_bytes()).to_string();
                let opened = FileContexts::open(path)
                    .with_context(|| format!("cannot read file contexts `{shown}`"))?;
                (Some(opened), shown)
            }
            (None, _) if global.demo => {
                let base = Part { name: "file_contexts of the demo", bytes: DEMO_FILE_CONTEXTS };
                let parts = Parts { base: Some(base), ..Parts::default() };
                (Some(FileContexts::parse(&parts)), "file_contexts of the demo".to_owned())
            }
            (None, Some(files)) => {
                let path = files.file_contexts();
                (FileContexts::open(&path).ok(), path.display().to_string())
            }
            (None, None) => (None, String::new()),
        };
        if let Some(file_contexts) = &file_contexts {
            note_problems(file_contexts);
        }
        // What stands beside file contexts that are named belongs to them, in whatever folder.
        let beside = |name: &str| small_file(&known.file_contexts.as_ref()?.parent()?.join(name));
        let customizable = match &files {
            _ if global.demo && known.file_contexts.is_none() => Some(DEMO_CUSTOMIZABLE.to_vec()),
            Some(files) => beside("customizable_types").or_else(|| small_file(&files.customizable_types())),
            None => beside("customizable_types"),
        };
        let customizable = customizable.map(|bytes| CustomizableTypes::parse(&bytes));
        // What the engines of this system look at first belongs to the policy of this system.
        let is_of_system = global.policy.is_none() && !global.demo && known.file_contexts.is_none();
        let engines = is_of_system
            .then(|| small_file(Path::new(CONTAINER_CONTEXTS)))
            .flatten()
            .or_else(|| beside("lxc_contexts"))
            .or_else(|| small_file(&files.as_ref()?.lxc_contexts()));
        let types = engines.map(|bytes| engine_types(&ContainerContexts::parse(&bytes))).unwrap_or_default();
        Ok(Surroundings { file_contexts, file_contexts_name, customizable, types, is_here })
    }

    /// What is known of a path. The label is the one given, else that of the file system, else the expected one.
    ///
    /// # Errors
    /// A label that was given and is none of the policy's.
    pub(crate) fn tree(
        &self,
        store: &Store<'_>,
        path: &OsStr,
        kind: Option<FileKind>,
        known: &TreeArgs,
    ) -> anyhow::Result<Tree> {
        let path = absolute(Path::new(path))?;
        let real = if self.is_here { fs::canonicalize(&path).ok() } else { None };
        let metadata = real.as_ref().and_then(|real| fs::metadata(real).ok());
        let found = metadata.as_ref().and_then(|metadata| FileKind::from_mode(metadata.mode()));
        let looked_up = real.as_deref().unwrap_or(&path);
        let kind = found.or_else(|| kind_by_name(looked_up)).or(kind);
        // What does not exist may be of another kind than is mounted mostly.
        let any_kind = || if found.is_none() { self.expected(store, looked_up, None) } else { None };
        let expected = self.expected(store, looked_up, kind).or_else(any_kind);
        let file_system = known.file_system.clone().or_else(|| {
            let above = nearest_that_exists(looked_up);
            self.is_here.then(|| host::file_system_of(&above)).flatten()
        });
        let keeps_labels = file_system.as_deref().is_none_or(labels::runtime::keeps_labels);
        let mut label = known.tree_label.clone().map(|label| (label, LabelOrigin::Given));
        if let (None, Some(real)) = (&label, &real) {
            label = label_of(real).map(|label| (label, LabelOrigin::FileSystem));
        }
        if let (None, Some(name), false) = (&label, &file_system, keeps_labels) {
            label = file_system_label(store, name).map(|label| (label, LabelOrigin::FileSystemKind));
        }
        let label = label.or_else(|| {
            let label = expected.as_ref()?.label.clone()?;
            Some((label, LabelOrigin::FileContexts))
        });
        let (mut context, mut problem) = (None, None);
        if let Some((text, origin)) = &label {
            match PartialContext::parse(store, text) {
                Ok(parsed) => context = Some(as_file(store, parsed)),
                Err(error) if *origin == LabelOrigin::Given => return Err(error.into()),
                Err(error) => problem = Some(status::message(&error.into())),
            }
        }
        let noxattr = store.policy().type_named(b"noxattrfs").filter(|id| store.is_attribute(*id));
        let is_of_such =
            |context: &PartialContext| noxattr.is_some_and(|id| store.applies(id, context.r#type));
        let is_without_labels = !keeps_labels || context.as_ref().is_some_and(is_of_such);
        let below = self.below(store, looked_up, context.as_ref());
        Ok(Tree {
            below,
            is_here: self.is_here,
            is_without_labels,
            exists: metadata.is_some(),
            real: real.filter(|real| *real != path),
            path,
            kind,
            label,
            context,
            problem,
            expected,
            file_system,
        })
    }

    /// The kind of file that a path is most likely of, where it cannot be looked at: a directory, unless file contexts name it as
    /// something else.
    pub(crate) fn likely_kind(&self, path: &Path) -> FileKind {
        let found = self
            .file_contexts
            .as_ref()
            .and_then(|contexts| contexts.lookup(path.as_os_str().as_bytes(), None)?.spec.kind);
        // What a link leads to is mounted, not the link.
        found.filter(|kind| *kind != FileKind::Link).unwrap_or(FileKind::Directory)
    }

    /// The labels that file contexts give below a path, one of each type, the first few.
    fn below(&self, store: &Store<'_>, path: &Path, tree: Option<&PartialContext>) -> Vec<PartialContext> {
        let specs =
            self.file_contexts.iter().flat_map(|contexts| contexts.below(path.as_os_str().as_bytes()));
        let mut below: Vec<PartialContext> = Vec::new();
        for label in specs.filter_map(|spec| PartialContext::parse(store, spec.context?).ok()) {
            let is_known = |known: &PartialContext| known.r#type == label.r#type;
            if below.len() < MOST_BELOW && !below.iter().any(is_known) && !tree.is_some_and(is_known) {
                below.push(label);
            }
        }
        below
    }

    /// What file contexts say of a path.
    pub(crate) fn expected(
        &self,
        store: &Store<'_>,
        path: &Path,
        kind: Option<FileKind>,
    ) -> Option<Expected> {
        let found = self.file_contexts.as_ref()?.lookup(path.as_os_str().as_bytes(), kind)?;
        let label = found.context().map(str::to_owned);
        let context = label.as_ref().and_then(|label| PartialContext::parse(store, label).ok());
        let place = match found.spec.line {
            Some(line) => format!("{}, line {line}", found.spec.file),
            None => found.spec.file.to_owned(),
        };
        let substituted = found.substituted.map(|path| String::from_utf8_lossy(&path).into_owned());
        Some(Expected { substituted, label, regex: found.spec.regex.to_owned(), place, context })
    }
}

impl Tree {
    /// The path, fit for a terminal.
    pub(crate) fn shown(&self) -> String {
        policydb::Name::new(self.path.as_os_str().as_bytes()).to_string()
    }

    /// Whether who may use it, and what relabelling would do, is the same for another path.
    pub(crate) fn is_alike(&self, other: &Tree) -> bool {
        let expected = |tree: &Tree| tree.expected.as_ref().and_then(|expected| expected.context.clone());
        let is_refused = |tree: &Tree| labels::runtime::is_refused(&tree.resolved(), &[]);
        let part = |tree: &Tree| labels::runtime::HostTree::of(&tree.resolved(), &[]);
        self.context == other.context
            && self.kind == other.kind
            && self.below == other.below
            && self.is_without_labels == other.is_without_labels
            && expected(self) == expected(other)
            && part(self) == part(other)
            && !is_refused(self)
            && !is_refused(other)
    }

    /// The path that engines come to: links followed.
    pub(crate) fn resolved(&self) -> String {
        self.real.as_ref().map_or_else(|| self.text(), |real| real.to_string_lossy().into_owned())
    }

    /// The path as statements of file contexts must name it: behind equivalences.
    pub(crate) fn named(&self) -> String {
        let substituted = self.expected.as_ref().and_then(|expected| expected.substituted.clone());
        substituted.unwrap_or_else(|| self.text())
    }

    /// Whether it is known to be no directory.
    pub(crate) fn is_one_file(&self) -> bool {
        self.kind.is_some_and(|kind| kind != FileKind::Directory)
    }

    /// The path as text for what engines are asked; bytes that are none are replaced.
    pub(crate) fn text(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// The kind of file that a name tells of.
fn kind_by_name(path: &Path) -> Option<FileKind> {
    path.extension().is_some_and(|ending| ending == "sock").then_some(FileKind::Socket)
}

/// The label that a policy gives to all files of a file system which keeps none. Source: `security_fs_use` in the kernel.
fn file_system_label(store: &Store<'_>, name: &str) -> Option<String> {
    let policy = store.policy();
    let plain = name.split('.').next().unwrap_or(name);
    let named =
        |wanted: &str| policy.genfs().iter().find(|genfs| genfs.fstype.as_bytes() == wanted.as_bytes());
    // NFS of version 4 has a name of its own, and old policies have not.
    let genfs = named(plain).or_else(|| named(plain.trim_end_matches(|c: char| c.is_ascii_digit())))?;
    let root = genfs.paths.iter().filter(|path| path.path.as_bytes() == b"/").last()?;
    Some(avstore::context_text(store, &root.context))
}

/// A label as files have it: what a user leaves open is what files have, so that constraints on users and roles of files hold.
fn as_file(store: &Store<'_>, context: PartialContext) -> PartialContext {
    let policy = store.policy();
    PartialContext {
        user: context.user.or_else(|| policy.user_named(b"system_u")),
        role: context.role.or_else(|| policy.role_named(b"object_r")),
        ..context
    }
}

/// The label that the file system has; an error is told and is no label.
fn label_of(path: &Path) -> Option<String> {
    match host::label_of(path) {
        Ok(label) => label.map(|label| String::from_utf8_lossy(&label).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            status::note(&format!("cannot read the label of {}: {error}", path.display()));
            None
        }
    }
}

/// Says which lines of file contexts are not used, the first few.
fn note_problems(file_contexts: &FileContexts) {
    let problems = file_contexts.problems();
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        status::note(&problem.to_string());
    }
    if problems.len() > PROBLEMS_SHOWN {
        let more = problems.len().saturating_sub(PROBLEMS_SHOWN);
        status::note(&format!("{more} more lines of file contexts are not used"));
    }
}

/// The bytes of a small file, if it is there and small.
fn small_file(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    fs::read(path).ok()
}

/// The types that engines give.
fn engine_types(contexts: &ContainerContexts) -> EngineTypes {
    let of = |context: Option<&str>| context?.split(':').nth(2).map(str::to_owned);
    let default = EngineTypes::default();
    EngineTypes {
        process: of(contexts.process()).unwrap_or(default.process),
        init: of(contexts.init_process()),
        machine: of(contexts.kvm_process()),
        file: of(contexts.file()).unwrap_or(default.file),
    }
}

/// A path from the root on, `.` and `..` resolved by the text; `~` is the home directory, as in command lines that no shell
/// has read.
///
/// # Errors
/// It begins in a working directory that is gone.
pub(crate) fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let path = match path.strip_prefix("~") {
        Ok(rest) => home().map_or_else(|| path.to_path_buf(), |home| home.join(rest)),
        Err(_) => path.to_path_buf(),
    };
    let path = if path.is_absolute() {
        path
    } else {
        let here = std::env::current_dir().with_context(|| {
            let shown = policydb::Name::new(path.as_os_str().as_bytes());
            format!("`{shown}` begins in the working directory\nhelp: give the path from the root on")
        })?;
        here.join(path)
    };
    let mut plain = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::Normal(name) => plain.push(name),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
        }
    }
    Ok(plain)
}

/// The path, or the nearest one above it that exists.
fn nearest_that_exists(path: &Path) -> PathBuf {
    let existing = path.ancestors().find(|path| path.exists());
    existing.map_or_else(|| PathBuf::from("/"), Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_by_their_text() {
        assert_eq!(absolute(Path::new("/a/./b/../c//d/")).unwrap(), Path::new("/a/c/d"));
        assert_eq!(absolute(Path::new("/../..")).unwrap(), Path::new("/"));
        assert!(absolute(Path::new("x")).unwrap().is_absolute());
    }

    #[test]
    fn the_nearest_path_that_exists() {
        assert_eq!(nearest_that_exists(Path::new("/proc/no/such")), Path::new("/proc"));
    }
}
