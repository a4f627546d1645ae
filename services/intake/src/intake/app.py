"""Intake: what complainants say, what they are shown, and the content that offices may have."""

from pathlib import Path

from fastapi import FastAPI

from intake.api import directory, offices, people
from intake.citizens import Citizens
from intake.contents import Holder
from intake.reactions import RecordNotices
from intake.reception import Reception
from ombudslink.log import HISTORY
from ombudslink.proof.signing import load_secret
from ombudslink.runtime.service import Parts, Service, Setting
from ombudslink.store.vault import Vault
from ombudslink.web.app import serve
from ombudslink.web.limits import Limiter


def create(setting: Setting) -> FastAPI:
    """The service's application."""
    service = Service("intake", setting)
    vault = Vault(load_secret(setting.keys / "vault.key"))
    code_key = load_secret(setting.keys / "code.key")
    service.parts = Parts(
        topics=[HISTORY],
        reactions=[RecordNotices(service.sender)],
        migrations=Path(__file__).parent / "migrations" / "versions",
    )
    app = serve(service, people.router, directory.router, offices.router)
    app.state.reception = Reception(service, vault, code_key)
    app.state.citizens = Citizens(service, vault, code_key)
    app.state.holder = Holder(service, vault)
    app.state.limiter = Limiter()
    return app
