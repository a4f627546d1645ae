"""Reporting: what the histories say in figures, by office, kind, outcome, region and month."""

from fastapi import FastAPI

from ombudslink.log import HISTORY
from ombudslink.runtime.service import Parts, Service, Setting
from ombudslink.web.app import serve
from reporting import api
from reporting.projections.facts import Facts
from reporting.publishing import Publisher


def create(setting: Setting) -> FastAPI:
    """The service's application."""
    service = Service("reporting", setting)
    service.parts = Parts(topics=[HISTORY], projections=[Facts(setting.policy.calendar)])
    app = serve(service, api.router)
    app.state.publisher = Publisher(service.database)
    return app
