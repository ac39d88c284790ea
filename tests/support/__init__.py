"""What the tests stand on: moved time, real servers, a stage with the bot and its phones."""
