//! What TAB offers.

mod common;

use common::{Answer, answer, sepolq};

/// What the fish script would show behind these words.
fn offered(words: &[&str]) -> Vec<String> {
    let output =
        sepolq().env("SEPOLQ_COMPLETE", "fish").arg("--").arg("sepolq").args(words).output().unwrap();
    let names = Answer::of(&output).stdout;
    names.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn names_of_the_policy_are_offered() {
    for (words, offers) in [
        (&["--demo", "allow", "-s", "httpd_sys_con"][..], &["httpd_sys_content_t"][..]),
        (&["--demo", "allow", "-s", "@container_dom"], &["@container_domain"]),
        (&["--demo", "allow", "-t", "svirt_lxc_net"], &["svirt_lxc_net_t"]),
        (&["--demo", "allow", "-c", "file,lnk"], &["file,lnk_file"]),
        (&["--demo", "allow", "-p", "name_con"], &["name_connect"]),
        (&["--demo", "allow", "-b", "virt_use_"], &["virt_use_nfs", "virt_use_samba"]),
        (&["--demo", "type_"], &["type_transition", "type_change", "type_member"]),
        (&["-P", "/no/such/policy", "allow", "-s", "httpd"], &[]),
    ] {
        assert_eq!(offered(words), offers, "{words:?}");
    }
}

#[test]
fn every_shell_has_a_script_that_asks_the_program() {
    for shell in ["bash", "zsh", "fish"] {
        let script = answer(&["completions", shell]);
        assert_eq!(script.code, Some(0), "{}", script.stderr);
        assert!(script.stdout.contains("SEPOLQ_COMPLETE"), "{shell}");
    }
    assert_eq!(answer(&["completions", "tcsh"]).code, Some(2));
}

#[test]
fn bash_takes_the_script() {
    let script = answer(&["completions", "bash"]).stdout;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("script");
    std::fs::write(&path, script).unwrap();
    let checked = std::process::Command::new("bash").arg("-n").arg(&path).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
