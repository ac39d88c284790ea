"""Pure domain rules: no input or output, no clock, no await. Time is always passed in."""
