"""`cockpit check`: the decision as an exit code. A script waits for each module that it loads."""

import sys

from cockpit.runtime.clock import clock_of
from cockpit.session.both_files import look
from sessions.gate.outlook import BLIND, BREACH, HOLD, MAY_ADVANCE, decision
from sessions.storage.folders import find

DECISIONS = {MAY_ADVANCE: "may advance", HOLD: "hold", BREACH: "breach", BLIND: "blind"}


def check_of(which: str | None, *, as_json: bool) -> int:
    """Print the decision and return it as an exit code."""
    judgement = look(folder := find(which), clock_of(folder), None)
    code = decision(judgement)
    if as_json:
        from cockpit.cli.commands.status import print_json

        print_json(folder, judgement)
    else:
        faults = (f"{origin} {text}" for origin, text in judgement.state.faults.items())
        reasons = "; ".join((*(f"{item.name} {item.text}" for item in judgement.gate.blockers), *faults))
        sys.stdout.write(f"{DECISIONS[code]}{': ' + reasons if reasons else ''}\n")
    return code
