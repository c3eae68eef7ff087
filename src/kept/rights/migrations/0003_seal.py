from functools import partial

from django.db import migrations
from django.utils import timezone

from kept.vault.keys import make_first_keys, make_key
from kept.vault.migrating import person_number, rewrite, seal_rows


def seal(apps, schema_editor):
    case, identifier = apps.get_model("rights", "Case"), apps.get_model("rights", "CaseIdentifier")
    make_first_keys(at=timezone.now())
    person = partial(person_number, apps.get_model("people", "Person"), apps.get_model("people", "Account"))

    def key_of(row):
        row.person_id = person(row.clear_email)
        return make_key()

    case.objects.filter(clear_email__endswith="@erased.invalid").update(clear_email="", clear_name="")
    case.objects.filter(clear_email="").update(email_index=None)
    seal_rows(case, {"clear_name": "name", "clear_email": "email"}, key_of)
    identifier.objects.filter(case__key=None).delete()  # of a case that has ended: nothing may be left of it
    seal_rows(identifier, {"clear_value": "value"}, lambda row: row.case.key)
    rewrite(case, identifier)


class Migration(migrations.Migration):
    """Seals name, address and identifiers of every request, in batches. Killed, it goes on where it was."""

    atomic = False

    dependencies = [("rights", "0002_sealed")]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
