from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0003_seal")]

    operations = [
        migrations.RemoveField("case", "clear_name"),
        migrations.RemoveField("case", "clear_email"),
        migrations.RemoveField("caseidentifier", "clear_value"),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["searching", "needs_person", "review", "approved", "confirmed", "answering"])
                ),
                fields=("email_index", "right"),
                name="one_open_case_per_right_and_address",
            ),
        ),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["closed", "expired", "withdrawn"]), _negated=True),
                    models.Q(("email", ""), ("name", "")),
                    _connector="OR",
                ),
                name="case_that_ended_has_no_contact",
            ),
        ),
        migrations.AddConstraint(
            "caseidentifier",
            models.UniqueConstraint(
                fields=("case", "kind", "value_index", "scope"), name="identifier_once_per_case"
            ),
        ),
    ]
