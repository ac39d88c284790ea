"""The rota in chat: looked at, planned, covered; every change is shown before it is made."""
