import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_browser")]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("address_index", models.BinaryField(max_length=16, unique=True)),
                (
                    "account",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
