"""Checks, offline and by itself, what a Chepai office has published and handed out."""
