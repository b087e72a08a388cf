"""What a tool refuses; the message says what to do instead."""

from __future__ import annotations


class ToolError(Exception):
    """Arguments that make no sense, or a store that cannot answer."""
