"""Systems that hold accounts, resets of their credentials, and what became of each account."""

from resets.models.chunk import Chunk, Exceptional, Phase, Wave
from resets.models.proof import AccountCheck, Verification
from resets.models.reset import Account, Exclusion, Reset
from resets.models.seal import Seal, SealDestruction
from resets.models.system import Host, System

__all__ = [
    "Account",
    "AccountCheck",
    "Chunk",
    "Exceptional",
    "Exclusion",
    "Host",
    "Phase",
    "Reset",
    "Seal",
    "SealDestruction",
    "System",
    "Verification",
    "Wave",
]
