"""Answers the page of an order on many things: its progress, its problems, and the order to stop it."""

from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from console.web.sign_in.pages import local_path
from vedette.admin.bulk.bulk_orders import get_bulk_job, stop_bulk_job
from vedette.store.console.bulk_jobs import BulkJob


async def _show(request: ConsoleRequest) -> Response:
    job = await _job(request)
    return request.render("job.html", job=job, back=local_path(job.back))


async def _stop(request: ConsoleRequest) -> Response:
    job = await _job(request)
    if not await stop_bulk_job(request.admin, job.id):
        return request.redirect(f"/jobs/{job.id}", "It had ended already.", is_problem=True)
    return request.redirect(f"/jobs/{job.id}", "It stops after the present step; what was done stays done.")


async def _job(request: ConsoleRequest) -> BulkJob:
    job = await get_bulk_job(request.admin, request.parts["job"])
    if job is None:
        raise NoSuchPageError("There is no such order any more: the audit has all orders.")
    return job


ROUTES: Final = (
    ConsoleRoute("GET", "/jobs/{job}", _show),
    ConsoleRoute("POST", "/jobs/{job}/stop", _stop, "operator"),
)
