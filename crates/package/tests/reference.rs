//! The same packages and streams, unpacked by the system's own tools: the same names, the same bytes.

mod writer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use package::{Format, Limits, MemberName, Refusal, Store, cil, decompressed, read_package};
use testkit::policies;
use writer::Compression;

/// Whether a program is there; says so if it is not.
fn is_installed(program: &str) -> bool {
    let there = Path::new("/usr/bin").join(program).is_file();
    if !there {
        let why = format!("{program} is not installed\nhelp: `cargo xtask test` installs it");
        testkit::leave_out(&testkit::Error::Reference(why));
    }
    there
}

/// What a command prints.
fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("a program that runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A package of which the policies were built.
fn debian_package(name: &str) -> Option<PathBuf> {
    let folder = policies::modules(name).parent().map(|folder| folder.join("packages")).unwrap_or_default();
    let start = format!("selinux-policy-{name}_");
    let entries = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths = entries.map(|entry| entry.path());
    let found =
        paths.find(|path| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&start)));
    if found.is_none() {
        testkit::leave_out(&testkit::Error::NoPolicy { path: folder.join(start) });
    }
    found
}

#[test]
fn debians_modules_are_what_dpkg_and_bunzip2_make_of_them() {
    if !(is_installed("dpkg-deb") && is_installed("bzip2")) {
        return;
    }
    for name in ["default", "mls"] {
        let Some(deb) = debian_package(name) else { continue };
        let bytes = fs::read(&deb).expect("a package");
        let contents = read_package(&bytes, &Limits::default(), MemberName::is_module).expect("a package");
        let field = |field: &str| {
            String::from_utf8(output(Command::new("dpkg-deb").arg("-f").arg(&deb).arg(field))).expect("text")
        };
        assert_eq!(contents.package.format, Format::Deb);
        assert_eq!(contents.package.name, field("Package").trim());
        assert_eq!(contents.package.full_version(), field("Version").trim());
        assert_eq!(contents.package.arch, field("Architecture").trim());
        assert_eq!(contents.refused, []);

        let folder = tempfile::tempdir().expect("a folder");
        output(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(folder.path()));
        let listing = output(Command::new("find").arg(folder.path()).args(["-name", "*.pp.bz2"]));
        assert_eq!(contents.files.len(), listing.split(|byte| *byte == b'\n').count() - 1);
        assert!(contents.files.len() > 300, "{}", contents.files.len());
        for file in &contents.files {
            let theirs = folder.path().join(&file.path);
            assert!(fs::read(&theirs).expect("the file") == file.bytes, "{}", file.path);
            let unpacked = decompressed(&file.bytes, &Limits::default()).expect("a stream");
            assert!(output(Command::new("bzip2").arg("-dc").arg(&theirs)) == *unpacked, "{}", file.path);
        }
        // Everything else, too.
        let all = read_package(&bytes, &Limits::default(), |_| true).expect("a package");
        let listing = output(Command::new("find").arg(folder.path()).args(["-type", "f"]));
        assert_eq!(all.files.len(), listing.split(|byte| *byte == b'\n').count() - 1);
        for file in &all.files {
            assert!(
                fs::read(folder.path().join(&file.path)).expect("the file") == file.bytes,
                "{}",
                file.path
            );
        }
    }
}

/// Where the converter from modules to CIL is: Fedora's place, then older ones.
const CONVERTERS: [&str; 3] =
    ["/usr/libexec/selinux/hll/pp", "/usr/lib/selinux/hll/pp", "/usr/lib64/selinux/hll/pp"];

#[test]
fn names_in_cil_are_those_that_lines_declare() {
    let Some(converter) = CONVERTERS.iter().find(|path| Path::new(path).is_file()) else {
        let why = "the converter from modules to CIL is not installed\nhelp: `cargo xtask test` installs it";
        return testkit::leave_out(&testkit::Error::Reference(why.into()));
    };
    let Ok(modules) = fs::read_dir(policies::modules("default")) else {
        return testkit::leave_out(&testkit::Error::NoPolicy { path: policies::modules("default") });
    };
    let (mut n_modules, mut n_types, mut n_booleans) = (0, 0, 0);
    for module in modules {
        let text = output(Command::new(converter).arg(module.expect("an entry").path()));
        let ours: Vec<String> = cil::declarations(&text)
            .map(|declaration| declaration.expect("CIL"))
            .map(|declaration| match declaration.value {
                Some(value) => format!("({} {} {value})", declaration.kind, declaration.name),
                None => format!("({} {}", declaration.kind, declaration.name),
            })
            .collect();
        // The converter writes each declaration on a line of its own.
        let text = String::from_utf8(text).expect("text");
        let keywords =
            "type typeattribute typealias boolean role roleattribute user class common sensitivity category";
        let is_declaration = |line: &&str| {
            let word = line.strip_prefix('(').and_then(|line| line.split(' ').next());
            word.is_some_and(|word| keywords.split(' ').any(|keyword| keyword == word))
        };
        let shortened = |line: &str| match line.starts_with("(boolean ") {
            true => line.to_owned(),
            false => line.split([' ', ')']).take(2).collect::<Vec<_>>().join(" "),
        };
        let lines: Vec<String> = text.lines().map(str::trim).filter(is_declaration).map(shortened).collect();
        assert_eq!(ours, lines);
        n_modules += 1;
        n_types += ours.iter().filter(|line| line.starts_with("(type ")).count();
        n_booleans += ours.iter().filter(|line| line.starts_with("(boolean ")).count();
    }
    assert!(n_modules > 300 && n_types > 3000 && n_booleans > 200, "{n_modules}, {n_types}, {n_booleans}");
}

