//! What the commands about access and labels take.

use std::path::PathBuf;

use analysis::decide::WhatIf;
use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::search::parse_setting;
use crate::completion;

/// `can`: a question, or a file of them.
#[derive(Debug, Args)]
pub(crate) struct Can {
    /// Who: a type, type:range, or user:role:type:range. What is left out stays open
    #[arg(required_unless_present = "batch", conflicts_with = "batch", add = ArgValueCompleter::new(completion::types))]
    pub(crate) source: Option<String>,
    /// To what, likewise; `*` for everything that it may be done to
    #[arg(required_unless_present = "batch", add = ArgValueCompleter::new(completion::types))]
    pub(crate) target: Option<String>,
    /// The object class
    #[arg(required_unless_present = "batch", add = ArgValueCompleter::new(completion::classes))]
    pub(crate) class: Option<String>,
    /// Permissions, separated by commas; without any, all of the class
    #[arg(value_delimiter = ',', add = ArgValueCompleter::new(completion::permissions))]
    pub(crate) permissions: Vec<String>,
    /// Also whether this ioctl command is allowed, such as 0x5401
    #[arg(long, value_name = "COMMAND", value_parser = parse_command, conflicts_with_all = ["batch", "nlmsg"])]
    pub(crate) ioctl: Option<u16>,
    /// Also whether this netlink message type is allowed, such as 0x10
    #[arg(long, value_name = "TYPE", value_parser = parse_command, conflicts_with = "batch")]
    pub(crate) nlmsg: Option<u16>,
    /// Answer a file of requests, `-` for standard input: SOURCE TARGET CLASS [PERMS] a line, JSON lines out
    #[arg(long, value_name = "FILE")]
    pub(crate) batch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) what_if: WhatIfArgs,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// `who-can`: the other side is what is looked for.
#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    /// To what: a type, type:range, or user:role:type:range
    #[arg(add = ArgValueCompleter::new(completion::types))]
    pub(crate) target: String,
    /// The object class
    #[arg(add = ArgValueCompleter::new(completion::classes))]
    pub(crate) class: String,
    /// Permissions, separated by commas: types that are granted all of them
    #[arg(required = true, value_delimiter = ',', add = ArgValueCompleter::new(completion::permissions))]
    pub(crate) permissions: Vec<String>,
    /// Types that are granted one of the permissions
    #[arg(long)]
    pub(crate) any: bool,
    /// Leave out types for which it depends on what was left open
    #[arg(long)]
    pub(crate) granted: bool,
    #[command(flatten)]
    pub(crate) what_if: WhatIfArgs,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// `new-label`: who makes what where.
#[derive(Debug, Args)]
pub(crate) struct NewLabel {
    /// The process that makes it: a type, type:range, or user:role:type:range
    #[arg(add = ArgValueCompleter::new(completion::types))]
    pub(crate) source: String,
    /// The directory that it is made in, or the program that a process is made of
    #[arg(add = ArgValueCompleter::new(completion::types))]
    pub(crate) parent: String,
    /// The class of what is made
    #[arg(add = ArgValueCompleter::new(completion::classes))]
    pub(crate) class: String,
    /// Its name: the last component of the path
    pub(crate) name: Option<String>,
    /// The label that a session gives to an object instead (type_change)
    #[arg(long, conflicts_with_all = ["member", "name"])]
    pub(crate) relabel: bool,
    /// The label of a member of a polyinstantiated directory instead (type_member)
    #[arg(long, conflicts_with = "name")]
    pub(crate) member: bool,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// `context`: a context, or a part of one.
#[derive(Debug, Args)]
pub(crate) struct ContextArgs {
    /// The context: user:role:type:range, or a part of it
    #[arg(add = ArgValueCompleter::new(completion::types))]
    pub(crate) context: String,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// The policy as it would be: nothing is installed.
#[derive(Debug, Args)]
pub(crate) struct WhatIfArgs {
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting, help_heading = WHAT_IF)]
    settings: Vec<(String, bool)>,
    /// Ask as if the policy had this rule, such as 'container_t var_t:file { read open }'
    #[arg(long = "allow", value_name = "RULE", help_heading = WHAT_IF)]
    allows: Vec<String>,
    /// Ask as if a type had an attribute, such as 'x_t domain'
    #[arg(long = "typeattribute", value_name = "TYPE ATTR", help_heading = WHAT_IF)]
    attributes: Vec<String>,
    /// Ask as if a type were permissive
    #[arg(long, value_name = "TYPE", help_heading = WHAT_IF, add = ArgValueCompleter::new(completion::types))]
    permissive: Vec<String>,
}

const WHAT_IF: &str = "What if (nothing is installed)";

impl WhatIfArgs {
    /// The additions in names.
    pub(crate) fn what_if(&self) -> WhatIf {
        WhatIf {
            booleans: self.settings.clone(),
            allows: self.allows.clone(),
            attributes: self.attributes.clone(),
            permissive: self.permissive.clone(),
        }
    }
}

/// Reads an ioctl command or a message type, decimal or hexadecimal; only the low 16 bits count.
fn parse_command(text: &str) -> Result<u16, String> {
    let number = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    match number.filter(|number| u32::try_from(*number).is_ok()) {
        Some(number) => Ok(u16::try_from(number & 0xffff).unwrap_or_default()),
        None => {
            Err("neither a hexadecimal number such as 0x5401 nor a decimal one, of 32 bits at most"
                .to_owned())
        }
    }
}
