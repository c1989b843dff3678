"""What people call the roles of an incident."""

import pytest

from incidents.models import RoleName
from incidents.rules.role_names import role_named


@pytest.mark.parametrize("role", list(RoleName))
def test_a_role_goes_by_its_own_and_by_its_full_name(role: RoleName) -> None:
    full = str(role.label)
    for name in (role.value, full, full.upper(), full.lower().replace(" ", "_"), full.replace(" ", "-"), f" {full} "):
        assert role_named(name) == role


def test_the_short_word_of_the_field_is_known_and_a_strange_one_stays() -> None:
    assert role_named("IC") == RoleName.COMMANDER
    assert role_named("juggler") == "juggler"
