"""Errors a user can act on, each with the exit code the command line gives it."""


class CritnetError(Exception):
    """Base of all errors that end a command with one message and no traceback."""

    exit_code = 1


class UsageError(CritnetError, ValueError):
    """A value outside its allowed range, or options that do not go together."""

    exit_code = 2


class DataError(CritnetError):
    """A data set, run or file that is missing or cannot be used; the message says how to get it."""

    exit_code = 3


class IntegrityError(CritnetError):
    """A file whose content is not what its manifest says: damaged, truncated, altered or stale."""

    exit_code = 4


class BusyError(DataError):
    """A run that another process is writing."""
