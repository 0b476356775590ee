"""The pages of docs/: the index names each, the two set-up lines are one, sentences stay short."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from sessions.values.flag_value import FlagStatus
from sessions.values.verdicts import Level, Mark
from widgets.base.symbols import LEVELS, MARKS, POOLED
from widgets.frame import header
from widgets.wording import gate

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LONGEST = 35
RIDDLES = (
    *("anew", "seldom", "to and fro", "see-saw", "own means", "whatever", "all else", "exchanged whole", "for ever"),
    *("is told", "are told", "was told", "be told", "in the dark", "goes dark", "turns dark", "takes for good"),
    *("nobody knows", "stands in place", "stands behind", "stand beside", "stands beside", "as it stands", "but for"),
)
"""Words that only the authors understand, or that hide who does something."""
DENIED = r"no|not|never|nothing|nobody|none|cannot"
TWICE = re.compile(rf"\b(?:{DENIED})\b(?:(?! and | or )[^,;:.()])*\b(?:{DENIED}|without)\b", re.IGNORECASE)
"""A denial of a denial, within a part of a sentence; two things denied beside each other are none."""
EXPLAINED = {"gate": "condition", "soak": "time", "fuse": "deadline", "window": "five minutes|5 minutes"}
"""Words of our own, and what explains each where a newcomer meets it first."""
OTHERS = {"benchmarks"}
"""Made of figures: its sentences name what was measured, and how."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def sentences(text: str) -> list[str]:
    """Prose in sentences: without blocks, a cell of a table and a point of a list by themselves, code as one word."""
    prose = re.sub(r"```.*?```|<!--.*?-->", "\n\n", text, flags=re.DOTALL)
    prose = re.sub(r"`[^`]*`", "code", prose.replace(r"\|", "/"))
    prose = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", prose)
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*#|]|\d+\.)\s)|\|", prose)
    said = (piece for part in parts for piece in re.split(r"(?<=[.!?])\s+(?=[A-Z*_(\[]|code)", part))
    return [" ".join(one.split()) for one in said]


def test_the_quick_start_sets_up_as_the_readme_does():
    pages = (ROOT / "README.md", DOCS / "quick-start.md")
    first = {re.findall(r"^```\n(.*?)```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)[0] for page in pages}
    assert len(first) == 1


def test_the_index_names_every_page():
    links = set(re.findall(r"\]\(([^)#]+\.md)\)", (DOCS / "README.md").read_text("utf-8")))
    there = {page.relative_to(DOCS).as_posix() for page in PAGES} - {"README.md"}
    assert there - links == set()
    assert "(docs/README.md)" in (ROOT / "README.md").read_text("utf-8")


def literals(module: ModuleType) -> Iterator[str]:
    """The texts that a module holds, its docstrings left out."""
    tree = ast.parse(inspect.getsource(module))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_the_page_of_words_explains_what_the_screen_says():
    text = (DOCS / "words.md").read_text("utf-8")
    loud = {word for module in (header, gate) for text in literals(module) for word in re.findall(r"[A-Z]{2,}", text)}
    assert {"RUNNING", "PAUSED", "OVERDUE", "HOLD"} <= loud
    assert {word for word in loud if word not in text} == set()
    assert {word for word in (*Mark, *Level, *FlagStatus) if word not in text} == {FlagStatus.NONE}
    assert {glyph for glyph, _ in (*MARKS.values(), *LEVELS.values(), *POOLED.values()) if glyph not in text} == set()


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *(page for page in PAGES if page.stem not in OTHERS)], ids=name_of
)
def test_sentences_are_short(page):
    assert [one for one in sentences(page.read_text("utf-8")) if len(one.split()) > LONGEST] == []


READ = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")]
READ += [page for page in PAGES if page.stem not in OTHERS]


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "quick-start.md", DOCS / "judgement.md"], ids=name_of)
@pytest.mark.parametrize("word", EXPLAINED)
def test_a_word_of_our_own_is_explained_where_it_is_met_first(page, word):
    text = re.sub(r"`[^`\n]*`|^#.*$", "", page.read_text("utf-8"), flags=re.MULTILINE)
    met = re.search(rf"\b{word}s?\b", text)
    if met:
        around = text[max(0, met.start() - 150) : met.end() + 150]
        assert re.search(EXPLAINED[word], around) or "words.md)" in text[: met.start()], around


@pytest.mark.parametrize("page", READ, ids=name_of)
def test_sentences_say_it_plainly(page):
    said = sentences(page.read_text("utf-8"))
    assert [one for one in said if any(re.search(rf"\b{riddle}\b", one, re.IGNORECASE) for riddle in RIDDLES)] == []
    assert [one for one in said if TWICE.search(one)] == []


def docstrings() -> Iterator[tuple[str, str]]:
    """What the modules of the program and their public functions say of themselves, code as one word."""
    for path in (path for room in ("cockpit", "widgets", "themes") for path in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = getattr(node, "name", "")
                if (said := ast.get_docstring(node)) and not name.startswith("_"):
                    yield f"{name_of(path)} {name}", " ".join(re.sub(r"`[^`]*`", "code", said).split())


def test_docstrings_say_it_plainly():
    said = list(docstrings())
    assert len(said) > 1_000
    assert [one for one in said if any(re.search(rf"\b{word}\b", one[1], re.IGNORECASE) for word in RIDDLES)] == []


@pytest.mark.parametrize(
    "riddle",
    [
        "Behind ## stand words, and keys that are seldom needed.",
        "The file is exchanged whole.",
        "A redirect is told and never followed.",
        "Nothing is sent that you did not ask for.",
    ],
)
def test_a_riddle_is_seen(riddle):
    assert TWICE.search(riddle) or any(one in riddle for one in RIDDLES)


@pytest.mark.parametrize("plain", ["It has no clock, no network.", "It takes no lock and writes nothing."])
def test_plain_words_are_let_pass(plain):
    assert not TWICE.search(plain)


def test_a_long_sentence_is_seen():
    counted = [len(one.split()) for one in sentences("Short one. Then " + "word " * 39 + "end.\n\n| a cell | b |")]
    assert counted[:2] == [2, 41]
