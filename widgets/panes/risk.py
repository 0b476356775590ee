"""The six risk cards with their runbooks: the letters of a card work while it is not calm, or has a measure on."""

from sessions.plan.model import Risk, Step
from sessions.state.measures import measures, steerable
from sessions.state.pending import step_done, still_open
from sessions.values.verdicts import Level, RiskState
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, GOOD, HOLD, LEAD, PLAIN, QUIET, STRONG, Line, fit, joined, spread
from widgets.base.symbols import LEVELS, level_tone, of_risk, told
from widgets.base.target import Target, aimed
from widgets.base.view import View


class RiskPane(Pane):
    """Every risk with its level, value and steps."""

    NAME = "risks"

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether there is a risk."""
        return bool(view.plan.risks)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the cards: all steps where they fit, else those of the risks that are not calm."""
        cards = [(risk, state_of(view, risk)) for risk in view.plan.risks]
        full = [_card(view, risk, state, width, steps=True) for risk, state in cards]
        gaps = len(full) - 1
        total = sum(len(card) for card in full)
        if total > height:
            full = [_card(view, risk, state, width, steps=steerable(view.state, state)) for risk, state in cards]
            total = sum(len(card) for card in full)
        between: list[Line] = [BLANK] if total + gaps <= height else []
        lines = [line for number, card in enumerate(full) for line in ((between if number else []) + card)]
        worst = min((state.level for _, state in cards if not state.asking), key=_ORDER.index, default=Level.CALM)
        return Picture((("Risks", STRONG),), tuple(lines), _foot(tuple(state for _, state in cards)), level_tone(worst))


TITLES, LEVEL = 16, 5
_ORDER = (Level.ACT, Level.BLIND, Level.WATCH, Level.CALM)


def state_of(view: View, risk: Risk) -> RiskState:
    """Return what is said of a risk; one that nobody judged is blind."""
    return view.judgement.risks.get(risk.id, RiskState(risk.id, Level.BLIND, text="not judged yet"))


def risk_line(risk: Risk, state: RiskState, width: int) -> Line:
    """Return one risk: glyph, title, what it says, its word."""
    glyph, word, style = of_risk(state)
    words = told(state)
    left: Line = ((f"{glyph} ", style), fit(risk.title, TITLES, PLAIN if state.level is Level.CALM else words))
    level = fit(word, LEVEL, words, right=True)
    room = width - TITLES - LEVEL - 4
    text: Line = (
        (fit("" if state.asking else state.text.removeprefix("thin: "), room, words, right=True), (" ", PLAIN))
        if room > 5
        else ()
    )
    return spread(left, (*text, level), width)


def _card(view: View, risk: Risk, state: RiskState, width: int, *, steps: bool) -> list[Line]:
    rows = [aimed(about(risk, state), risk_line(risk, state, width))]
    return rows + [_step(view, risk, step, state, width) for step in risk.steps] if steps else rows


def about(risk: Risk, state: RiskState) -> Target:
    """Return what the line of a risk is about."""
    return Target("risk", risk.id, f"{risk.title}: {state.level.value} {state.text}".strip())


def step_of(risk: Risk, step: Step) -> Target:
    """Return what the line of a runbook step is about."""
    return Target("step", f"{risk.id}.{step.id}", step.text)


def _step(view: View, risk: Risk, step: Step, state: RiskState, width: int) -> Line:
    live = steerable(view.state, state) and not view.viewer
    done = done_of(view, risk, step)
    row = spread(
        (("  ", PLAIN), (step.key, f"bold {LEAD}" if live else QUIET), (f" {step.text}", PLAIN if live else QUIET)),
        done,
        width,
    )
    return aimed(step_of(risk, step), row)


def done_of(view: View, risk: Risk, step: Step) -> Line:
    """Return what is known of a step: switches on or off, flows frozen, criterion waived, follow-up tasks open."""
    state = view.state
    if step.effect == "switch" and state.seen.flag is not None and state.seen.flag.switches is not None:
        on = all(name in state.seen.flag.switches for name in step.targets)
        known = next((item for item in measures(state) if item.id == f"{risk.id}.{step.id}"), None)
        age = f" {known.age(view.now)}" if known else ""
        return ((f"▲ on{age}", HOLD),) if on else (("off", QUIET),)
    if step.effect == "freeze" and all(flow in state.frozen for flow in step.targets):
        return (("▲ frozen", HOLD),)
    if step.effect == "waive" and any(name in state.waivers for name in step.targets):
        return (("✔ waived", QUIET),)
    if step.effect == "follow" and any(task.startswith(f"{risk.id}.") for task in state.opened):
        left = len(still_open(state, risk.id))
        return ((f"☐ {left} open", QUIET),) if left else (("✔ done", GOOD),)
    done_at = step_done(state, risk.id, step.id)
    return ((f"✔ {view.time(done_at)}", GOOD),) if done_at else BLANK


def _foot(states: tuple[RiskState, ...]) -> Line:
    sure = [state for state in states if not state.asking and not state.thin]
    counts = [(level, sum(state.level is level for state in sure)) for level in _ORDER[:3]]
    words: list[Line] = [
        ((f"{LEVELS[level][0]} {count} {_SAID.get(level, level.value)}", LEVELS[level][1]),)
        for level, count in counts
        if count
    ]
    asked, thin = sum(state.asking for state in states), sum(state.thin for state in states)
    words += [((f"… {asked} asking", QUIET),)] if asked else []
    words += [((f"~ {thin} thin", QUIET),)] if thin else []
    return joined(words, (" · ", QUIET)) or (("● CALM", f"bold {GOOD}"),)


_SAID = {Level.ACT: "to act on"}
