//! SETools' options of two letters, so that fingers used to sesearch need not learn.

use std::ffi::OsString;

/// SETools' options of two letters behind one dash, which clap cannot declare, as the long options that
/// mean the same here.
const SETOOLS_SPELLINGS: [(&str, &str); 6] = [
    ("-ep", "--perms-equal"),
    ("-Sp", "--perms-subset"),
    ("-ex", "--xperms-equal"),
    ("-eb", "--boolean-equal"),
    ("-ds", "--direct-source"),
    ("-dt", "--direct-target"),
];

/// The arguments with SETools' spellings replaced. No value can be mistaken for one: values do not begin
/// with a dash.
pub(crate) fn with_setools_spellings(arguments: Vec<OsString>) -> Vec<OsString> {
    arguments
        .into_iter()
        .map(|argument| {
            let long = SETOOLS_SPELLINGS.iter().find(|(short, _)| argument == *short).map(|(_, long)| *long);
            long.map(OsString::from).unwrap_or(argument)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setools_spellings_are_taken() {
        let given = ["sepolq", "allow", "-ep", "-p", "read", "-ds"].map(OsString::from).to_vec();
        let expected = ["sepolq", "allow", "--perms-equal", "-p", "read", "--direct-source"];
        assert_eq!(with_setools_spellings(given), expected);
    }
}
