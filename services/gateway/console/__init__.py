"""The web console: server-rendered pages in Vietnamese and English, usable by keyboard alone, without outside hosts.

How a page is added (three files, nothing to register):

1. `pages/<page>.py` with `router = APIRouter()` and functions such as

       @router.get(HERE + "/su-co")
       async def incidents(visit: Annotated[Visit, Depends(here)]) -> Response:
           visit.require(Action.READ_PROGRESS)
           found = await visit.ask(IncidentsOf(election=visit.election, unit=visit.unit), Incidents)
           return visit.page("su-co.html", incidents=found.incidents)

   `here` resolves `/{election}/{unit}` (404 page when there is none), signs in (redirect to `/vao` when nobody is),
   and knows the person, the unit's title and breadcrumbs, the election's own time. `visit.ask` raises the service's
   Refusal, which becomes a page by itself; catch only what the page can show better. Forms: `form = await visit.form()`
   checks the form's mark and size; `numbers.typed("1.286")` reads a number as people type it. After a successful POST
   answer `visit.go("/…")` (303).
2. `templates/pages/<page>.html` extending `frame.html`, with the macros of `templates/macros/` (one a component of the
   console's brief). Live regions: any element with an id and `data-live` is refreshed in place when something changed
   at or below the unit; forms and what holds the focus are left alone.
3. `catalogues/en/<page>.po`: the English of every `t("…")` of the page; Vietnamese is the text itself.

The rail shows an entry as soon as a page with its section exists and the person may act on it (`rail.py`).
"""
