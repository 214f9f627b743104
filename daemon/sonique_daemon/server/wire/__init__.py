"""Between protobuf messages and the domain's values: ``read_…`` checks and takes in, ``write_…`` hands out."""
