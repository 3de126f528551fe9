"""The record of a run: which event a payload is, the ledger on disk, and the index that the judge asks."""
