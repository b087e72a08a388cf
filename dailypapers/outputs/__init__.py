"""What outputs share: folder and manifest, verification, saved searches, links, lateness, YAML."""
