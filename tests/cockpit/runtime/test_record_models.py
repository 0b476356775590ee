"""The settings' dataclasses behave as the standard library's, though no function is compiled for each of them."""

import copy
import dataclasses
import pickle
from collections.abc import Mapping
from types import FunctionType

import pytest

from cockpit.runtime.record import dataclass as ours
from cockpit.settings.models.settings import Settings
from cockpit.settings.models.traffic import Scrape


def made(decorator):
    """Return a class, and one that adds to it, by either decorator."""

    class One:
        text: str = dataclasses.field(kw_only=True)
        number: int = dataclasses.field(kw_only=True, default=1)
        names: Mapping[str, int] = dataclasses.field(kw_only=True, default_factory=dict, metadata={"key": "names"})

    class Two(decorator(frozen=True)(One)):
        number: int = dataclasses.field(kw_only=True, default=2)
        more: tuple[int, ...] = dataclasses.field(kw_only=True, default=(), repr=False)

        def __repr__(self):
            return f"Two of {self.number}"

    return Two.__mro__[1], decorator(frozen=True)(Two)


def said(question):
    """Return an answer, or which error it is."""
    try:
        return question()
    except Exception as error:  # noqa: BLE001 (which one is the question)
        return type(error)


QUESTIONS = {
    "defaults": lambda one, two: [dataclasses.astuple(one(text="a")), dataclasses.astuple(two(text="a"))],
    "all given": lambda one, two: dataclasses.asdict(two(text="a", number=3, names={"b": 1}, more=(1,))),
    "one is missing": lambda one, two: one(number=1),
    "one is unknown": lambda one, two: one(text="a", other=1),
    "by position": lambda one, two: one("a"),
    "set": lambda one, two: setattr(one(text="a"), "text", "b"),
    "set another": lambda one, two: setattr(one(text="a"), "other", "b"),
    "delete": lambda one, two: delattr(one(text="a"), "text"),
    "equal": lambda one, two: (one(text="a") == one(text="a"), one(text="a") == one(text="b")),
    "another class": lambda one, two: (one(text="a") == two(text="a"), one(text="a") == "a"),
    "hash of a table": lambda one, two: hash(one(text="a")),
    "a hash": lambda one, two: hash(one(text="a", names=())) == hash(one(text="a", names=())),
    "shown": lambda one, two: repr(one(text="a")).rpartition(".")[2],
    "shown in its own way": lambda one, two: repr(two(text="a")),
    "replaced": lambda one, two: dataclasses.asdict(dataclasses.replace(two(text="a"), number=9)),
    "replaced by the unknown": lambda one, two: dataclasses.replace(one(text="a"), other=9),
    "copied": lambda one, two: dataclasses.asdict(copy.deepcopy(one(text="a", names={"b": 1}))),
    "fields": lambda one, two: [(item.name, item.default, item.kw_only) for item in dataclasses.fields(two)],
    "metadata": lambda one, two: [dict(item.metadata) for item in dataclasses.fields(one(text="a"))],
    "is one": lambda one, two: (dataclasses.is_dataclass(one), dataclasses.is_dataclass(one(text="a"))),
    "each has its own table": lambda one, two: one(text="a").names is one(text="a").names,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_class_of_ours_answers_as_one_of_the_standard_library(question):
    ask = QUESTIONS[question]
    assert said(lambda: ask(*made(ours))) == said(lambda: ask(*made(dataclasses.dataclass)))


def test_settings_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(Settings(service="concierge"))) == Settings(service="concierge")


@pytest.mark.parametrize("model", [Settings, Scrape])
def test_a_model_has_no_compiled_function_of_its_own(model):
    names = ("__init__", "__eq__", "__repr__", "__setattr__")
    homes = {getattr(model, name).__module__ for name in names if isinstance(getattr(model, name), FunctionType)}
    assert homes == {"cockpit.runtime.record"}


def test_only_frozen_classes_are_made():
    with pytest.raises(TypeError):
        ours(frozen=False)
