"""The six risks as a list, and the card of one: its mitigation, its steps, who did them when in this trouble."""

from collections.abc import Iterator
from textwrap import wrap

from sessions.plan.model import Risk, Step
from sessions.state.measures import measures, steerable
from sessions.state.pending import step_done
from sessions.text.clean import clean
from sessions.text.units import countdown, duration
from sessions.values.verdicts import Level
from widgets.base.pane import Pane, Picture
from widgets.base.styled import (
    BAD,
    BLANK,
    GOOD,
    HOLD,
    LEAD,
    PLAIN,
    QUIET,
    STRONG,
    Line,
    cut,
    length,
    middle,
    spread,
    valued,
    wide,
)
from widgets.base.symbols import level_tone, of_risk, told
from widgets.base.target import aimed
from widgets.base.view import View
from widgets.panes.risk import about, done_of, risk_line, state_of, step_of

_AT_ZERO = {"revert": "the flag goes back one phase", "ask": "you are asked what to do"}
"""What a fuse does when its time is over."""


class RiskList(Pane):
    """Every risk in the plan's order, and below them the measures that are on."""

    NAME = "risklist"
    chosen = 0

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line for each risk, the chosen one marked; without room for the measures the foot counts them."""
        rows: list[Line] = []
        for number, risk in enumerate(view.plan.risks):
            here = ("▶ " if number == self.chosen else "  ", LEAD)
            said = state_of(view, risk)
            rows.append(aimed(about(risk, said), (here, *risk_line(risk, said, width - 2))))
        on, foot = _measures(view, width), BLANK
        if len(rows) + len(on) > height:
            on, foot = [], _counted(view)
        first = max(0, min(self.chosen - height + 1, len(rows) - height))
        return Picture((("Risks", STRONG),), (*rows, *on)[first : first + height], foot)


def _measures(view: View, width: int) -> list[Line]:
    """Name every measure that is on, with its age."""
    rows: list[Line] = []
    for item in measures(view.state):
        age = f"on for {item.age(view.now)}"
        rows.append(spread((("▲ ", HOLD), (middle(item.title, width - wide(age) - 3), PLAIN)), ((age, HOLD),), width))
    return [BLANK, (("Measures on", f"bold {QUIET}"),), *rows] if rows else []


def _counted(view: View) -> Line:
    """Say how many measures are on, and how long the oldest has been."""
    on = measures(view.state)
    said = f"▲ {on[0].title} on for" if len(on) == 1 else f"▲ {len(on)} measures on, oldest" if on else ""
    return ((f"{said} {on[0].age(view.now)}", HOLD),) if on else BLANK


class RiskCard(Pane):
    """The card of one risk, with the cursor on one of its steps."""

    NAME = "riskcard"
    chosen = 0
    step = 0

    def lines_of(self, view: View) -> int:
        """Return how many lines the card takes at the width that it has."""
        return len(self.picture(view, max(20, self.content_size.width), 0).lines)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the mitigation, the automatic acts, and the steps."""
        del height
        if not view.plan.risks:
            return Picture((("Risk", STRONG),), ((("The plan names no risk", QUIET),),))
        risk = view.plan.risks[self.chosen]
        said = state_of(view, risk)
        rows: list[Line] = [((line, QUIET),) for line in wrap(clean(risk.mitigation, 600), max(20, width))]
        rows += [
            BLANK,
            *(_by_itself(view, risk)),
            *(_step(view, risk, k, width, here=k == self.step) for k in range(len(risk.steps))),
        ]
        glyph, word, style = of_risk(said)
        level = ((f"{glyph} {word.upper()}", f"bold {style}"),)
        since = view.state.risen.get(risk.id) if said.level is not Level.CALM else None
        age: Line = ((f" {duration(view.age(since))}", told(said)),) if since else ()
        title: Line = ((risk.title, STRONG), ("  ", PLAIN), *level, *age)
        return Picture(
            title,
            tuple(rows),
            ((valued(said.text, width - self.BORDER + 2), told(said)),) if said.text else BLANK,
            level_tone(said.level, asking=said.asking),
        )


def _by_itself(view: View, risk: Risk) -> Iterator[Line]:
    """The automatic acts of the watch in this episode."""
    risen = view.state.risen.get(risk.id)
    if risen is None or state_of(view, risk).level is Level.CALM:
        return
    for entry in view.state.entries:
        if entry.by == "watch" and entry.said("risk") == risk.id and entry.at >= risen and entry.kind in _ACTS:
            yield ((f"  ✔ {_ACTS[entry.kind]} by itself", PLAIN), (f"  {view.time(entry.at, fine=True)}", QUIET))
    fuse = view.state.fuses.get(risk.id)
    if fuse is not None and not fuse.blown:
        left = (fuse.deadline - view.now).total_seconds()
        yield ((f"  ◆ at zero, in {countdown(left)}: {_AT_ZERO.get(risk.at_zero, risk.at_zero)}", BAD),)


_ACTS = {"rollout.paused": "paused", "fuse.lit": "fuse lit", "flow.frozen": "frozen", "task.opened": "follow-up opened"}


def _step(view: View, risk: Risk, number: int, width: int, *, here: bool) -> Line:
    step = risk.steps[number]
    live = steerable(view.state, state_of(view, risk)) and not view.viewer
    left: Line = (
        ("▶ " if here else "  ", LEAD),
        (view.letter(risk, step), f"bold {LEAD}" if live else QUIET),
        (f" {step.text}", STRONG if here else PLAIN),
        ("  sheet" if view.plan.sheet(f"{risk.id}.{step.id}") else "", QUIET),
    )
    row = spread(left, cut(_who(view, risk, step), max(0, width - length(left) - 1)), width)
    return aimed(step_of(risk, step), row)


def _who(view: View, risk: Risk, step: Step) -> Line:
    """Say who did a step when in this trouble, with the finding; else what is known of it."""
    at, tick = step_done(view.state, risk.id, step.id), view.state.ticks.get(f"{risk.id}.{step.id}")
    if step.effect != "record" or at is None or tick is None:
        return done_of(view, risk, step)
    words = tick.finding or ("nothing looked at" if tick.unseen else "")
    return ((f"✔ {view.time(at)} {tick.by}", QUIET if tick.unseen else GOOD), (f"  {words}" if words else "", QUIET))
