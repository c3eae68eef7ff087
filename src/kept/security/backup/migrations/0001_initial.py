import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Replay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('facts', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Restore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begun_at', models.DateTimeField()),
                ('backup_made_at', models.DateTimeField()),
                ('over_at', models.DateTimeField(null=True)),
                ('replayed', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='RestoreTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('backup_made_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(choices=[('whole', 'everything is there, and opens'), ('read', 'read to its end; it could not be restored beside the store'), ('failed', 'it cannot be restored')], max_length=6)),
                ('tables', models.PositiveIntegerField(default=0)),
                ('rows', models.PositiveBigIntegerField(default=0)),
                ('opened', models.PositiveIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Backup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=500, unique=True)),
                ('what', models.CharField(choices=[('data', 'data'), ('keys', 'keys')], max_length=4)),
                ('made_at', models.DateTimeField()),
                ('size', models.PositiveBigIntegerField()),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['what', 'made_at'], name='backup_back_what_6ab0e0_idx')],
            },
        ),
    ]
