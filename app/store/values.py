"""From rows to typed values: no row leaves this folder."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause


def columns_of(table: FromClause, value: type[NamedTuple]) -> list[ColumnElement[Any]]:
    """The columns that a value is made of, in the order of its fields, which have their names."""
    return [table.c[name] for name in value._fields]
