"""The company's systems: where data is, and what the last look at each said about its inventory."""

from __future__ import annotations

from django.db import models


class System(models.Model):
    """One real place that holds data. Kept's own database is one of them."""

    name = models.SlugField(max_length=40, unique=True)  # also the scope of its account numbers
    title = models.CharField(max_length=100)
    address = models.CharField(max_length=500)  # a URL, `env:NAME`, `file:PATH`, or access.OWN; never a password
    pack = models.CharField(max_length=300)  # a shipped name or a path, with `?prefix:…`
    region = models.CharField(max_length=100)
    owner = models.CharField(max_length=100)  # the part of the company that answers for it
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)  # the last comparison of pack and live catalogue
    faults = models.JSONField(default=list)  # what it found: [{"table", "column", "why"}], the unknown tables too
    problem = models.CharField(max_length=300, default="", blank=True)  # why it could not be compared; "": it was

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="system_has_a_name")]

    def __str__(self) -> str:
        return self.name
