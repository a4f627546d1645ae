"""Intake: what complainants say, what they are shown, and the content that offices may have."""

import asyncio
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from intake.api import directory, offices, people
from intake.citizens import Citizens
from intake.contents import Holder
from intake.drafts import Drafts
from intake.filings import is_on_portal
from intake.pages import filing, following, start
from intake.reactions import RecordNotices
from intake.receipts import Receipts
from intake.reception import Reception
from ombudslink.log import HISTORY
from ombudslink.proof.signing import load_secret
from ombudslink.runtime.projections import Following
from ombudslink.runtime.service import Parts, Service, Setting
from ombudslink.store.vault import Vault
from ombudslink.web import assets
from ombudslink.web.app import serve
from ombudslink.web.limits import Limiter
from ombudslink.web.pages import Site


def create(setting: Setting) -> FastAPI:
    """The service's application."""
    service = Service("intake", setting)
    vault = Vault(load_secret(setting.keys / "vault.key"))
    code_key = load_secret(setting.keys / "code.key")
    service.parts = Parts(
        topics=[HISTORY],
        following=Following(reactions=[RecordNotices(service.sender, is_on_portal)]),
        migrations=Path(__file__).parent / "migrations" / "versions",
        prepare=partial(asyncio.to_thread, setting.vocabulary.prepare),
    )
    app = serve(
        service,
        people.router,
        directory.router,
        offices.router,
        assets.router,
        filing.router,
        following.router,
        start.router,
    )
    app.state.site = Site("intake", setting.policy, door="status/door.html")
    app.state.drafts = Drafts(service)
    app.state.holder = Holder(service, vault)
    app.state.receipts = Receipts(service, app.state.holder, code_key)
    app.state.reception = Reception(service, vault, code_key, app.state.receipts)
    app.state.limiter = Limiter()
    app.state.citizens = Citizens(service, vault, code_key, app.state.limiter)
    return app
