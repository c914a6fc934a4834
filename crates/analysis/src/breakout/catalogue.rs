//! The catalogue: known ways out of a container, and what each needs. Data: `catalogue.toml` beside this file, and files of the
//! same form. What the words mean for a policy is worked out in `objects.rs`.

use super::read::{CatalogueError, read};

/// The catalogue that comes with the program.
const BUILTIN: &str = include_str!("catalogue.toml");

/// Primitives.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// In the order in which they are shown.
    pub primitives: Vec<Primitive>,
}

/// A known way out of a container.
#[derive(Clone, Debug)]
pub struct Primitive {
    /// A stable name.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// Where it is described: a CVE, a manual page.
    pub reference: String,
    /// What it means if it is open.
    pub meaning: String,
    /// It is open if one of these is.
    pub ways: Vec<Way>,
    /// Whether it comes with the program.
    pub is_builtin: bool,
}

/// One way of using a primitive.
#[derive(Clone, Debug)]
pub struct Way {
    /// What tells it from the others.
    pub how: Option<String>,
    /// It is open if all of these are granted.
    pub needs: Vec<Need>,
}

/// Access that is needed, as a whole on one object.
#[derive(Clone, Debug)]
pub struct Need {
    /// What is asked of the object.
    pub access: Vec<Asked>,
    /// Objects: one of them is enough.
    pub on: Vec<Sought>,
    /// Objects if the policy has none of `on`.
    pub otherwise: Vec<Sought>,
    /// Who needs it, if that is not the domain in question: one of them is enough.
    pub by: Vec<Sought>,
    /// The level of the objects.
    pub level: ObjectLevel,
}

/// Permissions of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The class.
    pub class: String,
    /// Its permissions, one or more.
    pub permissions: Vec<String>,
    /// The line of the catalogue that asks for it.
    pub line: usize,
}

/// An object that is looked for in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The domain in question.
    Itself,
    /// A type, by its name.
    Type(String),
    /// The types of an attribute.
    Attribute(String),
    /// An initial SID.
    InitialSid(String),
    /// A path on a file system that the policy labels by `genfscon`.
    GenfsPath {
        /// The file system, such as `proc`.
        file_system: String,
        /// The path, from its root.
        path: String,
    },
    /// Types by the part that they play.
    Part(Part),
}

/// A part that types of a policy play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Domains that are no container's.
    HostDomains,
    /// Domains that start containers.
    Runtimes,
    /// Types of the programs that these are entered by.
    RuntimePrograms,
    /// The type of files that containers may write.
    ContainerFiles,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 4] =
        [Part::HostDomains, Part::Runtimes, Part::RuntimePrograms, Part::ContainerFiles];

    /// The word of catalogues.
    pub const fn word(self) -> &'static str {
        match self {
            Part::HostDomains => "host-domains",
            Part::Runtimes => "runtimes",
            Part::RuntimePrograms => "runtime-programs",
            Part::ContainerFiles => "container-files",
        }
    }

    /// In words, as what a policy may lack.
    pub const fn text(self) -> &'static str {
        match self {
            Part::HostDomains => "domains of the host",
            Part::Runtimes => "domains that start containers",
            Part::RuntimePrograms => "programs of such domains",
            Part::ContainerFiles => "type of containers' files",
        }
    }
}

/// The level of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectLevel {
    /// What the policy says of an initial SID or a path; else the lowest one, which file contexts give the host's files.
    #[default]
    Labelled,
    /// Another container's pair of categories.
    Another,
    /// Left open: what depends on it cannot be told.
    Open,
}

impl Catalogue {
    /// The one that comes with the program. O(its text).
    pub fn builtin() -> Self {
        // A test says that it can be read.
        read(BUILTIN, true).unwrap_or_default()
    }

    /// Reads a catalogue. Never panics.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        read(text, false)
    }

    /// Adds another one: a primitive of the same id takes the place of the one that was there.
    pub fn extend(&mut self, other: Catalogue) {
        for primitive in other.primitives {
            match self.primitives.iter_mut().find(|known| known.id == primitive.id) {
                Some(known) => *known = primitive,
                None => self.primitives.push(primitive),
            }
        }
    }
}

impl Sought {
    /// As catalogues write it.
    pub fn text(&self) -> String {
        match self {
            Sought::Itself => "self".to_owned(),
            Sought::Type(name) => name.clone(),
            Sought::Attribute(name) => format!("@{name}"),
            Sought::InitialSid(name) => format!("sid:{name}"),
            Sought::GenfsPath { file_system, path } => format!("genfs:{file_system} {path}"),
            Sought::Part(part) => format!("part:{}", part.word()),
        }
    }

    /// In words, as what a policy lacks.
    pub(super) fn lacking(&self) -> String {
        match self {
            Sought::Itself => "domain".to_owned(),
            Sought::Type(name) => format!("type {name}"),
            Sought::Attribute(name) => format!("types with {name}"),
            Sought::InitialSid(name) => format!("initial SID {name}"),
            Sought::GenfsPath { file_system, .. } => format!("genfscon for {file_system}"),
            Sought::Part(part) => part.text().to_owned(),
        }
    }
}
