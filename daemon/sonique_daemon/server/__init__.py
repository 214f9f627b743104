"""gRPC services, authentication and limits; the only place with protobuf types."""
