//! The modules in `testdata/modules`: compiled from the sources beside them, written again as they were read, stating what they
//! say; and refused, or read, however they are spoilt, without a panic.

mod writer;

use std::path::{Path, PathBuf};
use std::process::Command;

use module::{Kind, Package, SectionKind, statements};
use testkit::policies::testdata;

fn folder() -> PathBuf {
    testdata().join("modules")
}

fn committed(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).expect("a committed module")
}

fn run(command: &mut Command) {
    let output = command.output().expect("the compiler runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn they_are_what_their_sources_compile_to() {
    let missing = |name: &str| !Path::new("/usr/bin").join(name).exists();
    if missing("checkmodule") || missing("semodule_package") {
        let why = "checkmodule and semodule_package are not installed".to_owned();
        return testkit::leave_out(&testkit::Error::Reference(why));
    }
    for version in ["boxes-1", "boxes-2"] {
        let made = tempfile::tempdir().expect("a folder");
        let (compiled, package) = (made.path().join("boxes.mod"), made.path().join("boxes.pp"));
        let source = |ending: &str| folder().join(format!("{version}.{ending}"));
        run(Command::new("checkmodule").arg("-m").arg("-o").arg(&compiled).arg(source("te")));
        let contexts = source("fc");
        run(Command::new("semodule_package")
            .arg("-o")
            .arg(&package)
            .arg("-m")
            .arg(&compiled)
            .arg("-f")
            .arg(contexts));
        let bytes = std::fs::read(&package).expect("a package");
        let ours = committed(&format!("{version}.pp"));
        // Another version of the compiler writes another version of the format.
        let format = |bytes: &[u8]| Package::parse(bytes).map(|package| package.module.format);
        assert!(
            bytes == ours || format(&bytes) != format(&ours),
            "{version} is not what its source compiles to"
        );
    }
}

#[test]
fn they_state_what_they_say() {
    let bytes = committed("boxes-1.pp");
    let package = Package::parse(&bytes).expect("a module");
    assert_eq!(writer::package(&package), bytes);
    let module = &package.module;
    assert_eq!(module.kind, Kind::Module);
    let name = module.name_and_version.map(|(name, version)| format!("{name} {version}"));
    assert_eq!(name.as_deref(), Some("boxes 1.0"));
    let contexts = package.section(SectionKind::FileContexts).expect("file contexts");
    assert!(contexts.starts_with(b"/srv/boxes"));
    let all = statements(module);
    let stated =
        |text: &str| all.iter().find(|statement| statement.text == text).unwrap_or_else(|| panic!("{text}"));
    for text in [
        "attribute box_domain;",
        "type box_t;",
        "typealias box_file_t alias box_content_t;",
        "bool box_use_devices false;",
        "typeattribute box_t box_domain;",
        "typeattribute box_t domain;",
        "allow init_t box_t:process transition;",
        "allow box_domain box_file_t:file { getattr open read write };",
        "allow box_t self:process { sigchld signal };",
        // The compiler writes a rule for each driver.
        "allowxperm box_t box_file_t:file ioctl 0x5401;",
        "allowxperm box_t box_file_t:file ioctl 0x8910-0x8927;",
        "dontaudit box_t etc_t:file write;",
        "type_transition init_t box_exec_t:process box_t;",
        "type_transition box_t var_lib_t:file box_file_t \"box.db\";",
        "permissive boxd_t;",
        "require { class process { sigchld signal transition }; }",
    ] {
        assert_eq!(stated(text).place.block, 0, "{text}");
    }
    let conditional = stated("allow box_t etc_t:file { open read };");
    assert_eq!(conditional.place.condition, Some(("box_read_etc".to_owned(), true)));
    let optional = |text: &str| (stated(text).place.block, stated(text).place.branch);
    assert_eq!(optional("allow box_t audit_t:file { open read };"), (1, 0));
    assert_eq!(optional("allow box_t log_t:file { open read };"), (1, 1));
}

#[test]
fn spoilt_bytes_are_an_error_or_a_module() {
    let bytes = committed("boxes-2.pp");
    let (mut refused, mut read) = (0, 0);
    let mut ask = |bytes: &[u8]| match Package::parse(bytes) {
        Ok(package) => {
            read += 1;
            assert!(statements(&package.module).len() < 100_000);
        }
        Err(error) => {
            refused += 1;
            assert!(error.offset <= bytes.len() && !error.to_string().is_empty(), "{error}");
        }
    };
    for at in 0..bytes.len() {
        ask(&bytes[..at]);
        for value in [0, 1, 0x7f, 0xff] {
            let mut spoilt = bytes.clone();
            spoilt[at] = value;
            ask(&spoilt);
        }
    }
    assert!(refused > 5_000 && read > 1_000, "{refused} refused, {read} read");
}
