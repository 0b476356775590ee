"""Reading a plan from its TOML table, with every problem told at once, and scaling it to a faster clock."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from sessions.plan import model as p
from sessions.plan.calendar import Calendar, calendar_from
from sessions.plan.checks import contradictions
from sessions.plan.strict_table import Problem, Table, TableError
from sessions.values.sheets import KINDS as SHEETS

RISKS = ("latency_spike", "error_rate", "analytics_outage", "duplication", "support_queue", "csat")
EFFECTS = ("record", "freeze", "switch", "waive", "draft", "follow")
CONFIDENCE = 99.999
"""Under one false pause a week on six endpoints: see tests/bench/false_pauses.py."""
_GAP = "10m"
_DELAY = 120.0
"""How late an event may come after its request where the plan does not say; a fifth of the gap where that is less."""
DOES = ("", "report", "retrospective")
COUNTS = ("healthy", "watched")
AUTOMATIC = ("pause", "fuse", "freeze", "follow")
_HIDDEN = {
    "latency_spike": ("latency",),
    "error_rate": ("errors",),
    "analytics_outage": ("analytics",),
    "duplication": ("growth",),
}
"""What a switch of a risk's runbook hides where the plan does not say: what makes the risk calm may be the switch."""

_SHORTEST_POLL = 0.25
_SHORTEST_STALE = 4.0
_SHORTEST_MONGO_STALE = 12.0
"""Longer than the rest: as at real speed, one answer that comes late on a busy machine blinds nobody."""
_SHORTEST_SETTLE = 0.6
_SHORTEST_DEADLINE = 2.0


Reading = Callable[..., Table]


def bundled(name: str = "cl7") -> p.Plan:
    """Return the plan that comes with the cockpit."""
    import tomllib
    from importlib.resources import files

    return plan_from(tomllib.loads(files("sessions.plan").joinpath(f"{name}.toml").read_text("utf-8")))


def plan_from(values: Mapping[str, object], strange: list[Problem] | None = None, reading: Reading = Table) -> p.Plan:
    """Read a plan from its table, by a cursor of `reading`. Raises TableError that holds every problem found.

    Of a session's plan a newer cockpit may have said more: its unknown keys are put into `strange` and ignored.
    """
    table = reading(values, strange=strange)
    criteria = table.table("criteria")
    analytics, growth = criteria.table("analytics", needed=False), criteria.table("growth", needed=False)
    plan = p.Plan(
        id=table.name("id"),
        title=table.text("title"),
        flag=table.name("flag"),
        endpoints=table.names("endpoints"),
        windows=_windows(table.table("windows")),
        soak=_soak(table.table("soak")),
        latency=_latency(criteria.table("latency")),
        errors=_errors(criteria.table("errors")),
        gap=(gap := analytics.span("gap", _GAP, low=0.001)),
        delay=analytics.span("delay", f"{min(_DELAY, gap / 5):g}s"),
        journeys=tuple(_journey(item) for item in analytics.tables("journeys")),
        growth=p.GrowthRule(growth.number("tolerance", 25.0), growth.number("slack", 20.0)),
        confidence=criteria.number("confidence", CONFIDENCE, low=50, high=99.9999999),
        collections=tuple(_collection(item) for item in growth.tables("collections")),
        flows=tuple(_flow(item) for item in table.tables("flows")),
        phases=_phases(table),
        risks=tuple(_risk(item) for item in table.tables("risks")),
        queue=_queue(table.table("queue", needed=False)),
        week=_week(table.table("week", needed=False)),
        cadence=_cadence(table.table("cadence")),
        speed=table.number("speed", 1.0, low=0.001, high=100_000),
        table=values,
        expected=tuple(_expected(item) for item in table.tables("expected")),
        calendar=_calendar(table),
        log=_log(criteria.table("incidents", needed=False)),
    )
    for cursor in (analytics, growth, criteria, table):
        cursor.close()
    if problems := (*table.problems, *contradictions(plan)):
        raise TableError(problems)
    return _faster(plan) if plan.speed != 1 else plan


