//! The policy that an answer is about, as every JSON form shows it.

use std::collections::BTreeMap;

use policydb::Policy;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::policy_source::{BooleanOrigin, PolicySource};

#[derive(Serialize)]
pub(crate) struct PolicyJson<'a> {
    path: &'a str,
    version: u32,
    sha256: String,
    booleans: &'static str,
    booleans_set: BTreeMap<&'a str, bool>,
}

impl<'a> PolicyJson<'a> {
    /// A policy, and the booleans that the question set.
    pub(crate) fn of(
        source: &'a PolicySource,
        policy: &Policy<'_>,
        settings: impl Iterator<Item = (&'a str, bool)>,
    ) -> Self {
        PolicyJson {
            path: &source.label,
            version: policy.format().version,
            sha256: format!("{:x}", Sha256::digest(&**source)),
            booleans: match source.booleans {
                BooleanOrigin::Defaults => "defaults",
                BooleanOrigin::Kernel => "kernel",
            },
            booleans_set: settings.collect(),
        }
    }
}
