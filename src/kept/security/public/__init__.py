"""The ledger's public pages: anybody may check a receipt, and take the checkpoint and the key home."""
