//! Load and faults: many processes at once, policies that change under our feet, disks that are full, systems without /proc,
//! threads or memory. Nothing crashes, hangs, or takes a mix of two policies for an answer.
//!
//! README's table "What was tried" lists these tests.

mod common;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::commands::{COMMANDS, DROP_INS, ask};
use common::{Answer, sepolq, testdata, words};
use testkit::{Error, leave_out};

const SEPOLQ: &str = env!("CARGO_BIN_EXE_sepolq");

/// A question, run from the root of the repository.
fn question(question: &str) -> Command {
    let mut command = sepolq();
    command.current_dir(testdata("..")).args(words(question)).stdin(Stdio::null());
    command
}

/// What is asked of every command: it prints something.
fn printing() -> impl Iterator<Item = &'static str> {
    let found = COMMANDS.iter().map(|asked| asked.found).filter(|question| !question.is_empty());
    found.chain(DROP_INS.iter().copied())
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
}

/// The program, started by another one that takes something away from it: `$0` stands for it, `"$@"` for its words.
fn by_shell(script: &str, asked: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, SEPOLQ]).args(words(asked)).current_dir(testdata("..")).stdin(Stdio::null());
    command.env("LC_ALL", "C").env("COLUMNS", "100").env_remove("SEPOLQ_POLICY");
    command
}

/// A shell that may mount for itself; None, and a word about it, where the system does not let us.
fn unshared(script: &str, asked: &str) -> Option<Answer> {
    let try_it =
        Command::new("unshare").args(["--mount", "--map-root-user", "true"]).stderr(Stdio::null()).status();
    if !try_it.is_ok_and(|status| status.success()) {
        leave_out(&Error::Reference("this system does not let us mount (unshare --mount)".to_owned()));
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", script, SEPOLQ]).args(words(asked));
    command.current_dir(testdata("..")).stdin(Stdio::null()).env("LC_ALL", "C").env("COLUMNS", "100");
    Some(Answer::of(&command.output().expect("unshare runs")))
}

/// A real policy with containers, if it was built here.
fn container_policy() -> Option<PathBuf> {
    let folder = std::env::var_os("SEPOLQ_POLICIES_DIR").map(PathBuf::from)?;
    Some(folder.join("container.33")).filter(|path| path.is_file())
}

#[test]
fn sixty_four_processes_ask_one_policy() {
    let children: Vec<Child> = (0..64)
        .map(|_| start(question("-P testdata/demo/demo.33 can httpd_t httpd_log_t file append,open --json")))
        .collect();
    let answers: BTreeSet<(Option<i32>, Vec<u8>)> = children
        .into_iter()
        .map(|child| child.wait_with_output().expect("it ends"))
        .map(|output| (output.status.code(), output.stdout))
        .collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers.first().and_then(|(code, _)| *code), Some(0));
}

/// Asks while somebody changes the policy, and returns what was answered.
fn answers_while(change: impl Fn(&Path, &[u8]) + Send, asked: &str, times: usize) -> Vec<Answer> {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("policy.33");
    let policies =
        ["demo/demo.33", "demo/demo-older.33"].map(|name| fs::read(testdata(name)).expect("a policy"));
    fs::write(&path, &policies[0]).expect("written");
    let is_done = AtomicBool::new(false);
    let (answered, waiting) = std::sync::mpsc::sync_channel::<()>(0);
    thread::scope(|scope| {
        let (is_done, path) = (&is_done, &path);
        scope.spawn(move || {
            for (n, policy) in policies.iter().cycle().enumerate() {
                change(path, policy);
                if is_done.load(Ordering::Relaxed) {
                    return;
                }
                // After some changes it is left alone for as long as a question takes.
                if n % 32 == 0 {
                    let _ = waiting.recv_timeout(std::time::Duration::from_millis(60));
                }
            }
        });
        let ask = |_| {
            let output = sepolq().arg("-P").arg(path).args(words(asked)).output().expect("the program runs");
            assert_eq!(output.status.signal(), None, "{output:?}");
            Answer::of(&output)
        };
        let answers = (0..times).map(ask).collect();
        is_done.store(true, Ordering::Relaxed);
        drop(answered);
        answers
    })
}

/// What either policy answers.
fn both(asked: &str) -> [String; 2] {
    ["demo.33", "demo-older.33"].map(|name| ask(&format!("-P testdata/demo/{name} {asked}"), &[]).stdout)
}

