from django.db import migrations
from django.utils import timezone

from kept.vault.keys import make_first_keys, make_key
from kept.vault.migrating import rewrite, seal_rows

TEXTS = ("title", "happened", "consequences", "measures", "late_because")


def seal(apps, schema_editor):
    breach, notice = apps.get_model("security", "Breach"), apps.get_model("security", "Notice")
    make_first_keys(at=timezone.now())
    seal_rows(breach, {f"clear_{name}": name for name in TEXTS}, lambda row: make_key())
    seal_rows(notice, {"clear_text": "text", "clear_receipt": "receipt"}, lambda row: row.breach.key)
    rewrite(breach, notice)


class Migration(migrations.Migration):
    """Seals what the breach register says, in batches. Killed, it goes on where it was."""

    atomic = False

    dependencies = [("security", "0004_breach_sealed")]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
