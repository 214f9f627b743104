"""The gRPC server with all its services and limits."""

from dataclasses import dataclass, field

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from grpc_reflection.v1alpha import reflection  # type: ignore[import-untyped]
from sonique.v1 import (
    daemon_pb2,
    daemon_pb2_grpc,
    engines_pb2,
    engines_pb2_grpc,
    jobs_pb2,
    jobs_pb2_grpc,
    media_pb2,
    media_pb2_grpc,
    models_pb2,
    models_pb2_grpc,
    scoring_pb2,
    scoring_pb2_grpc,
    store_pb2,
    store_pb2_grpc,
    takes_pb2,
    takes_pb2_grpc,
)

from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.activity import Activity
from sonique_daemon.server.daemon import Daemon, Identity
from sonique_daemon.server.ending import Ending
from sonique_daemon.server.engines import Catalogue, Engines, Workers
from sonique_daemon.server.guard import ErrorGuard, TokenGuard, Turnstile
from sonique_daemon.server.jobs import Jobs
from sonique_daemon.server.media import Media
from sonique_daemon.server.messages import Messages
from sonique_daemon.server.models import Foreseeing, Keeping, Models, NoModels
from sonique_daemon.server.scoring import Scoring
from sonique_daemon.server.store import Keeper, Store
from sonique_daemon.server.takes import Takes
from sonique_daemon.server.turns import Turns
from sonique_daemon.server.uploads import Uploads
from sonique_daemon.timeline.roots import Roots

MESSAGE_LIMIT = 20 * 2**20
"""Bytes of the largest request: a timeline of 16 MiB and what stands around it."""

OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", 64 * 2**20),
    ("grpc.max_concurrent_streams", 256),
    ("grpc.http2.max_frame_size", 2**20),
    ("grpc.http2.lookahead_bytes", 4 * 2**20),
    ("grpc.max_metadata_size", 16 * 2**10),
    ("grpc.absolute_max_metadata_size", 16 * 2**10),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 3),
)

SERVICES = tuple(
    module.DESCRIPTOR.services_by_name[name].full_name
    for module, name in (
        (scoring_pb2, "Scoring"),
        (jobs_pb2, "Jobs"),
        (takes_pb2, "Takes"),
        (media_pb2, "Media"),
        (engines_pb2, "Engines"),
        (models_pb2, "Models"),
        (store_pb2, "Store"),
        (daemon_pb2, "Daemon"),
    )
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the services stand on.

    Attributes:
        tokens: every call must carry one of these.
        identity: who answers.
        jobs: the job service.
        store: what lies on the disk.
        uploads: where uploads go.
        roots: where media may be opened.
        catalogue: which engines there are.
        workers: where they run.
        ending: how the daemon is told to stop.
        activity: counts calls.
        keeper: the weights of models.
        profiles: what they would do here.
    """

    tokens: tuple[str, ...]
    identity: Identity
    jobs: JobService
    store: Keeper
    uploads: Uploads
    roots: Roots
    catalogue: Catalogue
    workers: Workers
    ending: Ending
    activity: Activity
    keeper: Keeping = field(default_factory=NoModels)
    profiles: Foreseeing = field(default_factory=NoModels)


@dataclass(frozen=True, slots=True)
class Front:
    """A server and its health, which says NOT_SERVING once the daemon is on its way out."""

    server: grpc.aio.Server
    health: health.aio.HealthServicer


async def build(parts: Parts) -> Front:
    """A server with all services, which neither listens nor runs yet."""
    turns = Turns()
    guards = (Turnstile(turns), TokenGuard(parts.tokens), ErrorGuard(parts.activity))
    server = grpc.aio.server(interceptors=guards, options=OPTIONS)
    messages, budget = Messages(turns), parts.identity.memory_budget_bytes
    scoring_pb2_grpc.add_ScoringServicer_to_server(Scoring(parts.jobs, messages), server)
    jobs_pb2_grpc.add_JobsServicer_to_server(Jobs(parts.jobs, messages), server)
    takes_pb2_grpc.add_TakesServicer_to_server(Takes(parts.jobs), server)
    media_pb2_grpc.add_MediaServicer_to_server(Media(parts.uploads, parts.roots), server)
    engines_pb2_grpc.add_EnginesServicer_to_server(Engines(parts.catalogue, parts.workers, budget), server)
    models = Models(parts.keeper, parts.catalogue, parts.workers, parts.profiles, parts.roots)
    models_pb2_grpc.add_ModelsServicer_to_server(models, server)
    store_pb2_grpc.add_StoreServicer_to_server(Store(parts.store, parts.identity.store_budget_bytes), server)
    daemon_pb2_grpc.add_DaemonServicer_to_server(Daemon(parts.identity, parts.jobs, parts.ending), server)
    reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    return Front(server, await _healthy(server))


async def _healthy(server: grpc.aio.Server) -> health.aio.HealthServicer:
    servicer = health.aio.HealthServicer()
    for name in SERVICES:
        await servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    return servicer
