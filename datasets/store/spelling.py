"""One spelling of each text that counts are divided by (failures.md F20).

"HỘ TỊCH" and "Hộ tịch" are one field of work and one member of every breakdown. Which
fields this is done for is declared in the schema (`Field.one_spelling`). Shown is what
the catalogue declares, else what came first; that is kept in the table `spelling`,
written in the transaction of the delivery that brought it.

Texts recur, so each is looked at once in a delivery; a row costs one look-up per field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from operator import itemgetter, ne

import sqlalchemy as sa

from datasets.schema.dataset import Dataset
from datasets.store.staging import Rows
from datasets.store.tables import SPELLING
from datasets.validate import LONGEST_KEY
from datasets.vietnamese import caseless

Declared = Mapping[str, Collection[str]]
"""By field the spellings that stand whatever came first."""


class Spellings:
    """The spellings of one delivery: `settle` rows as they come; within the commit `adopt`, then `write`.

    respelled   rows that were written otherwise than they came
    """

    def __init__(self, dataset: Dataset, declared: Declared) -> None:
        names = [field.name for field in dataset.fields if field.one_spelling]
        self.respelled = 0
        self._dataset = dataset.name
        self._places = [(name, dataset.columns.index(name)) for name in names]
        self._declared = {(name, caseless(shown)): shown for name in names for shown in declared.get(name, ())}
        self._agreed: dict[tuple[str, str], str] | None = None
        self._new: dict[tuple[str, str], str] = {}
        self._seen: dict[str, dict[object, object]] = {name: {} for name in names}

    def settle(self, connection: sa.Connection, rows: Rows) -> Rows:
        """The rows in the spellings that stand; one that nobody wrote before stands from now on."""
        if not rows or not self._places:
            return rows
        if self._agreed is None:
            self._agreed = self._stored(connection) | self._declared
        wrong: dict[int, dict[object, object]] = {}
        for name, place in self._places:
            seen = self._seen[name]
            texts = dict.fromkeys(map(itemgetter(place), rows))
            for text in texts:
                if text not in seen:
                    seen[text] = self._shown(self._agreed, name, text)
            if changed := {text: seen[text] for text in texts if seen[text] != text}:
                wrong[place] = changed
        return self._respelled(rows, wrong) if wrong else rows

    def adopt(self, connection: sa.Connection, staged: sa.Table) -> None:
        """Take over what another delivery has written since: it came first, also for the rows staged already.

        No two rows become one: a delivery has a single spelling of each text.
        """
        if not self._new:
            return
        stored = self._stored(connection)
        for known in self._new.keys() & stored.keys():
            mine, theirs = self._new.pop(known), stored[known]
            if mine != theirs:
                column = staged.c[known[0]]
                change = staged.update().values({column: theirs}).where(column == mine)
                self.respelled += connection.execute(change).rowcount

    def write(self, connection: sa.Connection) -> None:
        """Keep what was new."""
        if self._new:
            found = [{"field": field, "folded": folded, "shown": shown} for (field, folded), shown in self._new.items()]
            connection.execute(SPELLING.insert().values(dataset=self._dataset), found)

    def _stored(self, connection: sa.Connection) -> dict[tuple[str, str], str]:
        asked = sa.select(SPELLING.c.field, SPELLING.c.folded, SPELLING.c.shown)
        found = connection.execute(asked.where(SPELLING.c.dataset == self._dataset))
        return {(field, folded): shown for field, folded, shown in found}

    def _shown(self, agreed: dict[tuple[str, str], str], name: str, text: object) -> object:
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_KEY:
            return text  # a longer one is no member of anything, and no key that PostgreSQL could keep
        known = name, caseless(text)
        if known not in agreed:
            agreed[known] = self._new[known] = text
        return agreed[known]

    def _respelled(self, rows: Rows, wrong: dict[int, dict[object, object]]) -> Rows:
        columns = list(zip(*rows, strict=True))
        for place, changed in wrong.items():
            columns[place] = tuple([changed.get(text, text) for text in columns[place]])
        respelled = list(zip(*columns, strict=True))
        self.respelled += sum(map(ne, rows, respelled))
        return respelled
