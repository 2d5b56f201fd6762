"""Where a stage of a plan runs: the host, or a device, and what is known of each processor."""
