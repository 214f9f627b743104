"""Tickets on the wire."""

from sonique.v1 import ticket_pb2

from sonique_daemon.domain.request import Priority, Ticket
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.server.wire.fields import chosen, limited

CLIENT_LIMIT = 100

_PRIORITIES = {
    ticket_pb2.PRIORITY_UNSPECIFIED: Priority.NORMAL,
    ticket_pb2.PRIORITY_LOW: Priority.LOW,
    ticket_pb2.PRIORITY_NORMAL: Priority.NORMAL,
    ticket_pb2.PRIORITY_HIGH: Priority.HIGH,
}
PRIORITY_NUMBERS = {
    Priority.LOW: ticket_pb2.PRIORITY_LOW,
    Priority.NORMAL: ticket_pb2.PRIORITY_NORMAL,
    Priority.HIGH: ticket_pb2.PRIORITY_HIGH,
}


def read_ticket(message: ticket_pb2.Ticket) -> Ticket:
    """A place in the queue; raises ``InvalidRequest`` or ``LimitExceeded``."""
    client = limited(message.client, "ticket.client", CLIENT_LIMIT)
    if not client.isprintable():
        raise InvalidRequest("ticket.client holds signs that do not print; name the client in plain text.")
    return Ticket(client, chosen(_PRIORITIES, message.priority, "ticket.priority"))


def write_ticket(ticket: Ticket) -> ticket_pb2.Ticket:
    """A place in the queue."""
    return ticket_pb2.Ticket(client=ticket.client, priority=PRIORITY_NUMBERS[ticket.priority])
