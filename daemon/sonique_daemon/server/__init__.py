"""The gRPC server: services, authentication, limits and error mapping; the only place with protobuf types."""
