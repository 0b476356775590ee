"""The reference page of `cockpit.toml`, written from the models: `python -m cockpit.settings.file.reference`."""

import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from cockpit.settings.file.locate import NAME
from cockpit.settings.file.schema_beside import DIRECTIVE, PLAN, PLAN_DIRECTIVE, SETTINGS
from cockpit.settings.keymap.names import EVERY
from cockpit.settings.models.flags import KINDS as PLACES
from cockpit.settings.models.flags import OF_A_KIND, TARGETS, Targets
from cockpit.settings.models.journeys import Activity
from cockpit.settings.models.settings import KINDS, Settings
from cockpit.settings.schema.catalog import KeyRow, rows
from cockpit.settings.schema.http_access import Access

HEAD = f"""\
# Settings

`{NAME}` tells the cockpit about your service: where its numbers come from, where its flag is, and how to call you. A
small one looks like this:

```toml
service = "concierge"

[sources.metrics]
kind = "prometheus"
url = "https://prometheus.example.org"
selector = 'job="shop"'

[sources.records]
kind = "mongo"
uri = "${{COCKPIT_MONGO_URI}}"
database = "shop"

[flag]
kind = "flagd"
file = "/etc/flagd/flags.json"

[notifications]
quiet = "23:00-07:00"
```

`cockpit init` writes the file from what it finds. `cockpit new` writes a starter with comments if there is none. After
each edit run `cockpit trust {NAME}`, then `cockpit doctor`.

The cockpit reports all errors of the file at once, each with its line:

```
cockpit.toml:14: sources.prom.scrape_intervall: unknown key, did you mean "scrape_interval"?
```

| You want to set | Section |
|---|---|
| Name, theme, mouse, keys, endpoints | [The service](#the-service), [ids of `keymap`](#ids-of-keymap) |
| Where the flag is | [`[flag]`](#flag) |
| Where numbers come from | [`[sources.NAME]`](#sourcesname), [every source over HTTP](#every-source-over-http) |
| How you are called | [`[notifications]`](#notifications) |
| Journeys, expected traffic | [`[[journeys]]`](#journeys), [`[[expected]]`](#expected) |
| Collections and their growth | [`[[collections]]`](#collections), [`[growth]`](#growth) |
| What sheets show in addition | [`[changes]`](#changes), [`[failures]`](#failures), [`[[dashboards]]`](#dashboards) |
| What a task runs | [`[activities."TASK"]`](#activitiestask) |
| A proxy | [Proxies](#proxies), [`[http]`](#http) |

## Which file it uses

The cockpit takes the first of these:

1. The file of `--config`
2. The nearest `{NAME}` in the working directory or a folder above it
3. The one in your configuration folder (`~/.config/cockpit/` on Linux)

A session remembers its file. `cockpit open` reads it again each time.

## Rules

- **Trust.** The cockpit runs and sends nothing from the file until you [trust](trust.md) it. After each change you
  trust it again.
- **The plan.** `endpoints`, `journeys`, `collections`, `expected`, `growth` and `flag.name` replace those of the plan.
  `cockpit new` copies them into the session. Before the first phase `cockpit adopt` takes changed ones.
- **Durations** are texts with a unit: `"250ms"`, `"30s"`, `"5m"`, `"2h"`.
- **Topics.** At most one source answers for each topic. If two do, the file is refused. If none does, the pane says so.
- **Hosts.** The cockpit connects only to the hosts in the file, by http or https. It follows no redirect.

## Secrets

A secret never stands in the file. The value of a *secret* key is one of these:

- `"${{NAME}}"`, an environment variable, alone or inside a text
- `{{ command = ["pass", "show", "shop"] }}`, a program whose first line of output is the secret

Headers, `params`, addresses and bodies may not contain a secret in the open. A body is sent as it is, and `${{NAME}}`
in it is not filled in: put the secret into a header. The cockpit masks each secret in all its output, also encoded or
in base64, and the login and password separately.

**A secret from a command can expire.** The command runs when its secret is first needed. If the server refuses the
secret (401, 403, a refused MongoDB login), the cockpit runs the command again and repeats the request once. If the new
secret is refused too, the cockpit waits 10 s, then twice as long each time, up to a minute, so that no account is
locked. Before a revert's last try the command always runs.

A command has 10 s and may print 1 MB. Then the cockpit ends it with everything it started. No poll waits longer than
its own deadline. If the command fails, the cockpit keeps the old secret and shows the reason beside the refusal. It
cannot renew an environment variable: start the cockpit again.

## Proxies

The cockpit does not use `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. If they are set, `cockpit doctor` says so. Set
`proxy` in `[http]` instead, for all HTTP requests. A proxy with a login is a secret: `proxy = "${{HTTPS_PROXY}}"`.

- Requests to this machine and to the hosts in `no_proxy` go directly. The cockpit compares names, and looks none up.
- A source, a flag, a webhook, `[changes]` and `[failures]` may have their own `proxy`, or `"direct"` for none. Their
  own proxy applies to this machine too.
- Requests over https use a tunnel (CONNECT).
- A command that prints a proxy's login runs once.
- Connections to MongoDB use no proxy.

## In an editor

`cockpit new` writes a JSON Schema (draft 7) beside the settings. The first line of the starter names it:
`{DIRECTIVE}`. With it your editor completes keys, explains them and marks mistakes. It loads nothing from the network.
VS Code needs the extension Even Better TOML. Other editors need the language server `taplo`. `taplo lint cockpit.toml`
checks the file without an editor.

- If your file has no schema, add that line at its top, and run `cockpit schema > {SETTINGS}`. Run it again after an
  update of the cockpit. Keep both files in one folder.
- A plan has a schema too: run `cockpit schema plan > {PLAN}`, and add `{PLAN_DIRECTIVE}` as its first line.
- The schema accepts everything that the cockpit accepts. It refuses unknown keys, wrong types and values, missing keys,
  keys that contradict each other, and secrets in the open.
- Only the cockpit itself finds some mistakes, and `cockpit doctor` reports them: two sources for one topic, a
  reference to a name that does not exist, and errors inside an expression.
"""

ACCESS = """\
## Every source over HTTP

`prometheus`, `scrape`, `probe`, `json`, `alertmanager` and `journey` also have these keys.
"""

KEYMAP = """\
## Ids of `keymap`

A key is one letter, digit or sign, `f1` to `f12`, or `ctrl+` and a letter. The ids from `cursor.up` to `cursor.end`
take arrows, `tab`, `shift+tab`, `enter`, `pageup`, `pagedown`, `home` and `end` as well. Several keys are a list:
`pause = ["space", "p"]`. The last word of an id is enough. [Your own keys](keys.md#your-own-keys) says what becomes of
a key that had another meaning.

| Id | Keys |
|---|---|"""


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
    yield f'## `[activities."TASK"]`\n\n{_doc(whole, "activities")}; see [journeys](sources-http.md#journey).\n'
    yield from _table(_flat(Activity, ""))
    yield f"## `[sources.NAME]`\n\n{_doc(whole, 'sources')}. `kind` says which of the following it is.\n"
    for kind, model in KINDS.items():
        yield from _source(kind, model)
    yield ACCESS
    yield from _table(_flat(Access, ""))
    yield KEYMAP
    yield from (f"| `{name}` | {', '.join(f'`{key}`' for key in keys)} |" for name, keys in EVERY.items())
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
    over = "\n\nIt also has the [keys of every source over HTTP](#every-source-over-http)." if shared else ""
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
