"""Working out how fast a human is needed: the model by its server, the floor in process."""
