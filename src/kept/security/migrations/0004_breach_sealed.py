from django.db import migrations, models

from kept.vault.fields import SealedTextField

TEXTS = ("title", "happened", "consequences", "measures", "late_because")


def room(model: str, name: str, **more: object) -> list[object]:
    return [
        migrations.RenameField(model, name, f"clear_{name}"),
        migrations.AlterField(model, f"clear_{name}", models.TextField(default="")),
        migrations.AddField(model, name, SealedTextField(blank=True, default="", **more)),
    ]


class Migration(migrations.Migration):
    """Room for what is sealed, beside what is still clear: 0005 seals it, 0006 takes the clear columns away."""

    dependencies = [("security", "0003_site_security"), ("vault", "0001_initial")]

    operations = [
        migrations.AddField("breach", "key", models.BigIntegerField(null=True)),
        migrations.AddField("notice", "key", models.BigIntegerField(null=True)),
        *[operation for name in TEXTS for operation in room("breach", name)],
        *[one for name in ("text", "receipt") for one in room("notice", name, bound_to=("breach_id", "to"))],
    ]
