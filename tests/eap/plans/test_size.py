"""A plan of 500 steps stays usable."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import make_person
from tests.eap.plans.builders import make_published

pytestmark = pytest.mark.django_db

STEPS = "".join(
    f"- id: s{n}\n  kind: manual\n  title: Step number {n} of many\n  role: ops\n  due: 15m\n"
    f"  needs: [{f's{n - 1}' if n else ''}]\n  instructions: |\n    Do *this*:\n\n    - one\n    - two\n"
    for n in range(500)
)


def test_the_page_of_500_steps_is_shown_in_a_moment_with_few_queries(django_assert_max_num_queries: object) -> None:
    otto = make_person("Otto")
    version = make_published(STEPS, person=otto)
    browser = Client()
    browser.force_login(otto)
    url = reverse("plan", args=[version.plan.key])
    browser.get(url)
    began = time.process_time()
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        shown = browser.get(url)
    assert time.process_time() - began < 2
    assert shown.content.count(b"data-step=") == 500
