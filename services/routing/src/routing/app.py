"""Routing: the registrar, the legal clocks, and the competence rules."""

import os
import socket
from pathlib import Path

from fastapi import FastAPI

from ombudslink.proof.signing import load_secret
from ombudslink.runtime.service import Parts, Service, Setting
from ombudslink.web.app import serve
from ombudslink.web.cursors import Cursors
from routing import api, api_events, reactions
from routing.clock import LegalClock
from routing.competence import load_competence
from routing.partitions import Partitions
from routing.registrar import Registrar
from routing.subscriptions import Subscriptions

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"


def create(setting: Setting) -> FastAPI:
    """The service's application."""
    service = Service("routing", setting)
    competence = load_competence(
        setting.configuration, setting.policy.country, setting.policy, setting.vocabulary
    )
    following = reactions.following(competence, service.sender)
    registrar = Registrar(setting.policy, setting.ring, service.states, following)
    partitions = Partitions(_instance(), service.database, setting.log, registrar)
    clock = LegalClock(service.database, setting.log, service.sender, partitions, setting.now)
    service.parts = Parts(
        following=following,
        migrations=MIGRATIONS,
        tasks={"registrar": partitions.run, "clock": clock.run},
        counts=partitions.counts,
        stopped=partitions.stopped,
    )
    app = serve(service, api.router, api_events.router)
    app.state.competence = competence
    app.state.partitions = partitions
    app.state.clock = clock
    cursors = Cursors(load_secret(setting.keys / "code.key"))
    app.state.subscriptions = Subscriptions(setting.log, cursors)
    return app


def _instance() -> str:
    """This process among those that share the database, by which it holds its leases."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"
