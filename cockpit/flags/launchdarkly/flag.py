"""A LaunchDarkly flag in one environment: what its rollout says, and the instructions that change it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeGuard

from msgspec import Struct

from cockpit.flags.interface.writer import FlagError, check_narrowed, percent_of
from cockpit.flags.launchdarkly.narrowing import meant, narrowed_by
from cockpit.runtime.clock import moment_of
from cockpit.settings.models.flag_services import LaunchDarkly
from sessions.text.clean import clean
from sessions.values.percent import Percent

WHOLE = 100_000
"""Everybody, in thousandths of a percent."""

_SHARED_BY = {"contextKind": ("user", "rolloutContextKind"), "bucketBy": ("key", "rolloutBucketBy")}
"""What a rollout shares out by: its default, and how an instruction calls it."""

ON_ID, OFF_ID = "ON_VARIATION_ID", "OFF_VARIATION_ID"
Instruction = Mapping[str, object]


class Seen(Struct, frozen=True):
    """One flag as it was read: `on` and `off` are the variations' places and ids, `served` is what its rule says.

    `narrowed` says why its percentage is no share of all users, unless that is meant; `told` is what is meant.
    """

    version: str
    targeting: bool
    off_variation: object
    on: tuple[int, str]
    off: tuple[int, str]
    served: Mapping[str, Any]
    changed_at: datetime | None = None
    narrowed: str = ""
    told: tuple[str, ...] = ()

    @property
    def percent(self) -> Percent:
        """The percentage that gets the variation on. Raises FlagError if it is no plain share of two."""
        if self.targeting:
            return self.share
        if self.off_variation not in (self.on[0], self.off[0]):
            raise FlagError("is off and has no off variation of ours, so users get what their code says")
        return 100 if self.off_variation == self.on[0] else 0

    @property
    def share(self) -> Percent:
        """The percentage that its rule says, whether or not targeting is on. Raises FlagError."""
        rollout = self.served.get("rollout")
        if not isinstance(rollout, Mapping):
            variation = self.served.get("variation")
            if variation not in (self.on[0], self.off[0]):
                raise FlagError(f"serves variation {clean(variation, 20)} to everybody, which is neither on nor off")
            return 100 if variation == self.on[0] else 0
        weights = _weights(rollout)
        if any(weight for index, weight in weights.items() if index not in (self.on[0], self.off[0])):
            raise FlagError("shares out among more than two variations, move it by hand")
        return percent_of(weights.get(self.on[0], 0), sum(weights.values()) or WHOLE, LaunchDarkly.decimals)


def seen(document: Any, spec: LaunchDarkly) -> Seen:
    """Read the flag's document. Raises FlagError with what it lacks."""
    here = _environment(document, spec.environment)
    variations = document.get("variations")
    if not isinstance(variations, list) or not all(isinstance(item, dict) for item in variations):
        raise FlagError("has no variations")
    on = _variation(variations, spec.on, meaning=True)
    return Seen(
        str(here.get("version", document.get("_version", ""))),
        here.get("on") is True,
        here.get("offVariation"),
        on,
        _variation(variations, spec.off, meaning=False),
        _served(here, spec.rule),
        moment_of(here.get("lastModified")),
        narrowed_by(here, spec.prerequisites),
        tuple(meant(here, spec, on[0])),
    )


def move_to(percent: Percent, flag: Seen | None, spec: LaunchDarkly) -> Sequence[Instruction]:
    """Return the instructions that set the percentage. Raises FlagError if users would change sides.

    Without a flag that was read the variations' ids are left open.
    """
    on, off = (flag.on[1], flag.off[1]) if flag else (ON_ID, OFF_ID)
    kind = {"kind": "updateFallthroughVariationOrRollout"}
    if spec.rule:
        kind = {"kind": "updateRuleVariationOrRollout", "ruleId": spec.rule}
    if percent in (0, 100):
        moves: Instruction = {**kind, "variationId": on if percent else off}
    else:
        weights = {on: (share := round(percent * WHOLE / 100)), off: WHOLE - share}
        moves = {**kind, "rolloutWeights": weights, **_shared_by(flag, spec)}
    turned = flag is not None and not flag.targeting and percent > 0
    return [moves, {"kind": "turnFlagOn"}] if turned else [moves]


