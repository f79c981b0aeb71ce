"""Full-text search over articles and over tickets: SQLite's FTS5 and PostgreSQL's tsvector find, this module ranks.

Both hold stems (see `analysis`), and the same two ordinary tables beside them: every word that occurs, and what is left
of it when letters are missing, by which a slip of the finger is found. So both databases give the same answers, and a
search costs about the same whatever there is to search: it looks at the newest that match, never at all of them.

Longer than other modules: one engine speaks two dialects.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, Row, TextClause, text

from app.store import analysis
from app.store.analysis import Term
from app.store.dialect import insert_new
from app.store.schema import search_typos, search_words

ARTICLES, TICKETS = "article", "ticket"
SOLVED = "solved"

MOST_TERMS = 10
MOST_LEARNT = 300  # new words of one text; nobody fills the desk's disk with a page of gibberish
# how many that match in the title, and anywhere, are looked at
LOOKED_AT = {ARTICLES: (25, 25), TICKETS: (25, 50)}
FEW = 200  # so many tickets of one person are simply all looked at
WINDOW = 1000  # PostgreSQL: the newest rows, looked at before the index is asked
_TITLE_WEIGHT = 3.0
_OF_COMPOUND, _OF_SLIP = 0.6, 0.5
_MOST_TOGETHER = 6  # more words than these are hardly ever all in one ticket
# what one search may cost, however many words there are
_COMPLETIONS, _SLIPS, _VARIANTS, _VARIANTS_IN_ALL = 8, 500, 16, 80


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found: `asked` telling words were looked for, `matched` of them are there, `in_title` in the title."""

    id: int
    score: float
    asked: int
    matched: int
    in_title: int


