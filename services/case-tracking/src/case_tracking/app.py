"""Case-tracking: one office's inbox, its acts, and its own copy of histories and content."""

from pathlib import Path

from fastapi import FastAPI

from case_tracking import pages
from case_tracking.api import acting, inspecting, inspections, reading, receipts
from case_tracking.cases import Cases
from case_tracking.clerk import Clerk, owed
from case_tracking.copies import Copier
from case_tracking.desk import Desk
from case_tracking.entrance import Entrance
from case_tracking.joint.desk import JointDesk
from case_tracking.joint.files import Files
from case_tracking.joint.pages import router as joint_pages
from case_tracking.joint.reports import Reports
from case_tracking.joint.sheets import Sheets
from case_tracking.officers import Officers
from case_tracking.projections.inbox import Inbox
from case_tracking.projections.inspections import Inspections
from case_tracking.reactions import (
    KeepNumbers,
    OweReceipt,
    OweRegistration,
    WantContent,
    WantJointContent,
)
from case_tracking.register import Register
from ombudslink.offices import ConfigurationError
from ombudslink.proof.signing import load_secret
from ombudslink.runtime.projections import Following
from ombudslink.runtime.service import Parts, Service, Setting
from ombudslink.store.vault import Vault
from ombudslink.web import assets
from ombudslink.web.app import serve
from ombudslink.web.cursors import Cursors
from ombudslink.web.limits import Limiter
from ombudslink.web.pages import Site


def create(setting: Setting) -> FastAPI:
    """The service's application for one office."""
    office = setting.policy.office(setting.participant)
    if office is None:
        raise ConfigurationError(f"'{setting.participant}' is not a configured office")
    service = Service("case-tracking", setting)
    vault = Vault(load_secret(setting.keys / "vault.key"))
    secret = load_secret(setting.keys / "code.key")
    register = Register(office.prefix, setting.policy.calendar)
    clerk = Clerk(service, register)
    service.parts = Parts(
        following=Following(
            [Inbox(office.id)],
            [
                KeepNumbers(office.id, register),
                OweReceipt(office.id),
                OweRegistration(office.id),
                WantContent(office.id),
            ],
            inspection_projections=[Inspections(office.id)],
            inspection_reactions=[WantJointContent(office.id)],
        ),
        migrations=Path(__file__).parent / "migrations" / "versions",
        tasks={"copier": Copier(service, vault).run, "clerk": clerk.run},
        prepare=clerk.listen,
        owed=owed,
    )
    app = serve(
        service,
        reading.router,
        acting.router,
        inspections.router,
        inspecting.router,
        receipts.router,
        assets.router,
        pages.router,
        joint_pages,
    )
    app.state.cases = Cases(service, vault)
    app.state.files = Files(service, vault)
    app.state.sheets = Sheets(service, vault)
    app.state.desk = Desk(service, register, clerk, Officers(secret), secret)
    app.state.reports = Reports(service, vault)
    app.state.joint_desk = JointDesk(service, Officers(secret), app.state.reports, secret)
    app.state.cursors = Cursors(secret)
    app.state.entrance = Entrance(setting, secret)
    app.state.limiter = Limiter()
    app.state.site = Site("case_tracking", setting.policy, door="door.html", office=office)
    return app
