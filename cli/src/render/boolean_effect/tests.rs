//! What a person and a program read, of the demo policy.

use analysis::decide::{WhatIf, boolean_and_domain, boolean_effect};
use serde_json::{Value, json};

use super::json::document;
use super::*;
use crate::args::{ColorWhen, Global};
use crate::policy_source::with_store;

fn answer<R>(
    boolean: &str,
    domain: &str,
    settings: &[(&str, bool)],
    read: impl FnOnce(&EffectAnswer<'_, '_>) -> R,
) -> R {
    let global = Global { policy: None, demo: true, color: ColorWhen::Never };
    let settings: Vec<(String, bool)> =
        settings.iter().map(|(name, state)| ((*name).to_owned(), *state)).collect();
    let what_if = WhatIf { booleans: settings.clone(), ..WhatIf::default() };
    let asked = with_store(&global, |source, store| {
        let (boolean, domain) = boolean_and_domain(store, boolean, domain)?;
        let effect = boolean_effect(store, &domain, boolean, &what_if.resolve(store)?);
        Ok(read(&EffectAnswer { source, store, settings: &settings, effect }))
    });
    asked.expect("names of the demo policy")
}

fn text(boolean: &str, domain: &str, settings: &[(&str, bool)]) -> String {
    answer(boolean, domain, settings, |answer| {
        let lines = answer.lines().into_iter().map(|(line, remark)| {
            if remark.is_empty() { format!("{line}\n") } else { format!("{line}  # {remark}\n") }
        });
        lines.collect()
    })
}

#[test]
fn what_it_adds() {
    assert_eq!(
        text("user_t_run_containers", "user_t", &[]),
        "\
user_t_run_containers adds for user_t (off now, by the policy's default):
  container_runtime_exec_t:file { execute getattr map open read }
  container_runtime_t:process transition  # depends
takes: nothing
types of what it makes:
  type_transition container_runtime_exec_t:process: off user_t, on container_runtime_t
for others: nothing
note: `depends` is on levels, roles or users that were left open; on which tells, for one of them,
  sepolq can user_t container_runtime_t process transition --bool user_t_run_containers=on
"
    );
}

#[test]
fn what_it_takes_from_the_domain_and_from_others() {
    assert_eq!(
        text("deny_ptrace", "unconfined_t", &[("deny_ptrace", true)]),
        "\
deny_ptrace adds for unconfined_t (on, as this question sets it): nothing
takes:
  domain:process ptrace  # 27 types
takes for others, towards unconfined_t:
  { container_runtime_t init_t kernel_t spc_t unconfined_service_t } unconfined_t:process ptrace
"
    );
}

#[test]
fn nothing_has_a_reason() {
    assert_eq!(
        text("container_connect_any", "container_t", &[]),
        "\
container_connect_any changes nothing for container_t (off now, by the policy's default)
nothing: no rule of this boolean is about container_t
  its rules are about container_runtime_domain (1)
"
    );
    assert_eq!(
        text("httpd_can_network_connect_db", "httpd_t", &[("httpd_can_network_connect", true)]),
        "\
httpd_can_network_connect_db changes nothing for httpd_t (off now, by the policy's default)
nothing: httpd_t is granted all of this already; 2 conditional rules name it
  allow httpd_t mysqld_port_t:tcp_socket name_connect; [ httpd_can_network_connect_db ]:True
  granted by allow httpd_t port_type:tcp_socket name_connect; [ httpd_can_network_connect ]:True  mysqld_port_t has port_type
"
    );
    assert_eq!(
        text("httpd_read_user_content", "httpd_t", &[]),
        "\
httpd_read_user_content changes nothing for httpd_t (off now, by the policy's default)
blocked: 2 conditional rules about httpd_t under `httpd_read_user_content && httpd_enable_homedirs`, which is false either way
  it would count with --bool httpd_enable_homedirs=on
"
    );
}

#[test]
fn the_object_says_the_same() {
    let object: Value = answer("httpd_can_network_connect_db", "httpd_t", &[], |answer| {
        serde_json::to_value(document(answer)).expect("an object")
    });
    assert_eq!(object["schema"], json!("sepolq.boolean-effect/1"));
    assert_eq!(
        object["access"],
        json!({ "adds": [{
            "class": "tcp_socket", "granted": ["name_connect"], "depends": [], "attributes": [],
            "types": ["mysqld_port_t", "postgresql_port_t"]
        }], "takes": [] })
    );
    assert_eq!((&object["changes"], &object["state"]), (&json!(true), &json!("off")));
    let blocked: Value = answer("httpd_read_user_content", "httpd_t", &[], |answer| {
        serde_json::to_value(document(answer)).expect("an object")
    });
    assert_eq!(blocked["blocked"][0]["ways"], json!([{ "httpd_enable_homedirs": true }]));
}
