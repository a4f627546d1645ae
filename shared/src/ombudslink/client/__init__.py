"""Talking to a running platform from Python, as a person, an office, a body's system or anybody.

Whatever may be repeated without another effect is repeated when an answer is lost; acts carry an
idempotency key for that.
"""

from ombudslink.client.agency import Agency
from ombudslink.client.connection import Seen, Unanswered
from ombudslink.client.office import Office
from ombudslink.client.person import Person, Receipt
from ombudslink.client.public import Public

__all__ = ["Agency", "Office", "Person", "Public", "Receipt", "Seen", "Unanswered"]
