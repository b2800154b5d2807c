"""What people who act for another can meet, as this installation has it registered now."""

from vad.domain.client import DataService
from vad.domain.reach import Reach, reach
from vad.services.ports.records import Registrations


def reach_of(registrations: Registrations) -> Reach:
    """The apps and data sources that know of acting for another."""
    return reach(registrations.clients(), registrations.resource_servers())


def kinds_within(known: Reach, registrations: Registrations) -> tuple[DataService, ...]:
    """The kinds of data that are to be had there, in the order of the registration: nobody is asked about others."""
    kinds = known.kinds
    return tuple(each for each in registrations.data_services() if each.id in kinds)
