"""The six risk cards with their runbooks: the letters of a card work while it is not calm, or has a measure on."""

from sessions.gate.wording import short
from sessions.plan.model import Risk, Step
from sessions.state.measures import measures, steerable
from sessions.state.pending import step_done, still_open
from sessions.text.units import figure
from sessions.values.verdicts import Level, Mark, RiskState
from widgets.base.pane import Pane, Picture
from widgets.base.styled import (
    BLANK,
    GOOD,
    HOLD,
    LEAD,
    PLAIN,
    QUIET,
    STRONG,
    Bit,
    Line,
    fit,
    joined,
    named,
    spread,
    wide,
)
from widgets.base.symbols import LEVELS, level_tone, of_risk, told
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.wording.rows import more


class RiskPane(Pane):
    """Every risk with its level, value and steps."""

    NAME = "risks"

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether there is a risk."""
        return bool(view.plan.risks)

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line per risk; then those of their steps too; then with air between the cards."""
        count = len(view.plan.risks)
        steps = sum(len(risk.steps) for risk in view.plan.risks)
        return (count, count + steps, 2 * count + steps - 1)

    def moves(self, view: View) -> object:
        """Return how long measures have been on."""
        return tuple(item.age(view.now) for item in measures(view.state))

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the cards: all steps where they fit, else those that work, the worst first; at least a line each."""
        cards = [(risk, state_of(view, risk)) for risk in view.plan.risks]
        worst = min((state.level for _, state in cards if not state.asking), key=_ORDER.index, default=Level.CALM)
        lines = _lines(view, cards, width, height)
        return Picture((("Risks", STRONG),), tuple(lines), _foot(tuple(state for _, state in cards)), level_tone(worst))


Card = tuple[Risk, RiskState]


def _lines(view: View, cards: list[Card], width: int, height: int) -> list[Line]:
    if len(cards) > height:
        return _fewest(view, cards, width, height)
    open_cards = _opened(view, cards, height)
    full = [_card(view, risk, state, width, steps=risk.id in open_cards) for risk, state in cards]
    airy = sum(len(card) for card in full) + len(full) - 1 <= height and len(full) < sum(len(card) for card in full)
    return [line for number, card in enumerate(full) for line in ([BLANK] if airy and number else []) + card]


def _opened(view: View, cards: list[Card], height: int) -> set[str]:
    """Return the risks whose steps are shown: all, or those whose steps work as far as there is room."""
    if sum(1 + len(risk.steps) for risk, _ in cards) <= height:
        return {risk.id for risk, _ in cards}
    left, found = height - len(cards), set[str]()
    for risk, state in sorted(cards, key=lambda card: _ORDER.index(card[1].level)):
        if steerable(view.state, state) and len(risk.steps) <= left:
            left -= len(risk.steps)
            found.add(risk.id)
    return found


def _fewest(view: View, cards: list[Card], width: int, height: int) -> list[Line]:
    """Return the worst risks in the plan's order, and how many more there are."""
    ranked = sorted(range(len(cards)), key=lambda place: (_ORDER.index(cards[place][1].level), place))
    shown, rest = sorted(ranked[: max(0, height - 1)]), ranked[max(0, height - 1) :]
    calm = all(cards[place][1].level is Level.CALM for place in rest)
    least = min((cards[place][1].level for place in rest), key=_ORDER.index)
    rows = [risk_line(*cards[place], width) for place in shown]
    said = "calm" if calm else ""
    return [*rows, more(view, len(rest), "risks", said, _MARK[least])][:height]


TITLES, LEVEL = 16, 5
_MARK = {Level.ACT: Mark.BREACH, Level.BLIND: Mark.BLIND, Level.WATCH: Mark.PASS, Level.CALM: Mark.PASS}
"""What the line of those left out says at its front."""
_ORDER = (Level.ACT, Level.BLIND, Level.WATCH, Level.CALM)


def state_of(view: View, risk: Risk) -> RiskState:
    """Return what is said of a risk; one that nobody judged is blind."""
    return view.judgement.risks.get(risk.id, RiskState(risk.id, Level.BLIND, text="not judged yet"))


def risk_line(risk: Risk, state: RiskState, width: int) -> Line:
    """Return one risk: glyph, title, what it says, its word. Its value and its bound are whole, or are left out."""
    glyph, word, style = of_risk(state)
    words = told(state)
    level = fit(word, LEVEL, words, right=True)
    room = width - LEVEL - 3
    text = next((text for text in _texts(state) if wide(text) + 1 <= room - min(TITLES, wide(risk.title))), "")
    title = named(risk.title, max(1, min(room - wide(text) - 1, wide(risk.title))), words)
    name: Bit = (title[0], PLAIN if state.level is Level.CALM else words)
    return spread(((f"{glyph} ", style), name), ((text, words), (" ", PLAIN), level), width)


def _texts(state: RiskState) -> tuple[str, ...]:
    """Return what a risk says, and the same in fewer words; nothing while it is asked for."""
    if state.asking:
        return ()
    text, value, bound = (
        state.text.removeprefix("thin: "),
        figure(state.value, state.unit, over=state.over),
        figure(state.bound, state.unit),
    )
    sign = next((one for one in text if one in "<>≤≥"), "of")
    several = (
        (short(text), f"{value} {sign} {bound}", value) if state.value is not None and state.bound is not None else ()
    )
    if state.level is not Level.BLIND:
        return (text, *several)
    why = text.partition(": ")[0]  # why it has no answer, then since when: the pane of its source says both
    return (text, why, why.partition(" for ")[0])


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
        (
            ("  ", PLAIN),
            (view.letter(risk, step), f"bold {LEAD}" if live else QUIET),
            (f" {step.text}", PLAIN if live else QUIET),
        ),
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
