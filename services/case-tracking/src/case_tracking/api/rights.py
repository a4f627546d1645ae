"""The rights of this service's routes: those of `web.access`, for this office's people only."""

from typing import Annotated

from fastapi import Depends, Header, Request

from ombudslink.values import Code
from ombudslink.web.access import Principal, Right, Scope
from ombudslink.web.problems import Problem


class OfficeRight(Right):
    """A route's right: the caller's key must be this office's own and have this scope."""

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
            Problem: no key, another office's, or one without the scope.
        """
        caller = super().__call__(request, authorization, actor)
        if caller.participant != request.app.state.service.participant:
            raise Problem("not_entitled")
        return caller


Reading = Annotated[Principal, Depends(OfficeRight(Scope.READ))]
Acting = Annotated[Principal, Depends(OfficeRight(Scope.ACT))]
