"""Asks audit2why's own module (python3-selinux) why accesses are denied.

usage: audit2why_driver.py POLICY

Reads questions, one JSON array a line: source context, target context, class, permissions. Answers each with one
JSON array: the name of the code that analyze() returns, and what it returns beside it.
"""

import json
import sys

from selinux import audit2why

NAMES = ["ALLOW", "DONTAUDIT", "TERULE", "BOOLEAN", "CONSTRAINT", "RBAC", "BOUNDS",
         "BADSCON", "BADTCON", "BADTCLASS", "BADPERM", "BADCOMPUTE", "NOPOLICY", "UNKNOWN"]
CODES = {getattr(audit2why, name): name for name in NAMES if hasattr(audit2why, name)}


def main():
    audit2why.init(sys.argv[1])
    for line in sys.stdin:
        source, target, tclass, permissions = json.loads(line)
        answer = audit2why.analyze(source, target, tclass, permissions)
        code, rest = (answer[0], list(answer[1:])) if isinstance(answer, tuple) else (answer, [])
        print(json.dumps([CODES.get(code, str(code)), rest]), flush=True)
    audit2why.finish()


main()
