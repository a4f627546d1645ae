"""Reporting: what the histories say in figures, by office, kind, outcome, region and month."""

from typing import Final

from fastapi import FastAPI

from ombudslink.log import HISTORY
from ombudslink.runtime.projections import Following
from ombudslink.runtime.service import Parts, Service, Setting
from ombudslink.web import assets
from ombudslink.web.app import serve
from ombudslink.web.pages import Site
from reporting import api, pages
from reporting.projections.facts import Facts
from reporting.projections.inspections import Inspections
from reporting.publishing import Publisher

MOST_PICTURES: Final = 80
"""Pages and pictures that may wait; a browser asks for all the pictures of a page at once."""


def create(setting: Setting) -> FastAPI:
    """The service's application."""
    service = Service("reporting", setting)
    calendar = setting.policy.calendar
    following = Following([Facts(calendar)], inspection_projections=[Inspections(calendar)])
    service.parts = Parts(topics=[HISTORY], following=following)
    app = serve(service, api.router, assets.router, pages.router)
    app.state.site = Site("reporting", setting.policy)
    app.state.publisher = Publisher(service.database)
    app.state.pictures = Publisher(service.database, MOST_PICTURES)
    return app
