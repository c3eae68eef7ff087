import django.db.models.deletion
import kept.vault.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Room for what is sealed, beside what is still clear: 0003 seals it, 0004 takes the clear columns away."""

    dependencies = [
        ("people", "0003_person"),
        ("rights", "0001_initial"),
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint("case", "one_open_case_per_right_and_address"),
        migrations.RemoveConstraint("case", "case_that_ended_has_no_contact"),
        migrations.RemoveConstraint("caseidentifier", "identifier_once_per_case"),
        migrations.RemoveIndex("case", "rights_case_email_5e3810_idx"),
        migrations.RenameField("case", "name", "clear_name"),
        migrations.RenameField("case", "email", "clear_email"),
        migrations.RenameField("caseidentifier", "value", "clear_value"),
        migrations.AlterField("case", "clear_name", models.TextField(default="")),
        migrations.AlterField("case", "clear_email", models.TextField(default="")),
        migrations.AlterField("caseidentifier", "clear_value", models.TextField(default="")),
        migrations.AddField("case", "key", models.BigIntegerField(null=True)),
        migrations.AddField(
            "case",
            "person",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="cases", to="people.person"
            ),
        ),
        migrations.AddField(
            "case",
            "email_index",
            kept.vault.fields.KeyedIndexField(default=b"", kind="email", null=True, of="email"),
        ),
        migrations.AddField(
            "case", "email", kept.vault.fields.SealedTextField(blank=True, default="", index="email_index")
        ),
        migrations.AddField("case", "name", kept.vault.fields.SealedTextField(blank=True, default="")),
        migrations.AddField("caseidentifier", "key", models.BigIntegerField(null=True)),
        migrations.AddField("caseidentifier", "value_index", kept.vault.fields.KeyedIndexField(default=b"", of="value")),
        migrations.AddField(
            "caseidentifier",
            "value",
            kept.vault.fields.SealedTextField(
                blank=True, bound_to=("case_id", "kind", "scope"), default="", index="value_index"
            ),
        ),
    ]
