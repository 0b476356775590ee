"""The pages of recipes as a whole: nothing is promised that has no recipe, and no recipe lacks a part."""

import re
from pathlib import Path

import pytest

from cockpit.settings.file.load import plan_with
from cockpit.settings.models.flags import KINDS, Targets
from sessions.plan.loader import bundled
from tests.support.recipes.page import FOLDER, recipes

PAGES = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")
ALL = [made for page in PAGES for made in recipes(page).values()]
BLOCKS = [
    (page, block)
    for page in PAGES
    for block in re.findall(r"^```toml\n(.*?)^```", (FOLDER / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
]
PROMISED = {
    *("FastAPI", "Flask", "Django", "Express", "Spring (Micrometer)", "OpenTelemetry collector", "Envoy", "nginx"),
    *("Datadog", "CloudWatch", "Sentry", "PostHog", "GrowthBook", "Flagsmith", "OpenSLO", "Sloth", "Pyrra"),
}
INDEX = (FOLDER / "README.md").read_text("utf-8")


def anchor(title):
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=range(len(BLOCKS)))
def test_every_snippet_is_read_by_the_settings_loader(page, block):
    made = next(iter(recipes(page).values()))
    assert made.settings(block)


@pytest.mark.parametrize("made", ALL, ids=lambda made: f"{made.page} {made.title}")
def test_a_recipe_has_a_snippet_and_its_limits(made):
    assert made.blocks["toml"]
    assert "**Limits.**" in made.text


@pytest.mark.parametrize("made", ALL, ids=lambda made: f"{made.page} {made.title}")
def test_a_recipe_of_a_page_is_named_by_the_index(made):
    if made.page != "slo-files.md":
        assert f"]({made.page}#{anchor(made.title)})" in INDEX
    else:
        assert f"]({made.page})" in INDEX


def test_every_link_into_a_page_leads_to_a_heading():
    for page in FOLDER.glob("*.md"):
        for link, place in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", page.read_text("utf-8")):
            there = (page.parent / (link or page.name)).read_text("utf-8")
            heads = {anchor(head) for head in re.findall(r"^#+ (.*)$", there, re.MULTILINE)}
            assert place in heads, (page.name, link, place)


def test_a_snippet_and_the_journeys_of_the_index_fit_the_built_in_plan():
    (journeys,) = re.findall(r"^```toml\n(.*?)^```", INDEX, re.DOTALL | re.MULTILINE)
    made = recipes("frameworks.md")["FastAPI"]
    settings = made.settings(f"{made.one('toml')}\n{journeys}")
    plan = plan_with(Path("cockpit.toml"), settings, bundled().table)
    assert plan.endpoints == settings.endpoints
    assert [journey.id for journey in plan.journeys] == ["capsule_created"]


def test_what_was_promised_has_a_recipe():
    assert {made.title for made in ALL} >= PROMISED


def test_a_flag_of_each_kind_has_a_recipe():
    flags = [made.settings().flag for made in ALL if made.page == "flags.md"]
    assert {type(flag) for flag in flags} == {*KINDS.values(), Targets}
