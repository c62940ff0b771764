"""What takes messages and mail in place of messengers."""

import pytest

from campaigns import messengers


@pytest.fixture
def phone(monkeypatch):
    """Takes messages in place of the messengers: (address, title, body); ``answers`` are errors to
    raise, in order, None for a yes."""

    class Phone(list):
        answers = []

        def take(self, address, title, body):
            answer = self.answers.pop(0) if self.answers else None
            if answer:
                raise answer
            self.append((address, title, body))

    found = Phone()
    monkeypatch.setattr(messengers, "send", found.take)
    return found


@pytest.fixture
def by_mail(settings):
    settings.NOTICES_BY_EMAIL = True
