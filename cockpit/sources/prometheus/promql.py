"""PromQL as text: the parts of a span of traffic, each under its own name, all in one evaluation.

A counter's growth is its newest value minus the one before the span, so every request is counted exactly once. A
series that began in the span counts from zero if its instance was scraped before; after a reset the growth comes from
`rate`.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from cockpit.settings.models.traffic import Prometheus, Queries
from cockpit.settings.models.variant import OFF, ON

PART = "cockpit_part"
"""The label that says which part a series is."""

WHOLE = "whole"
"""The prefix of parts that concern no endpoint."""

NAMED = 40
"""Up to so many endpoints are named to the server; of more it is asked for all, and ours are picked here."""

EDGES = f"{WHOLE}.edges"
"""The part that says where the buckets of the histogram end."""

SEVERAL = f"{WHOLE}.several"
"""The part that names instances which are several processes."""

RESTARTING = f"{WHOLE}.restarting"
"""The part that names instances which restart again and again."""

JOINT = " or\r"
"""Stands between two questions of one request: every server reads over it, and no owner's text has one."""

VARIANT = "$variant"
"""The placeholder in an owner's query for the matcher of users with or without the flag."""

_AT_ONCE = 2
_VALUES = 20
_NOBODY = re.compile(r",?\s*\$variant")
_SEE_SAW, _RESTARTS, _LEAST = 2, 3, 8
_ALL, _ROUNDED = "[+]?Inf", 1.000001
_PLAIN = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*+")


class Span(Struct, frozen=True):
    """A span of `length` s that ends at the moment of evaluation, on a server that scrapes each `scrape` s."""

    length: float
    scrape: float

    @property
    def back(self) -> float:
        """How far before the span a series' last value is looked for, in s."""
        return max(self.length, 4 * self.scrape)

    @property
    def step(self) -> float:
        """The grain by which the span is looked at for holes, in s."""
        return min(self.scrape, self.length / 4)

    @property
    def steps(self) -> int:
        """How many looks a whole span holds at least."""
        return max(1, int(self.length / self.step + 1e-6))


