"""`/api/jobs`: indexing, and what becomes of it."""

import asyncio
from collections.abc import AsyncIterable

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

from inkseek.server.jobs import ACTIVE, Jobs
from inkseek.server.library_schema import Job, JobRequest
from inkseek.server.service import EVENTS, Service

LOOK_SECONDS = 0.2
"""Between two looks at what happened to the jobs."""


def make_router(service: Service) -> APIRouter:
    """The routes of jobs."""
    router = APIRouter(tags=["library"])
    jobs = service.jobs

    @router.post("/api/jobs", status_code=202)
    def start_job(request: JobRequest) -> Job:
        """Start a job; there is one at a time."""
        return jobs.start(request.kind, request.folders)

    @router.get("/api/jobs")
    def list_jobs() -> list[Job]:
        """The jobs since the service started, the oldest first."""
        return jobs.describe_all()

    @router.get(EVENTS, response_class=EventSourceResponse)
    async def watch_jobs() -> AsyncIterable[ServerSentEvent]:
        """Events `progress` (a job) and `quarantined` (job, path, reason) until one goes away.

        The first are the present state of each job that runs or is paused.
        """
        async for event in _follow(jobs):
            yield event

    @router.get("/api/jobs/{job_id}")
    def show_job(job_id: str) -> Job:
        """One job."""
        return jobs.get(job_id)

    @router.post("/api/jobs/{job_id}/pause")
    def pause_job(job_id: str) -> Job:
        """Stop after the commit at hand; while it is paused, no other process can index."""
        return jobs.pause(job_id)

    @router.post("/api/jobs/{job_id}/resume")
    def resume_job(job_id: str) -> Job:
        """Go on with a paused job."""
        return jobs.resume(job_id)

    @router.post("/api/jobs/{job_id}/cancel")
    def cancel_job(job_id: str) -> Job:
        """End a job after the commit at hand; what it committed stays."""
        return jobs.cancel(job_id)

    return router


async def _follow(jobs: Jobs) -> AsyncIterable[ServerSentEvent]:
    number = jobs.last_event
    for job in jobs.describe_all():
        if job.state in ACTIVE:
            yield ServerSentEvent(data=job, event="progress", id=str(number))
    while True:
        for event in jobs.events_after(number):
            number = event.number
            yield ServerSentEvent(data=event.data, event=event.name, id=str(number))
        await asyncio.sleep(LOOK_SECONDS)
