"""What becomes of a ringing call: a person's doing or a script's."""

from dataclasses import dataclass

from simulator.script import Behaviour


@dataclass(frozen=True, kw_only=True)
class PickUp:
    """Somebody or something answers. `keys` are pressed as questions come; `live`: a person stays at the keypad.
    `says` is what they say when they are recorded. `stays_s`: how long they stay with others without hearing
    every word in its own time."""

    keys: str = ""
    live: bool = False
    machine: bool = False
    says: str = ""
    stays_s: float = 0.0

    @property
    def stays(self) -> bool:
        """Whether somebody stays on the line after the keys."""
        return self.live or self.stays_s > 0


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Nobody answers: `state` is the final state, `sip_code` what the network said."""

    state: str
    sip_code: int | None = None


Decision = PickUp | Refusal


def decided_by(behaviour: Behaviour) -> Decision | None:
    """What a script makes of a ringing call; None: it rings until a person does something or its time is up."""
    if behaviour.failed:
        return Refusal(state="failed", sip_code=behaviour.failed)
    if behaviour.busy:
        return Refusal(state="busy")
    if behaviour.voicemail:
        return PickUp(machine=True)
    if behaviour.answer:
        return PickUp(keys=behaviour.answer if isinstance(behaviour.answer, str) else "")
    if behaviour.no_answer and behaviour.delay_s is not None:
        return Refusal(state="no-answer")
    return None
