"""(k) A signed export, as the page gives it."""

from flask import Blueprint
from flask import Response as FlaskResponse
from spectree import Response

from vad.domain.justification import Justification, JustificationError
from vad.domain.staff import StaffAction
from vad.services.log_export import ExportFormat
from vad.web.admin.audit.access import member, needs
from vad.web.admin.audit.document import PREFIX, spec
from vad.web.admin.audit.events import filter_of
from vad.web.admin.audit.models import ExportOrder
from vad.web.admin.log_export import download
from vad.web.admin.support import services
from vad.web.support.api_problems import invalid_value
from vad.web.support.services import now

blueprint = Blueprint("audit_exports", __name__, url_prefix=PREFIX)
_MEMBERS = {"reason": "#/reason", "bsn": "#/reason", "case_number": "#/caseNumber"}


@blueprint.post("/exports")
@needs(StaffAction.LOG_EXPORT)
@spec.validate(resp=Response("HTTP_200"), operation_id="exportEvents", skip_validation=False)
def exports(json: ExportOrder) -> FlaskResponse:
    """Take the events that a filter finds away, with checkpoint, proofs and a signed manifest, as a ZIP archive."""
    try:
        why = Justification(json.reason, json.case_number)
    except JustificationError as error:
        detail = "This is no reason, no case number, or holds a BSN."
        raise invalid_value(_MEMBERS[error.fault.value], error.fault.value, detail) from error
    wanted = filter_of(json.filter)
    return download(services().exports.begin(member(), wanted, ExportFormat(json.format), why, now()))
