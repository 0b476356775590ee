"""Where the flag lives: in one place of some kind, or in several that are moved together."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from cockpit.runtime.record import dataclass
from cockpit.settings.models.flag_providers import Flagd, Problems, Session, timeout
from cockpit.settings.schema import fields as kit
from cockpit.settings.schema.shapes import TEXTS, named
from sessions.plan.strict_table import Table
from sessions.text.clean import clean
from sessions.values.percent import DECIMALS

if TYPE_CHECKING:
    from cockpit.settings.models.flag_services import Command, Http, LaunchDarkly, Unleash

Place: TypeAlias = "Session | Flagd | Unleash | LaunchDarkly | Http | Command"


class Kinds(Mapping[str, type[Any]]):
    """Every kind of place, in the order of the reference; the model of one loads when it is asked for."""

    _MODELS: Mapping[str, str] = {
        "session": "flag_providers.Session",
        "flagd": "flag_providers.Flagd",
        "unleash": "flag_services.Unleash",
        "launchdarkly": "flag_services.LaunchDarkly",
        "http": "flag_services.Http",
        "command": "flag_services.Command",
    }

    def __getitem__(self, kind: str) -> type[Any]:
        module, name = self._MODELS[kind].split(".")
        model: type[Any] = getattr(import_module(f"cockpit.settings.models.{module}"), name)
        return model

    def name_of(self, place: Place) -> str:
        """Return the kind of a place."""
        return next(kind for kind, path in self._MODELS.items() if path.endswith(f".{type(place).__name__}"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._MODELS)

    def __len__(self) -> int:
        return len(self._MODELS)


KINDS = Kinds()

TARGETS = "targets"
OF_A_KIND = "table of a kind"


def _switches(doc: str, example: str) -> Any:
    def ask(table: Table, name: str) -> Mapping[str, tuple[str, ...]]:
        value = table.raw(name, {})
        if isinstance(value, Mapping) and all(_words(item) for item in value.values()):
            return {clean(each, 80): tuple(map(clean, item)) for each, item in value.items()}
        table.note(name, "is no table of lists of texts", f"write [{name}]")
        return {}

    key = kit.Key("table of lists of texts", doc, ask, example, shape=named(TEXTS))
    return field(kw_only=True, default_factory=dict, metadata={"key": key})


def _words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _places(doc: str) -> Any:
    def ask(table: Table, name: str) -> Mapping[str, Place]:
        found: dict[str, Place] = {}
        for each, item in table.named(name).items():
            kind = item.choice("kind", tuple(KINDS))
            if item.raw("kind") == kind:  # of an unknown kind no key can be judged
                found[clean(each, 60)] = kit.read(KINDS[kind], item)
        return found

    return field(kw_only=True, default_factory=dict, metadata={"key": kit.Key("named tables", doc, ask, kinds=KINDS)})


@dataclass(frozen=True, slots=True)
class Targets:
    """`targets`: several targets that are moved in one act, each of any kind."""

    name: str = kit.text("Name of the flag; without it, the plan's", "")
    timeout: float = timeout()
    rollout: tuple[str, ...] = kit.texts("Targets that carry the percentage; without any, all", (), '["production"]')
    switches: Mapping[str, tuple[str, ...]] = _switches(
        "Targets of each switch; a switch that is not named goes to all that carry the percentage",
        '{ sla-message = ["desk"] }',
    )
    targets: Mapping[str, Place] = _places("The targets, each under a name of your choice")

    def problems(self) -> Iterable[tuple[str, str, str]]:
        """Yield names that lead nowhere."""
        if not self.targets:
            yield "targets", "names no place", "write [flag.targets.NAME]"
        yield from self._nowhere("rollout", self.rollout)
        for switch, names in self.switches.items():
            yield from self._nowhere(f"switches.{switch}", names)
        for name in self.carriers:
            for key, what, hint in _lacks(self.targets.get(name)):
                yield f"targets.{name}.{key}", what, hint

    def _nowhere(self, key: str, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        for name in names:
            if name not in self.targets:
                near = difflib.get_close_matches(name, self.targets, n=1)
                hint = f'did you mean "{near[0]}"?' if near else "write one of [flag.targets]"
                yield key, f'"{name}" is no target', hint

    @property
    def carriers(self) -> tuple[str, ...]:
        """The targets that carry the percentage."""
        return self.rollout or tuple(self.targets)

    def takers(self, switch: str) -> tuple[str, ...]:
        """Return the targets that take a switch."""
        return self.switches.get(switch, self.carriers)


Flag: TypeAlias = "Place | Targets"


def flag(doc: str) -> Any:
    """Where the flag lives: `kind` says which model reads the table."""

    def ask(table: Table, name: str) -> Flag:
        if table.raw(name) is None:
            return Session()
        item = table.table(name)
        several = item.raw(TARGETS) is not None
        kind = item.choice("kind", (*KINDS, TARGETS), TARGETS if several else "session")
        if several and kind != TARGETS:
            item.note("kind", f'is "{kind}" and there are targets', "give each target its kind, and leave this out")
            return Session()
        if not _known(item, kind):
            return Session()
        found: Flag = kit.read(Targets if kind == TARGETS else KINDS[kind], item)
        for problem in _lacks(found):
            item.note(*problem)
        return found

    return field(kw_only=True, default_factory=Session, metadata={"key": kit.Key(OF_A_KIND, doc, ask, kinds=KINDS)})


def finest(flag: Flag) -> tuple[str, int]:
    """Return where a percentage may have the fewest decimals, as the reference calls it, and how many."""
    if not isinstance(flag, Targets):
        return KINDS.name_of(flag), flag.decimals
    held = [
        (f"{name}: {KINDS.name_of(place)}", place.decimals)
        for name, place in flag.targets.items()
        if name in flag.carriers
    ]
    return min(held, key=lambda one: one[1], default=(TARGETS, DECIMALS))


@runtime_checkable
class Lacking(Protocol):
    """A place that may take switches alone."""

    def lacks(self) -> Problems:
        """Yield what is missing to carry the percentage."""
        ...


def _lacks(place: object) -> Problems:
    """Return what a place lacks to carry the percentage."""
    return place.lacks() if isinstance(place, Lacking) else ()


def lacking(model: type[Any]) -> tuple[str, ...]:
    """Return the keys that a place of that kind must say to carry the percentage, beside those that it needs anyway."""
    return tuple(path for path, *_ in _lacks(model()))


def _known(item: Table, kind: str) -> bool:
    """Of an unknown kind no key can be judged."""
    return item.raw("kind") in (None, kind)