#[test]
fn a_policy_that_is_replaced_gives_an_old_answer_or_a_new_one() {
    let replace = |path: &Path, policy: &[u8]| {
        let new = path.with_extension("new");
        fs::write(&new, policy).expect("written");
        fs::rename(&new, path).expect("renamed");
    };
    for asked in ["allow", "list types"] {
        let [now, older] = both(asked);
        for answer in answers_while(replace, asked, 20) {
            assert_eq!(answer.code, Some(0), "{}", answer.stderr);
            assert!(answer.stdout == now || answer.stdout == older, "a mix of two policies");
        }
    }
}

#[test]
fn a_policy_that_is_overwritten_gives_an_old_answer_a_new_one_or_an_error() {
    let overwrite = |path: &Path, policy: &[u8]| {
        fs::write(path, policy).expect("written");
    };
    let in_place = |path: &Path, policy: &[u8]| {
        // Without an end in between, so that the old file's tail stays behind the new one.
        let mut file = File::options().write(true).open(path).expect("opened");
        file.write_all(policy).expect("written");
    };
    for asked in ["allow", "show container_t"] {
        let [now, older] = both(asked);
        for answer in answers_while(overwrite, asked, 8).into_iter().chain(answers_while(in_place, asked, 8))
        {
            match answer.code {
                Some(0) => assert!(answer.stdout == now || answer.stdout == older, "a mix of two policies"),
                Some(2) => assert!(answer.stderr.contains("error: "), "{}", answer.stderr),
                other => panic!("{other:?}: {}", answer.stderr),
            }
        }
    }
}

#[test]
fn a_policy_that_is_overwritten_during_the_answer_does_not_matter() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("policy.33");
    let policy = fs::read(testdata("demo/demo.33")).expect("a policy");
    for words in [&["allow", "--json"][..], &["search", "--json"]] {
        fs::write(&path, &policy).expect("written");
        let mut command = sepolq();
        command.arg("-P").arg(&path).args(words);
        let mut child = start(command);
        // There is more of it than a pipe holds, so that the program waits for us in the middle of it.
        let mut stdout = child.stdout.take().expect("a pipe");
        let mut beginning = [0; 16];
        stdout.read_exact(&mut beginning).expect("a beginning");
        let mut file = File::options().write(true).open(&path).expect("opened");
        file.write_all(&vec![0xff; policy.len()]).expect("written");
        drop(file);
        let mut all = beginning.to_vec();
        stdout.read_to_end(&mut all).expect("the rest");
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
        let usual = ask("-P testdata/demo/demo.33", words).stdout;
        // The path of the policy is in the answer.
        let results = |text: &str| text.split_once("\"results\"").map(|(_, results)| results.to_owned());
        assert_eq!(results(&String::from_utf8_lossy(&all)), results(&usual), "{words:?}");
    }
}

#[test]
fn a_full_disk_is_an_error_of_every_command() {
    for asked in printing() {
        let full = File::options().write(true).open("/dev/full").expect("a full disk");
        let output = question(asked).stdout(full).stderr(Stdio::piped()).output().expect("the program runs");
        let answer = Answer::of(&output);
        let expected = if DROP_INS.contains(&asked) { 1 } else { 2 };
        assert_eq!(answer.code, Some(expected), "{asked}: {}", answer.stderr);
        assert!(answer.stderr.contains("No space left"), "{asked}: {}", answer.stderr);
    }
}

#[test]
fn a_closed_pipe_is_no_error_of_any_command() {
    const SIGPIPE: i32 = 13;
    let about = ["sesearch --help", "seinfo --version", "--help", "--version"];
    for asked in printing().chain(about) {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output =
            question(asked).stdout(writer).stderr(Stdio::piped()).output().expect("the program runs");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{asked}");
        let ended = output.status.signal().is_none_or(|signal| signal == SIGPIPE && asked.starts_with("se"));
        assert!(ended, "{asked}: {:?}", output.status);
    }
}

#[test]
fn a_signal_during_output_ends_the_program() {
    const SIGTERM: i32 = 15;
    let mut child = start(question("--demo search --json"));
    child.stdout.as_mut().expect("a pipe").read_exact(&mut [0; 16]).expect("a beginning");
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it runs");
    assert_eq!(child.wait().expect("it ends").signal(), Some(SIGTERM));
}

