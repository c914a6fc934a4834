#!/usr/bin/python3
"""Answers many command lines of a SETools program about one policy in one process.

sesearch spends over a second on each question, most of it on loading the policy and on making Python objects of its
rules; seinfo a quarter of one; sedta five; seinfoflow half a minute, most of it on its graph. This driver loads the policy once and then, for each question, executes the code of
the installed script itself, with sys.argv set and its output streams captured. What it replaces is listed in
`Shortcuts`; each is a pure function remembered, and `oracle` checks the driver against the plain tool on a
sample of questions in every full run.

    setools_driver.py answer SCRIPT POLICY      one JSON list of arguments a line on standard input;
                                                one JSON object a line on standard output
    setools_driver.py words TOOL POLICY         one JSON object: what to ask about

Run it in the policy's folder with the policy's bare file name, so that no answer depends on where that is.
"""

import copy
import hashlib
import io
import json
import itertools
import logging
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout

import setools
from setools import terulequery
from setools.exception import RuleNotConditional, RuleUseError

# How many rules of each kind a vocabulary keeps: (plain, conditional).
SAMPLES = {"allow": (600, 250), "dontaudit": (200, 100), "type_transition": (200, 80)}
OTHER_KINDS = (60, 60)
FILE_NAME_TRANSITIONS = 120


class LoadedPolicy(setools.SELinuxPolicy):
    """A policy whose rule objects are made once."""

    rules = None

    def terules(self):
        if self.rules is None:
            self.rules = list(super().terules())
        return iter(self.rules)


class Shortcuts:
    """What is remembered from one rule, or one question, to the next."""

    def __init__(self, path):
        self.path = path
        self.policy = LoadedPolicy(path)
        self.texts = {}
        self.matches = {}
        self.plain_match = terulequery.match_indirect_regex
        terulequery.match_indirect_regex = self.match

    def open(self, path=None):
        """In place of setools.SELinuxPolicy: the loaded policy, if it is the one asked for."""
        return self.policy if path == self.path else setools.SELinuxPolicy(path)

    def match(self, symbol, criteria, indirect, regex):
        """match_indirect_regex, once per symbol: thousands of rules share a source."""
        key = (symbol, id(criteria), indirect, regex)
        if key not in self.matches:
            # The criteria is kept so that its id is not given to another object.
            self.matches[key] = (self.plain_match(symbol, criteria, indirect, regex), criteria)
        return self.matches[key][0]

    def sorted(self, rules):
        """In place of sorted() over rules, whose order is that of their texts."""
        return sorted(self.text(rule) for rule in rules)

    def text(self, rule):
        entry = self.texts.get(id(rule))
        if entry is None:
            # As above: an id belongs to one object only while that is alive.
            entry = self.texts[id(rule)] = (str(rule), rule)
        return entry[0]

    def next_question(self):
        self.matches.clear()


class FlowAnalysis(setools.InfoFlowAnalysis):
    """An analysis whose graph is built once for each permission map."""

    graphs = {}

    def _build_graph(self):
        key = (str(self.policy), str(self.perm_map))
        if key not in self.graphs:
            super()._build_graph()
            self.graphs[key] = self.G
        self.G = self.graphs[key]
        if self.booleans is not None:
            # The subgraph takes rules out of lists that it shares with the graph.
            self.G = with_own_values(self.G)
        self.rebuildgraph = False
        self.rebuildsubgraph = True


class TransitionAnalysis(setools.DomainTransitionAnalysis):
    """An analysis whose graph is built once."""

    graphs = {}

    def _build_graph(self):
        key = str(self.policy)
        if key not in self.graphs:
            super()._build_graph()
            self.graphs[key] = self.G
        # The subgraph takes entry points out of what it shares with the graph.
        self.G = with_own_values(self.graphs[key])
        self.rebuildgraph = False
        self.rebuildsubgraph = True


def with_own_values(graph):
    """A copy whose lists and dictionaries of edges are copies, too."""
    graph = graph.copy()
    for _, _, attributes in graph.edges(data=True):
        for name, value in attributes.items():
            attributes[name] = copy.copy(value)
    return graph


class Module:
    """The module `setools` as the script sees it: everything is the real one's but what is set here."""

    def __init__(self, shortcuts):
        self.SELinuxPolicy = shortcuts.open
        self.InfoFlowAnalysis = FlowAnalysis
        self.DomainTransitionAnalysis = TransitionAnalysis

    def __getattr__(self, name):
        return getattr(setools, name)


