"""Worlds: small systems made at random from parts, whose truth is known by construction. The harness judges each."""
