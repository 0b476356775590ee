"""An Unleash feature in one environment: the one strategy that shares out, and what is wrong with it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from cockpit.flags.interface.writer import FlagError, percent_of
from cockpit.runtime.clock import moment_of
from cockpit.settings.models.flag_services import Unleash
from sessions.text.clean import clean
from sessions.text.words import alike
from sessions.values.percent import Percent

GRADUAL = "flexibleRollout"
_RANDOM = "random"
"""The feature is decided anew at each request: that is not a share of users."""

_TOLD = 4
_HELD = ("id", "name", "disabled", "parameters", "constraints", "segments", "variants")


class Seen(Struct, frozen=True):
    """One environment as it was read: whether it is `enabled`, and the strategy that is moved.

    `narrowed` says why its percentage is no share of all users, unless that is meant; `told` is what is meant.
    """

    enabled: bool
    strategy: Mapping[str, Any]
    narrowed: str = ""
    told: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The strategy's id."""
        return str(self.strategy["id"])

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The strategy's parameters: rollout, stickiness, groupId."""
        found = self.strategy.get("parameters")
        return found if isinstance(found, dict) else {}

    @property
    def percent(self) -> Percent:
        """The percentage that gets the feature. Raises FlagError if there is no such percentage."""
        return percent_of(self.parameters.get("rollout"), 100, Unleash.decimals) if self.enabled else 0

    @property
    def version(self) -> str:
        """What tells this state from any other: Unleash counts no versions."""
        held = {key: self.strategy.get(key) for key in _HELD}
        text = json.dumps([self.enabled, held], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def seen(document: Any, environment: str, strategy: str) -> Seen:
    """Read a feature's document; `strategy` is the owner's choice of one. Raises FlagError with what to do."""
    here = _environment(document, environment)
    held = [item for item in here["strategies"] if isinstance(item, dict) and item.get("id")]
    if strategy:
        found = next((item for item in held if item["id"] == strategy), None)
        if found is None:
            raise FlagError(f"has no strategy {clean(strategy, 40)} in {clean(environment, 40)}, {_known(held)}")
        others = sum(item is not found and not item.get("disabled") for item in held)
        told = (*_narrowings(document, found), *_meant(found), *([f"{others} other strategies"] if others else []))
        return _gradual(here, found, told, disabled=bool(found.get("disabled")))
    active = [item for item in held if not item.get("disabled")]
    if len(active) != 1:
        raise FlagError(f"has {len(active)} strategies in {clean(environment, 40)}, one is needed, {_known(active)}")
    flag = _gradual(here, active[0], tuple(_meant(active[0])), disabled=False)
    if narrowed := ", ".join(_narrowings(document, active[0])):
        choice = f"take them away, or say strategy = {json.dumps(clean(active[0]['id'], 40))}"
        return replace(flag, narrowed=f"is narrowed by {narrowed}: {choice}")
    return flag


def plain_switch(document: Any, environment: str, *, on: bool) -> bool:
    """Return whether a feature is on for everybody. Raises FlagError if switching it on would reach only some."""
    here = _environment(document, environment)
    active = [item for item in here["strategies"] if isinstance(item, dict) and not item.get("disabled")]
    everybody = not document.get("dependencies") and (not active or any(map(_reaches_all, active)))
    if on and not everybody:
        raise FlagError(f"switched on it would not reach everybody in {clean(environment, 40)}")
    return here["enabled"] and everybody


def served(document: Any, percent: Percent) -> str:
    """Say what SDKs receive instead of `percent`; empty if they receive it."""
    if not isinstance(document, dict) or not isinstance(document.get("strategies"), list):
        return "the client API's answer cannot be read"
    shares = [_share(item) for item in document["strategies"] if isinstance(item, dict) and item.get("name") == GRADUAL]
    told = shares if document.get("enabled") is True else ["0"]
    return (
        ""
        if str(percent) in told
        else f"SDKs are told {' and '.join(f'{clean(share, 20)} %' for share in told) or 'no share'}"
    )


def author(document: Any, environment: str) -> tuple[str, datetime | None]:
    """Return who changed the feature last in an environment and when, as far as the events say."""
    events = document.get("events") if isinstance(document, dict) else None
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and event.get("environment") in (environment, None):
            return clean(event.get("createdBy") or "", 80), moment_of(event.get("createdAt"))
    return "", None


def _environment(document: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(document, dict) or not isinstance(document.get("environments"), list):
        raise FlagError("has no environments")
    held = [item for item in document["environments"] if isinstance(item, dict)]
    here = next((item for item in held if item.get("name") == name), None)
    if here is None:
        known = ", ".join(clean(item.get("name"), 40) for item in held) or "none"
        raise FlagError(f"has no environment {clean(name, 40)}, known: {known}")
    if document.get("archived"):
        raise FlagError("is archived")
    if not isinstance(here.get("enabled"), bool) or not isinstance(here.get("strategies"), list):
        raise FlagError("cannot be read")
    return here


def _gradual(here: Mapping[str, Any], strategy: Mapping[str, Any], told: tuple[str, ...], *, disabled: bool) -> Seen:
    if strategy.get("name") != GRADUAL:
        raise FlagError(f"has a strategy {clean(strategy.get('name'), 40)}, a gradual rollout is needed")
    if disabled:
        raise FlagError(f"has its strategy {clean(strategy['id'], 40)} disabled, enable it")
    return Seen(here["enabled"], strategy, told=told)


def _narrowings(document: Mapping[str, Any], strategy: Mapping[str, Any]) -> Iterator[str]:
    """Yield what makes the share another one than its percentage says; constraints are meant."""
    if strategy.get("segments"):
        yield "segments"
    if strategy.get("variants"):
        yield "variants"
    if document.get("dependencies"):
        yield "a parent feature"
    if _stickiness(strategy) == _RANDOM:
        yield "random stickiness"


def _meant(strategy: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an owner uses to narrow a rollout on purpose: it is shown, and holds nothing."""
    found = strategy.get("constraints")
    names = [item.get("contextName") for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    if found:
        yield f"constraints on {', '.join(clean(name, 30) for name in names[:_TOLD]) or 'something'}"


def _stickiness(strategy: Mapping[str, Any]) -> str:
    parameters = strategy.get("parameters")
    return alike(str(parameters.get("stickiness", ""))) if isinstance(parameters, dict) else ""


def _reaches_all(strategy: Mapping[str, Any]) -> bool:
    whole = strategy.get("name") == "default" or (strategy.get("name") == GRADUAL and _share(strategy) == "100")
    return whole and not strategy.get("constraints") and not strategy.get("segments")


def _share(strategy: Mapping[str, Any]) -> str:
    parameters = strategy.get("parameters")
    return str(parameters.get("rollout")) if isinstance(parameters, dict) else ""


def _known(strategies: Sequence[Mapping[str, Any]]) -> str:
    said = ", ".join(f"{clean(item['id'], 40)} ({clean(item.get('name'), 40)})" for item in strategies)
    return f"known: {said}" if said else "add a gradual rollout"
