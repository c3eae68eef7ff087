import django.db.models
import kept.vault.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Room for what is sealed, beside what is still clear: 0003 seals it, 0004 takes the clear columns away."""

    dependencies = [
        ("post", "0001_initial"),
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.RenameField("message", "to", "clear_to"),
        migrations.RenameField("message", "subject", "clear_subject"),
        migrations.RenameField("message", "text", "clear_text"),
        migrations.RenameField("message", "html", "clear_html"),
        migrations.AlterField("message", "clear_to", models.TextField(default="")),
        migrations.AlterField("message", "clear_subject", models.TextField(default="")),
        migrations.AlterField("message", "clear_text", models.TextField(default="")),
        migrations.AlterField("message", "clear_html", models.TextField(default="")),
        migrations.AddField("message", "key", models.BigIntegerField(db_index=True, null=True)),
        migrations.AddField(
            "message", "to_index", kept.vault.fields.KeyedIndexField(db_index=True, default=b"", kind="email", of="to")
        ),
        migrations.AddField(
            "message", "to", kept.vault.fields.SealedTextField(blank=True, default="", index="to_index")
        ),
        migrations.AddField("message", "subject", kept.vault.fields.SealedTextField(blank=True, default="")),
        migrations.AddField("message", "text", kept.vault.fields.SealedTextField(blank=True, default="")),
        migrations.AddField("message", "html", kept.vault.fields.SealedTextField(blank=True, default="")),
    ]
