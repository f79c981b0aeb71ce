"""What the auditor looks at, with statements that share nothing with the code that does the work."""

from app.store.audit import LATE as LATE
from app.store.audit import Fault as Fault
from app.store.audit import Finding as Finding
from app.store.audit import Timed as Timed
from app.store.audit import database_clock as database_clock
from app.store.audit import first_to_tell as first_to_tell
from app.store.audit import look as look
from app.store.audit import sample as sample
