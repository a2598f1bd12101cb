"""The ledger's tree beside somebody else's: pymerkle, in an environment and a process of its own (DECISIONS 14)."""