#[test]
fn what_cannot_be_read_is_named() {
    for (asked, says) in [
        ("-P docs info", "`docs`"),
        ("-P /proc/self/mem info", "/proc/self/mem"),
        ("--demo explain testdata", "is a directory"),
        ("--demo explain /proc/self/mem", "/proc/self/mem"),
        ("--demo can --batch testdata", "testdata"),
        ("--demo breakout --catalogue testdata", "testdata"),
        ("--demo mount --file-contexts testdata -- podman run -v /srv:/srv nginx", "testdata"),
        ("diff testdata/demo/demo.33 /proc/self/mem", "/proc/self/mem"),
        ("modules /proc/self/mem", "/proc/self/mem"),
    ] {
        let answer = ask(asked, &[]);
        assert_eq!(answer.code, Some(2), "{asked}: {}", answer.stderr);
        assert!(answer.stderr.contains(says), "{asked}: {}", answer.stderr);
    }
    // The drop-ins fail as SETools does.
    let answer = ask("sesearch -A testdata", &[]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
}

#[test]
fn a_pipe_that_ends_too_early_is_an_error() {
    let policy = fs::read(testdata("demo/demo.33")).expect("a policy");
    for bytes in [&[][..], &policy[..10_000]] {
        let mut command = sepolq();
        let mut child = start({
            command.args(["-P", "-", "info"]).stdin(Stdio::piped());
            command
        });
        child.stdin.take().expect("a pipe").write_all(bytes).expect("it reads");
        let answer = Answer::of(&child.wait_with_output().expect("it ends"));
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{}", answer.stderr);
    }
}

#[test]
fn no_home_and_other_locales_change_nothing() {
    for asked in printing() {
        let usual = ask(asked, &[]);
        for locale in ["tr_TR.UTF-8", "C", "de_DE.ISO-8859-1", "nonsense"] {
            let output = question(asked).env("LC_ALL", locale).env("LANG", locale).output().expect("it runs");
            assert_eq!(Answer::of(&output).stdout, usual.stdout, "{asked} in {locale}");
        }
        for home in [None, Some("/no/such/home"), Some("")] {
            let mut command = question(asked);
            command.env_remove("HOME").envs(home.map(|home| ("HOME", home)));
            assert_eq!(
                Answer::of(&command.output().expect("it runs")).stdout,
                usual.stdout,
                "{asked} with {home:?}"
            );
        }
    }
}

#[test]
fn without_proc_the_answers_are_the_same() {
    for asked in printing() {
        let Some(answer) = unshared("mount -t tmpfs none /proc && exec \"$0\" \"$@\"", asked) else { return };
        assert_eq!(
            (answer.code, answer.stdout),
            (Some(0), ask(asked, &[]).stdout),
            "{asked}: {}",
            answer.stderr
        );
    }
    // What is piped in is found.
    let script = "mount -t tmpfs none /proc && exec \"$0\" \"$@\" < testdata/audit/shop.log";
    let Some(answer) = unshared(script, "--demo explain") else { return };
    assert!(answer.stdout.contains("may not write a directory"), "{answer:?}");
}

#[test]
fn on_a_read_only_system_the_answers_are_the_same() {
    // The place for temporary files is one of the test's own: the repository may stand in /tmp.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary directory");
    let place = folder.path().display();
    let script = format!(
        "mount -t tmpfs -o ro none '{place}' && mount -o remount,bind,ro / 2> /dev/null; export TMPDIR='{place}'; exec \"$0\" \"$@\""
    );
    for asked in printing() {
        let Some(answer) = unshared(&script, asked) else { return };
        assert_eq!(
            (answer.code, answer.stdout),
            (Some(0), ask(asked, &[]).stdout),
            "{asked}: {}",
            answer.stderr
        );
    }
}

#[test]
fn memory_for_a_real_policy_is_256_mebibytes() {
    let Some(policy) = container_policy() else {
        leave_out(&Error::Reference("the policy with containers is not built here".to_owned()));
        return;
    };
    let policy = policy.display();
    for asked in [
        format!("-P {policy} allow -s container_t --json"),
        format!("-P {policy} type_transition"),
        format!("-P {policy} can init_t etc_t file read"),
        format!("-P {policy} who-can etc_t file write"),
        format!("-P {policy} show init_t"),
        format!("-P {policy} explain testdata/audit/shop.log"),
        format!("-P {policy} reach container_t shadow_t"),
        format!("-P {policy} breakout container_t"),
        format!("diff {policy} {policy}"),
        format!("-P {policy} reach --matrix --only transition --threads 16"),
        format!("-P {policy} reach --matrix --only transition --threads 16"),
        format!("-P {policy} reach --matrix --threads 8"),
        format!("sesearch -A {policy}"),
        format!("seinfoflow -p {policy} -m testdata/policies/reach.perm_map -s container_t -t shadow_t -S"),
    ] {
        let output =
            by_shell("ulimit -v 262144; exec \"$0\" \"$@\"", &asked).output().expect("the shell runs");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{asked}: {}", Answer::of(&output).stderr);
    }
}

#[test]
fn without_a_second_thread_the_answers_are_the_same() {
    // Limits on processes do not bind root.
    let script = "ulimit -u 0; exec \"$0\" \"$@\"";
    let nobody = rustix::process::getuid().is_root();
    let many = "--demo explain testdata/audit/many.log";
    for asked in printing().chain(["--demo reach --matrix", many]) {
        let mut command = if nobody {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--clear-groups", "sh", "-c", script, SEPOLQ]).args(words(asked));
            command.current_dir(testdata("..")).stdin(Stdio::null()).env("LC_ALL", "C").env("COLUMNS", "100");
            command
        } else {
            by_shell(script, asked)
        };
        let answer = Answer::of(&command.output().expect("setpriv runs"));
        assert_eq!(answer.stdout, ask(asked, &[]).stdout, "{asked}: {}", answer.stderr);
    }
}

#[test]
fn a_line_without_end_takes_no_memory() {
    // A gigabyte in one line, of which a log would keep nothing, with room for much less.
    let script = "ulimit -v 200000; head -c 1073741824 /dev/zero | tr '\\0' x | \"$0\" \"$@\"";
    for asked in ["--demo explain -", "--demo can --batch -", "--demo explain --follow -"] {
        let output = by_shell(script, asked).output().expect("the shell runs");
        assert_eq!(output.status.code(), Some(1), "{asked}: {}", Answer::of(&output).stderr);
    }
}

/// Follows a log that something is done to, until it is told of the record that this puts somewhere: `attempt` gets what waits for
/// that a moment. The program may not have opened the log at first: it is tried again.
fn is_told_while_it_follows(log: &Path, attempt: impl Fn(&dyn Fn() -> bool) -> bool) -> bool {
    use std::io::{BufRead, BufReader};
    let mut command = sepolq();
    command.args(["--demo", "explain", "--follow"]).arg(log);
    let mut child = start(command);
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let (sender, receiver) = std::sync::mpsc::channel();
    let reader = thread::spawn(move || lines.for_each(|line| drop(sender.send(line))));
    let is_told = || {
        let line = receiver.recv_timeout(std::time::Duration::from_millis(500));
        line.is_ok_and(|line| line.contains("may not write a directory"))
    };
    let told = (0..60).any(|_| attempt(&is_told));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    reader.join().expect("it ends");
    told
}

#[test]
fn a_log_that_is_rotated_twice_at_once_is_read_all() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = |name: &str| folder.path().join(name);
    let record = fs::read_to_string(testdata("audit/shop.log")).expect("a record");
    fs::write(place("log"), "nothing\n").expect("written");
    // What was logged between two rotations is in the file between.
    let told = is_told_while_it_follows(&place("log"), |is_told| {
        fs::rename(place("log"), place("log.2")).expect("rotated");
        fs::write(place("log.1"), &record).expect("written");
        fs::write(place("log"), "nothing\n").expect("written");
        is_told()
    });
    assert!(told, "what stands in the file between is told");
}

#[test]
fn a_log_that_is_cut_while_it_is_followed_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let log = folder.path().join("audit.log");
    let record = fs::read_to_string(testdata("audit/shop.log")).expect("a record");
    fs::write(&log, "nothing\n".repeat(1000)).expect("written");
    // As logrotate does with `copytruncate`.
    let told = is_told_while_it_follows(&log, |is_told| {
        fs::write(&log, "").expect("cut");
        is_told() || {
            let mut file = File::options().append(true).open(&log).expect("opened");
            file.write_all(record.as_bytes()).expect("written");
            is_told()
        }
    });
    assert!(told, "what is written after the cut is told");
}
