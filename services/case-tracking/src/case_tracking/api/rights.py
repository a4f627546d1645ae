"""The rights of this service's routes: those of `web.access`, for this office's people only."""

from typing import Annotated

from fastapi import Depends, Header, Request

from ombudslink.proof.chain import digest
from ombudslink.runtime.service import Service
from ombudslink.values import Code
from ombudslink.web.access import Principal, Right, Scope, bearer
from ombudslink.web.limits import Limiter
from ombudslink.web.middleware import RATE
from ombudslink.web.problems import Problem


class OfficeRight(Right):
    """A route's right: the caller's key must be this office's own and have this scope."""

    refuses = (*Right.refuses, "not_entitled", "too_many_requests")

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.stated = f"{scope}, of this office"

    def __call__(
        self,
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        actor: Annotated[Code | None, Header(alias="Ombudslink-Actor")] = None,
    ) -> Principal:
        """The caller.

        Raises:
            Problem: no key, another office's, one without the scope, or one that is used too often.
        """
        caller = super().__call__(request, authorization, actor)
        service: Service = request.app.state.service
        if caller.participant != service.participant:
            raise Problem("not_entitled")
        if RATE not in request.scope:
            # A request with a body is let in before that is read, and then once more.
            limiter: Limiter = request.app.state.limiter
            often = service.setting.rates.requests_per_minute
            limiter.take(request, "key", often, digest(bearer(authorization).encode()))
        return caller


Reading = Annotated[Principal, Depends(OfficeRight(Scope.READ))]
Acting = Annotated[Principal, Depends(OfficeRight(Scope.ACT))]
