"""Say what an audit of locked requirements found, and what it could not check.

usage: python tests/support/audited.py LOCKED PROGRAM ARGUMENT ...

PROGRAM is pip-audit, or what answers like it: JSON on stdout. It ends with 1 for a known vulnerability, with 2 where
the audit itself is broken, with 0 else: also where nobody could be asked, which it says.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

UNREACHED = re.compile(
    r"connection|connect timeout|timed? ?out|resolve|unreachable|max retries|proxy|certificate|ssl|"
    r"service is (down|unavail)",
    re.IGNORECASE,
)
BESIDE = "not part of it: Python itself, and what .ci/real fetches (Debian's programs, Unleash, services to fly over)"


def locked(path):
    """Return the names with their versions."""
    return re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", Path(path).read_text("utf-8"), re.MULTILINE)


def judged(answer, wanted):
    """Yield what is told of an answer: a word and a line each, `known` is a vulnerability."""
    found = {row["name"].lower().replace("_", "-"): row for row in answer.get("dependencies", [])}
    for name, version in wanted:
        row = found.get(name.lower().replace("_", "-"), {"skip_reason": "the answer says nothing of it"})
        if why := row.get("skip_reason"):
            yield "unchecked", f"{name} {version}: not checked: {why}"
        for hole in row.get("vulns", []):
            fixed = ", ".join(hole.get("fix_versions", [])) or "nothing yet"
            yield "known", f"{name} {version}: {hole['id']}, mended in {fixed}"


def main(words):
    """Ask, and say it."""
    path, *program = words
    wanted = locked(path)
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    sys.stdout.write(f"audit of {path}: {len(wanted)} packages; {BESIDE}\n")
    try:
        told = list(judged(json.loads(done.stdout), wanted))
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:300]
        if not UNREACHED.search(done.stderr):
            sys.stdout.write(f"the audit is broken (exit {done.returncode}): {last}\n")
            return 2
        sys.stdout.write(f"NOT CHECKED, none of them: the service for vulnerabilities cannot be reached: {last}\n")
        return 0
    for _, line in told:
        sys.stdout.write(f"{line}\n")
    unchecked = sum(word == "unchecked" for word, _ in told)
    known = sum(word == "known" for word, _ in told)
    sys.stdout.write(f"{len(wanted) - unchecked} checked, {unchecked} not, {known} known vulnerabilities\n")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
