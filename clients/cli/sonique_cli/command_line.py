"""A command line whose commands take groups of options: frozen dataclasses that are declared once."""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

Function = TypeVar("Function", bound=Callable[..., None])


class CommandLine(typer.Typer):
    """Typer, where a parameter of a command may be a group of options, and help shows no type of a flag.

    A group is a dataclass. Each of its fields is annotated as a parameter of Typer's would be, and becomes an option
    in the group's place; the command is called with the group, made of what was given. The function that is registered
    stays as it is, so that whoever calls it hands it groups.
    """

    def __init__(self, **settings: Any) -> None:
        """Takes Typer's ``settings``."""
        super().__init__(cls=_Group, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Function], Function]:
        """Registers a function as a command; ``settings`` are Typer's."""
        register = super().command(name, cls=_Command, **settings)

        def take(function: Function) -> Function:
            register(spread(function))
            return function

        return take


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each group's options as parameters of its own, which Typer reads.

    Raises:
        ValueError: two options have one name.
    """
    parameters = signature(command, eval_str=True).parameters.values()
    groups: dict[str, Any] = {each.name: each.annotation for each in parameters if is_dataclass(each.annotation)}

    @wraps(command)
    def called(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    # A signature of a function's own wins over the one that its code has.
    called.__signature__ = Signature([option for each in parameters for option in _options(each)])  # type: ignore[attr-defined]
    return called


def _options(parameter: Parameter) -> Iterator[Parameter]:
    """A plain parameter, or the fields of a group; by name alone, so that defaults may stand anywhere."""
    group = parameter.annotation
    if not is_dataclass(group):
        yield parameter.replace(kind=Parameter.KEYWORD_ONLY)
        return
    types = get_type_hints(group, include_extras=True)
    for field in fields(group):
        yield Parameter(field.name, Parameter.KEYWORD_ONLY, default=_default(field), annotation=types[field.name])


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return Parameter.empty if field.default is MISSING else field.default


class _Command(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, as help shows them."""
        return _plain(super().get_params(ctx))


class _Group(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, as help shows them."""
        return _plain(super().get_params(ctx))


def _plain(parameters: list[Any]) -> list[Any]:
    """The parameters, where a flag has no word for its value, which nobody types."""
    for each in parameters:
        if isinstance(each, TyperOption) and each.is_bool_flag:
            each.metavar = ""
    return parameters