def scaled(plan: p.Plan, speed: float) -> p.Plan:
    """Return the plan with every duration divided by `speed` and every rate multiplied by it."""
    return plan_from({**plan.table, "speed": speed})


def _log(table: Table) -> bool:
    log = table.flag("log", default=True)
    table.close()
    return log


def _calendar(table: Table) -> Calendar | None:
    return None if table.raw("advance") is None else calendar_from(table.table("advance"))


def _windows(table: Table) -> p.Windows:
    windows = p.Windows(
        length=table.span("length", low=0.001),
        settle=table.span("settle"),
        count=table.whole("count", low=1),
        min_requests=table.whole("min_requests", low=1),
        minute=table.span("minute", low=0.001),
        pool=table.span("pool", "1h"),
    )
    table.close()
    return windows


def _soak(table: Table) -> p.SoakRule:
    soak = p.SoakRule(
        table.number("coverage", high=100),
        table.span("hole"),
        table.span("tail"),
        table.choice("counts", COUNTS, "healthy"),
        table.number("busy", 25.0, high=100),
    )
    table.close()
    return soak


def _latency(table: Table) -> p.LatencyRule:
    rule = p.LatencyRule(table.number("p95_ms", low=1), table.number("spike_factor", low=1))
    table.close()
    return rule


def _errors(table: Table) -> p.ErrorRule:
    rule = p.ErrorRule(
        table.number("share", low=0.001, high=100),
        table.whole("spike_errors", low=1),
        table.number("spike_share", high=100),
    )
    table.close()
    return rule


def _journey(table: Table) -> p.Journey:
    journey = p.Journey(table.name("id"), table.texts("endpoints"), table.flag("rhythm", default=False))
    table.close()
    return journey


def _collection(table: Table) -> p.Collection:
    collection = p.Collection(
        table.name("name"), table.number("per_hour"), table.texts("key", ()), table.text("flow", "")
    )
    table.close()
    return collection


def _expected(table: Table) -> p.Expected:
    expected = p.Expected(table.text("of"), table.number("per_hour", high=1e9))
    table.close()
    return expected


def _flow(table: Table) -> p.Flow:
    flow = p.Flow(table.text("id"), table.text("title"), table.text("flag"))
    table.close()
    return flow


def _task(table: Table) -> p.Task:
    task = p.Task(table.text("id"), table.text("text"), _sheet(table))
    table.close()
    return task


def _sheet(table: Table) -> str:
    return "" if table.raw("sheet") is None else table.choice("sheet", SHEETS)


def _phases(table: Table) -> tuple[p.Phase, ...]:
    preflight = p.Phase(0, "Pre-flight", 0.0, tuple(_task(item) for item in table.tables("preflight")))
    return (preflight, *(_phase(item) for item in table.tables("phases", least=1)))


def _phase(table: Table) -> p.Phase:
    phase = p.Phase(
        percent=table.percentage("percent"),
        title=table.text("title"),
        soak=table.span("soak"),
        activities=tuple(_task(item) for item in table.tables("activities")),
    )
    table.close()
    return phase


def _risk(table: Table) -> p.Risk:
    risk = p.Risk(
        id=(name := table.choice("id", RISKS)),
        title=table.text("title"),
        watch=table.number("watch"),
        act=table.number("act"),
        min_answers=table.whole("min_answers", 1, low=1),
        automatic=table.texts("automatic", ()),
        fuse=table.span("fuse", "0s"),
        at_zero=table.choice("at_zero", ("revert", "ask"), "ask"),
        flows=table.texts("flows", ()),
        follow_up=table.texts("follow_up", ()),
        mitigation=table.text("mitigation"),
        steps=tuple(_step(item, _HIDDEN.get(name, ())) for item in table.tables("steps")),
    )
    for name in sorted(set(risk.automatic) - set(AUTOMATIC)):
        table.note("automatic", f'"{name}" is unknown', f"write any of {', '.join(AUTOMATIC)}")
    table.close()
    return risk


