"""Frozen dataclasses of which each is made without compiling code of its own.

The standard library writes five functions for each class and compiles them, a millisecond a class: that is over half of
what loading the settings' fifty models took. These share theirs. `fields`, `replace` and `asdict` work as usual.
"""

from dataclasses import MISSING, FrozenInstanceError, fields
from dataclasses import dataclass as _dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 (what a type checker knows it by)
else:

    def dataclass(*, frozen: bool, slots: bool = False) -> "Callable[[type], type]":
        """Make a class whose values are named and never change; without slots, so that it is made once."""
        del slots
        if not frozen:
            raise TypeError("only frozen classes share their functions")

        def make(cls: type) -> type:
            made = _dataclass(init=False, repr=False, eq=False)(cls)
            for name in _SHARED.keys() - vars(cls).keys():
                setattr(made, name, _SHARED[name])
            return made

        return make


def _init(self: Any, **values: Any) -> None:
    for item in fields(self):
        if item.name in values:
            value = values.pop(item.name)
        elif item.default is not MISSING:
            value = item.default
        elif item.default_factory is not MISSING:
            value = item.default_factory()
        else:
            raise TypeError(f"{type(self).__name__}() lacks {item.name!r}")
        object.__setattr__(self, item.name, value)
    if values:
        raise TypeError(f"{type(self).__name__}() knows no {min(values)!r}")


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, item.name) for item in fields(self))


def _eq(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _repr(self: Any) -> str:
    said = (f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.repr)
    return f"{type(self).__qualname__}({', '.join(said)})"


def _setattr(_self: Any, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_SHARED = {
    "__init__": _init,
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
}
