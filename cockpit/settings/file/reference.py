"""The reference page of `cockpit.toml`, written from the models: `python -m cockpit.settings.file.reference`."""

import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from cockpit.settings.file.locate import NAME
from cockpit.settings.file.schema_beside import DIRECTIVE, PLAN, PLAN_DIRECTIVE, SETTINGS
from cockpit.settings.models.flags import KINDS as PLACES
from cockpit.settings.models.flags import OF_A_KIND, TARGETS, Targets
from cockpit.settings.models.journeys import Activity
from cockpit.settings.models.settings import KINDS, Settings
from cockpit.settings.schema.catalog import KeyRow, rows
from cockpit.settings.schema.http_access import Access
from cockpit.settings.schema.keymap import DEFAULTS

HEAD = f"""\
# Settings

`{NAME}` tells the cockpit about your service: where its numbers come from, by which names, and how to call you. The
doctor reads it and says what works:

```
cockpit doctor
```

`cockpit init` writes the file from what it finds, and `cockpit new` writes a commented starter if there is none. This
page is made from the same models that read the file.

The file is the one named with `--config`, else the nearest `{NAME}` in the working directory and the folders above it,
else the one in the user's configuration folder. A session remembers which one it was made with; `cockpit open` reads it
again each time.

Everything wrong with a file is told at once, each with its line:

```
cockpit.toml:14: sources.prom.scrape_intervall: unknown key, did you mean "scrape_interval"?
```

- **Promises.** `endpoints`, `journeys`, `collections`, `expected`, `growth` and `flag.name` stand in place of the
  plan's. `cockpit new` writes them into the session, and there they stay; before its first phase `cockpit adopt` takes
  changed ones.
- **Trust.** The file runs and sends nothing until you trust it, and after every change again, see [trust](trust.md).
- **Secrets** never stand in the file. A key of the kind *secret* holds `"${{NAME}}"` of the environment, alone or in
  a text, or `{{ command = ["pass", "show", "shop"] }}`, whose first line is taken. They are masked wherever a text of
  ours goes, from the start and in every form: encoded, in base64, a login and its password by themselves. Headers,
  `params`, addresses and bodies hold none in the open; a body is sent as it stands, so put a secret into a header.
- **A command's secret may lapse.** The command runs when its secret is first sent. Where that is refused (401, 403, a
  login at MongoDB), it runs again at once, and what was asked is asked once more with what it prints now. A new secret
  that is refused at once as well makes for a rest of 10 s, then twice as long each time, up to a minute, so that no
  account is locked. Before a revert's last try it always runs. It gets 10 s and 1 MB, then it is ended with all that it
  started, and no poll waits longer than its own deadline. Where it fails, the old secret is kept and the reason stands
  beside the refusal. What stands in the environment cannot be renewed: start the cockpit again.
- **Durations** are texts with a unit: `"250ms"`, `"30s"`, `"5m"`, `"2h"`.
- **One source for each topic.** Two sources that answer for the same one are refused. A topic that nobody answers for
  is told on its pane.
- **Hosts.** Only http and https, and only the hosts that stand here: no redirect and no label leads elsewhere.
- **Proxy.** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` of the environment are not used; `cockpit doctor` says so where
  they are set. `[http] proxy` is for all that is asked over HTTP, in the open where it has no login, else as a secret:
  `proxy = "${{HTTPS_PROXY}}"`. This machine is asked directly, and the hosts of `no_proxy`; no name is looked up for
  that. A source, a flag, a webhook, `[changes]` and `[failures]` may have a `proxy` of their own, which then holds for
  this machine too, or `"direct"`. Requests under https go through a tunnel (CONNECT). A command that prints a proxy's
  login runs once. A MongoDB is reached directly.

## In an editor

The first line of a starter is `{DIRECTIVE}`. `cockpit new` lays that file beside it: a JSON Schema (draft 7)
by which an editor completes keys, shows what they mean, and marks what is wrong. Nothing is asked over the network for
it. In VS Code that takes the extension Even Better TOML; any editor with the language server `taplo` does the same, and
`taplo lint cockpit.toml` checks without one.

- For a file that has none, write the line at its top, and the schema beside it: `cockpit schema > {SETTINGS}`. Do
  so again after an update of the cockpit. Keep both files together, in a repository too.
- A plan has one as well: `cockpit schema plan > {PLAN}`, and `{PLAN_DIRECTIVE}` as its first line.
- The schema accepts whatever the cockpit accepts. It refuses unknown keys, wrong kinds and bounds, what is missing,
  keys that contradict each other, and secrets in the open. What needs more than one place to be looked at (two sources
  of one topic, a name that leads nowhere) and the inside of expressions only the cockpit itself knows: `cockpit doctor`
  tells that.
"""

