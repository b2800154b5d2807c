"""The records of a demo data source as FHIR R4: read from TOML, given out as one Bundle per person.

A record in the file names a data service and, where the source knows people by BSN, a BSN. A source that knows people
by pseudonym cannot have a file keyed by person: it meets its pseudonyms only when they arrive. There, a record without
a BSN is chosen by the pseudonym itself (SHA-256, modulo the number of records), so that the same person always finds
the same record, and no list of who is who exists anywhere.
"""

import hashlib
import tomllib
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Resource = dict[str, Any]
LETTER = "DocumentReference"
"""What FHIR calls a letter. `data_source` keeps letters apart from the rest."""
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
CODE_SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "atc": "http://www.whocc.no/atc",
    "icpc": "http://hl7.org/fhir/sid/icpc-1-nl",
}
UNITS = "http://unitsofmeasure.org"


class Records:
    """The records of one data source, by data service and person."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self._by_person = {
            (record["data_service"], record["bsn"]): (f"p{number}", record)
            for number, record in enumerate(records, start=1)
            if "bsn" in record
        }
        self._shared = [record for record in records if "bsn" not in record]

    @classmethod
    def read(cls, path: Path) -> "Records":
        """The records in a TOML file."""
        with path.open("rb") as file:
            return cls(tomllib.load(file)["record"])

    def of_bsn(self, data_service: str, bsn: str) -> list[Resource]:
        """The resources of the person with this BSN, none if the source does not know that person."""
        patient_id, record = self._by_person.get((data_service, bsn), ("", {}))
        return _resources(patient_id, record) if record else []

    def of_pseudonym(self, data_service: str, pseudonym: str) -> list[Resource]:
        """The resources of the person behind this pseudonym."""
        choice = [record for record in self._shared if record["data_service"] == data_service]
        if not choice:
            return []
        number = int.from_bytes(hashlib.sha256(pseudonym.encode()).digest()[:8])
        # The pseudonym is the source's own: what an app sees is derived from it and cannot be traced back to it.
        return _resources(str(uuid.uuid5(uuid.NAMESPACE_URL, pseudonym)), choice[number % len(choice)])


def bundle(resources: list[Resource], base: str, path: str, at: datetime) -> Resource:
    """A FHIR R4 Bundle of type searchset for `path` at the FHIR base URL `base`; `at` is when it was made."""
    entries = [
        {
            "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": at.astimezone(UTC).isoformat(timespec="seconds"),
        "total": len(entries),
        "link": [{"relation": "self", "url": f"{base}/{path}"}],
    } | ({"entry": entries} if entries else {})


def _resources(patient_id: str, record: Mapping[str, Any]) -> list[Resource]:
    patient: Resource = {"resourceType": "Patient", "id": patient_id, "active": True}
    if "family" in record:  # no BSN among the identifiers: what goes to an app never holds one
        patient |= {
            "name": [{"use": "official", "family": record["family"], "given": record["given"]}],
            "gender": record["gender"],
        }
    resources = [patient]
    for kind, build in BUILDERS.items():
        for number, item in enumerate(record.get(kind, []), start=1):
            resource: Resource = {"id": f"{patient_id}-{kind}-{number}"} | build(item)
            resource["patient" if kind in PATIENT_ELEMENT else "subject"] = {"reference": f"Patient/{patient_id}"}
            resources.append(resource)
    return resources


def _concept(item: Mapping[str, Any]) -> Resource:
    """A CodeableConcept: the Dutch text, and the codes that the item holds as [code, display]."""
    codings = [
        {"system": system, "code": item[name][0], "display": item[name][1]}
        for name, system in CODE_SYSTEMS.items()
        if name in item
    ]
    return {"text": item["text"]} | ({"coding": codings} if codings else {})


def _status(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code}]}


def _condition(item: Mapping[str, Any]) -> Resource:
    return {
        "resourceType": "Condition",
        "clinicalStatus": _status("condition-clinical", item.get("status", "active")),
        "verificationStatus": _status("condition-ver-status", "confirmed"),
        "code": _concept(item),
        "onsetDateTime": item["since"],
    }


def _medication(item: Mapping[str, Any]) -> Resource:
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": _concept(item),
        "effectivePeriod": {"start": item["since"]},
        "dosage": [{"text": item["dosage"]}],
    }


def _allergy(item: Mapping[str, Any]) -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _status("allergyintolerance-clinical", "active"),
        "verificationStatus": _status("allergyintolerance-verification", "confirmed"),
        "code": _concept(item),
    } | ({"reaction": [{"manifestation": [_concept(item["reaction"])]}]} if "reaction" in item else {})


def _observation(item: Mapping[str, Any]) -> Resource:
    observation: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "category": [_status("observation-category", item["category"])],
        "code": _concept(item),
        "effectiveDateTime": item["date"],
    }
    if "component" in item:
        parts = [{"code": _concept(part), "valueQuantity": _quantity(part)} for part in item["component"]]
        return observation | {"component": parts}
    if "answer" in item:
        return observation | {"valueCodeableConcept": _concept(item["answer"])}
    return observation | {"valueQuantity": _quantity(item)}


def _quantity(item: Mapping[str, Any]) -> Resource:
    value, unit, code = item["value"]
    return {"value": value, "unit": unit, "system": UNITS, "code": code}


def _encounter(item: Mapping[str, Any]) -> Resource:
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": f"{TERMINOLOGY}/v3-ActCode", "code": item["class"][0], "display": item["class"][1]},
        "type": [{"text": item["kind"]}],
        "reasonCode": [_concept(item)],
        "period": {"start": item["date"], "end": item["date"]},
    }


def _immunization(item: Mapping[str, Any]) -> Resource:
    return {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": _concept(item),
        "occurrenceDateTime": item["date"],
        "primarySource": True,
    } | ({"protocolApplied": [{"doseNumberPositiveInt": item["dose"]}]} if "dose" in item else {})


def _letter(item: Mapping[str, Any]) -> Resource:
    text = b64encode(item["content"].encode()).decode()
    return {
        "resourceType": LETTER,
        "status": "current",
        "description": item["text"],
        "date": f"{item['date']}T12:00:00Z",
        "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "language": "nl", "data": text}}],
    }


BUILDERS: dict[str, Callable[[Mapping[str, Any]], Resource]] = {
    "condition": _condition,
    "medication": _medication,
    "allergy": _allergy,
    "observation": _observation,
    "encounter": _encounter,
    "immunization": _immunization,
    "letter": _letter,
}
PATIENT_ELEMENT = ("allergy", "immunization")
"""FHIR calls the person `patient` in these and `subject` in the others."""
