"""Systems that hold accounts, resets of their credentials, and what became of each account."""

from resets.models.chunk import Chunk, Exceptional, Phase, Wave
from resets.models.notice import DomainPace, Notice, NoticeLetter
from resets.models.panel import PanelNote
from resets.models.proof import AccountCheck, CompletionReport, Verification
from resets.models.reset import Account, Exclusion, Reset
from resets.models.seal import Seal, SealDestruction
from resets.models.system import Host, System
from resets.models.token import Return, SelfSetLetter, SupportCode, Token

__all__ = [
    "Account",
    "AccountCheck",
    "Chunk",
    "CompletionReport",
    "DomainPace",
    "Exceptional",
    "Exclusion",
    "Host",
    "Notice",
    "NoticeLetter",
    "PanelNote",
    "Phase",
    "Reset",
    "Return",
    "Seal",
    "SealDestruction",
    "SelfSetLetter",
    "SupportCode",
    "System",
    "Token",
    "Verification",
    "Wave",
]
