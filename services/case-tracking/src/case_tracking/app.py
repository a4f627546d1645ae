"""Case-tracking: one office's inbox, its acts, and its own copy of histories and content."""

from pathlib import Path

from fastapi import FastAPI

from case_tracking.api import acting, reading
from case_tracking.cases import Cases
from case_tracking.copies import Copier
from case_tracking.desk import Desk
from case_tracking.projections.inbox import Inbox
from case_tracking.reactions import ConfirmReceipt, RegisterOwnComplaints, WantContent
from case_tracking.register import Register
from ombudslink.offices import ConfigurationError
from ombudslink.proof.signing import load_secret
from ombudslink.runtime.service import Parts, Service, Setting
from ombudslink.store.vault import Vault
from ombudslink.web.app import serve
from ombudslink.web.cursors import Cursors


def create(setting: Setting) -> FastAPI:
    """The service's application for one office."""
    office = setting.policy.office(setting.participant)
    if office is None:
        raise ConfigurationError(f"'{setting.participant}' is not a configured office")
    service = Service("case-tracking", setting)
    vault = Vault(load_secret(setting.keys / "vault.key"))
    secret = load_secret(setting.keys / "code.key")
    register = Register(office.prefix, setting.policy.calendar)
    service.parts = Parts(
        projections=[Inbox(office.id)],
        reactions=[
            ConfirmReceipt(service.sender, register),
            RegisterOwnComplaints(service.sender, register),
            WantContent(office.id),
        ],
        migrations=Path(__file__).parent / "migrations" / "versions",
        tasks={"copier": Copier(service, vault).run},
    )
    app = serve(service, reading.router, acting.router)
    app.state.cases = Cases(service, vault)
    app.state.desk = Desk(service, register, secret)
    app.state.cursors = Cursors(secret)
    return app
