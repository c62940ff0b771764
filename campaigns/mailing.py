"""Notices by e-mail: one mail to one person, and what came of it."""

import contextlib
import smtplib

from django.core.mail import EmailMessage, get_connection

from campaigns.undelivered import Undelivered


@contextlib.contextmanager
def connection():
    """A connection to the mail server, opened with the first mail and kept for the others."""
    opened = get_connection()
    try:
        yield opened
    finally:
        # What was sent stays sent when the server does not answer the farewell.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            opened.close()


def send(address: str, title: str, body: str, *, connection) -> None:
    """Hand one mail of plain text to the mail server. Raises Undelivered."""
    mail = EmailMessage(title, body, to=[address], connection=connection)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        answers = [code for code, _text in error.recipients.values()]
        raise _refused(max(answers, default=550)) from None
    except smtplib.SMTPResponseException as error:
        _drop(connection)
        raise _refused(error.smtp_code) from None
    except TimeoutError:
        _drop(connection)
        raise Undelivered("timeout") from None
    except OSError:
        _drop(connection)
        raise Undelivered("unreachable") from None
    except ValueError:
        # No header can be made of the address.
        raise Undelivered("address", permanent=True) from None


def _refused(code):
    """A mail server's 5xx is final, its 4xx is not; a failed login is ours to mend."""
    return Undelivered(f"mail:{code}", permanent=500 <= code < 600 and code not in {530, 534, 535})


def _drop(connection):
    """Let the next mail open a new connection."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.close()
