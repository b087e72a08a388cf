"""Mails about new papers: who gets them, what is in an issue, its bytes, and sending them."""
