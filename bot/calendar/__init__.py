"""Calendars in the form that other programs read and write: iCalendar, RFC 5545."""
