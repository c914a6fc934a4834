//! Which formats of compiled modules this system can read: its converter is asked, one module of each format.

use std::collections::BTreeMap;
use std::path::Path;

use crate::system_tools::{FileNames, PrivateFolder, Tool, write};

/// Where libsemanage looks for the converter of `pp`, and where old ones had it. Source: `compiler-directory` in libsemanage's
/// `conf-parse.y`.
const PLACES: [&str; 3] =
    ["/usr/libexec/selinux/hll/pp", "/usr/lib/selinux/hll/pp", "/usr/lib64/selinux/hll/pp"];

/// Whether this system can turn a module of a language into CIL.
pub(crate) fn has_converter(language: &str) -> bool {
    let is_name = !language.is_empty() && language.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name && PLACES.iter().any(|place| Path::new(place).with_file_name(language).is_file())
}

/// Why modules of a format cannot be read here, by format; formats that can be are not among them. `None` where there is no
/// converter to ask.
///
/// # Errors
/// There is no place for the files.
pub(crate) fn refused_formats(
    one_each: &BTreeMap<u32, &[u8]>,
) -> anyhow::Result<Option<BTreeMap<u32, String>>> {
    let Some(name) = PLACES.into_iter().find(|place| Path::new(place).is_file()) else { return Ok(None) };
    let tool = Tool {
        name,
        needed_by: "`modules`",
        help: "`apt-get install policycoreutils`, or `dnf install policycoreutils`",
    };
    let folder = PrivateFolder::new()?;
    let mut refused = BTreeMap::new();
    for (format, bytes) in one_each {
        let (module, cil) = (folder.join(format!("{format}.pp")), folder.join(format!("{format}.cil")));
        write(&module, bytes)?;
        let said = FileNames::default().run(tool, |command| {
            command.arg(&module).arg(&cil);
        })?;
        if !said.success {
            let version =
                said.lines.iter().find_map(|line| line.split_once(" version range ").map(|(_, range)| range));
            let newest = version.and_then(|range| range.trim().rsplit('-').next());
            refused.insert(
                *format,
                match newest {
                    Some(newest) => format!("module version {format}; this system reads up to {newest}"),
                    None => format!("this system's converter refuses it: {}", said.lines.join("; ")),
                },
            );
        }
    }
    Ok(Some(refused))
}
