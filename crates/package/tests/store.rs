//! Module stores: folders as libsemanage leaves them, with links, FIFOs and what else can be in the way; and in packages.

mod writer;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use package::{Error, Limits, MemberName, Store, read_package};
use writer::{Compression, deb, file, rpm};

/// Files below `active`, with what is in them.
fn contents() -> Vec<(&'static str, Vec<u8>)> {
    let packed = |text: &str| Compression::Bzip2.compress(text.as_bytes());
    vec![
        ("modules/100/apache/hll", packed("the module")),
        ("modules/100/apache/cil", packed("(type httpd_t)")),
        ("modules/100/apache/lang_ext", b"pp".to_vec()),
        ("modules/400/apache/cil", b"(type httpd_t)(type own_t)".to_vec()),
        ("modules/400/apache/lang_ext", b"cil\n".to_vec()),
        ("modules/100/base/cil", packed("(class file (read))")),
        ("modules/100/base/lang_ext", b"pp".to_vec()),
        ("modules/100/zebra/hll", packed("stripes")),
        ("modules/100/zebra/lang_ext", b"pp".to_vec()),
        ("modules/disabled/zebra", b"".to_vec()),
        ("policy.kern", b"a policy".to_vec()),
        ("booleans.local", b"httpd_can_network_connect=1\n".to_vec()),
        ("commit_num", b"x".to_vec()),
    ]
}

fn write_store(root: &Path) {
    for (place, bytes) in contents() {
        let path = root.join("active").join(place);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

fn check(store: &Store) {
    let limits = Limits::default();
    assert_eq!(store.problems, []);
    let all: Vec<(&str, u16, &str)> = store
        .modules
        .iter()
        .map(|module| (module.name.as_str(), module.priority, module.language.as_str()))
        .collect();
    assert_eq!(
        all,
        [("apache", 100, "pp"), ("apache", 400, "cil"), ("base", 100, "pp"), ("zebra", 100, "pp")]
    );
    let enabled: Vec<(&str, u16)> =
        store.enabled().map(|module| (module.name.as_str(), module.priority)).collect();
    assert_eq!(enabled, [("apache", 400), ("base", 100)]);
    assert_eq!(store.disabled, ["zebra"]);
    let text = |bytes: Result<Option<Vec<u8>>, Error>| {
        bytes.expect("readable").map(|bytes| String::from_utf8(bytes).expect("text"))
    };
    assert_eq!(text(store.modules[0].cil(&limits)).as_deref(), Some("(type httpd_t)"));
    assert_eq!(text(store.modules[0].hll(&limits)).as_deref(), Some("the module"));
    assert_eq!(text(store.modules[1].hll(&limits)), None);
    assert_eq!(text(store.modules[1].cil(&limits)).as_deref(), Some("(type httpd_t)(type own_t)"));
}

#[test]
fn a_store_is_opened_by_any_of_its_folders() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("targeted");
    write_store(&root);
    symlink(&root, folder.path().join("link")).expect("a link");
    for place in ["targeted", "targeted/active", "link", "link/active"] {
        let store = Store::open(&folder.path().join(place)).expect("a store");
        check(&store);
        assert!(store.has_kernel_policy);
        assert_eq!(store.local, ["booleans.local"]);
        let limits = Limits::default();
        assert_eq!(store.kernel_policy(&limits).expect("readable").as_deref(), Some(&b"a policy"[..]));
        let local = store.file("booleans.local", &limits).expect("readable");
        assert_eq!(local.as_deref(), Some(&b"httpd_can_network_connect=1\n"[..]));
        assert_eq!(store.file("../targeted/active/policy.kern", &limits).expect("no such name"), None);
    }
    let modules = Store::open(&root.join("active/modules")).expect("a store");
    check(&modules);
    assert!(!modules.has_kernel_policy && modules.local.is_empty());
    assert_eq!(modules.kernel_policy(&Limits::default()).expect("none"), None);
}

#[test]
fn what_is_no_store_is_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(Store::open(folder.path()), Err(Error::NotAStore(_))));
    fs::create_dir(folder.path().join("active")).expect("a folder");
    assert!(matches!(Store::open(folder.path()), Err(Error::NotAStore(_))));
    assert!(matches!(Store::open(&folder.path().join("missing")), Err(Error::Io { .. })));
    fs::write(folder.path().join("file"), "").expect("a file");
    assert!(matches!(Store::open(&folder.path().join("file")), Err(Error::Io { .. })));
}

