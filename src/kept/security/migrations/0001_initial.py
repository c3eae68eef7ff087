
import kept.security.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Sequence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_index', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=64)),
                ('about', models.CharField(max_length=64)),
                ('by', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('facts', models.JSONField(default=dict)),
                ('salt', models.BinaryField(default=kept.security.models.new_salt, max_length=16)),
                ('index', models.BigIntegerField(null=True, unique=True)),
            ],
            options={
                'verbose_name_plural': 'entries',
                'indexes': [models.Index(fields=['about', 'id'], name='security_en_about_458b39_idx'), models.Index(condition=models.Q(('index', None)), fields=['id'], name='entry_waiting')],
            },
        ),
    ]
