"""What runs: deciding, the durable engine, the Telegram handlers, triage and the command line."""