def capture():
    """A text stream as Python opens standard output in the C locale (UTF-8 mode)."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", newline="\n",
                            write_through=True)


CONSTRAINT = re.compile(rb"\s*(mls)?(constrain|validatetrans) ")


def normal_form(printed):
    """The output with names in constraints, neighbouring constraints and entry points sorted (see answer.rs)."""
    lines = []
    for constrains, group in itertools.groupby(printed.split(b"\n"), lambda line: bool(CONSTRAINT.match(line))):
        if constrains:
            group = sorted(re.sub(rb"\{ ([^}]*) \}", sorted_names, line) for line in group)
        lines.extend(group)
    return b"\n".join(with_sorted_entry_points(lines))


def with_sorted_entry_points(lines):
    """Neighbouring blocks that begin with `Entrypoint `, sorted; the empty lines behind each place stay there."""
    result, blocks, empty = [], [], []

    def settle():
        for block, count in zip(sorted(blocks), empty):
            result.extend(block + [b""] * count)
        blocks.clear()
        empty.clear()

    for line in lines:
        if line.startswith(b"Entrypoint "):
            blocks.append([line])
            empty.append(0)
        elif blocks and not line:
            empty[-1] += 1
        elif blocks and line.startswith(b"\t"):
            blocks[-1].extend([b""] * empty[-1] + [line])
            empty[-1] = 0
        else:
            settle()
            result.append(line)
    settle()
    return result


def sorted_names(braces):
    return b"{ " + b" ".join(sorted(braces[1].split())) + b" }"


def answer(name, code, arguments, shortcuts):
    """Runs the script once; returns exit code, digest and length of stdout, and the last line of stderr."""
    shortcuts.next_question()
    logging.root.handlers.clear()
    sys.argv = [name, *arguments]
    names = {"__name__": "__main__", "__file__": name}
    if name == "sesearch":
        # seinfo sorts objects that it asks for more than their text.
        names["sorted"] = shortcuts.sorted
    out, err = capture(), capture()
    status = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            exec(code, names)
        except SystemExit as stop:
            status = 0 if stop.code is None else stop.code
    printed = normal_form(out.buffer.getvalue())
    said = err.buffer.getvalue().decode("utf-8", "surrogateescape").splitlines()
    return {
        "exit": status,
        "sha256": hashlib.sha256(printed).hexdigest(),
        "bytes": len(printed),
        "error": said[-1] if status == 2 and said else "",
    }


def answer_all(script, path):
    shortcuts = Shortcuts(path)
    name = os.path.basename(script)
    with open(script, encoding="utf-8") as source:
        code = compile(source.read(), name, "exec")
    sys.modules["setools"] = Module(shortcuts)
    for line in sys.stdin:
        print(json.dumps(answer(name, code, json.loads(line), shortcuts)), flush=True)


def evenly(items, count):
    """At most `count` of the items, spread over all of them."""
    if len(items) <= count:
        return items
    return [items[index * len(items) // count] for index in range(count)]


def conditional(rule):
    try:
        return rule.conditional
    except RuleNotConditional:
        return None


def file_name(rule):
    try:
        return rule.filename
    except (RuleUseError, AttributeError):
        return None


def describe(rule):
    kind = str(rule.ruletype)
    condition = conditional(rule)
    entry = {
        "kind": kind,
        "source": str(rule.source),
        "target": str(rule.target),
        "class": str(rule.tclass),
        "permissions": [],
        "extended": [],
        "default": "",
        "booleans": sorted(str(name) for name in condition.booleans) if condition else [],
    }
    if kind.startswith("type_"):
        entry["default"] = str(rule.default)
    elif rule.extended:
        entry["extended"] = sorted(rule.perms)
    else:
        entry["permissions"] = sorted(rule.perms)
    return entry


def describe_other(rule):
    """A rule about roles or ranges; a role allow has neither class nor default."""
    kind = "role_allow" if str(rule.ruletype) == "allow" else str(rule.ruletype)
    entry = {
        "kind": kind,
        "source": str(rule.source),
        "target": str(rule.target),
        "class": "",
        "permissions": [],
        "extended": [],
        "default": "",
        "booleans": [],
    }
    if kind != "role_allow":
        entry["class"] = str(rule.tclass)
        entry["default"] = str(rule.default)
    return entry


def vocabulary(path):
    policy = setools.SELinuxPolicy(path)
    groups = {}
    for rule in policy.terules():
        kind = str(rule.ruletype)
        if file_name(rule):
            kind = "file name"
        groups.setdefault((kind, conditional(rule) is not None), []).append(rule)
    rules = []
    for (kind, is_conditional), members in sorted(groups.items()):
        count = SAMPLES.get(kind, OTHER_KINDS)[is_conditional]
        count = FILE_NAME_TRANSITIONS if kind == "file name" else count
        rules.extend(describe(rule) for rule in evenly(members, count))
    others = {}
    for rule in [*policy.rbacrules(), *policy.mlsrules()]:
        others.setdefault(str(rule.ruletype), []).append(rule)
    for _, members in sorted(others.items()):
        rules.extend(describe_other(rule) for rule in evenly(members, OTHER_KINDS[0]))
    types, aliases = {}, {}
    for entry in policy.types():
        types[str(entry)] = sorted(str(attribute) for attribute in entry.attributes())
        aliases.update((str(alias), str(entry)) for alias in entry.aliases())
    classes = {}
    for entry in policy.classes():
        classes[str(entry)] = sorted(entry.perms)
        try:
            classes[str(entry)] = sorted(set(entry.perms) | set(entry.common.perms))
        except setools.exception.NoCommon:
            pass
    print(json.dumps({
        "types": types,
        "aliases": aliases,
        "attributes": {str(entry): evenly(sorted(str(member) for member in entry), 12)
                       for entry in policy.typeattributes()},
        "classes": classes,
        "booleans": sorted(str(entry) for entry in policy.bools()),
        "rules": rules,
    }, sort_keys=True))


# How many values of each option are worth asking for.
VALUES = 150


def declarations(path):
    policy = setools.SELinuxPolicy(path)
    types = list(policy.types())
    attributes = list(policy.typeattributes())

    def aliases(entries):
        return [str(alias) for entry in entries for alias in entry.aliases()]

    def names(entries):
        return sorted(set(str(entry) for entry in entries))

    def span(numbers, form):
        low, high = (form.format(number) for number in numbers)
        return low if low == high else low + "-" + high

    values = {
        "--attribute": names(attributes),
        "--bool": names(policy.bools()),
        "--class": names(policy.classes()),
        "--role": names(policy.roles()),
        "--type": names(types),
        "--user": names(policy.users()),
        "--category": names(policy.categories()),
        "--common": names(policy.commons()),
        "--constrain": names(rule.tclass for rule in policy.constraints()),
        "--default": names(rule.tclass for rule in policy.defaults()),
        "--fs_use": names(entry.fs for entry in policy.fs_uses()),
        "--genfscon": names(entry.fs for entry in policy.genfscons()),
        "--ibpkeycon": names(span(entry.pkeys, "{:#x}") for entry in policy.ibpkeycons()),
        "--ibendportcon": names(entry.name for entry in policy.ibendportcons()),
        "--initialsid": names(policy.initialsids()),
        "--netifcon": names(entry.netif for entry in policy.netifcons()),
        "--nodecon": names(entry.network for entry in policy.nodecons()),
        "--permissive": names(entry for entry in types if entry.ispermissive),
        "--polcap": names(policy.polcaps()),
        "--portcon": names(span(entry.ports, "{}") for entry in policy.portcons()),
        "--sensitivity": names(policy.sensitivities()),
        "--typebounds": names(rule.child for rule in policy.bounds()),
        "--validatetrans": names(rule.tclass for rule in policy.constraints()),
        "alias": names(aliases(types) + aliases(policy.categories()) + aliases(policy.sensitivities())),
    }
    print(json.dumps({option: evenly(found, VALUES) for option, found in values.items()}, sort_keys=True))


# From how many types on a policy is too large for a search without a limit.
LARGE = 500


def places(tool, path):
    """Types to go from and to: pairs that a rule connects, and others."""
    policy = setools.SELinuxPolicy(path)
    types = sorted(str(entry) for entry in policy.types())

    def connects(rule):
        if str(rule.ruletype) != "allow" or tool == "seinfoflow":
            return str(rule.ruletype) == "allow"
        return str(rule.tclass) == "process" and rule.perms & {"transition", "dyntransition"}

    def some(symbol):
        return evenly(list(symbol.expand()), 3)

    rules = evenly([rule for rule in policy.terules() if connects(rule)], 600)
    pairs = sorted({(str(source), str(target)) for rule in rules for source in some(rule.source)
                    for target in some(rule.target) if source != target})
    entry_points = {str(target) for rule in policy.terules() if str(rule.ruletype) == "allow"
                    and str(rule.tclass) == "file" and "entrypoint" in rule.perms for target in some(rule.target)}
    print(json.dumps({
        "types": evenly(types, 400),
        "pairs": [list(pair) for pair in evenly(pairs, 400)],
        "entry_points": evenly(sorted(entry_points), 100),
        "aliases": sorted(str(alias) for entry in policy.types() for alias in entry.aliases())[:50],
        "attributes": evenly(sorted(str(entry) for entry in policy.typeattributes()), 20),
        "booleans": sorted(str(entry) for entry in policy.bools()),
        "maps": sorted(name for name in os.listdir() if name.endswith(".perm_map")),
        "is_large": len(types) > LARGE,
    }, sort_keys=True))


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "answer":
        answer_all(sys.argv[2], sys.argv[3])
    elif len(sys.argv) == 4 and sys.argv[1:3] == ["words", "sesearch"]:
        vocabulary(sys.argv[3])
    elif len(sys.argv) == 4 and sys.argv[1:3] == ["words", "seinfo"]:
        declarations(sys.argv[3])
    elif len(sys.argv) == 4 and sys.argv[1] == "words":
        places(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
