"""The recipes of docs/recipes: each a heading with its fenced blocks, put to a server of the test's own."""

import re
from pathlib import Path

from msgspec.structs import replace

from cockpit.doctor.findings import WORDS
from cockpit.settings.file.load import settings_from
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.opening import Opener
from tests.support.build import PLAN

FOLDER = Path(__file__).parents[3] / "docs" / "recipes"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PATIENT = replace(PLAN, cadence=replace(PLAN.cadence, deadline=30))


class Recipe:
    """One section of a page; `blocks` are its fenced texts by language, in order."""

    def __init__(self, page, title, text):
        self.page, self.title, self.text = page, title, text
        self.blocks = {}
        for language, block in _FENCE.findall(text):
            self.blocks.setdefault(language, []).append(block)

    def one(self, language):
        (block,) = self.blocks[language]
        return block

    def settings(self, block=None, **places):
        """Return the settings of its snippet as the settings loader reads it; `places` stand for its addresses."""
        text = self.one("toml") if block is None else block
        for host, url in places.pop("at", {}).items():
            assert host in text, host
            text = text.replace(host, url)
        assert not places
        return settings_from(Path("cockpit.toml"), text)

    @property
    def doctor(self):
        """What the page says that the doctor says."""
        return [" ".join(line.split()) for block in self.blocks["text"] for line in block.splitlines()]


def recipes(page):
    """Return the recipes of a page by their title."""
    parts = re.split(r"^## (.*)\n", (FOLDER / page).read_text("utf-8"), flags=re.MULTILINE)
    return {title: Recipe(page, title, text) for title, text in zip(parts[1::2], parts[2::2], strict=True)}


def recipe(page, title):
    """Return one recipe."""
    return recipes(page)[title]


async def opened(settings, environ=None, plan=PATIENT, since=None):
    """Return the one source of some settings as the watch opens it, for a plan of the endpoints that they name."""
    plan = replace(plan, endpoints=settings.endpoints or plan.endpoints)
    (opening,) = [
        one for one in Opener(settings, plan, Secrets(environ or {}), since).openings() if one.spec is not None
    ]
    (source,) = await opening.open()
    return source


def said(findings):
    """Return findings as lines of the doctor, blanks apart."""
    return [" ".join(f"{WORDS[one.sight]} {one.what} {one.text}".split()) for one in findings]