def why_not(percent: Percent, flag: Seen, spec: LaunchDarkly) -> str:
    """Say why the flag is not moved as it is; empty if it may be. Raises FlagError if it cannot be read."""
    _ = flag.share, _shared_by(flag, spec)
    check_narrowed(flag.narrowed, percent, lambda: flag.percent)
    if percent and not flag.targeting and not spec.turn_on:
        return f"is off in {clean(spec.environment, 40)}: turn it on, or write turn_on = true"
    return ""


def plain_switch(document: Any, environment: str, *, on: bool) -> bool:
    """Return whether a boolean flag is on for everybody. Raises FlagError if turning it to `on` would do less."""
    flag = seen(document, LaunchDarkly(environment=environment))
    here = _environment(document, environment)
    narrowed = [key for key in ("rules", "targets", "contextTargets", "prerequisites") if here.get(key)]
    if on and (narrowed or flag.share != 100):
        raise FlagError(f"turned on it would not reach everybody ({', '.join(narrowed) or 'default rule'})")
    if flag.off_variation != flag.off[0]:
        raise FlagError("turned off it would not say false")
    return flag.targeting and not narrowed and flag.share == 100


def _environment(document: Any, name: str) -> Mapping[str, Any]:
    here = document.get("environments") if isinstance(document, dict) else None
    found = here.get(name) if isinstance(here, dict) else None
    if not isinstance(found, dict):
        raise FlagError(f"has no environment {clean(name, 40)}")
    if found.get("archived") or document.get("archived"):
        raise FlagError("is archived")
    return found


def _variation(variations: Sequence[Mapping[str, Any]], name: str, *, meaning: bool) -> tuple[int, str]:
    found = [
        (index, str(item.get("_id", "")))
        for index, item in enumerate(variations)
        if (item.get("name") == name if name else item.get("value") is meaning)
    ]
    if len(found) != 1 or not found[0][1]:
        what = f"called {clean(name, 40)}" if name else f"that is {'true' if meaning else 'false'}"
        raise FlagError(f"has {len(found)} variations {what}, name them with on and off")
    return found[0]


def _served(here: Mapping[str, Any], rule: str) -> Mapping[str, Any]:
    if not rule:
        found = here.get("fallthrough")
    else:
        rules = here.get("rules")
        known = [item for item in rules if isinstance(item, dict)] if isinstance(rules, list) else []
        found = next((item for item in known if item.get("_id") == rule), None)
        if found is None:
            ids = ", ".join(clean(item.get("_id"), 40) for item in known) or "none"
            raise FlagError(f"has no rule {clean(rule, 40)}, known: {ids}")
    if not isinstance(found, dict):
        raise FlagError("has no default rule")
    return found


def _weights(rollout: Mapping[str, Any]) -> dict[int, int]:
    """Return the weights by the variations' places. Raises FlagError for an experiment, and for what is no weight."""
    if rollout.get("kind") == "experiment" or rollout.get("experimentAllocation") or rollout.get("seed") is not None:
        raise FlagError("runs an experiment, move it by hand")
    weights: dict[int, int] = {}
    for item in rollout.get("variations") or ():
        index, weight = (item.get("variation"), item.get("weight")) if isinstance(item, dict) else (None, None)
        if not _counts(index) or not _counts(weight):
            raise FlagError("has a rollout that cannot be read")
        weights[index] = weights.get(index, 0) + weight
    return weights


def _counts(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _shared_by(flag: Seen | None, spec: LaunchDarkly) -> Instruction:
    """Return by what users are shared out, as it is or as the settings say where no rollout says it yet."""
    wanted = {"contextKind": spec.context_kind, "bucketBy": spec.bucket_by}
    rollout = flag.served.get("rollout") if flag else None
    if not isinstance(rollout, Mapping):
        return {_SHARED_BY[key][1]: value for key, value in wanted.items() if value}
    for key, (default, _) in _SHARED_BY.items():
        held = rollout.get(key) or default
        if wanted[key] and wanted[key] != held:
            raise FlagError(f"shares out by {key} {clean(held, 40)}, not {wanted[key]}: users would change sides")
    return {name: rollout[key] for key, (_, name) in _SHARED_BY.items() if rollout.get(key)}


def author(log: object) -> str:
    """Return who made the newest change of an audit log, empty if it does not say."""
    entries = log.get("items") if isinstance(log, dict) else None
    newest = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}
    for whose, key in (("member", "email"), ("token", "name"), ("app", "name")):
        who = newest.get(whose)
        if isinstance(who, dict) and isinstance(who.get(key), str):
            return clean(who[key], 80)
    return ""
