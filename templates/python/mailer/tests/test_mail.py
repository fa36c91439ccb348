from uuid import UUID, uuid4

import aiosmtplib
import pytest

from chassis.mail import send
from tests.mailbox import Mailbox


async def mail(message_id: UUID, *, to: str = "ann@example.com", subject: str = "Hello") -> None:
    await send(to=to, subject=subject, text="Grüße, Ann", message_id=message_id)


async def test_a_mail_is_sent(mailbox: Mailbox) -> None:
    await mail(uuid4())
    [sent] = mailbox.mails
    assert sent["To"] == "ann@example.com"
    assert sent["Subject"] == "Hello"
    assert sent.get_content().strip() == "Grüße, Ann"


async def test_a_repeated_mail_has_the_same_id(mailbox: Mailbox) -> None:
    message_id = uuid4()
    await mail(message_id)
    await mail(message_id)
    first, second = (sent["Message-ID"] for sent in mailbox.mails)
    assert first == second
    assert str(message_id) in first


async def test_a_server_that_refuses_is_an_error(mailbox: Mailbox) -> None:
    mailbox.refusal = "451 try again later"
    with pytest.raises(aiosmtplib.SMTPException):
        await mail(uuid4())


async def test_no_header_can_be_smuggled_in(mailbox: Mailbox) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        await mail(uuid4(), subject="Hello\nBcc: eve@example.com")
    assert not mailbox.mails
