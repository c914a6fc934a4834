//! Paths that engines refuse to relabel, whatever is asked.
//!
//! Source: `rchcon` of go-selinux's `selinux_linux.go`: exact paths after one slash at the end is cut, and the home
//! directories of whoever does the relabelling and of `$SUDO_USER`. Before its version 1.10.2 all below /usr was refused,
//! too. For docker it is the daemon that relabels: the home directory is the daemon's.

/// The paths, in the order of the alphabet.
pub const REFUSED: [&str; 24] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/etc/passwd",
    "/etc/pki",
    "/etc/shadow",
    "/home",
    "/lib",
    "/lib64",
    "/media",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/var",
    "/var/lib",
    "/var/log",
];

/// Whether a path is refused. `homes` are home directories of whoever relabels.
pub fn is_refused(path: &str, homes: &[String]) -> bool {
    let cut = |path: &str| match path.strip_suffix('/') {
        Some("") | None => path.to_owned(),
        Some(rest) => rest.to_owned(),
    };
    let path = cut(path);
    REFUSED.contains(&path.as_str()) || homes.iter().any(|home| !home.is_empty() && cut(home) == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_paths_only() {
        for path in ["/", "/usr", "/usr/", "/var/log", "/etc/shadow", "/srv/"] {
            assert!(is_refused(path, &[]), "{path}");
        }
        for path in ["/usr/share", "/srv/www", "/var/lib/mysql", "/usr//", "/data", ""] {
            assert!(!is_refused(path, &[]), "{path}");
        }
    }

    #[test]
    fn homes_of_those_who_relabel() {
        let homes = ["/home/ada/".to_owned(), String::new()];
        assert!(is_refused("/home/ada", &homes) && !is_refused("/home/ada/www", &homes));
        assert!(!is_refused("/home/bob", &homes));
    }
}
