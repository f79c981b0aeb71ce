"""Which replica does the work that only one may do at a time, and which ones are alive."""

from app.store.leases import hold as hold
from app.store.leases import lead as lead
from app.store.leases import step_down as step_down
