from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("post", "0003_seal")]

    operations = [
        migrations.RemoveField("message", "clear_to"),
        migrations.RemoveField("message", "clear_subject"),
        migrations.RemoveField("message", "clear_text"),
        migrations.RemoveField("message", "clear_html"),
    ]
