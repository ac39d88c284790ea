"""Pictures that the bot draws: plain values in, PNG bytes out."""
