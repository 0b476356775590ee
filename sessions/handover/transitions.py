"""What turned while nobody looked: each trouble of a criterion or a risk once, how often it came, whether it ended."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from sessions.gate.judgement import Judgement
from sessions.gate.wording import titled
from sessions.handover.sections import WHAT, Row, Tone, Wording, row
from sessions.state.signals import FLAPS
from sessions.values.entries import Entry
from sessions.values.remembered import remembered
from sessions.values.verdicts import Level, Mark

_TONES: Mapping[str, Tone] = {Mark.BREACH: Tone.BAD, Level.ACT: Tone.BAD, Level.WATCH: Tone.HOLD}
_FINE = (Mark.PASS, Level.CALM)
_OF_PHASE = (Mark.BREACH, Level.ACT)


class _Turn(Struct, frozen=True):
    """How a kind of entry names its subject, and which words mean trouble."""

    kind: str
    about: str
    word: str
    many: str
    troubles: Mapping[str, str]


_VERDICTS = _Turn(
    "verdict.turned",
    "criterion",
    "verdict",
    "criteria",
    {Mark.BREACH: "breached", Mark.SILENT: "silent", Mark.BLIND: "blind"},
)
_RISKS = _Turn(
    "risk.turned",
    "risk",
    "level",
    "risks",
    {Level.ACT: "acted", Level.BLIND: "blind", Level.WATCH: "watched"},
)


class _Episode(Struct, frozen=True):
    """One time that `name` was in trouble: `word` is the verdict or level, `text` what was said of it last.

    `since` is None where it began before, `until` None where no entry ended it.
    """

    name: str
    word: str
    since: datetime | None
    until: datetime | None = None
    text: str = ""


class _Story(Struct, frozen=True):
    """All times of one trouble: who had it, `when` in words, `text` what was said of it last."""

    names: tuple[str, ...]
    word: str
    when: str
    text: str


def turned(judgement: Judgement, entries: Sequence[Entry], say: Wording) -> tuple[Row, ...]:
    """Return a row for each trouble of the criteria, then of the risks; those that came and went as one share it."""
    verdicts = {name: verdict.mark.value for name, verdict in judgement.verdicts.items()}
    levels = {name: risk.level.value for name, risk in judgement.risks.items()}
    criteria = _stories(_episodes(entries, _VERDICTS), verdicts, say)
    risks = _stories(_watched_out(_episodes(entries, _RISKS)), levels, say)
    titles = {name: titled(judgement.state.plan, name) for story in risks for name in story.names}
    return (
        *(_told(story, {}, _VERDICTS) for story in criteria),
        *(_told(story, titles, _RISKS) for story in risks),
    )


@remembered(4)
def _episodes(entries: Iterable[Entry], turn: _Turn) -> list[_Episode]:
    """Follow each name through its turns; a new phase ends a breach, while what nobody sees goes on unseen."""
    standing, over = dict[str, _Episode](), list[_Episode]()
    for entry in entries:
        name = entry.said(turn.about)
        if entry.kind == "phase.entered":
            ended = [one for one, episode in standing.items() if episode.word in _OF_PHASE]
        elif entry.kind == turn.kind:
            ended = [name]
            if name not in standing and entry.said("was") in turn.troubles:
                standing[name] = _Episode(name, entry.said("was"), None)
        else:
            continue
        over += [_over(standing.pop(one), entry) for one in ended if one in standing]
        if entry.said(turn.word) in turn.troubles:
            standing[name] = _Episode(name, entry.said(turn.word), entry.at, None, entry.text)
    return [*over, *standing.values()]


def _over(episode: _Episode, entry: Entry) -> _Episode:
    """Show flapping by its last entry, which says how often it turned."""
    text = entry.text if entry.facts.get(FLAPS) is False else episode.text
    return replace(episode, until=entry.at, text=text)


def _watched_out(episodes: Sequence[_Episode]) -> list[_Episode]:
    """Leave out the watch level of a risk that acted."""
    acted = {one.name for one in episodes if one.word == Level.ACT}
    return [one for one in episodes if one.word != Level.WATCH or one.name not in acted]


def _stories(episodes: Iterable[_Episode], now: Mapping[str, str], say: Wording) -> tuple[_Story, ...]:
    """Tell the times of each name and trouble as one; then put together what is told alike: that is one cause."""
    groups: dict[tuple[str, str], list[_Episode]] = {}
    for one in episodes:
        groups.setdefault((one.name, one.word), []).append(one)
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (name, word), rows in groups.items():
        rows.sort(key=lambda one: (one.since is not None, one.since))
        alike.setdefault((word, _when(rows, now.get(name, ""), say)), []).append((name, rows[-1].text))
    return tuple(
        _Story(tuple(name for name, _ in said), word, when, said[0][1] if len(said) == 1 else "")
        for (word, when), said in alike.items()
    )


def _when(rows: Sequence[_Episode], now: str, say: Wording) -> str:
    """Say how often, when it was the last time, and whether it is over: only a pass or calm is."""
    last, count = rows[-1], len(rows)
    often = f"{count}x, {'last' if last.until else 'again'} " if count > 1 else ""
    every = "both " if count == 2 else "all " if count > 2 else ""
    if now == last.word and last.until is None:
        ended = "still so"
    else:
        ended = f"{every}cleared" if now in _FINE else f"now {now or 'not judged'}"
    return f"{often}{_stretch(last, say)}, {ended}"


def _stretch(one: _Episode, say: Wording) -> str:
    if one.until is None:
        return f"since {say.at(one.since)}" if one.since else "since before"
    return say.span(one.since, one.until) if one.since else f"until {say.at(one.until)}"


def _told(story: _Story, titles: Mapping[str, str], turn: _Turn) -> Row:
    """Say it; what was said of it the last time loses the name that stands before it."""
    names = [titles.get(name, name) for name in story.names]
    what, detail = ", ".join(names), story.text.removeprefix(names[0]).strip()
    if len(what) > WHAT and len(names) > 1:
        what, detail = f"{len(names)} {turn.many}", what
    text = f"{turn.troubles[story.word]} {story.when}{f' · {detail}' if detail else ''}"
    return row(what, text, _TONES.get(story.word, Tone.BLIND))
