"""The ledger's tree: commitments, tiles and signed checkpoints. Entries that have a number get it anew, signed."""

import hmac
import json
from datetime import UTC

from django.db import migrations, models


def commit(apps, schema_editor):
    """What `leaves.payload_of` and `leaves.commitment_of` said when this was written."""
    entries = apps.get_model("security", "Entry").objects
    batch = []
    for entry in entries.all().iterator(chunk_size=500):
        at = entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        told = {"about": entry.about, "at": at, "by": entry.by, "facts": entry.facts, "kind": entry.kind}
        payload = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        entry.commitment = hmac.digest(bytes(entry.salt), payload.encode(), "sha256")
        entry.index = None
        batch.append(entry)
        if len(batch) == 500:
            entries.bulk_update(batch, ["commitment", "index"])
            batch.clear()
    entries.bulk_update(batch, ["commitment", "index"])
    apps.get_model("security", "Log").objects.update(size=0)


class Migration(migrations.Migration):

    dependencies = [
        ('security', '0001_initial'),
    ]

    operations = [
        migrations.RenameModel('Sequence', 'Log'),
        migrations.RenameField('Log', 'next_index', 'size'),
        migrations.AddField('Log', 'checkpoint', models.TextField(blank=True, default='')),
        migrations.AddField('Log', 'keys', models.JSONField(default=list)),
        migrations.AddField('Entry', 'commitment', models.BinaryField(default=b'', max_length=32), preserve_default=False),
        migrations.AddField('Entry', 'erased_at', models.DateTimeField(null=True)),
        migrations.AlterField('Entry', 'index', models.BigIntegerField(null=True)),
        migrations.RunPython(commit, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint('Entry', models.UniqueConstraint(condition=models.Q(('index__isnull', False)), fields=('index',), name='entry_index')),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('number', models.BigIntegerField()),
                ('hashes', models.BinaryField(max_length=8192)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'number'), name='tile_place')],
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(unique=True)),
                ('note', models.TextField()),
                ('timestamp', models.BinaryField(null=True)),
            ],
        ),
    ]