class Wording(Struct, frozen=True):
    """Words the questions about one service: `bound_ms` is the plan's, `endpoints` are written as in the plan."""

    spec: Prometheus
    endpoints: Sequence[str]
    bound_ms: float

    def traffic(self, span: Span, name: str, *, brief: bool = False) -> str:
        """Ask for all parts of a span; they are called `name.part`.

        Of an endpoint: requests, errors, refused (4xx), p95 (in the unit of the durations), top (the highest
        observation's place), alive (how many looks found it), torn (there where a bucket grew more than all together);
        unless `brief` also within (the share within the bound, where that is a bucket's edge), resets, and by who had
        the flag on.requests, off.requests and so on. Of none: up (the share of good scrapes).
        """
        own = self.spec.queries
        parts = {
            "requests": _own(own.requests, span) or self._sum(_grown(self._requests(), span)),
            "errors": _own(own.errors, span) or self._sum(_grown(self._failed("5"), span)),
            "p95": _own(own.p95, span) or self._quantile(0.95, span),
            "alive": self._alive(span),
            "up": self._share_up(span),
        }
        if not own.p95 and not self.spec.native:
            parts["top"] = self._quantile(1, span)
            parts["torn"] = self._torn(span)
            parts |= {} if brief else {"within": self._within(span)}
        if not own.requests:
            parts["refused"] = self._sum(_grown(self._failed("4"), span))
        if not own.requests and not brief:
            parts["resets"] = self._sum(f"resets({self._requests()}[{ms(span.length + span.scrape)}])")
        if self.parted and not brief:
            parts |= self._by_flag(span)
        return union({f"{name}.{part}": query for part, query in parts.items()})

    @property
    def parted(self) -> bool:
        """Whether it can be asked who had the flag."""
        own = self.spec.queries.requests
        return bool(self.spec.variant.label) and (not own or VARIANT in own)

    def _by_flag(self, span: Span) -> dict[str, str]:
        own, variant, found = self.spec.queries, self.spec.variant, dict[str, str]()
        for side, word in ((ON, variant.on), (OFF, variant.off)):
            had = f"{quoted(variant.label)}={_text(word)}"
            parts = {
                "requests": _own(own.requests, span, had) or self._sum(_grown(self._requests(had), span)),
                "errors": _own(own.errors, span, had) or self._sum(_grown(self._failed("5", had), span)),
                "p95": _own(own.p95, span, had) or self._quantile(0.95, span, had),
            }
            if not own.p95 and not self.spec.native:
                parts["within"] = self._within(span, had)
            # An own question that does not let itself be asked of a group alone is not asked of it.
            found |= {
                f"{side}.{part}": text for part, text in parts.items() if VARIANT in (_said(own, part) or VARIANT)
            }
        return found

    def moment(self, span: Span) -> str:
        """Ask for the server's clock and for when something was last scraped, both in epoch seconds."""
        far = ms(max(20 * span.scrape, 2 * span.length))
        if self.spec.queries.up:
            last = f"max(max_over_time((time() * group({self.spec.queries.up}))[{far}:{ms(span.scrape)}]))"
        else:
            up = self._up()
            newest = f"max({self._counted(f'(timestamp({up}) and ({up} == 1))', span)})"
            looked_back = f"max_over_time((time() * ({up} == 1))[{far}:{ms(span.scrape)}])"
            last = f"({newest} or max({self._counted(looked_back, span)}))"
        return union({f"{WHOLE}.clock": "vector(time())", f"{WHOLE}.newest": last})

    def several(self, span: Span) -> str:
        """Ask which instances are several processes, SEVERAL, or restart again and again, RESTARTING.

        A total that falls twice in two windows, or a start that goes back, is another process; falls with ever later
        starts are restarts. A start that differs by just a second is how the kernel rounds its boot.
        """
        over = ms(max(2 * span.length, _LEAST * span.scrape))
        starts, work = (
            f"{self._chosen(f'process_{name}')}[{over}]" for name in ("start_time_seconds", "cpu_seconds_total")
        )
        rounded = f"abs(max_over_time({starts}) - min_over_time({starts}) - 1) < 0.001"
        back = f"(resets({starts}) > 0) unless ({rounded})"
        later = f"(changes({starts}) > 0) unless (resets({starts}) > 0)"
        falls = [f"resets({work})", *([] if self.spec.queries.requests else [f"resets({self._requests()}[{over}])"])]
        fell = self._ours(f"max by (job, instance) ({' or '.join(falls)})", span)
        another = f"({fell} >= {_SEE_SAW}) unless on (job, instance) ({later})"
        return union(
            {
                SEVERAL: f"max by (job, instance) ({self._ours(f'({back})', span)}) or ({another})",
                RESTARTING: f"({fell} >= {_RESTARTS}) and on (job, instance) ({later})",
            }
        )

    def by_instance(self, span: Span) -> str:
        """Ask for each endpoint's `p95` and `count` of timed requests by the label `instance`."""
        labels = f"{self.by}, instance"
        grown, counted = _rate(self._durations(), span), self._durations("" if self.spec.native else f'le=~"{_ALL}"')
        by = labels if self.spec.native else f"le, {labels}"
        count = f"histogram_count({_rate(counted, span)})" if self.spec.native else _rate(counted, span)
        p95 = f"histogram_quantile(0.95, sum by ({by}) ({grown}))"
        return union({"p95": p95, "count": f"sum by ({labels}) ({count})"})

    def edges(self) -> str:
        """Ask for the histogram's bucket bounds of each endpoint, as the label `le`, and how many series have each."""
        return f"count by (le, {self.by}) ({self._durations()})"

    def labelled(self) -> str:
        """Ask for one series of the counter of requests, with any labels."""
        return f"topk(1, {_selected(self.spec.metrics.requests, self._given())})"

    def offered(self) -> str:
        """Ask which metrics of requests exist, by any name; one series of each shows its labels."""
        like = f'__name__=~"{_OFFERED}"'
        return f"topk by (__name__) (1, {{{', '.join(filter(None, (like, self._given())))}}})"

    def said(self) -> str:
        """Ask what the label of the flag says, by how many series."""
        return f"topk({_VALUES}, count by ({quoted(self.spec.variant.label)}) ({self._requests()}))"

    def down(self, span: Span) -> str:
        """Ask for the instances that are not scraped now."""
        return f"{self._counted(self.spec.queries.up or self._up(), span)} == 0"

    def pace(self, span: Span) -> str:
        """Ask how often an instance was scraped in the span, at most."""
        return f"max({self._counted(self._over('count_over_time', span), span)})"

    @property
    def by(self) -> str:
        """The labels that make an endpoint."""
        metrics = self.spec.metrics
        return ", ".join(quoted(label) for label in (metrics.method, metrics.endpoint) if label)

    @property
    def needed(self) -> str:
        """The labels that a counter of requests needs."""
        return f"{self.by}, {quoted(self.spec.metrics.status)}"

    def _requests(self, had: str = "") -> str:
        """The status label must be there: without it no error could be told, and none would look like zero."""
        return self._selector(self.spec.metrics.requests, f'{quoted(self.spec.metrics.status)}!=""', had)

    def _failed(self, digit: str, had: str = "") -> str:
        return self._selector(self.spec.metrics.requests, f'{quoted(self.spec.metrics.status)}=~"{digit}.*"', had)

    def _durations(self, *matchers: str) -> str:
        return self._selector(self.spec.metrics.durations + ("" if self.spec.native else "_bucket"), *matchers)

    def _selector(self, metric: str, *matchers: str) -> str:
        return _selected(metric, *matchers, *self._named(), self._given())

    def _named(self) -> Sequence[str]:
        if len(self.endpoints) > NAMED:
            return ()
        metrics = self.spec.metrics
        if not metrics.method:
            return (_any(metrics.endpoint, self.endpoints),)
        pairs = [endpoint.partition(" ") for endpoint in self.endpoints]
        return _any(metrics.method, [pair[0] for pair in pairs]), _any(metrics.endpoint, [pair[2] for pair in pairs])

    def _given(self) -> str:
        return self.spec.selector.strip().strip(",").strip()

    def _up(self) -> str:
        return self._chosen("up")

    def _chosen(self, metric: str) -> str:
        """A metric of the instance itself, by the owner's matchers."""
        given = self._given()
        return f"{metric}{{{given}}}" if given else metric

    def _counted(self, query: str, span: Span) -> str:
        """Keep the instances that count: the owner's choice, else those of jobs that serve our endpoints."""
        return query if self.spec.queries.up else self._ours(query, span)

    def _ours(self, query: str, span: Span) -> str:
        """Keep the instances that are the owner's choice, also where that is a query."""
        if self._given():
            return query
        if self.spec.queries.up:
            return f"({query} and on (job, instance) ({self.spec.queries.up}))"
        serving = f"group by (job) (last_over_time({self._requests()}[{ms(span.length + span.back)}]))"
        return f"({query} and on (job) {serving})"

    def _sum(self, query: str) -> str:
        return f"sum by ({self.by}) ({query})"

    def _quantile(self, share: float, span: Span, had: str = "") -> str:
        grown = _rate(self._durations(had), span) if self.spec.native else self._spread("", span, had)
        labels = self.by if self.spec.native else f"le, {self.by}"
        return f"histogram_quantile({share:g}, sum by ({labels}) ({grown}))"

    def _within(self, span: Span, had: str = "") -> str:
        inside, all_of_them = (
            self._sum(self._spread(f'le=~"{bound}"', span, had)) for bound in (_spelled(self._bound()), _ALL)
        )
        return f"{inside} / {all_of_them}"

    def _torn(self, span: Span) -> str:
        """A bucket that grew more than all buckets together cannot be; a server would level it without a word."""
        each = f"sum by (le, {self.by}) ({_rate(self._durations(), span)})"
        together = self._sum(_rate(self._durations(f'le=~"{_ALL}"'), span))
        return f"max by ({self.by}) ({each}) > {together} * {_ROUNDED}"

    def _spread(self, matcher: str, span: Span, had: str = "") -> str:
        """How buckets grew, whose shares count and not their sums: cheaper by half on the server.

        Lines that come late to a histogram that was there count from their first sample: their past is nobody's growth.
        """
        series = self._durations(matcher, had)
        there = _base(self._durations(f'le=~"{_ALL}"', had), span)
        return f"({_born(series, span)} unless ignoring (le) {there}) or {_rate(series, span)}"

    def _alive(self, span: Span) -> str:
        """Each look finds a sample of the last two scrapes, or a hole."""
        own, recent = self.spec.queries, ms(_AT_ONCE * span.scrape)
        if not own.requests:
            fresh = f"group by ({self.by}) (last_over_time({self._requests()}[{recent}]) and {self._requests()})"
        else:
            up = self._up()
            fresh = f"group({own.up or f'(last_over_time({up}[{recent}]) and {up})'})"
        return f"count_over_time(({fresh})[{ms(span.length)}:{ms(span.step)}])"

    def _share_up(self, span: Span) -> str:
        good, tried = (self._counted(self._over(f"{kind}_over_time", span), span) for kind in ("sum", "count"))
        return f"sum({good}) / sum({tried})"

    def _over(self, function: str, span: Span) -> str:
        own = self.spec.queries.up
        return (
            f"{function}(({own})[{ms(span.length)}:{ms(span.step)}])"
            if own
            else (f"{function}({self._up()}[{ms(span.length)}])")
        )

    def _bound(self) -> float:
        return self.bound_ms / (1000 if self.spec.metrics.unit == "s" else 1)


