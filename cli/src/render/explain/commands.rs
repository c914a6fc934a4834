//! Commands that carry a fix out: what a record does not say stands as a word in capitals, and all else is quoted.

use super::told::{Command, CommandKind};
use crate::render::shell::escaped;
pub(super) use crate::render::shell::quoted;

/// What is known beside the access: from the record, from the user, from `inspect`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Whether the process is one of the host, and sees its paths.
    pub(crate) is_host: bool,
    /// Whether that is a file, and not a directory with all that is in it.
    pub(crate) is_one_file: bool,
    /// Whether restorecon leaves such labels, as `customizable_types` says.
    pub(crate) is_customized: bool,
    /// The path on the host.
    pub(crate) host_path: Option<String>,
    /// The name of the engine's volume that it is, which is mounted by that name.
    pub(crate) volume: Option<String>,
    /// Where that is in the container.
    pub(crate) container_path: Option<String>,
    /// The container's name.
    pub(crate) container: Option<String>,
    /// The port that was to be bound or connected to.
    pub(crate) port: Option<i64>,
    /// The program's file, where the record has it.
    pub(crate) program: Option<String>,
    /// Whether the object is of the container's image, by what `inspect` says of its mounts.
    pub(crate) in_image: bool,
    /// What is mounted in the container, where the record does not say which of it: paths on the host and in the container.
    pub(crate) mounts: Vec<(String, String)>,
}

impl Facts {
    /// The path on the host, or its placeholder: of a process of the host any file, of a container what is mounted.
    pub(super) fn host_path(&self) -> String {
        quoted_or(self.host_path.as_deref(), self.placeholder())
    }

    const fn placeholder(&self) -> &'static str {
        if self.is_host { "PATH" } else { "HOSTDIR" }
    }

    /// The path in the container, or its placeholder.
    pub(super) fn container_path(&self) -> String {
        quoted_or(self.container_path.as_deref(), "CONTAINERDIR")
    }

    /// The container, or its placeholder.
    pub(super) fn container(&self) -> String {
        quoted_or(self.container.as_deref(), "CONTAINER")
    }

    /// The program, or its placeholder.
    pub(super) fn program(&self) -> String {
        quoted_or(self.program.as_deref(), "PROGRAM")
    }

    /// The path on the host and all below it, as file contexts write it.
    pub(super) fn tree(&self) -> String {
        match &self.host_path {
            Some(path) if self.is_one_file => quoted(&escaped(path)),
            Some(path) => quoted(&format!("{}(/.*)?", escaped(path.trim_end_matches('/')))),
            None => format!("'{}(/.*)?'", self.placeholder()),
        }
    }

    /// The options of restorecon that give it a new label, with all below it.
    pub(super) const fn force(&self) -> &'static str {
        if self.is_one_file { "-F" } else { "-RF" }
    }

    /// The option that mounts the directory.
    pub(super) fn volume(&self, option: &str) -> Command {
        let source = self.volume.as_deref().map_or_else(|| self.host_path(), quoted);
        container_option(format!("-v {source}:{}:{option}", self.container_path()))
    }

    /// The option that mounts a directory below it.
    pub(super) fn sub_directory(&self, option: &str) -> Command {
        let path = self.host_path.as_deref().map(|path| path.trim_end_matches('/'));
        let below = quoted(&format!("{}/DIR", path.unwrap_or(self.placeholder())));
        container_option(format!("-v {below}:{}:{option}", self.container_path()))
    }
}

/// A command for the shell.
pub(super) fn shell(text: String) -> Command {
    Command { kind: CommandKind::Shell, text }
}

/// An option of the command that starts the container.
pub(super) fn container_option(text: String) -> Command {
    Command { kind: CommandKind::ContainerOption, text }
}

fn quoted_or(value: Option<&str>, placeholder: &str) -> String {
    value.map_or_else(|| placeholder.to_owned(), quoted)
}

#[cfg(test)]
mod tests {
    use super::Facts;

    #[test]
    fn paths_are_no_regular_expressions() {
        let facts = Facts { host_path: Some("/srv/a.b+(c)/".to_owned()), ..Facts::default() };
        assert_eq!(facts.tree(), r"'/srv/a\.b\+\(c\)(/.*)?'");
        assert_eq!(Facts::default().tree(), "'HOSTDIR(/.*)?'");
    }
}