/// A package with plain files, hard links, a link and a FIFO.
const SPEC: &str = r"
Name: sepolq-test
Epoch: 2
Version: 1.5
Release: 3
Summary: files as packages of policies have them
License: none
BuildArch: noarch
%description
none
%install
folder=%{buildroot}/usr/share/selinux/packages
mkdir -p $folder/targeted
yes some bytes | head -c 300000 > $folder/a.pp
bzip2 -k $folder/a.pp
echo other > $folder/targeted/b.pp
ln $folder/targeted/b.pp $folder/c.pp
ln $folder/targeted/b.pp $folder/targeted/d.pp
ln -s a.pp $folder/link.pp
: > $folder/empty
mkfifo $folder/fifo
%files
/usr/share/selinux
";

#[test]
fn rpms_are_what_rpm2cpio_and_cpio_make_of_them() {
    if !(is_installed("rpmbuild")
        && is_installed("rpm2cpio")
        && is_installed("cpio")
        && is_installed("bzip2"))
    {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    fs::write(place("test.spec"), SPEC).expect("a file");
    for payload in ["w.ufdio", "w9.gzdio", "w9.bzdio", "w6.xzdio", "w6.lzdio", "w9.zstdio"] {
        let built = place(payload);
        let define = |name: &str, value: &str| format!("--define={name} {value}");
        output(
            Command::new("rpmbuild")
                .arg("-bb")
                .arg(define("_binary_payload", payload))
                .arg(define("_topdir", &place("top").to_string_lossy()))
                .arg(define("_rpmdir", &built.to_string_lossy()))
                // The machine's own steps after %install would strip and compress.
                .arg(define("__os_install_post", "%{nil}"))
                .arg(place("test.spec"))
                .env("HOME", folder.path()),
        );
        let rpm = built.join("noarch/sepolq-test-1.5-3.noarch.rpm");
        let contents = read_package(&fs::read(&rpm).expect("a package"), &Limits::default(), |_| true);
        let contents = contents.unwrap_or_else(|error| panic!("{payload}: {error}"));
        let theirs = String::from_utf8(output(Command::new("rpm").env("HOME", folder.path()).args([
            "-qp",
            "--qf=%{name} %{epoch}:%{version}-%{release} %{arch}",
            &rpm.to_string_lossy(),
        ])));
        let package = &contents.package;
        let ours = format!("{} {} {}", package.name, package.full_version(), package.arch);
        assert_eq!(theirs.as_deref(), Ok(ours.as_str()));

        let unpacked = built.join("unpacked");
        fs::create_dir_all(&unpacked).expect("a folder");
        fs::write(built.join("cpio"), output(Command::new("rpm2cpio").arg(&rpm))).expect("a file");
        let archive = fs::File::open(built.join("cpio")).expect("the file");
        output(Command::new("cpio").args(["-id", "--quiet"]).current_dir(&unpacked).stdin(archive));
        let listing = output(Command::new("find").args([".", "-type", "f"]).current_dir(&unpacked));
        let listing = String::from_utf8(listing).expect("text");
        let mut names: Vec<&str> = listing.lines().filter_map(|name| name.strip_prefix("./")).collect();
        names.sort_unstable();
        let mut ours: Vec<&str> = contents.files.iter().map(|file| file.path.as_str()).collect();
        ours.sort_unstable();
        assert_eq!(ours, names, "{payload}");
        assert_eq!(ours.len(), 6);
        for file in &contents.files {
            assert!(fs::read(unpacked.join(&file.path)).expect("the file") == file.bytes, "{}", file.path);
        }
        let refused = [
            ("usr/share/selinux/packages/fifo".to_owned(), Refusal::Special),
            ("usr/share/selinux/packages/link.pp".to_owned(), Refusal::Link),
        ];
        assert_eq!(contents.refused, refused);
    }
}

#[test]
fn streams_of_the_systems_tools_are_read_and_theirs_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let text: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 21) as u8 & 15).collect();
    let plain = folder.path().join("plain");
    fs::write(&plain, &text).expect("a file");
    for (program, levels, compression) in [
        ("gzip", &["-1", "-9"][..], Compression::Gzip),
        ("bzip2", &["-1", "-9"], Compression::Bzip2),
        ("xz", &["-0", "-9", "--check=sha256"], Compression::Xz),
        ("zstd", &["-1", "-19", "--ultra"], Compression::Zstd),
    ] {
        // gzip is in /usr/bin or /bin, and everywhere.
        if program != "gzip" && !is_installed(program) {
            continue;
        }
        for level in levels {
            let stream = output(Command::new(program).args(["-c", level]).arg(&plain));
            assert!(
                *decompressed(&stream, &Limits::default()).expect("a stream") == text,
                "{program} {level}"
            );
        }
        let path = folder.path().join(format!("ours{}", compression.ending()));
        fs::write(&path, compression.compress(&text)).expect("a file");
        assert!(output(Command::new(program).arg("-dc").arg(&path)) == text, "{program}");
    }
}