#[test]
fn links_and_fifos_in_a_store_are_problems_and_do_not_hang() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("targeted");
    write_store(&root);
    let modules = root.join("active/modules");
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir_all(elsewhere.join("evil")).expect("a folder");
    fs::write(elsewhere.join("evil/lang_ext"), "pp").expect("a file");
    fs::write(folder.path().join("secret"), "secret").expect("a file");
    // A priority, a module, and files of a module that lead out; FIFOs that nobody writes to.
    symlink(&elsewhere, modules.join("200")).expect("a link");
    symlink(elsewhere.join("evil"), modules.join("100/evil")).expect("a link");
    fs::remove_file(modules.join("100/apache/cil")).expect("a file");
    symlink(folder.path().join("secret"), modules.join("100/apache/cil")).expect("a link");
    let fifo = |place: &str| {
        let _ = fs::remove_file(modules.join(place));
        assert!(Command::new("mkfifo").arg(modules.join(place)).status().expect("mkfifo").success());
    };
    fifo("100/zebra/lang_ext");
    fifo("100/base/cil");
    fs::remove_file(root.join("active/policy.kern")).expect("a file");
    symlink("/dev/zero", root.join("active/policy.kern")).expect("a link");
    fs::create_dir(modules.join("100/hollow")).expect("a folder");

    let store = Store::open(&root).expect("a store");
    let problems: Vec<String> = store
        .problems
        .iter()
        .map(|problem| {
            let place = problem.path.strip_prefix(&modules).expect("below modules");
            format!("{}: {}", place.display(), problem.why)
        })
        .collect();
    assert_eq!(
        problems,
        [
            "100/evil: a link, which is not followed inside of a store",
            "100/hollow: there is no file `lang_ext` in it",
            "100/zebra/lang_ext: a FIFO, which is not followed inside of a store",
            "200: a link, which is not followed inside of a store",
        ]
    );
    let limits = Limits::default();
    let module = |name: &str| store.modules.iter().find(|module| module.name == name).expect("a module");
    for outcome in [module("apache").cil(&limits), module("base").cil(&limits), store.kernel_policy(&limits)]
    {
        assert!(matches!(outcome, Err(Error::NotPlain { .. })), "{outcome:?}");
    }
    let small = Limits { file: 4, ..limits };
    assert!(matches!(module("apache").hll(&small), Err(Error::Exceeded(_))));

    fs::remove_dir_all(&modules).expect("a folder");
    symlink(&elsewhere, &modules).expect("a link");
    assert!(matches!(Store::open(&root), Err(Error::NotPlain { .. })));
}

#[test]
fn stores_in_packages_are_found_by_their_place() {
    let below = |root: &str| -> Vec<writer::File> {
        contents().iter().map(|(place, bytes)| file(&format!(".{root}/active/{place}"), bytes)).collect()
    };
    let mut files = below("/usr/share/selinux/targeted/default");
    files.extend(below("/var/lib/selinux/mls"));
    files.push(file("./usr/share/doc/x/active/modules/disabled/y", b""));
    for bytes in [rpm(&files, Compression::Zstd), deb(&files, Compression::Xz)] {
        let contents = read_package(&bytes, &Limits::default(), MemberName::is_in_store).expect("a package");
        let stores = Store::in_package(&contents);
        let found: Vec<(&str, &str)> =
            stores.iter().map(|found| (found.root.as_str(), found.policy_type.as_str())).collect();
        assert_eq!(
            found,
            [("usr/share/selinux/targeted/default", "targeted"), ("var/lib/selinux/mls", "mls")]
        );
        for found in &stores {
            check(&found.store);
            let policy = found.store.kernel_policy(&Limits::default()).expect("readable");
            assert_eq!(policy.as_deref(), Some(&b"a policy"[..]));
        }
    }
}
