"""`kept staff`: the first people of the company to get in. Whoever runs Kept on its machine lets them in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer()
staff = typer.Typer(help="The company's own people.", no_args_is_help=True)
app.add_typer(staff, name="staff")


class Role(StrEnum):
    SUPPORT = "support"
    PRIVACY_OFFICER = "privacy-officer"
    ENGINEER = "engineer"
    AUDITOR = "auditor"


@staff.callback()
def group() -> None:
    """The company's own people."""


@staff.command("add")
def add(
    email: Annotated[str, typer.Argument(help="The address they sign in with.", metavar="EMAIL")],
    role: Annotated[Role, typer.Option(help="What they may do.")],
    name: Annotated[str, typer.Option(help="Their name, as colleagues see it.")] = "",
) -> None:
    """Let somebody in as staff, or give an account that is there a staff role.

    They set their own password with a code that is mailed to them. Nobody else ever knows it.
    """
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from kept.cli.store import migrate_store, open_store

    try:
        validate_email(email)
    except ValidationError:
        raise typer.BadParameter("This is no e-mail address.", param_hint="EMAIL") from None
    open_store()
    migrate_store()
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from kept.people.actions import StaffRole, add_staff
    from kept.terms import Actor

    roles: dict[Role, StaffRole] = {
        Role.SUPPORT: "support",
        Role.PRIVACY_OFFICER: "privacy_officer",
        Role.ENGINEER: "engineer",
        Role.AUDITOR: "auditor",
    }
    account = add_staff(email, name, roles[role], by=Actor.kept(), at=timezone.now())
    if account.role != roles[role]:
        typer.echo(f"Asked. The role waits for a second person: {settings.SITE_URL}{reverse('security_approvals')}")
    else:
        typer.echo(f"The account is {account.get_role_display()} now.")
    if not account.has_usable_password():
        typer.echo(f"They set their password at {settings.SITE_URL}{reverse('account_reset_password')}")
    if not settings.DEMO:
        typer.echo("At the first sign-in they are asked for a second factor.")
