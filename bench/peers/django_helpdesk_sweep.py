"""The peer: django-helpdesk's `escalate_tickets`, timed in-process: `… prepare | sweep`, the file in BENCH_DATABASE.

*prepare* makes 100,000 open tickets in one queue, every hundredth of them due. *sweep* makes these due again and prints
the seconds of one run of the command, and of another that finds nothing due. Starting Django, loading its pages and
reading the templates once are not timed.

Per due ticket the command saves the ticket, renders one e-mail from templates in the database (to who raised it; nobody
is assigned and nobody else wants to know), saves the ticket again with a follow-up, and notes the change of priority.
Each save is a transaction of its own.
"""

import json
import os
import sys
import time
from datetime import timedelta

import django
from django.core.management import call_command
from django.utils import timezone

OPEN = 100_000
DUE_EVERY = 100
ESCALATE_DAYS = 3
PRIORITY = 3
FIRST_ID = 1


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "django_helpdesk_settings"
    django.setup()
    {"prepare": prepare, "sweep": sweep}[sys.argv[1]]()


def prepare() -> None:
    from helpdesk.models import Queue, Ticket

    call_command("migrate", verbosity=0)
    queue = Queue.objects.create(
        title="IT-Service", slug="it", email_address="it@bench.invalid", escalate_days=ESCALATE_DAYS, locale="en"
    )
    tickets = (
        Ticket(
            id=FIRST_ID + n,
            queue=queue,
            title=f"VPN bricht ab, Fall {n:07}",
            description=f"Seit heute Morgen trennt sich die Verbindung alle paar Minuten. Rechner {n:07}.",
            submitter_email=f"requester-{n}@bench.invalid",
            priority=PRIORITY,
        )
        for n in range(OPEN)
    )
    Ticket.objects.bulk_create(tickets, batch_size=5000)


def sweep() -> None:
    due = [FIRST_ID + n for n in range(0, OPEN, DUE_EVERY)]
    make_due(due[:1])
    call_command("escalate_tickets")
    make_due(due)
    seconds = timed()
    check(due)
    print(json.dumps({"seconds": seconds, "seconds_nothing_due": timed()}))


def make_due(ids: list[int]) -> None:
    """Make these tickets due and no others, as if nothing had ever been escalated."""
    from helpdesk.models import FollowUp, Ticket

    now = timezone.now()
    FollowUp.objects.all().delete()
    Ticket.objects.update(created=now - timedelta(hours=1), last_escalation=None, priority=PRIORITY)
    Ticket.objects.filter(id__in=ids).update(created=now - timedelta(days=10 * ESCALATE_DAYS))


def timed() -> float:
    started = time.perf_counter()
    call_command("escalate_tickets")
    return time.perf_counter() - started


def check(ids: list[int]) -> None:
    """See that it did its work: each due ticket, and no other, is one priority higher and somebody was told."""
    from helpdesk.models import FollowUp, Ticket

    escalated = list(Ticket.objects.filter(priority=PRIORITY - 1).values_list("id", flat=True))
    told = FollowUp.objects.exclude(email_recipients=[]).exclude(email_recipients=None).count()
    if escalated != ids or told != len(ids):
        sys.exit(f"escalated {len(escalated)} tickets and told {told} people of {len(ids)}")


if __name__ == "__main__":
    main()
