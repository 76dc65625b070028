"""A recipe: one YAML file that says everything about a training run, read into a frozen dataclass.

Every default stands once, in the dataclass. Unknown keys fail, so that a misspelt option cannot
be ignored. The whole recipe is stored beside the weights it made.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from inkseek.errors import ModelError, RecipeError

Recipe = TypeVar("Recipe")

RECIPE = "recipe.yaml"
"""Where a run keeps its recipe."""


def read_recipe(path: Path, kind: type[Recipe], overrides: Sequence[str] = ()) -> Recipe:
    """Read a YAML recipe; ``overrides`` are ``key=value`` or ``group.key=value``.

    The key ``system`` says which system the recipe is for and is no part of its configuration.

    Raises:
        RecipeError: The file is missing, a key is unknown, or a value has the wrong type.
    """
    tree = _read_tree(path)
    tree.pop("system", None)
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise RecipeError(f"--set {override!r} must look like key=value")
        branch = tree
        *parents, leaf = key.split(".")
        for parent in parents:
            branch = branch.setdefault(parent, {})
            if not isinstance(branch, dict):
                raise RecipeError(f"--set {override}: {parent} is not a group of keys")
        branch[leaf] = yaml.safe_load(value)
    return build(kind, tree, where=str(path))


def read_system(path: Path) -> str:
    """The system that a recipe is for.

    Raises:
        RecipeError: The file is missing or does not say.
    """
    name = _read_tree(path).get("system")
    if not isinstance(name, str):
        raise RecipeError(f"{path} does not say which system it is for; add a line `system: NAME`")
    return name


def require_run(folder: Path, system: str) -> None:
    """Refuse a folder that is no run of a system.

    Raises:
        ModelError: It has no recipe, or one of another system.
    """
    if not (folder / RECIPE).is_file():
        raise ModelError(
            f"{folder} is no run, it has no {RECIPE}; make one with "
            f"`inkseek train`, of a recipe in recipes/{system}/"
        )
    if (found := read_system(folder / RECIPE)) != system:
        raise ModelError(f"{folder} is a run of {found}; pass one of {system}")


def write_recipe(recipe: Any, system: str, path: Path) -> None:  # noqa: ANN401
    """Store a recipe with every value, defaults included, so that it reads back the same."""
    tree = {"system": system, **to_tree(recipe)}
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")


def _read_tree(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise RecipeError(f"no recipe {path}; see the folder recipes/ for those that exist")
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise RecipeError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(tree, dict):
        raise RecipeError(f"{path} must be a mapping of keys to values")
    return tree


def build(kind: type[Recipe], tree: Mapping[str, Any], *, where: str) -> Recipe:
    """Fill a frozen dataclass from nested mappings, checking every key and type."""
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(tree) - set(fields))
    if unknown:
        raise RecipeError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(fields)}")
    values = {k: _convert(v, hints[k], where=f"{where}: {k}") for k, v in tree.items()}
    missing = [
        name
        for name, field in fields.items()
        if name not in values
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise RecipeError(f"{where}: {missing[0]!r} is missing")
    return kind(**values)


def to_tree(recipe: Any) -> dict[str, Any]:  # noqa: ANN401
    """A recipe as plain mappings and lists, for YAML or JSON."""
    tree: dict[str, Any] = yaml.safe_load(yaml.safe_dump(_plain(dataclasses.asdict(recipe))))
    return tree


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    return value


def _convert(value: Any, hint: Any, *, where: str) -> Any:  # noqa: ANN401
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise RecipeError(f"{where} must be a mapping")
        return build(hint, value, where=where)
    origin = typing.get_origin(hint)
    if origin is tuple:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise RecipeError(f"{where} must be a list")
        return tuple(_convert(v, typing.get_args(hint)[0], where=where) for v in value)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in typing.get_args(hint):
            return None
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and (not isinstance(value, hint) or (hint is int and value is True)):
        raise RecipeError(f"{where} must be {hint.__name__}, but is {value!r}")
    return value
