//! A package: what it says of itself, and the files that were asked for, in one walk.

use crate::collector::Collector;
use crate::{Error, Format, Limits, Member, MemberName, Refusal, deb, format, rpm};

/// What a package says of itself. Text from the file as it is, not escaped: whoever prints it does that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// [`Format::Rpm`] or [`Format::Deb`].
    pub format: Format,
    /// Its name, such as `container-selinux`.
    pub name: String,
    /// The number that is compared before the version, if there is one.
    pub epoch: Option<String>,
    /// The version of the software.
    pub version: String,
    /// Which packaging of that version; Debian's own packages have none.
    pub release: Option<String>,
    /// The architecture, such as `noarch`.
    pub arch: String,
}

/// A package that was walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageContents {
    /// What it says of itself.
    pub package: Package,
    /// The files that were asked for, in the order of the archive.
    pub files: Vec<Member>,
    /// Members that are not read, and why: those that were asked for and are no plain files, and those that have no honest
    /// name.
    pub refused: Vec<(String, Refusal)>,
}

impl Package {
    /// Version and release as the packaging system writes them: `4:2.229.0-1.fc40`.
    pub fn full_version(&self) -> String {
        let mut text = String::new();
        if let Some(epoch) = &self.epoch {
            text.push_str(epoch);
            text.push(':');
        }
        text.push_str(&self.version);
        if let Some(release) = &self.release {
            text.push('-');
            text.push_str(release);
        }
        text
    }
}

/// Reads an RPM or a Debian package: the files whose name `wanted` says yes to, as the archive has them (what is
/// compressed in there still is). The others are walked over and not kept.
///
/// Memory is at most what is kept, a decoder's window, and the package's own tables.
///
/// # Errors
/// When it is no package, is damaged or cut off, or a limit is run into. A wanted member that is no plain file is no error but
/// [refused](PackageContents::refused).
pub fn read_package(
    bytes: &[u8],
    limits: &Limits,
    mut wanted: impl FnMut(&MemberName) -> bool,
) -> Result<PackageContents, Error> {
    let mut collector = Collector::new(limits, &mut wanted);
    let package = match format(bytes) {
        Format::Rpm => rpm::read(bytes, limits, &mut collector)?,
        Format::Deb => deb::read(bytes, limits, &mut collector)?,
        _ => return Err(Error::NotAPackage),
    };
    Ok(PackageContents { package, files: collector.files, refused: collector.refused })
}
