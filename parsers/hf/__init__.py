"""Parsers of huggingface.co."""