def person_scope(person: str) -> str:
    """Marks what this person may find."""
    return "p" + hashlib.blake2b(person.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def line_scope(line: str) -> str:
    """Marks what the agents of this line may find."""
    return "l" + hashlib.blake2b(line.encode(), digest_size=10).hexdigest()


def put(tx: Connection, corpus: str, id: int, *, title: str, body: str, scopes: Iterable[str]) -> None:
    """Make a text findable, in place of what stood under the same id; `scopes` are the marks one can ask for."""
    in_title, in_body = analysis.words(title), analysis.words(body)
    _learn(tx, corpus, in_title | in_body)
    stems_of_title, stems_of_body = _stems_of(in_title), _stems_of(in_body)
    row = {"id": id, "title": stems_of_title, "body": stems_of_body}
    if tx.dialect.name == "sqlite":
        tx.execute(_PUT_FTS5[corpus], {**row, "scope": " ".join(sorted(scopes))})
    else:
        tx.execute(_PUT_TSVECTOR[corpus], {**row, "words": _tsvector(stems_of_title, stems_of_body, scopes)})


def remove(tx: Connection, corpus: str, id: int) -> None:
    """Let a text no longer be found."""
    tx.execute((_REMOVE_FTS5 if tx.dialect.name == "sqlite" else _REMOVE_TSVECTOR)[corpus], {"id": id})


@dataclass(frozen=True, slots=True, kw_only=True)
class FindableTicket:
    """What a ticket is found by: its words, and for whom (its requester, and the agents of these lines)."""

    number: str
    title: str
    description: str
    resolution: str | None
    requester: str
    lines: Iterable[str]
    solved: bool


def index_ticket(tx: Connection, ticket_id: int, ticket: FindableTicket) -> None:
    """Make a ticket findable as it is now."""
    solved = (SOLVED,) if ticket.solved else ()
    scopes = [person_scope(ticket.requester), *map(line_scope, ticket.lines), *solved]
    title, body = f"{ticket.number} {ticket.title}", f"{ticket.description}\n{ticket.resolution or ''}"
    put(tx, TICKETS, ticket_id, title=title, body=body, scopes=scopes)


def find_tickets(
    tx: Connection, query: str, *, person: str | None, lines: Iterable[str], solved: bool = False, limit: int
) -> list[int]:
    """The ids of the best matching tickets that the person raised or that were at one of the lines, best first.

    `solved` asks for tickets with a resolution only. Where all the words are nowhere together, some of them do.
    """
    of_lines = [line_scope(line) for line in lines]
    theirs = frozenset([*([person_scope(person)] if person else ()), *of_lines])
    if not theirs:
        return []
    meant = _meant(tx, TICKETS, query)
    scopes = [theirs, frozenset([SOLVED])] if solved else [theirs]
    few = _few(tx, scopes) if meant and not of_lines else None  # a line has many: to count them would take long
    hits: list[Hit] = []
    for every in (True, False) if len(meant) <= _MOST_TOGETHER else (False,):
        if len(hits) < limit:
            seen = {hit.id for hit in hits}
            rows = few if few is not None else _matching(tx, TICKETS, meant, scopes, every=every)
            hits += [hit for hit in _ranked(rows, meant, every=every) if hit.id not in seen]
    return [hit.id for hit in hits[:limit]]


def find_articles(tx: Connection, query: str, *, scopes: Iterable[str]) -> list[Hit]:
    """What holds any word of the query and has one of the marks, best first, then newest.

    Those with all the words are looked at, and some of each word: a common one hides no article with a rare one.
    """
    meant, marks = _meant(tx, ARTICLES, query), [frozenset(scopes)]
    found: dict[int, Row[Any]] = {}
    for words in (meant, *([each] for each in meant)) if len(meant) > 1 else (meant,):
        found |= {row.id: row for row in _matching(tx, ARTICLES, words, marks, every=True)}
    return _ranked(list(found.values()), meant, every=False)


@dataclass(frozen=True, slots=True)
class _Meant:
    """A word asked for, and how well each of the stems that stand for it does so."""

    term: Term
    variants: dict[str, float]


def _matching(
    tx: Connection, corpus: str, meant: list[_Meant], scopes: Sequence[frozenset[str]], *, every: bool
) -> list[Row[Any]]:
    """The newest that hold every (or any) word and have a mark of each of `scopes`."""
    if not meant:
        return []
    wanted = _Wanted([sorted(each.variants) for each in meant], scopes, every)
    in_title, anywhere = LOOKED_AT[corpus]
    rows = {row.id: row for row in _rows(tx, corpus, wanted, title=True, limit=in_title)}
    rows |= {row.id: row for row in _rows(tx, corpus, wanted, title=False, limit=anywhere)}
    return list(rows.values())


def _few(tx: Connection, scopes: Sequence[frozenset[str]]) -> list[Row[Any]] | None:
    """Every ticket with these marks, where they are few: to find them among those with a word would take longer."""
    wanted = _Wanted([], scopes, every=True)
    asked = {"query": wanted.fts5() if tx.dialect.name == "sqlite" else wanted.tsquery(), "limit": FEW + 1}
    rows = tx.execute((_FIND_FTS5 if tx.dialect.name == "sqlite" else _FIND_TSVECTOR)[TICKETS], asked).all()
    return list(rows) if len(rows) <= FEW else None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One group of stems per word, any of which will do, and the marks."""

    groups: list[list[str]]
    scopes: Sequence[frozenset[str]]
    every: bool

    def fts5(self, *, title: bool = False) -> str:
        words = (" AND " if self.every else " OR ").join(f"({_any_quoted(group)})" for group in self.groups)
        marks = [f"scope : ({_any_quoted(sorted(scope))})" for scope in self.scopes]
        return " AND ".join([*marks, *([f"{'title' if title else '{title body}'} : ({words})"] if words else [])])

    def tsquery(self, *, title: bool = False) -> str:
        weight = ":A" if title else ""
        groups = (" | ".join(f"'{stem}'{weight}" for stem in group) for group in self.groups)
        words = (" & " if self.every else " | ").join(f"({group})" for group in groups)
        marks = (" | ".join(f"'@{mark}'" for mark in sorted(scope)) for scope in self.scopes)
        return " & ".join([*(f"({mark})" for mark in marks), *([f"({words})"] if words else [])])


def _any_quoted(tokens: Iterable[str]) -> str:
    return " OR ".join(f'"{token}"' for token in tokens)


def _rows(tx: Connection, corpus: str, wanted: _Wanted, *, title: bool, limit: int) -> Sequence[Row[Any]]:
    """The newest rows that match.

    PostgreSQL's index gives all that match before the newest of them are known, which for a common word is half the
    desk. Of a common word the newest thousand rows hold enough, though; the index is asked when they do not.
    """
    if tx.dialect.name == "sqlite":
        return tx.execute(_FIND_FTS5[corpus], {"query": wanted.fts5(title=title), "limit": limit}).all()
    asked = {"query": wanted.tsquery(title=title), "limit": limit}
    rows = tx.execute(_AMONG_NEWEST[corpus], {**asked, "window": WINDOW}).all()
    return rows if len(rows) * 4 >= limit else tx.execute(_FIND_TSVECTOR[corpus], asked).all()


def _ranked(rows: list[Row[Any]], meant: list[_Meant], *, every: bool) -> list[Hit]:
    """Those of the rows that hold every (or any) word, best first, then newest."""
    looked_at = [(row.id, _matches(set(row.title.split()), set(row.body.split()), meant)) for row in rows]
    found = [(id, matches) for id, matches in looked_at if (all if every else any)(matches)]
    rarity = [
        math.log(1 + (len(found) + 1) / (1 + sum(matches[n] > 0 for _, matches in found))) for n in range(len(meant))
    ]
    telling = [n for n, each in enumerate(meant) if each.term.is_telling]
    hits = [
        Hit(
            id=id,
            score=sum(weight * match for weight, match in zip(rarity, matches, strict=True)),
            asked=len(telling),
            matched=sum(matches[n] > 0 for n in telling),
            in_title=sum(matches[n] > 1 for n in telling),  # no match in a body weighs more than one
        )
        for id, matches in found
    ]
    return sorted(hits, key=lambda hit: (-round(hit.score, 6), -hit.id))


def _matches(title: set[str], body: set[str], meant: list[_Meant]) -> list[float]:
    """How well each word is there."""
    return [
        max(
            max((each.variants[stem] * _TITLE_WEIGHT for stem in each.variants.keys() & title), default=0.0),
            max((each.variants[stem] for stem in each.variants.keys() & body), default=0.0),
        )
        for each in meant
    ]


def _meant(tx: Connection, corpus: str, query: str) -> list[_Meant]:
    """For each word the stems that stand for it and how well: its own, those of a slip, those of compounds."""
    asked = analysis.terms(query, most=MOST_TERMS)
    if not asked:
        return []
    slips, compounds = _slips(tx, corpus, asked), _compounds(tx, corpus, asked)
    most = min(_VARIANTS, _VARIANTS_IN_ALL // len(asked))
    meant = []
    for term in asked:
        found = dict.fromkeys(sorted(term.stems), 1.0)
        for quality, words in ((_OF_SLIP, slips[term.word]), (_OF_COMPOUND, compounds[term.word])):
            for stem in (stem for word in words for stem in sorted(analysis.stems(word))):
                found.setdefault(stem, quality)
        meant.append(_Meant(term, dict(islice(found.items(), most))))
    return meant


def _slips(tx: Connection, corpus: str, asked: list[Term]) -> dict[str, list[str]]:
    """Known words that somebody may have meant who typed the one asked for."""
    left = {term.word: analysis.residues(term.word) for term in asked if analysis.allowed_edits(term.word)}
    found: dict[str, list[str]] = {term.word: [] for term in asked}
    if left:
        residues = sorted(set().union(*left.values()))
        near: dict[str, set[str]] = {}
        for residue, word in _by_residue(tx, corpus, residues):
            near.setdefault(residue, set()).add(word)
        for typed, its_own in left.items():
            known = sorted(set().union(*(near.get(residue, ()) for residue in its_own)) - {typed})
            found[typed] = [word for word in known if analysis.is_slip_of(typed, word)]
    return found


def _compounds(tx: Connection, corpus: str, asked: list[Term]) -> dict[str, list[str]]:
    """Words that begin or end with the one asked for, and words that it begins or ends with itself."""
    found: dict[str, list[str]] = {term.word: [] for term in asked}
    ranges: list[tuple[str, str, str]] = []  # the word asked for, the column, the beginning
    for term in asked:
        ranges += [(term.word, "word", start) for start in _beginnings(term)]
        if len(term.word) >= _LEAST_END:
            ranges.append((term.word, "backwards", term.word[::-1]))
    if ranges:
        values: dict[str, Any] = {"corpus": corpus}
        for n, (_, _, start) in enumerate(ranges):
            values |= {f"from{n}": start, f"below{n}": start[:-1] + chr(ord(start[-1]) + 1)}
        for n, word in tx.execute(_ranges(tuple(column for _, column, _ in ranges)), values):
            found[ranges[n][0]].append(word)
    if parts := set().union(*(_parts(term.word) for term in asked)):
        for word in _known(tx, corpus, parts):
            for term in asked:
                if word in _parts(term.word):
                    found[term.word].append(word)
    return found


_LEAST_BEGINNING, _LEAST_END = 4, 5


def _beginnings(term: Term) -> set[str]:
    starts = {stem for stem in term.stems if len(stem) >= _LEAST_END and term.word.startswith(stem)}
    return starts | ({term.word} if len(term.word) >= _LEAST_BEGINNING else set())


def _parts(word: str) -> set[str]:
    if len(word) <= _LEAST_BEGINNING + 3 or not word.isalpha():
        return set()
    beginnings = {word[:end] for end in range(_LEAST_BEGINNING, len(word) - 2)}
    return beginnings | {word[start:] for start in range(3, len(word) - _LEAST_END + 1)}


def _learn(tx: Connection, corpus: str, words: set[str]) -> None:
    """Keep the words that were never used before, and what is left of them when letters are missing."""
    changed = {stem for word in words for stem in analysis.stems(word) if not word.startswith(stem)}  # Passwörter
    spelt = {word for word in words | changed if len(word) >= _LEAST_BEGINNING - 1 and word.isalpha()}
    # in order, so that two who learn at once do not wait for each other
    new = sorted(spelt.difference(_known(tx, corpus, spelt)))[:MOST_LEARNT]
    if not new:
        return
    rows = [{"corpus": corpus, "word": word, "backwards": word[::-1]} for word in new]
    tx.execute(insert_new(tx.dialect.name, search_words), rows)
    left = [
        {"corpus": corpus, "residue": residue, "word": word}
        for word in new
        for residue in sorted(analysis.residues(word))
    ]
    tx.execute(insert_new(tx.dialect.name, search_typos), left)


def _known(tx: Connection, corpus: str, words: Iterable[str]) -> Sequence[str]:
    """Those of the words that occur already; all of them in one parameter, because so many are asked so often."""
    if tx.dialect.name == "sqlite":
        found = tx.execute(_KNOWN_IN_JSON, {"corpus": corpus, "words": orjson.dumps(sorted(words)).decode()})
    else:
        found = tx.execute(_KNOWN_IN_ARRAY, {"corpus": corpus, "words": sorted(words)})
    return found.scalars().all()


def _by_residue(tx: Connection, corpus: str, residues: Sequence[str]) -> Iterable[tuple[str, str]]:
    """What is left when letters are missing, and words of which it is; the first of them in order."""
    asked: dict[str, Any] = {"corpus": corpus, "residues": residues, "most": _SLIPS}
    if tx.dialect.name == "sqlite":
        found = tx.execute(_BY_RESIDUE_IN_JSON, {**asked, "residues": orjson.dumps(residues).decode()})
    else:
        found = tx.execute(_BY_RESIDUE_IN_ARRAY, asked)
    return ((row.residue, row.word) for row in found)


def _stems_of(words: Iterable[str]) -> str:
    return " ".join(sorted({stem for word in words for stem in analysis.stems(word)}))


def _tsvector(title: str, body: str, scopes: Iterable[str]) -> str:
    """The stems as PostgreSQL reads them, those of the title with the weight A."""
    others = [*body.split(), *(f"@{scope}" for scope in scopes)]
    return " ".join([*(f"'{stem}':1A" for stem in title.split()), *(f"'{stem}'" for stem in others)])


_KNOWN_IN_JSON = text(
    "SELECT word FROM search_words WHERE corpus = :corpus AND word IN (SELECT value FROM json_each(:words))"
)
# one look at the index for each word: before it has statistics, PostgreSQL would read all the words there are
_KNOWN_IN_ARRAY = text(
    "SELECT known.word FROM unnest(CAST(:words AS text[])) AS asked(word) CROSS JOIN LATERAL"
    " (SELECT word FROM search_words WHERE corpus = :corpus AND search_words.word = asked.word LIMIT 1) AS known"
)
_BY_RESIDUE_IN_JSON = text(
    "SELECT residue, word FROM search_typos"
    " WHERE corpus = :corpus AND residue IN (SELECT value FROM json_each(:residues))"
    " ORDER BY residue, word LIMIT :most"
)
# one look at the index for each residue: left to itself, PostgreSQL may read all of it to have them in order
_BY_RESIDUE_IN_ARRAY = text(
    "SELECT residue, word FROM unnest(CAST(:residues AS text[])) AS asked(residue) CROSS JOIN LATERAL"
    " (SELECT word FROM search_typos WHERE corpus = :corpus AND search_typos.residue = asked.residue"
    " ORDER BY word LIMIT :most) AS near LIMIT :most"
)


def _ranges(columns: tuple[str, ...]) -> TextClause:
    """One statement for all beginnings: how many there are is bounded by how many words are looked for."""
    each = (
        f"SELECT * FROM (SELECT {n} AS n, word FROM search_words WHERE corpus = :corpus"  # noqa: S608
        f" AND {column} >= :from{n} AND {column} < :below{n} ORDER BY {column} LIMIT {_COMPLETIONS}) AS r{n}"
        for n, column in enumerate(columns)
    )
    return text(" UNION ALL ".join(each))


def _per_corpus(statement: str) -> Mapping[str, TextClause]:
    return {corpus: text(statement.replace("{table}", f"{corpus}_search")) for corpus in (ARTICLES, TICKETS)}


_PUT_FTS5 = _per_corpus(
    "INSERT OR REPLACE INTO {table} (rowid, title, body, scope) VALUES (:id, :title, :body, :scope)"
)
_REMOVE_FTS5 = _per_corpus("DELETE FROM {table} WHERE rowid = :id")
_FIND_FTS5 = _per_corpus(
    "SELECT rowid AS id, title, body FROM {table} WHERE {table} MATCH :query ORDER BY rowid DESC LIMIT :limit"
)
_PUT_TSVECTOR = _per_corpus(
    "INSERT INTO {table} (id, title, body, words) VALUES (:id, :title, :body, CAST(:words AS tsvector))"
    " ON CONFLICT (id) DO UPDATE SET title = excluded.title, body = excluded.body, words = excluded.words"
)
_REMOVE_TSVECTOR = _per_corpus("DELETE FROM {table} WHERE id = :id")
_AMONG_NEWEST = _per_corpus(
    "SELECT id, title, body FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT :window) AS newest"
    " WHERE words @@ CAST(:query AS tsquery) LIMIT :limit"
)
_FIND_TSVECTOR = _per_corpus(
    "WITH found AS MATERIALIZED (SELECT id FROM {table} WHERE words @@ CAST(:query AS tsquery)),"
    " newest AS (SELECT id FROM found ORDER BY id DESC LIMIT :limit)"
    " SELECT id, title, body FROM {table} JOIN newest USING (id)"
)
