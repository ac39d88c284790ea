"""The durable kernel: what comes in, what is decided and what goes out survives any death."""
