"""The pages for staff: an application of its own, with its own address, cookies, logins and role in PostgreSQL.

How a page is added:

1. Its right is a `StaffAction` in `vad.domain.staff`; who holds it stands in `RIGHTS` there.
2. Its use case is a service that takes the `StaffMember` and calls `check(member, action, concerning)` itself, before
   it changes anything. It is a member of `AdminServices` (`vad.web.admin.support`), made in `vad.bootstrap.admin`.
   What its store may do in PostgreSQL is a line in `vad.adapters.postgres.admin_rights`.
3. The page is a module here with a blueprint. Each view is `@blueprint.get("/…")` above `@staff_page(StaffAction.…)`,
   and takes `here: Visit` first: `here.member`, `here.session`. One for POST gets there only with a good `csrf_token`.
   That somebody looks is written down before the view runs (`StaffViewed`, with the arguments of the address). A page
   that is about people says so itself: `@staff_page(…, recorded=False)` and `viewed(here, action, concerning=…)`.
4. It renders `page("name.html", here, …)`; the template is in `vad/web/templates/admin` and extends `base.html`. A
   form holds `csrf_field(csrf_token)`.
5. A line in `vad.web.admin.routes` registers the blueprint, one in `MENU` there shows it to who may see it. A view
   that names no right does not start: `routes.init_app` refuses it.
"""
