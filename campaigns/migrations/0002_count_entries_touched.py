import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReachCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("turn", models.PositiveIntegerField(default=0, editable=False)),
                ("worker", models.CharField(blank=True, editable=False, max_length=120)),
                ("heard_at", models.DateTimeField(editable=False, null=True)),
                ("at", models.DateTimeField(null=True, verbose_name="at")),
                ("stage", models.CharField(blank=True, max_length=12, verbose_name="stage")),
                ("digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("facts", models.CharField(blank=True, editable=False, max_length=60)),
                ("plan", models.JSONField(blank=True, default=list, editable=False)),
                ("done", models.PositiveIntegerField(default=0, editable=False)),
                ("by_venue", models.JSONField(blank=True, default=dict, verbose_name="by venue")),
                ("examples", models.JSONField(blank=True, default=list, verbose_name="examples")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("trouble", models.JSONField(blank=True, default=dict, editable=False)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requirement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reach",
                        to="campaigns.requirement",
                        verbose_name="requirement",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of entries touched",
                "verbose_name_plural": "counts of entries touched",
            },
        ),
    ]