_OFFERED = ".*(http|request|duration|latency).*_(total|count|bucket)"
"""What a counter of requests or a histogram of their durations is likely called."""


def ms(seconds: float) -> str:
    """Write a duration as PromQL reads it on every server."""
    return f"{max(1, round(seconds * 1000))}ms"


def union(parts: dict[str, str]) -> str:
    """Ask several questions at once, each answer under its name in the label `PART`; at a JOINT they may be parted."""
    return JOINT.join(f'label_replace({query}, "{PART}", "{name}", "", "")' for name, query in parts.items())


def _grown(series: str, span: Span) -> str:
    """How much each series grew in the span: its newest value less the one before."""
    last, base = f"last_over_time({series}[{ms(span.length)}])", _base(series, span)
    grew = f"({last} - {base}) unless (resets({series}[{ms(span.length + span.back)}]) > 0)"
    rest = _rate(series, span)
    began_anew = f"({last} < {base}) unless ({rest} >= {last})"
    return f"({_born(series, span)}) or ({grew}) or ({began_anew}) or {rest}"


def _born(series: str, span: Span) -> str:
    """Series born in the span grew by all they show, if their instance was scraped or did not run before."""
    ran = f"max_over_time(up[{ms(span.back)}] offset {ms(span.length)}) == 1"
    young = f"last_over_time(process_start_time_seconds[{ms(span.length)}]) > time() - {span.length:g}"
    known = f"(({ran}) or on (job, instance) ({young}))"
    highest = f"max_over_time({series}[{ms(span.length)}])"
    return f"({highest} unless {_base(series, span)}) and on (job, instance) {known}"


