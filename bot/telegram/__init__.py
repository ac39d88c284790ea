"""The only room that knows python-telegram-bot: handlers by role, and the ports on its bot."""
