"""The flag's writer by what the settings say of it. Nothing is asked yet, and no secret is revealed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cockpit.flags.interface.writer import FlagWriter, Timed, deadline_of
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flags import Flag, Place, Targets, finest
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.secrets import Secret, Secrets
from sessions.values.percent import Percent

if TYPE_CHECKING:
    from cockpit.settings.models.flag_services import Command, Http, LaunchDarkly, Unleash

PATIENCE = 0.85
"""The share of its deadline that one act may take: what is left is for saying why it was not done."""


class Wanted(Struct, frozen=True):
    """What a writer is opened for: the flag's `name` and the `switches` of the plan, the `deadline` of one act in s.

    `recorded` returns the percentage and the switches that the log says, for a flag that is only recorded.
    """

    name: str
    switches: Sequence[str]
    deadline: float
    recorded: Callable[[], tuple[Percent, tuple[str, ...]]]


def open_writer(flag: Flag, wanted: Wanted, secrets: Secrets) -> FlagWriter:
    """Return the flag writer; its drivers load now."""
    names, opening = wanted.switches, Opening(wanted.recorded, secrets, wanted.deadline)
    if not isinstance(flag, Targets):
        return opening.writer(flag, wanted.name, names)
    from cockpit.flags.several import Several

    opening = replace(opening, deadline=flag.timeout or wanted.deadline)
    takers = {name: flag.takers(name) for name in names}
    writers = {
        name: opening.writer(place, place.name or wanted.name, [each for each in names if name in takers[each]])
        for name, place in flag.targets.items()
    }
    whole = flag.timeout or max((deadline_of(each, wanted.deadline) for each in writers.values()), default=0.0)
    return Several(
        writers, flag.carriers, takers, (whole or wanted.deadline) * PATIENCE, whole, decimals=finest(flag)[1]
    )


class Opening(Struct, frozen=True):
    """What writers are opened with; one act of a writer takes at most `deadline` s, or what its place says."""

    recorded: Callable[[], tuple[Percent, tuple[str, ...]]]
    secrets: Secrets
    deadline: float

    @property
    def patience(self) -> float:
        """What is left of it for the act itself, in s."""
        return self.deadline * PATIENCE

    def writer(self, place: Place, name: str, names: Sequence[str]) -> FlagWriter:
        """Return the writer of one place for the flag `name` and the switches `names` that it may set."""
        if isinstance(place, Session):
            from cockpit.flags.recorded_only import SessionFlag

            return SessionFlag(self.recorded)
        if place.timeout and place.timeout != self.deadline:
            return replace(self, deadline=place.timeout).writer(place, name, names)
        made = self._flagd(place, name) if isinstance(place, Flagd) else self._service(place, name, names)
        if isinstance(made, Timed):
            made.deadline = place.timeout
        return made

    def _service(self, place: "Command | Http | LaunchDarkly | Unleash", name: str, names: Sequence[str]) -> FlagWriter:
        from cockpit.settings.models.flag_services import Command, Http, LaunchDarkly, Unleash

        match place:
            case Command():
                from cockpit.flags.command import CommandFlag

                return CommandFlag(place, self.patience, names, self.secrets.scrub, self.secrets.ready)
            case Http():
                from cockpit.flags.http.client import Line
                from cockpit.flags.http.writer import HttpFlag

                return HttpFlag(Line(place, self.secrets, self.patience), place, self.secrets, names)
            case LaunchDarkly():
                from cockpit.flags.http.client import Line
                from cockpit.flags.launchdarkly.writer import LaunchDarklyFlag, reach_of

                return LaunchDarklyFlag(Line(reach_of(place), self.secrets, self.patience), place, name, names)
            case Unleash():
                return self._unleash(place, name, names)

    def _flagd(self, place: Flagd, name: str) -> FlagWriter:
        from cockpit.flags.flagd.writer import FlagdFile

        path = Path(place.file).expanduser()
        if not place.serving:
            return FlagdFile(path, name)
        from cockpit.flags.flagd.ofrep import Ofrep
        from cockpit.flags.http.client import Line

        line = Line(
            Reach(token=place.token, ca_file=place.ca_file, proxy=place.proxy, no_proxy=place.no_proxy),
            self.secrets,
            self.patience,
        )
        return FlagdFile(path, name, Ofrep(line, place.serving, name, place.context))

    def _unleash(self, place: "Unleash", name: str, names: Sequence[str]) -> FlagWriter:
        from cockpit.flags.http.client import Line
        from cockpit.flags.unleash.writer import UnleashFlag, reach_of

        def line(token: Secret) -> Line:
            return Line(reach_of(place, token), self.secrets, self.patience)

        client = line(place.client_token) if place.client_token else None
        return UnleashFlag(line(place.token), place, name, names, client)
