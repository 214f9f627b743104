"""Terms on the wire."""

from sonique.v1 import terms_pb2

from sonique_daemon.domain.terms import Commercial, Licensed, Terms
from sonique_daemon.server.wire.fields import sendable

_NUMBERS = {
    Commercial.YES: terms_pb2.COMMERCIAL_YES,
    Commercial.LIMITED: terms_pb2.COMMERCIAL_LIMITED,
    Commercial.NO: terms_pb2.COMMERCIAL_NO,
    Commercial.UNKNOWN: terms_pb2.COMMERCIAL_UNKNOWN,
}


def write_terms(terms: Terms) -> terms_pb2.Terms:
    """What a licence allows."""
    return terms_pb2.Terms(
        licence=sendable(terms.licence),
        commercial=_NUMBERS[terms.commercial],
        note=sendable(terms.note),
        attribution=sendable(terms.attribution),
    )


def write_licensed(licensed: Licensed) -> terms_pb2.Licensed:
    """A model that took part, and what it allows."""
    return terms_pb2.Licensed(
        engine=sendable(licensed.engine),
        model=sendable(licensed.model),
        revision=sendable(licensed.revision),
        terms=write_terms(licensed.terms),
    )
