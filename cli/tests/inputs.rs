//! What people have in the place of two policies: modules that are put into a base, stores, packages, compressed files. The judge of
//! what a base makes of a module is semodule itself, run once more by the tests.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Answer, sepolq, testdata};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write;

/// A folder with a small module store made of the demo policy, and temporary files of the program.
struct Place {
    folder: tempfile::TempDir,
}

/// What a base module says that modules lean on, and the demo policy does not: the attributes by which the converter of modules
/// writes requirements, the lowest level, and types that the module `boxes` needs.
const BASE_MORE: &str = "(typeattribute cil_gen_require)(roleattribute cil_gen_require)(level systemlow (s0))
(type sock_t)(type log_t)(type audit_t)(roletype object_r sock_t)(roletype object_r log_t)(roletype object_r audit_t)\n";

impl Place {
    /// `None` where a tool is missing; said so then.
    fn new() -> Option<Self> {
        for tool in ["/usr/sbin/semodule", "/usr/bin/checkpolicy"] {
            if !Path::new(tool).exists() {
                testkit::leave_out(&testkit::Error::Reference(format!("{tool} is not installed")));
                return None;
            }
        }
        let place = Place { folder: tempfile::tempdir().expect("a folder") };
        let base = place.path("store/active/modules/100/base");
        fs::create_dir_all(&base).expect("a folder");
        fs::create_dir_all(place.path("tmp")).expect("a folder");
        let cil = base.join("cil");
        let written = Command::new("checkpolicy")
            .args(["-b", "-M", "-C", "-o"])
            .arg(&cil)
            .arg(testdata("demo/demo.33"))
            .output()
            .expect("it runs");
        assert!(written.status.success());
        let mut text = fs::read_to_string(&cil).expect("CIL");
        text.push_str(BASE_MORE);
        fs::write(&cil, text).expect("written");
        fs::write(base.join("lang_ext"), "cil").expect("written");
        Some(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of a file with these bytes.
    fn file(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).expect("written");
        self.text(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("text").to_owned()
    }

    /// What the program answers; nothing of it may stay in the temporary folder.
    fn ask(&self, words: &[&str]) -> Answer {
        let tmp = self.path("tmp");
        let answer = Answer::of(&sepolq().env("TMPDIR", &tmp).args(words).output().expect("it runs"));
        let left: Vec<_> = fs::read_dir(&tmp).expect("a folder").collect();
        assert!(left.is_empty(), "{words:?} leaves {left:?}");
        answer
    }

    /// The policy that semodule builds from the store with a module on top.
    fn built_with(&self, module: &str) -> PathBuf {
        let root = self.path(&format!("root-{}", module.replace(['/', '.'], "-")));
        let active = root.join("var/lib/selinux/judge/active/modules/100/base");
        fs::create_dir_all(&active).expect("a folder");
        fs::create_dir_all(root.join("etc/selinux/judge/contexts/files")).expect("a folder");
        for file in ["cil", "lang_ext"] {
            fs::copy(self.path("store/active/modules/100/base").join(file), active.join(file))
                .expect("copied");
        }
        let ran = Command::new("/usr/sbin/semodule")
            .args(["-n", "-s", "judge", "-X", "400", "-p"])
            .arg(&root)
            .arg("-i")
            .arg(module)
            .output()
            .expect("it runs");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let policies = fs::read_dir(root.join("etc/selinux/judge/policy")).expect("a folder");
        policies.map(|entry| entry.expect("an entry").path()).next().expect("a policy")
    }
}

fn boxes(version: u32) -> String {
    testdata(&format!("modules/boxes-{version}.pp")).to_str().expect("text").to_owned()
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

/// An answer without what differs by how the policies came about: their names.
fn without_sources(mut value: Value) -> Value {
    for side in ["old", "new"] {
        if let Some(of_side) = value.get_mut(side).and_then(Value::as_object_mut) {
            of_side.remove("path");
        }
    }
    value
}

#[test]
fn modules_are_compared_as_what_semodule_makes_of_them() {
    let Some(place) = Place::new() else { return };
    let store = place.text("store");
    let answer = place.ask(&["diff", &boxes(1), &boxes(2), "--base", &store, "--json"]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    let (old, new) = (place.built_with(&boxes(1)), place.built_with(&boxes(2)));
    let contexts = [&old, &new].map(|policy| {
        let place =
            policy.parent().and_then(Path::parent).expect("a folder").join("contexts/files/file_contexts");
        place.to_str().expect("text").to_owned()
    });
    let words =
        ["diff", old.to_str().expect("text"), new.to_str().expect("text"), "--json", "--file-contexts"];
    let judge = place.ask(&[&words[..], &[&contexts[0], &contexts[1]]].concat());
    assert_eq!(judge.code, Some(1), "{judge:?}");
    assert_eq!(without_sources(json(&answer)), without_sources(json(&judge)));
    let text = place.ask(&["diff", &boxes(1), &boxes(2), "--base", &store]).stdout;
    assert!(text.contains("boxes-2.pp in ") && text.contains("box_file_t → box_content_t"), "{text}");
    assert!(text.contains("/var/lib/boxes"), "file contexts are compared too: {text}");
}

#[test]
fn a_store_is_the_base_of_a_module_beside_it() {
    let Some(place) = Place::new() else { return };
    let store = place.text("store");
    let answer = place.ask(&["diff", &store, &boxes(1), "--limit", "0"]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(answer.stdout.contains("box_t"), "{}", answer.stdout);
    assert_eq!(place.ask(&["diff", &store, &store]).code, Some(0));
    // The module of a name is replaced, whatever its priority.
    let container = place.path("store/active/modules/400/boxes");
    fs::create_dir_all(&container).expect("a folder");
    fs::copy(boxes(1), container.join("hll")).expect("copied");
    fs::write(container.join("lang_ext"), "pp").expect("written");
    let same = place.ask(&["diff", &store, &boxes(1)]);
    assert_eq!(same.code, Some(0), "{same:?}");
    assert!(place.ask(&["diff", &store, &boxes(2)]).stdout.contains("box_use_devices"));
    // A module of a higher priority hides what a package brings, and one that is switched off stays off: nothing changes here.
    let Some(package) = deb(&place, "boxes", &[("usr/share/selinux/packages/boxes.pp", &boxes(2))]) else {
        return;
    };
    let hidden = place.ask(&["diff", &store, &package]);
    assert_eq!(hidden.code, Some(0), "{hidden:?}");
    assert!(hidden.stderr.contains("that of priority 400 hides one of priority 200"), "{}", hidden.stderr);
    fs::create_dir_all(place.path("store/active/modules/disabled")).expect("a folder");
    fs::write(place.path("store/active/modules/disabled/boxes"), "").expect("written");
    let off = place.ask(&["diff", &store, &boxes(2)]);
    assert_eq!(off.code, Some(0), "{off:?}");
    assert!(off.stderr.contains("it is disabled there; `semodule -e boxes` enables it"), "{}", off.stderr);
}

/// Two stores with one policy, of which one labels more.
#[test]
fn stores_are_compared_with_their_file_contexts() {
    let Some(place) = Place::new() else { return };
    for (name, more) in [("one", ""), ("two", "/opt/boxes(/.*)?  system_u:object_r:etc_t:s0\n")] {
        let active = place.path(&format!("{name}/active"));
        fs::create_dir_all(active.join("modules/100/base")).expect("a folder");
        fs::copy(testdata("demo/demo.33"), active.join("policy.kern")).expect("copied");
        fs::write(active.join("file_contexts"), format!("/etc(/.*)?  system_u:object_r:etc_t:s0\n{more}"))
            .expect("written");
    }
    let [one, two] = ["one", "two"].map(|name| place.text(name));
    let changed = place.ask(&["diff", &one, &two]);
    assert_eq!(changed.code, Some(1), "{changed:?}");
    assert!(changed.stdout.contains("/opt/boxes(/.*)?"), "{}", changed.stdout);
    assert_eq!(place.ask(&["diff", &one, &one]).code, Some(0));
    let refused = place.ask(&["diff", &one, &two, "--base", &one]);
    assert!(refused.stderr.contains("`--base` is for modules"), "{}", refused.stderr);
}

/// A module that is compiled from its source.
fn compiled(place: &Place, name: &str, source: &str) -> String {
    // The compiler wants the module's name as that of the file.
    fs::create_dir_all(place.path(name)).expect("a folder");
    let path = |ending: &str| place.path(&format!("{name}/oq.{ending}"));
    fs::write(path("te"), source).expect("written");
    let run = |command: &mut Command| {
        let output = command.output().expect("the compiler runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(Command::new("checkmodule").args(["-M", "-m", "-o"]).arg(path("mod")).arg(path("te")));
    run(Command::new("semodule_package").arg("-o").arg(path("pp")).arg("-m").arg(path("mod")));
    place.text(&format!("{name}/oq.pp"))
}

/// Without a base an optional block is a condition, as a boolean is.
#[test]
fn what_an_optional_block_requires_is_compared() {
    let Some(place) = Place::new() else { return };
    let source = |required: &str, in_block: &str, in_else: &str| {
        format!(
            "module oq 1.0;\nrequire {{ type log_t, etc_t; class file read; class dir read; }}\ntype oq_t;\n\
             optional {{ require {{ type {required}; }}\n{in_block} }} else {{\n{in_else} }}\n"
        )
    };
    let (reads, other) = ("allow oq_t log_t:file read;", "allow oq_t etc_t:file read;");
    let one = compiled(&place, "one", &source("nope_t", reads, other));
    let required = compiled(&place, "required", &source("var_lib_t", reads, other));
    let swapped = compiled(&place, "swapped", &source("nope_t", other, reads));
    let changed = place.ask(&["diff", "--no-base", &one, &required]);
    assert_eq!(changed.code, Some(1), "{changed:?}");
    let line = "  ~ allow oq_t log_t:file read;  [ optional: type nope_t → optional: type var_lib_t ]\n";
    assert!(changed.stdout.contains(line), "{}", changed.stdout);
    let changed = place.ask(&["diff", "--no-base", &one, &swapped]);
    let line = "  ~ allow oq_t log_t:file read;  [ optional: type nope_t → else of optional: type nope_t ]\n";
    assert!(changed.stdout.contains(line), "{}", changed.stdout);
    assert_eq!(place.ask(&["diff", "--no-base", &one, &one]).code, Some(0));
}

/// A signal removes the folder whatever the program is about to do in it.
#[test]
fn a_signal_leaves_nothing() {
    let Some(place) = Place::new() else { return };
    for at in 0..3000 {
        let folder = place.path(&format!("store/active/modules/100/m{at}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("cil"), format!("(type m{at}_t)\n")).expect("written");
        fs::write(folder.join("lang_ext"), "cil").expect("written");
    }
    let (tmp, store) = (place.path("tmp"), place.text("store"));
    let is_empty = || fs::read_dir(&tmp).expect("a folder").next().is_none();
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT, rustix::process::Signal::QUIT]
    {
        let mut child = sepolq()
            .env("TMPDIR", &tmp)
            .args(["diff", &boxes(1), &boxes(2), "--base", &store])
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it runs");
        while is_empty() {
            assert!(child.try_wait().expect("a status").is_none(), "it ended before it was stopped");
            std::thread::yield_now();
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).expect("stopped");
        let status = child.wait().expect("a status");
        assert!(!status.success(), "{status}");
        assert!(
            is_empty(),
            "{signal:?} leaves {:?}",
            fs::read_dir(&tmp).expect("a folder").collect::<Vec<_>>()
        );
    }
}

#[test]
fn what_semodule_refuses_is_explained() {
    let Some(place) = Place::new() else { return };
    let store = place.text("store");
    let mut newer = fs::read(boxes(1)).expect("a module");
    let name = newer.windows(15).position(|bytes| bytes == b"SE Linux Module").expect("a module");
    newer[name + 19] = 24;
    let newer = place.file("newer.pp", &newer);
    let refused = place.ask(&["diff", &store, &newer]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("module version 24; this system reads up to "), "{}", refused.stderr);
    let lacking = place.file("lacking.cil", b"; comment\n(allow nobody_t self (process (signal)))\n");
    let refused = place.ask(&["diff", &store, &lacking]);
    assert!(
        refused.stderr.contains("in the module `lacking`, line 2: (allow nobody_t self (process (signal)))"),
        "{}",
        refused.stderr
    );
    let cil = place.path("store/active/modules/100/base/cil");
    let text = fs::read_to_string(&cil)
        .expect("CIL")
        .replace("(type log_t)", "")
        .replace("(roletype object_r log_t)", "");
    fs::write(&cil, text).expect("written");
    let refused = place.ask(&["diff", &store, &boxes(1)]);
    assert!(refused.stderr.contains("no module of the base declares type log_t"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("/tmp/modules/"), "files that nobody knows: {}", refused.stderr);
}

#[test]
fn compressed_files_are_what_is_in_them() {
    let Some(place) = Place::new() else { return };
    let packed = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("compressed");
        encoder.finish().expect("compressed")
    };
    let module = place.file("boxes.pp.gz", &packed(&fs::read(boxes(1)).expect("a module")));
    assert_eq!(place.ask(&["diff", &module, &boxes(1)]).code, Some(0));
    assert!(place.ask(&["show", &module]).stdout.starts_with("module boxes 1.0\n"));
    let policy = place.file("policy.gz", &packed(&fs::read(testdata("demo/demo.33")).expect("a policy")));
    let demo = testdata("demo/demo.33");
    assert_eq!(place.ask(&["diff", &policy, demo.to_str().expect("text")]).code, Some(0));
    assert_eq!(place.ask(&["allow", "-P", &policy, "-s", "init_t", "--count"]).code, Some(0));
    let bomb = place.file("bomb.gz", &packed(&vec![0; 64 << 20]));
    let refused = place.ask(&["diff", &bomb, &boxes(1)]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("out of all proportion"), "{}", refused.stderr);
}

/// A Debian package with these files.
fn deb(place: &Place, name: &str, files: &[(&str, &str)]) -> Option<String> {
    let root = place.path(name);
    fs::create_dir_all(root.join("DEBIAN")).expect("a folder");
    fs::write(
        root.join("DEBIAN/control"),
        format!("Package: {name}\nVersion: 1:2-3\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: boxes\n"),
    )
    .expect("written");
    for (path, from) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::copy(from, path).expect("copied");
    }
    let package = place.path(&format!("{name}.deb"));
    match Command::new("dpkg-deb").args(["--root-owner-group", "-b"]).arg(&root).arg(&package).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            testkit::leave_out(&testkit::Error::Reference("dpkg-deb is not installed".to_owned()));
            return None;
        }
    }
    Some(package.to_str().expect("text").to_owned())
}

#[test]
fn packages_are_compared_module_by_module() {
    let Some(place) = Place::new() else { return };
    let (at, second) = ("usr/share/selinux/packages/boxes.pp", "usr/share/selinux/packages/seconds.cil");
    let cil = place.file("seconds.cil", b"(type second_t)\n");
    let Some(old) = deb(&place, "old", &[(at, &boxes(1))]) else { return };
    let Some(new) = deb(&place, "new", &[(at, &boxes(2)), (second, &cil)]) else { return };
    let text = place.ask(&["diff", &old, &new]);
    assert_eq!(text.code, Some(1), "{text:?}");
    for part in [
        "old.deb (old 1:2-3) → ",
        "module boxes 1.0 → boxes 1.1\n",
        "+ module seconds (CIL)\n",
        "2 of 2 modules changed\n",
        "- permissive boxd_t;",
    ] {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    let answer = json(&place.ask(&["diff", &old, &new, "--json"]));
    assert_eq!(answer["modules"][0]["change"], "changed");
    assert_eq!(
        (&answer["modules"][1]["change"], &answer["modules"][1]["old"]),
        (&Value::from("added"), &Value::Null)
    );
    // With a base, as one module each.
    let store = place.text("store");
    let alone = place.ask(&["diff", &boxes(1), &boxes(2), "--base", &store, "--json"]);
    let packaged = place.ask(&["diff", &old, &boxes(2), "--base", &store, "--json"]);
    assert_eq!(without_sources(json(&alone)), without_sources(json(&packaged)));
    // One module of several is named after a colon.
    let several = place.ask(&["info", "-P", &new]);
    assert_eq!(several.code, Some(2), "{several:?}");
    assert!(several.stderr.contains(":boxes"), "{}", several.stderr);
    assert!(place.ask(&["info", "-P", &format!("{new}:boxes")]).stdout.starts_with("module boxes 1.1\n"));
    assert!(place.ask(&["info", "-P", &format!("{new}:boxed")]).stderr.contains("did you mean `boxes`?"));
    let Some(empty) = deb(&place, "empty", &[]) else { return };
    let refused = place.ask(&["diff", &empty, &new]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("no policy module"), "{}", refused.stderr);
}

/// Fedora's package of a policy holds its module store.
#[test]
fn a_package_with_a_store_is_a_policy() {
    let Some(place) = Place::new() else { return };
    let store = place.text("store");
    let base = |file: &str| place.text(&format!("store/active/modules/100/base/{file}"));
    let (cil, language) = (base("cil"), base("lang_ext"));
    let inside = "usr/share/selinux/targeted/default/active/modules/100/base";
    let (at_cil, at_language) = (format!("{inside}/cil"), format!("{inside}/lang_ext"));
    let Some(package) = deb(&place, "policy", &[(&at_cil, &cil), (&at_language, &language)]) else { return };
    let listed = place.ask(&["modules", &package]).stdout;
    assert!(listed.contains("     100  cil            -  -           base\n"), "{listed}");
    let same = place.ask(&["diff", &package, &store]);
    assert_eq!(same.code, Some(0), "{same:?}");
    // As a base it is one as the folder is.
    let answers =
        [&package, &store].map(|base| place.ask(&["diff", &boxes(1), &boxes(2), "--base", base, "--json"]));
    let [from_package, from_store] = answers.map(|answer| without_sources(json(&answer)));
    assert_eq!(from_package, from_store);
}

#[test]
fn a_store_tells_its_modules() {
    let Some(place) = Place::new() else { return };
    let store = place.text("store");
    let stored = |priority: u32, name: &str, from: &str| {
        let folder = place.path(&format!("store/active/modules/{priority}/{name}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::copy(from, folder.join("hll")).expect("copied");
        fs::write(folder.join("lang_ext"), "pp").expect("written");
    };
    stored(100, "boxes", &boxes(1));
    stored(400, "boxes", &boxes(2));
    let text = place.ask(&["modules", &store]).stdout;
    assert!(text.contains("3 modules, 2 in force"), "{text}");
    assert!(text.contains("     400  pp            21  1.1         boxes\n"), "{text}");
    assert!(text.contains("boxes  out of force: priority 400 counts\n"), "{text}");
    assert!(!text.contains("will not load"), "{text}");
    let declares = json(&place.ask(&["modules", &store, "--declares", "box_use_devices", "--json"]));
    assert_eq!(declares["modules"].as_array().map(Vec::len), Some(2), "{declares}");
    assert_eq!(declares["modules"][0]["declared"]["boolean"][0], "box_read_etc");
    let kinds = place.ask(&["modules", &store, "--declares", "box_domain"]).stdout;
    assert!(kinds.contains("boxes  attribute box_domain"), "{kinds}");
    let wrong = place.ask(&["modules", &store, "--declares", "box_use_device"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("did you mean `box_use_devices`"), "{}", wrong.stderr);
    assert_eq!(place.ask(&["modules", &store, "--failing"]).code, Some(1));
    // What semodule would refuse: a symbol that nobody declares, and bytes that are no module.
    let cil = place.path("store/active/modules/100/base/cil");
    let whole = fs::read_to_string(&cil).expect("CIL");
    fs::write(&cil, whole.replace("(type log_t)", "").replace("(roletype object_r log_t)", ""))
        .expect("written");
    stored(400, "spoilt", &cil.to_string_lossy());
    let failing = place.ask(&["modules", &store, "--failing"]);
    assert_eq!(failing.code, Some(0), "{failing:?}");
    assert!(
        failing.stdout.contains("  boxes\n    needs type log_t, which no module declares\n"),
        "{}",
        failing.stdout
    );
}

#[test]
fn a_log_is_replayed_with_a_module() {
    let Some(place) = Place::new() else { return };
    let (store, demo) = (place.text("store"), testdata("demo/demo.33"));
    let demo = demo.to_str().expect("text");
    let log = place.file(
        "log",
        b"type=AVC msg=audit(1700000000.000:1): avc:  denied  { write } for  pid=1 comm=\"httpd\" name=\"x\" dev=\"sda\" ino=1 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:etc_t:s0 tclass=file permissive=0\n",
    );
    let module = place.file("grants.cil", b"(allow httpd_t etc_t (file (write)))\n");
    let words = ["explain", &log, "-P", demo, "--compare", &module, "--base", &store];
    let replayed = place.ask(&words);
    assert!(replayed.stdout.contains("fixed"), "{replayed:?}");
    let unbased = place.ask(&words[..words.len() - 2]);
    assert_eq!(unbased.code, Some(2), "{unbased:?}");
    assert!(unbased.stderr.contains("--base STORE"), "{}", unbased.stderr);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = testdata("demo/demo.33");
    let log = testdata("modules/boxes-1.te").to_str().expect("text").to_owned();
    let (demo, boxes, empty) =
        (demo.to_str().expect("text"), boxes(1), folder.path().to_str().expect("text").to_owned());
    for (words, part) in [
        (&["diff", demo, &boxes][..], "--base STORE"),
        (&["diff", "running", demo], "the kernel has loaded"),
        (&["diff", &empty, demo], "is not a module store"),
        (&["diff", &boxes, &boxes, "--base", demo], "cannot be a base"),
        (&["diff", &boxes, &boxes, "--base", demo, "--no-base"], "cannot be used with"),
        (&["diff", "-", "-"], "only one"),
        (&["modules", demo], "is a policy"),
        (&["modules", &log], "is no module store"),
        (&["show", "nosuch.pp"], "there is no file"),
        (&["show", "/nosuch/file"], "there is no file"),
        (&["allow", "-P", &empty, "-s", "a"], "is not a module store"),
    ] {
        let answer = common::answer(words);
        assert_eq!(answer.code, Some(2), "{words:?}: {answer:?}");
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
}
