from django.db import migrations

BREACH = ("title", "happened", "consequences", "measures", "late_because")


class Migration(migrations.Migration):
    dependencies = [("security", "0005_breach_seal")]

    operations = [
        *[migrations.RemoveField("breach", f"clear_{name}") for name in BREACH],
        *[migrations.RemoveField("notice", f"clear_{name}") for name in ("text", "receipt")],
    ]