def _base(series: str, span: Span) -> str:
    return f"last_over_time({series}[{ms(span.back)}] offset {ms(span.length)})"


def _rate(series: str, span: Span) -> str:
    """The same by `rate`: one more scrape before the span makes its growth whole."""
    return f"(rate({series}[{ms(span.length + span.scrape)}]) * {span.length:g})"


def _own(query: str, span: Span, had: str = "") -> str:
    """Fill an owner's query with the matcher `had`, or for all users."""
    asked = query.replace(VARIANT, had) if had else _NOBODY.sub("", query)
    return f"({asked.replace('$window', ms(span.length))})" if query else ""


def _said(own: Queries, part: str) -> str:
    """The owner's question of a part, empty if there is none."""
    return {"requests": own.requests, "errors": own.errors, "p95": own.p95}.get(part, "")


def _selected(metric: str, *matchers: str) -> str:
    """Select the series of a metric by matchers; a name that needs quotes stands among them."""
    name = quoted(metric)
    bare, first = (name, "") if name == metric else ("", name)
    return f"{bare}{{{', '.join(filter(None, (first, *matchers)))}}}"


def _any(label: str, values: Sequence[str]) -> str:
    """Match any of some values."""
    pattern = "|".join(re.escape(value) for value in dict.fromkeys(values))
    return f"{quoted(label)}=~{_text(pattern)}"


def quoted(name: str) -> str:
    """Write a name of a metric or label: in quotes where it holds more than letters, digits, underscores and colons."""
    return name if _PLAIN.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _spelled(bound: float) -> str:
    """Match every way to write one bucket bound: 0.5 and 0.50, 1 and 1.0."""
    whole, _, fraction = f"{bound:.9f}".rstrip("0").partition(".")
    return f"{whole}[.]{fraction}0*" if fraction else f"{whole}([.]0*)?"
