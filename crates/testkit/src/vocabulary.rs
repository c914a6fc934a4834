//! Names and rules of a policy to make questions of, as SETools reads them.
//!
//! Taken from SETools and not from `policydb`: a vocabulary that the program under test had read would never
//! ask about what the program fails to read.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What questions to a tool about one policy are made of.
#[derive(Debug, Clone)]
pub enum Words {
    /// To sesearch.
    Rules(Vocabulary),
    /// To seinfo.
    Declarations(Declarations),
    /// To sedta.
    Transitions(Places),
    /// To seinfoflow.
    Flows(Places),
}

/// Between what paths can be looked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Places {
    /// Types, a sample.
    pub types: Vec<String>,
    /// Pairs of types that a rule connects, a sample.
    pub pairs: Vec<(String, String)>,
    /// Types by which domains are entered.
    pub entry_points: Vec<String>,
    /// Aliases of types.
    pub aliases: Vec<String>,
    /// Attributes, which are no types.
    pub attributes: Vec<String>,
    /// All booleans.
    pub booleans: Vec<String>,
    /// Permission maps beside the policy.
    pub maps: Vec<String>,
    /// Whether the policy is too large to ask for all paths without a limit.
    pub is_large: bool,
}

/// What a policy declares: the long name of each of seinfo's options with values that it finds something by, a sample.
pub type Declarations = BTreeMap<String, Vec<String>>;

/// What questions about the rules of one policy can be made of.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Vocabulary {
    /// Each type with the attributes it has.
    pub types: BTreeMap<String, Vec<String>>,
    /// Each alias with its type.
    pub aliases: BTreeMap<String, String>,
    /// Each attribute with some of its members; an attribute without members has an empty list.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Each class with its permissions, those of its common set included.
    pub classes: BTreeMap<String, Vec<String>>,
    /// All booleans.
    pub booleans: Vec<String>,
    /// A sample of rules in which every kind that the policy has is present.
    pub rules: Vec<SampleRule>,
}

/// A rule of the policy, as it is written there.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SampleRule {
    /// The keyword, such as `allow` or `type_transition`.
    pub kind: String,
    /// Source type or attribute.
    pub source: String,
    /// Target type or attribute.
    pub target: String,
    /// Object class.
    pub class: String,
    /// Permissions, in access-vector rules.
    pub permissions: Vec<String>,
    /// Values of extended permissions, ascending, in rules about those.
    pub extended: Vec<u32>,
    /// Default type, in type rules.
    pub default: String,
    /// Booleans of the condition, if there is one.
    pub booleans: Vec<String>,
}

impl Vocabulary {
    /// The attributes that no type has.
    pub fn empty_attributes(&self) -> Vec<&str> {
        self.attributes
            .iter()
            .filter(|(_, members)| members.is_empty())
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The aliases of a type.
    pub fn aliases_of(&self, name: &str) -> Vec<&str> {
        self.aliases.iter().filter(|(_, of)| *of == name).map(|(alias, _)| alias.as_str()).collect()
    }
}
