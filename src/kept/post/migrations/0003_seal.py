from functools import partial

from django.db import migrations
from django.utils import timezone

from kept.vault.keys import make_first_keys
from kept.vault.migrating import person_number, rewrite, seal_rows

FIELDS = {"clear_to": "to", "clear_subject": "subject", "clear_text": "text", "clear_html": "html"}


def seal(apps, schema_editor):
    message = apps.get_model("post", "Message")
    make_first_keys(at=timezone.now())
    person = partial(person_number, apps.get_model("people", "Person"), apps.get_model("people", "Account"))
    # What an erasure of that time left in place of an address: nothing of such a mail is kept.
    message.objects.filter(clear_to__endswith="@erased.invalid").update(**dict.fromkeys(FIELDS, ""))
    seal_rows(message, FIELDS, lambda row: person(row.clear_to))
    rewrite(message)


class Migration(migrations.Migration):
    """Seals every mail that is there, in batches. Killed, it goes on where it was."""

    atomic = False

    dependencies = [
        ("people", "0003_person"),
        ("post", "0002_sealed"),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
