"""The pure part: no clock, environment, disk or network in here."""
