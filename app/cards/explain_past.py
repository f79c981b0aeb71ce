"""A ticket's history in sentences: one for each entry, with what changed and what was written."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from app.cards import text
from app.cards.story import because
from app.domain.clocks import WHOLE, Clock
from app.domain.explanation import Change, Happened
from app.domain.people import Person
from app.domain.ticket import OfferCause
from app.domain.verbs import SUBMIT, Verb
from app.domain.views import LineView
from app.i18n import Text

LONGEST_QUOTE = 160
NOTHING = "–"


class Told(NamedTuple):
    """An entry: a sentence, and what belongs to it, each on one line."""

    sentence: str
    details: tuple[str, ...] = ()


def happened(entry: Happened, t: Text, zone: tzinfo) -> Told:
    """What an entry of the history tells its reader; a code nobody has words for yet stands for itself."""
    key = _key(entry, t)
    details = (_changes(entry.changes, t), *_written(entry.data, t, zone), _by(entry.data, t))
    return Told(t(key, **_values(entry, t, zone)), tuple(each for each in details if each))


def _key(entry: Happened, t: Text) -> str:
    key = f"explain.event.{entry.code}"
    if "percent" in entry.data and entry.data["percent"] >= WHOLE:
        key = f"{key}_late"
    return key if t.has(key) else "explain.event.other"


_REASONS: Mapping[str, str] = {
    Verb.PEND.value: "pending",
    Verb.ESCALATE.value: "escalation",
    Verb.RETURN.value: "return",
    Verb.NUDGE.value: "nudge",
}


def _values(entry: Happened, t: Text, zone: tzinfo) -> dict[str, object]:
    data = entry.data
    family, reason = _REASONS.get(entry.code), data.get("reason")
    line = next((each for each in (data.get("to"), data.get("line")) if isinstance(each, LineView)), None)
    return {
        "name": person(entry.actor),
        "code": text.name(entry.code),
        "line": line_name(line, t) if line else "?",
        "names": listed(data["to"]) if isinstance(data.get("to"), Sequence) else "?",
        "reason": t(f"{family}.{reason}") if family and reason else "",
        "number": data.get("number", ""),
        "priority": t(f"priority.{data['priority']}") if entry.code == SUBMIT else "",
        "rating": t(f"rating.{data['rating']}") if "rating" in data else "",
        "clock": t(f"clock.{data['clock']}") if "clock" in data else "",
        "percent": data.get("percent", WHOLE),
        "due": t.moment(datetime.fromisoformat(data["due"]), zone) if "clock" in data else "",
        "cause": cause(str(data["cause"]), t) if "cause" in data else "",
        "what": t(f"count.{data['count']}", count=data["times"]) if "times" in data else "",
    }


def cause(code: str, t: Text) -> str:
    """What a ping is about, in a word or two."""
    return t(f"clock.{code}") if code in set(Clock) else t(f"explain.cause.{code}")


def person(who: Person) -> str:
    """The person's name; the id of somebody the desk never met."""
    return text.name(who.name or who.id)


def listed(people: Sequence[Person]) -> str:
    """The names of several people."""
    return ", ".join(map(person, people)) or NOTHING


def line_name(line: LineView, t: Text) -> str:
    """The line's name in the reader's language."""
    return text.name(line.label.text(t.language))


def quoted(words: str, t: Text) -> str:
    """What somebody wrote, cut to one line."""
    return t("explain.quote", text=text.one_line(words, LONGEST_QUOTE))


_SHOWN = ("status", "line", "assignee", "priority", "category", "kind", "urgency", "impact", "title")
_CODES = ("status", "priority", "kind", "urgency", "impact")


def _changes(changes: Sequence[Change], t: Text) -> str:
    """What changed, old → new; of a description only that it did."""
    shown = [
        t("explain.change", what=t(f"explain.property.{each.name}"), old=_value(each.old, each.name, t), new=new)
        for each in changes
        if each.name in _SHOWN
        for new in [_value(each.new, each.name, t)]
    ]
    described = [t("explain.described") for each in changes if each.name == "description"]
    return " · ".join([*shown, *described])


def _value(value: Any, name: str, t: Text) -> str:
    match value:
        case None | "":
            return NOTHING
        case Person():
            return person(value)
        case LineView():
            return line_name(value, t)
        case str() if name in _CODES:
            return t(f"{name}.{value}")
        case str():
            return text.name(value)
        case _:
            return text.name(str(value.text(t.language)))


_TEXTS: Mapping[str, str] = {
    "tried": "offer.tried",
    "needed": "offer.needed",
    "business_impact": "line.business_impact",
    "advice": "explain.advice",
    "guide": "explain.guide",
}


def _written(data: Mapping[str, Any], t: Text, zone: tzinfo) -> list[str]:
    """What people wrote, and the day until which something waits."""
    found = [quoted(data["text"], t)] if data.get("text") else []
    found += [f"{t(key)}: {quoted(data[name], t)}" for name, key in _TEXTS.items() if data.get(name)]
    if data.get("absent"):
        found.append(t("explain.absent", names=listed(data["absent"])))
    if data.get("because"):
        found.append(because(OfferCause.from_json(data["because"]), t, zone))
    if data.get("gravity"):
        found.append(f"{t('line.gravity')}: {t('gravity.' + data['gravity'])}")
    if data.get("prevention"):
        found.append(prevention(data["prevention"], data["owner"], date.fromisoformat(data["due"]), t))
    if data.get("until"):
        found.append(t("explain.until", date=t.date(date.fromisoformat(data["until"]))))
    return found


def prevention(words: str, owner: Person, due: date, t: Text) -> str:
    """A preventive action on one line."""
    return t("explain.prevention", text=quoted(words, t), name=person(owner), date=t.date(due))


def _by(data: Mapping[str, Any], t: Text) -> str:
    """Whom a step told, and by which rule."""
    if "tell" not in data:
        return ""
    number = data.get("rule")
    rule = t("explain.rule.number", rule=number) if number else t("explain.rule.every_desk")
    names = ", ".join(person(who) if isinstance(who, Person) else t(f"explain.role.{who}") for who in data["tell"])
    return t("explain.told", names=names, rule=rule) if names else rule
