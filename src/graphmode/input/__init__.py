"""Input pipelines: queues."""
