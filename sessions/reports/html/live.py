"""The report that goes on: how the rollout stands now above it, when that was written, and from when on it is stale."""

from base64 import b64encode
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256

from msgspec import Struct

from sessions.gate.judgement import Judgement
from sessions.handover.peaks import Peaks
from sessions.plan.uses import criteria
from sessions.reports.html.curves import Curves
from sessions.reports.html.document import main_of, page_of
from sessions.reports.html.markup import Html, joined, tag
from sessions.reports.periods import Period
from sessions.text.units import duration
from sessions.values.verdicts import Mark

STYLE = """
.live { border: 2px solid var(--edge, #888); border-radius: 8px; padding: .5rem 1rem; margin: 0 0 1rem; }
.live p { margin: .2rem 0; }
.live.stale, .live.over { border-color: #b3261e; }
.live.stale { background: #b3261e; color: #fff; }
.live .late { display: none; font-weight: bold; }
.live.stale .late { display: block; }
body.stale main > :not(.live) { opacity: .35; }
ol.rail { display: flex; flex-wrap: wrap; gap: .3rem 1rem; list-style: none; padding: 0; }
section.now { margin-bottom: 2rem; }
ol.rail .now { font-weight: bold; text-decoration: underline; }
"""
SCRIPT = """
(function () {
  var box = document.querySelector(".live"), age = box.querySelector(".age");
  var written = Number(box.dataset.written) * 1000, limit = Number(box.dataset.stale) * 1000;
  function look() {
    var past = Date.now() - written, ahead = -past > 5000, stale = past > limit || ahead;
    box.classList.toggle("stale", stale);
    document.body.classList.toggle("stale", stale);
    age.textContent = ahead ? " This clock is behind the one that wrote it."
      : " That is " + Math.max(0, Math.round(past / 1000)) + " s ago.";
  }
  look();
  setInterval(look, 1000);
})();
"""
"""Without it the page says in words from when on it is stale; there is no `<` or `&` in it."""
_HASH = b64encode(sha256(SCRIPT.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_HASH}'"
"""What a browser may load: its own style, and this one script."""


class Live(Struct, frozen=True):
    """When it was written, how often it is, and after how many seconds it is stale; `over` says why it ends here."""

    written: datetime
    every: float
    stale: float
    over: str = ""


def as_live_html(  # noqa: PLR0913, PLR0917 (as `as_html`)
    judgement: Judgement,
    period: Period,
    tz: tzinfo | None,
    live: Live,
    high: Peaks | None = None,
    lines: Curves | None = None,
) -> str:
    """Return the report with how it stands now above it; a browser reads it again by itself until it is over."""
    title, inside = main_of(judgement, period, tz, high, lines)
    head = [tag("style", Html(STYLE))]
    script = Html("")
    if not live.over:
        head.append(tag("meta", http_equiv="refresh", content=str(max(1, round(live.every)))))
        script = tag("script", Html(SCRIPT))
    main = tag("main", _written(live, tz), _now(judgement), inside)
    return page_of(title, main, POLICY, joined(head), script)


def _written(live: Live, tz: tzinfo | None) -> Html:
    if live.over:
        told = f"This page is not refreshed any more: {live.over}. It says how it stood at {_moment(live.written, tz)}."
        return tag("div", tag("p", tag("b", told)), class_="live over")
    limit = live.written + timedelta(seconds=live.stale)
    said = f"Written at {_moment(live.written, tz)}, anew every {duration(live.every)}."
    until = f"It is stale if it is later than {_moment(limit, tz)} and this line has not changed."
    late = "STALE: nobody refreshes this page any more. What it says below is over."
    return tag(
        "div",
        tag("p", late, class_="late"),
        tag("p", said, tag("span", class_="age")),
        tag("p", until, class_="quiet"),
        class_="live",
        data_written=f"{live.written.timestamp():.3f}",
        data_stale=f"{live.stale:g}",
    )


def _moment(at: datetime, tz: tzinfo | None) -> str:
    here = at.astimezone(tz)
    zone = f"{here:%z}"
    return f"{here:%Y-%m-%d %H:%M:%S} {zone[:3]}:{zone[3:5]}"


def _now(judgement: Judgement) -> Html:
    """The phases, and each criterion in a word: also here what is not known is not well."""
    state = judgement.state
    watched = "" if state.watching else tag("p", tag("b", "Nobody watches this rollout just now."))
    rows = [(name, judgement.verdicts.get(name)) for name in criteria(state.plan)]
    cells = (
        tag(
            "tr",
            tag("td", name.capitalize()),
            tag("td", _WORDS[verdict.mark] if verdict else "not judged"),
            tag("td", f"{verdict.subject} {verdict.text}".strip() if verdict else ""),
        )
        for name, verdict in rows
    )
    head = tag("tr", tag("th", "Criterion"), tag("th", "Now"), tag("th", "Why"))
    table = tag("table", tag("thead", head), tag("tbody", *cells))
    rail = tag("ol", *_rail(judgement), class_="rail")
    return tag("section", tag("h2", "Now"), watched, rail, tag("div", table, class_="scroll"), class_="now")


_WORDS = {
    Mark.PASS: "passes",
    Mark.BREACH: "in breach",
    Mark.WARMING: "not yet proved",
    Mark.THIN: "too little data",
    Mark.SILENT: "no data",
    Mark.BLIND: "cannot be seen",
}


def _rail(judgement: Judgement) -> list[Html]:
    state, soak = judgement.state, judgement.soak
    if not state.whole:
        return [tag("li", "the phase is not known: the log is damaged")]
    rows = []
    for phase in state.plan.phases[1:]:
        proved = f", {duration(soak.done)} of {duration(soak.needed)} proved" if soak.needed else ""
        where = "now" + proved if phase.percent == state.phase else "done" if phase.percent < state.phase else "to come"
        rows.append(tag("li", f"{phase.percent} % {where}", class_="now" if phase.percent == state.phase else None))
    week = "now" if state.week_at and not state.concluded_at else "done" if state.concluded_at else "to come"
    return [*rows, tag("li", f"7-day plan {week}")]
