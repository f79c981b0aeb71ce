"""What an admin decides about: messages that did not arrive, and what the desk itself left undone."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from microsoft_teams.cards.core import Action, ActionSet, CardElement, Container

from app.cards import text
from app.cards.parts import Card, card, execute, fitted, heading, label, run, runs
from app.domain.verbs import DROP, RETRY
from app.domain.views import Delivery, PassedOver
from app.i18n import Text

MOST_SHOWN = 10


def deliveries(
    items: Sequence[Delivery], t: Text, zone: tzinfo, *, total: int = 0, absent: Sequence[PassedOver] = ()
) -> Card:
    """Undeliverable messages with the reason, oldest first as given; `total` counts those not given, too. Below it
    whoever is `absent` and was passed over: nothing to decide, but good to know.
    """
    title = t("admin.title")

    def build(room: int) -> Card:
        shown = items[: MOST_SHOWN if room > 500 else MOST_SHOWN // 2]
        if not shown:
            nothing: list[CardElement] = [heading(title, size="Large"), runs(run(f"✓ {t('admin.empty')}"))]
            return card([*nothing, *_absent(absent, t, zone)], fallback=title)
        body: list[CardElement] = [
            heading(title, size="Large"),
            runs(run(t("admin.hint"), subtle=True), spacing="None"),
            *(_item(item, t, zone) for item in shown),
        ]
        if rest := max(total, len(items)) - len(shown):
            body.append(runs(run(t("admin.more", count=rest), subtle=True)))
        return card([*body, *_absent(absent, t, zone)], fallback=title)

    return fitted(build)


def _absent(absent: Sequence[PassedOver], t: Text, zone: tzinfo) -> list[CardElement]:
    if not absent:
        return []
    said = [(each, ", ".join(text.name(who.name or who.id) for who in each.people)) for each in absent[:MOST_SHOWN]]
    return [
        label(t("admin.absent")),
        *(
            runs(
                run(each.number, bold=True),
                run(f"  {t('admin.absent_item', names=names, moment=t.moment(each.at, zone))}"),
                spacing="Small",
            )
            for each, names in said
        ),
    ]


def alarm(fault: str, count: int, example: str | None, since: datetime, t: Text, zone: tzinfo) -> str:
    """What the auditor found: what stands still, since when, one example, and what to do."""
    what, do = t(f"alarm.{fault}", count=count, example=example), t(f"alarm.do.{fault}", example=example)
    return t("alarm.says", what=what, moment=t.moment(since, zone), do=do)


def _item(item: Delivery, t: Text, zone: tzinfo) -> CardElement:
    what, reason = what_of(item, t), reason_of(item, t)
    state = _named(f"delivery.state.{item.state}", "delivery.what.unknown", item.state, t)
    to = t("admin.to", recipient=text.name(item.recipient)) if item.recipient else ""
    facts = (state, t("admin.since", moment=t.moment(item.created_at, zone)), t("admin.attempts", count=item.attempts))
    data = {"delivery": item.id}
    buttons: list[Action] = [execute(t("action.retry"), RETRY, data), execute(t("action.drop"), DROP, data)]
    number = f"⊘ {t('list.confidential')}" if item.is_confidential else item.number
    first = [run(number, bold=True), run("  ")] if number else []
    return Container(
        items=[
            runs(*first, run(f"{what} {to}".strip(), bold=True)),
            runs(run(f"⚠ {t('admin.reason', reason=reason)}"), spacing="None"),
            runs(run(" · ".join(facts), subtle=True, size="Small"), spacing="None"),
            ActionSet(actions=buttons, spacing="Small"),
        ],
        separator=True,
        spacing="Medium",
    )


def what_of(item: Delivery, t: Text) -> str:
    """What kind of message it is."""
    told = "thread" if item.what.startswith("thread_") else item.what
    return _named(f"delivery.what.{told}", "delivery.what.unknown", item.what, t)


def reason_of(item: Delivery, t: Text) -> str:
    """Why it did not arrive."""
    code = item.reason or "none"
    if code.startswith("http_"):
        return t("delivery.reason.http", code=text.name(code.removeprefix("http_")))
    return _named(f"delivery.reason.{code}", "delivery.reason.unknown", code, t)


def _named(key: str, otherwise: str, code: str, t: Text) -> str:
    """The catalogue's words for a code, or the code itself where there are none yet."""
    return t(key) if t.has(key) else t(otherwise, code=text.name(code))