def _step(table: Table, hidden: tuple[str, ...]) -> p.Step:
    effect = table.choice("effect", EFFECTS, "record")
    step = p.Step(
        id=table.name("id"),
        key=table.text("key"),
        text=table.text("text"),
        effect=effect,
        targets=table.texts("targets", ()),
        ask=table.text("ask", ""),
        hides=table.texts("hides", hidden if effect == "switch" else ()),
        before_thaw=table.flag("before_thaw", default=False),
        sheet=_sheet(table),
    )
    table.close()
    return step


def _queue(table: Table) -> p.Queue:
    queue = p.Queue(
        table.span("sla", "2h"),
        table.span("expiry", "24h"),
        table.span("stuck", "24h"),
        table.span("csat", "1h", low=0.001),
    )
    table.close()
    return queue


def _week(table: Table) -> p.Week:
    days = table.whole("days", 7, low=1, high=31)
    tasks = tuple(_week_task(item, days) for item in table.tables("tasks"))
    week = p.Week(days, table.span("day", "24h", low=0.001), tasks)
    table.close()
    return week


def _week_task(table: Table, days: int) -> p.WeekTask:
    on = table.wholes("days", tuple(range(1, days + 1)), low=1, high=days)
    does = table.choice("does", DOES, "")
    task = p.WeekTask(table.text("id"), table.text("text"), table.span("due"), on, _sheet(table), does)
    table.close()
    return task


def _cadence(table: Table) -> p.Cadence:
    cadence = p.Cadence(
        traffic=table.span("traffic", low=0.001),
        mongo=table.span("mongo", low=0.001),
        flag=table.span("flag", low=0.001),
        tick=table.span("tick", low=0.001),
        traffic_stale=table.span("traffic_stale", low=0.001),
        mongo_stale=table.span("mongo_stale", low=0.001),
        flag_stale=table.span("flag_stale", low=0.001),
        deadline=table.span("deadline", low=0.001),
        data_latency=table.span("data_latency"),
    )
    table.close()
    return cadence


def _faster(plan: p.Plan) -> p.Plan:
    """Divide every duration; what is bound to real machines (polls, deadlines, staleness) has a floor."""
    by = plan.speed
    windows, cadence, soak, queue, week = plan.windows, plan.cadence, plan.soak, plan.queue, plan.week
    return replace(
        plan,
        windows=replace(
            windows,
            length=windows.length / by,
            settle=max(windows.settle / by, min(_SHORTEST_SETTLE, windows.settle)),
            minute=windows.minute / by,
            pool=windows.pool / by,
        ),
        soak=replace(soak, hole=soak.hole / by, tail=soak.tail / by),
        gap=plan.gap / by,
        delay=plan.delay / by,
        collections=tuple(replace(item, per_hour=item.per_hour * by) for item in plan.collections),
        expected=tuple(replace(item, per_hour=item.per_hour * by) for item in plan.expected),
        phases=tuple(replace(phase, soak=phase.soak / by) for phase in plan.phases),
        risks=tuple(_faster_risk(risk, by) for risk in plan.risks),
        queue=p.Queue(queue.sla / by, queue.expiry / by, queue.stuck / by, queue.csat / by),
        week=replace(week, day=week.day / by, tasks=tuple(replace(task, due=task.due / by) for task in week.tasks)),
        cadence=p.Cadence(
            traffic=max(cadence.traffic / by, _SHORTEST_POLL),
            mongo=max(cadence.mongo / by, 2 * _SHORTEST_POLL),
            flag=max(cadence.flag / by, _SHORTEST_POLL),
            tick=max(cadence.tick / by, _SHORTEST_POLL),
            traffic_stale=max(cadence.traffic_stale / by, _SHORTEST_STALE),
            mongo_stale=max(cadence.mongo_stale / by, _SHORTEST_MONGO_STALE),
            flag_stale=max(cadence.flag_stale / by, _SHORTEST_STALE),
            deadline=max(cadence.deadline / by, _SHORTEST_DEADLINE),
            data_latency=cadence.data_latency / by,
        ),
    )


def _faster_risk(risk: p.Risk, by: float) -> p.Risk:
    """The analytics outage is bounded in seconds, so its bounds shrink too."""
    if risk.id == "analytics_outage":
        risk = replace(risk, watch=risk.watch / by, act=risk.act / by)
    return replace(risk, fuse=risk.fuse / by)
