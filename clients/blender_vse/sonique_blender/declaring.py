"""Properties for Blender's classes. Blender reads them from a class's annotations; written there, they would be no
types, so that they are put there by a decorator.
"""

from collections.abc import Callable
from inspect import get_annotations
from typing import Any, TypeVar

Class = TypeVar("Class", bound=type)


def properties(**declared: Any) -> Callable[[Class], Class]:
    """Gives a class of Blender's these properties, each as ``bpy.props`` makes them."""

    def declare(owner: Class) -> Class:
        owner.__annotations__ = {**get_annotations(owner), **declared}
        return owner

    return declare