ACCESS = """\
## Every source over HTTP

`prometheus`, `scrape`, `probe`, `json`, `alertmanager` and `journey` have these keys too.
"""


def reference() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    whole = list(rows(Settings))
    yield "## The service\n"
    yield from _table(
        [row for row in whole if row.key.model is None and row.key.kind not in ("named tables", OF_A_KIND)]
    )
    for row in whole:
        if row.name == "flag":
            yield from _flag(row)
        if row.key.model is not None and row.name != "activities":
            yield f"## {_header(row)}\n\n{row.key.doc}.\n"
            yield from _table(_flat(row.key.model, ""))
    yield f'## `[activities."TASK"]`\n\n{_doc(whole, "activities")}; see [journeys](sources.md).\n'
    yield from _table(_flat(Activity, ""))
    yield f"## `[sources.NAME]`\n\n{_doc(whole, 'sources')}. `kind` says which of the following it is.\n"
    for kind, model in KINDS.items():
        yield from _source(kind, model)
    yield ACCESS
    yield from _table(_flat(Access, ""))
    yield "## Ids of `keymap`\n\nA key is one letter, digit or sign, `f1` to `f12`, or `ctrl+` and a letter."
    yield 'Several keys are a list: `pause = ["space", "f5"]`. The last word of an id is enough.\n'
    yield "| Id | Key |\n|---|---|"
    yield from (f"| `{name}` | `{key}` |" for name, key in DEFAULTS.items())
    yield ""


def _doc(whole: list[KeyRow], name: str) -> str:
    return next(row.key.doc for row in whole if row.name == name)


def _header(row: KeyRow) -> str:
    return f"`[[{row.name}]]`" if row.key.kind == "array of tables" else f"`[{row.name}]`"


def _flag(flag: KeyRow) -> Iterator[str]:
    yield f"## `[flag]`\n\n{flag.key.doc}: see [flags](flags.md). `kind` says which of the following it is.\n"
    for kind, model in PLACES.items():
        yield f"### The flag in {kind}\n\n{_what(model)}\n"
        yield from _table(_flat(model, ""))
    yield f"### The flag in several {TARGETS}\n\n{_what(Targets)}\n"
    yield from _table(_flat(Targets, ""))
    yield f"`[flag.{TARGETS}.NAME]` has a `kind` and the keys of that kind.\n"


def _what(model: type[Any]) -> str:
    what = (model.__doc__ or "").partition("\n")[0].partition(": ")[2]
    return f"{what[:1].upper()}{what[1:]}"


def _source(kind: str, model: type[Any]) -> Iterator[str]:
    shared = {item.name for item in fields(Access)} if issubclass(model, Access) else set()
    over = "\n\nAnd the keys of every source over HTTP, below." if shared else ""
    yield f"### {kind}\n\n{_what(model)}{over}\n"
    yield from _table([row for row in _flat(model, "") if row.name not in shared])


def _flat(model: type[Any], above: str) -> Iterator[KeyRow]:
    """Yield a model's keys and those of its tables, by their dotted names."""
    for row in rows(model):
        named = KeyRow(f"{above}{row.name}", row.key, row.required, row.default)
        yield named
        if row.key.model is not None:
            yield from _flat(row.key.model, f"{named.name}.")


def _table(keys: Any) -> Iterator[str]:
    yield "| Key | Value | Meaning | Default |\n|---|---|---|---|"
    for row in keys:
        default = "**required**" if row.required else f"`{row.default}`" if row.default else ""
        shown = f", for example `{row.key.example}`" if row.key.example and row.key.example != row.default else ""
        yield f"| `{row.name}` | {row.key.kind} | {_cell(row.key.doc + shown)} | {_cell(default)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