/// A whole policy of one type.
const POLICY: &str = "
(handleunknown allow) (mls true)
(class process (transition)) (class file (read write)) (classorder (process file))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(role object_r) (role r) (user u) (type t) (typeattribute cil_gen_require) (roleattribute cil_gen_require)
(userrole u r) (userlevel u (s0)) (userrange u ((s0) (s0))) (roletype r t) (roletype object_r t)
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r t ((s0) (s0))))
(selinuxuserdefault u ((s0) (s0))) (selinuxuser root u ((s0) (s0))) (userprefix u user)
(allow t t (process (transition))) (boolean switch true)
";

/// A module in the older language.
const TINY: &str =
    "module tiny 1.0; require { type t; class file read; } type tiny_t; allow t tiny_t : file read;";

#[test]
fn a_store_is_what_semodule_says_of_it() {
    for program in ["semodule_package", "checkmodule"] {
        if !is_installed(program) {
            return;
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    for below in ["root/etc/selinux/mini", "root/var/lib/selinux/mini"] {
        fs::create_dir_all(place(below)).expect("a folder");
    }
    let second = "(type second_t) (roletype object_r second_t)";
    for (name, text) in
        [("mini.cil", POLICY), ("tiny.te", TINY), ("second.cil", second), ("off.cil", "(type off_t)")]
    {
        fs::write(place(name), text).expect("a file");
    }
    output(Command::new("checkmodule").args(["-m", "-M", "-o"]).arg(place("tiny.mod")).arg(place("tiny.te")));
    output(Command::new("semodule_package").arg("-o").arg(place("tiny.pp")).arg("-m").arg(place("tiny.mod")));
    let semodule = |arguments: &[&str]| {
        let mut command = Command::new("/usr/sbin/semodule");
        command.arg("-p").arg(place("root")).args(["-s", "mini", "-n", "-N"]).args(arguments);
        String::from_utf8(output(command.current_dir(folder.path()))).expect("text")
    };
    semodule(&["-i", "mini.cil", "tiny.pp", "second.cil", "off.cil"]);
    semodule(&["-X", "100", "-i", "second.cil"]);
    semodule(&["-d", "off"]);

    let store = Store::open(&place("root/var/lib/selinux/mini")).expect("a store");
    assert_eq!(store.problems, []);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut theirs: Vec<Vec<String>> = semodule(&["-lfull"]).lines().map(words).collect();
    theirs.sort();
    let listed = |module: &package::StoredModule| {
        let off = store.disabled.contains(&module.name);
        words(&format!(
            "{:03} {} {} {}",
            module.priority,
            module.name,
            module.language,
            if off { "disabled" } else { "" }
        ))
    };
    let mut ours: Vec<Vec<String>> = store.modules.iter().map(listed).collect();
    ours.sort();
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 5);
    let enabled: Vec<&str> = store.enabled().map(|module| module.name.as_str()).collect();
    assert_eq!(enabled, semodule(&["-l"]).lines().collect::<Vec<_>>());

    let limits = Limits::default();
    let module = |name: &str| store.enabled().find(|module| module.name == name).expect("a module");
    let hll = module("tiny").hll(&limits).expect("readable").expect("its own language");
    assert!(hll == fs::read(place("tiny.pp")).expect("the module"));
    let text = module("tiny").cil(&limits).expect("readable").expect("its CIL");
    let names: Vec<String> = cil::declarations(&text).map(|found| found.expect("CIL").name).collect();
    assert_eq!(names, ["tiny_t"]);
    assert_eq!(module("second").hll(&limits).expect("readable"), None);
    assert_eq!(module("second").cil(&limits).expect("readable").as_deref(), Some(second.as_bytes()));
    let policy = store.kernel_policy(&limits).expect("readable").expect("a policy");
    assert!(policy.starts_with(&[0x8c, 0xff, 0x7c, 0xf9]));
}
